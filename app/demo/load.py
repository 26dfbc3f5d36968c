"""Write generated firms into the database: mass loading in chunks, one commit at the end of each resumable part.

Demo data only: real data comes through the import centre. The order of work is enterprises (chunked), then accounts; a start
interrupted in the middle goes on where it stopped, because firm numbers are the credit codes.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.areas.models import Area, AreaMembership
from app.demo import answers
from app.demo.generator import Firm, Generator, Region, Town, credit_code, region_of
from app.enterprises import actions as enterprises
from app.enterprises.models import Contact, Enterprise, EnterpriseName, EnterpriseTown, EnterpriseYear
from app.enterprises.rules.naming import initials
from app.infra import audit, clock, crypto, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.models import EnterpriseAnswer, Recognition

CHUNK = 20_000
SHORT = {"东昌府区": "东昌府", "茌平区": "茌平"}


def towns_of(city_code: str) -> list[Town]:
    """Every place of the city a demo firm may be in, with its managing unit today."""
    units = dict(
        db.session.execute(
            select(AreaMembership.town_id, AreaMembership.unit_id).where(AreaMembership.valid_to.is_(None), AreaMembership.superseded_at.is_(None))
        ).all()
    )
    areas = {a.id: a for a in db.session.scalars(select(Area))}
    city = next(a for a in areas.values() if a.code == city_code)
    towns = []
    for area in sorted(areas.values(), key=lambda a: a.code):
        if area.city_id == city.id and area.id in units:
            county = areas[area.parent_id] if area.parent_id else city
            home = county if county.kind == "county" else next(a for a in areas.values() if a.code == f"{city_code[:4]}02")
            place = SHORT.get(home.name, home.name.rstrip("区县市"))
            towns.append(Town(area.id, units[area.id], city.id, home.code, place, area.kind, area.valid_from))
    return towns


def load(count: int, seed: int, *, city_code: str, by: Actor) -> int:
    """Add demo firms until ``count`` stand in the database; returns how many were added. Commits chunk by chunk."""
    region = region_of(city_code, db.session.scalars(select(Area.name).where(Area.code == city_code)).first() or "")
    first = _already_there(region)
    if first >= count:
        return 0
    generator = Generator(towns_of(city_code), seed, clock.today(), region)
    for _ in generator.firms(first):
        pass  # the same random stream from the start: a resumed load gives the same firms
    added = 0
    while first + added < count:
        size = min(CHUNK, count - first - added)
        _write(db.session(), list(generator.firms(size, first + added)))
        added += size
        db.session.commit()
    enterprises.after_bulk(db.session(), None)
    audit.record("demo.loaded", Subject("installation", None, "演示数据"), None, {"enterprises": added, "seed": seed, "city": city_code}, by=by)
    db.session.commit()
    return added


def _already_there(region: Region) -> int:
    """How many demo firms of the city exist: codes are numbered, so the count is the next number."""
    low = credit_code(0, region.district)[:8]
    high = low + "Z"
    return db.session.scalar(select(func.count()).select_from(Enterprise).where(Enterprise.credit_code.between(low, high))) or 0


def _write(session: Session, firms: list[Firm]) -> None:
    """One chunk: rows of six tables, ids given so that children can name them."""
    base = (session.scalar(select(func.max(Enterprise.id))) or 0) + 1
    ids = {firm.number: base + index for index, firm in enumerate(firms)}
    now = clock.now()
    for model, columns, rows in (
        (Enterprise, _ENTERPRISE, (_enterprise(f, ids[f.number], now) for f in firms)),
        (EnterpriseTown, _TOWN, (_town(f, ids[f.number]) for f in firms)),
        (EnterpriseName, _NAME, ((ids[f.number], f.former, f.founded, _renamed(f)) for f in firms if f.former)),
        (EnterpriseYear, _YEAR, _years(firms, ids)),
        (Recognition, _GRANT, _grants(firms, ids)),
        (EnterpriseAnswer, answers.COLUMNS, answers.rows(firms, ids)),
        (Contact, _CONTACT, ((ids[f.number], f.contact, "办公室主任", *_phone(f.phone), True, 1) for f in firms)),
    ):
        dialect.load_rows(session, model.__table__, columns, rows)
    dialect.reset_sequence(session, Enterprise.__table__)


_ENTERPRISE = (
    "id", "credit_code", "name", "short_name", "initials", "industry_code", "industry_version", "control_type", "control_source", "founded_on",
    "status", "town_id", "unit_id", "city_id", "legal_person", "main_product", "extra", "source_author", "created_at", "updated_at", "version",
)
_TOWN = ("enterprise_id", "town_id", "valid_from", "recorded_at")
_NAME = ("enterprise_id", "name", "valid_from", "valid_to")
_CONTACT = ("enterprise_id", "name", "title", "phone_cipher", "phone_mark", "phone_masked", "is_primary", "version")
_YEAR = (
    "enterprise_id", "year", "source", "revenue_yuan", "main_revenue_yuan", "net_profit_yuan", "assets_yuan", "debt_yuan", "rd_expense_yuan",
    "tax_yuan", "exports_yuan", "employee_count", "rd_staff_count", "ip_class1_count", "ip_class2_count", "digital_grade", "digital_edition",
    "niche_years", "reported_on", "recorded_at",
)
_GRANT = (
    "enterprise_id", "title_code", "level", "batch_year", "document", "announced_on", "valid_from", "valid_to", "open_ended", "revoked_on",
    "revoked_reason", "voided", "source", "recorded_at",
)


def _enterprise(firm: Firm, key: int, now: datetime) -> tuple[Any, ...]:
    return (
        key, firm.code, firm.name, firm.short, initials(firm.name), firm.trade.code, "2017", firm.control, "演示数据", firm.founded, firm.status,
        firm.town.id, firm.town.unit_id, firm.town.city_id, firm.person, firm.trade.products[firm.number % len(firm.trade.products)],
        None, "演示数据", now, now, 1,
    )


def _town(firm: Firm, key: int) -> tuple[Any, ...]:
    since = firm.founded if firm.town.since is None else max(firm.founded, firm.town.since)
    return key, firm.town.id, since, clock.start_of_day(since)


def _renamed(firm: Firm) -> date:
    return date(min(firm.founded.year + 6, 2024), 5, 17)


def _phone(phone: str) -> tuple[str, str, str]:
    return crypto.encrypt(phone), crypto.mark(phone), f"{phone[:3]}****{phone[-4:]}"


def _yuan(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _years(firms: list[Firm], ids: dict[int, int]) -> Iterator[tuple[Any, ...]]:
    for firm in firms:
        for y in firm.years:
            yield (
                ids[firm.number], y.year, y.source, _yuan(y.revenue), _yuan(y.main_revenue), _yuan(y.profit), _yuan(y.assets), _yuan(y.debt),
                _yuan(y.rd), _yuan(y.tax), _yuan(y.exports), y.employees, y.rd_staff, y.ip1, y.ip2, y.digital,
                "2024" if y.digital else None, y.niche_years, y.reported_on, clock.start_of_day(y.reported_on),
            )


def _grants(firms: list[Firm], ids: dict[int, int]) -> Iterator[tuple[Any, ...]]:
    for firm in firms:
        for g in firm.grants:
            yield (
                ids[firm.number], g.title, g.level, g.batch, g.document, g.announced, g.start, g.end, g.open_ended, g.revoked,
                "复核未通过（演示）" if g.revoked else None, False, "演示数据", clock.start_of_day(g.announced),
            )
