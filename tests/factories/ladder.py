"""Recognitions and the firms that hold them, written straight into the tables (for data of any shape, also wrong ones)."""

from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from app.areas.models import Area, AreaMembership
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseSummary, EnterpriseTown, EnterpriseYear
from app.infra import clock
from app.infra.db import db
from app.kernel.credit_code import check_character
from app.ladder.models import Recognition

_number = count(1)
LONG_AGO = date(1990, 1, 1)


def area(code: str) -> Area:
    """An area by its code."""
    return db.session.scalars(select(Area).where(Area.code == code)).one()


def unit_of(town: Area) -> int:
    """Managing unit today."""
    return db.session.scalars(select(AreaMembership.unit_id).where(AreaMembership.town_id == town.id, AreaMembership.superseded_at.is_(None))).one()


def firm(town: Area, *, name: str | None = None, since: date = LONG_AGO, recorded_at: datetime | None = None, **more: Any) -> Enterprise:
    """An enterprise of a town since ``since`` with a valid code of the impossible region 379999."""
    number = next(_number)
    first17 = f"91379999MA{number:07d}"
    now = recorded_at or clock.now()
    row = Enterprise(
        credit_code=first17 + check_character(first17), name=name or f"试验企业{number}有限公司", initials="SYQY", town_id=town.id,
        unit_id=more.pop("unit_id", None) or unit_of(town), city_id=town.city_id, created_at=now, updated_at=now,
        **({"control_type": "private"} | more),
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(EnterpriseTown(enterprise_id=row.id, town_id=town.id, valid_from=since, recorded_at=now))
    db.session.add(EnterpriseSummary(enterprise_id=row.id))
    db.session.flush()
    return row


def recognition(enterprise: Enterprise, title_code: str = "srdi", **more: Any) -> Recognition:
    """A recognition version; by default of 2023, valid 2023-07-01 to 2026-06-30."""
    values = {
        "level": "", "batch_year": 2023, "valid_from": date(2023, 7, 1), "valid_to": date(2026, 6, 30), "open_ended": False, "voided": False,
        "recorded_at": clock.now(),
    } | more
    row = Recognition(enterprise_id=enterprise.id, title_code=title_code, **values)
    db.session.add(row)
    db.session.flush()
    return row


def move(enterprise: Enterprise, town: Area, on: date) -> None:
    """The firm moves: its open town row ends the day before."""
    from datetime import timedelta

    current = db.session.scalars(
        select(EnterpriseTown).where(EnterpriseTown.enterprise_id == enterprise.id, EnterpriseTown.valid_to.is_(None), EnterpriseTown.superseded_at.is_(None))
    ).one()
    current.valid_to = on - timedelta(days=1)
    db.session.flush()
    db.session.add(EnterpriseTown(enterprise_id=enterprise.id, town_id=town.id, valid_from=on, recorded_at=clock.now()))
    enterprise.town_id, enterprise.unit_id = town.id, unit_of(town)
    db.session.flush()


def cancelled(enterprise: Enterprise, on: date) -> None:
    """Struck off the register (注销)."""
    db.session.add(EnterpriseEvent(enterprise_id=enterprise.id, kind="cancelled", happened_on=on, recorded_at=clock.now()))
    db.session.flush()


def figures(enterprise: Enterprise, year: int, revenue_yuan: Any, source: str = "enterprise", **more: Any) -> EnterpriseYear:
    """Yearly figures of one source."""
    row = EnterpriseYear(enterprise_id=enterprise.id, year=year, source=source, revenue_yuan=revenue_yuan, recorded_at=clock.now(), **more)
    db.session.add(row)
    db.session.flush()
    return row
