"""Enterprises for tests: valid credit codes of the region 379999, which does not exist, in real towns, written through the real actions."""

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select

from app.areas.models import Area
from app.enterprises import actions
from app.enterprises.actions.records import NewEnterprise
from app.enterprises.models import Enterprise
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.kernel.credit_code import ALPHABET, check_character, organisation_check
from app.kernel.scope import ALL

OFFICER = Actor(user_id=1, name="市局经办甲")
_numbers = count(1)


def make_credit_code(number: int) -> str:
    """A code whose both check characters verify; the same number gives the same code."""
    body, rest = "", number
    for _ in range(6):
        body, rest = ALPHABET[rest % 31] + body, rest // 31
    organisation = "MA" + body
    first17 = "91379999" + organisation + organisation_check(organisation)
    return first17 + check_character(first17)


def town_id(code: str = "371502002") -> int:
    """Id of an area by its code (default: 柳园街道 of 东昌府区)."""
    return db.session.scalars(select(Area.id).where(Area.code == code)).one()


def make_enterprise(
    name: str | None = None, *, town: str = "371502002", code: str | None = None, since: date | None = date(2015, 1, 1),
    figures: Mapping[int, Mapping[str, Any]] | None = None, source: str = "department", tags: tuple[str, ...] = (), **values: Any,
) -> Enterprise:  # fmt: skip
    """One enterprise. ``figures``: {2023: {"revenue_yuan": Decimal(…)}}; other keywords are fields of ``actions.EDITABLE``."""
    number = next(_numbers)
    new = NewEnterprise(code or make_credit_code(10_000 + number), name or f"聊城试验{number}号有限公司", town_id(town), since)
    row = actions.create_enterprise(scope=ALL, new=new, values=values, by=SYSTEM)
    for year, fields in (figures or {}).items():
        actions.add_figures(scope=ALL, enterprise_id=row.id, year=year, source=source, values=fields, by=SYSTEM)
    if tags:
        actions.set_tags(scope=ALL, ids=[row.id], add=tags, by=SYSTEM)
    db.session.flush()
    return row
