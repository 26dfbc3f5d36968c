"""The enterprise record: create, edit with optimistic version, dated rename, dated change of town."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.areas.actions import SINCE
from app.areas.models import Area
from app.enterprises.actions.cancellation import follow_status
from app.enterprises.actions.index import reindex
from app.enterprises.actions.summaries import refresh_summaries
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseName, EnterpriseTown
from app.enterprises.queries.places import Place, covers, read_places
from app.enterprises.queries.records import get_enterprise
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.naming import initials
from app.infra import audit, changes, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel import credit_code as codes
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.scope import Scope
from app.kernel.text import clean, clean_name

EDITABLE = (
    "short_name", "industry_code", "control_type", "control_source", "founded_on", "status", "address", "registered_place", "park",
    "legal_person", "main_product",
)  # fmt: skip
"""Fields of the edit form. Name and town change by dated actions of their own; the credit code only as a correction."""


class Stale(Conflict):
    """Somebody else saved meanwhile. ``theirs``: the present values of the fields in question."""

    def __init__(self, enterprise: Enterprise, theirs: Mapping[str, Any]) -> None:
        super().__init__("stale", f"“{enterprise.name}”在您编辑期间已被他人修改，您的内容尚未保存。请逐项核对后再保存。")
        self.enterprise = enterprise
        self.theirs = theirs


@dataclass(frozen=True)
class NewEnterprise:
    """What a new record needs. ``since``: from when it is in this town (None = founded, else since ever: a firm entered late
    has not come late, and counts of earlier years must find it)."""

    credit_code: str
    name: str
    town_id: int
    since: date | None = None


def subject(enterprise: Enterprise) -> Subject:
    """The enterprise as the subject of an audit row."""
    return Subject("enterprise", enterprise.id, enterprise.name)


def plain(value: Any) -> Any:
    """Trimmed text, "" as None; anything else as it is."""
    return (clean(value) or None) if isinstance(value, str) else value


def create_enterprise(*, scope: Scope, new: NewEnterprise, values: Mapping[str, Any], by: Actor) -> Enterprise:
    """Add an enterprise with its town, index and summary. Raises ``Invalid`` or ``Conflict`` with the field."""
    code, name = checked_code(new.credit_code), checked_name(new.name)
    town = town_inside(scope, new.town_id)
    _refuse_known_code(scope, code)
    now, fields = clock.now(), {key: plain(values.get(key)) for key in EDITABLE if plain(values.get(key)) is not None}
    _check_dates(fields.get("founded_on"), new.since)
    row = Enterprise(
        credit_code=code, name=name, initials=initials(name), town_id=town.id, unit_id=town.unit_id, city_id=town.city_id,
        created_at=now, created_by=by.user_id, updated_at=now, updated_by=by.user_id, **fields,
    )
    db.session.add(row)
    db.session.flush()
    since = max(new.since or fields.get("founded_on") or SINCE, _town_began(town.id))
    db.session.add(EnterpriseTown(enterprise_id=row.id, town_id=town.id, valid_from=since, recorded_at=now))
    follow_status(db.session(), [row.id], by.user_id)
    reindex([row.id])
    refresh_summaries([row.id])
    audit.record("enterprise.created", subject(row), None, {"credit_code": code, "name": name, "town": town.name, **fields}, by=by)
    changes.tell("enterprise.moved", [row.id])
    return row


def _town_began(town_id: int) -> date:
    """A firm older than its town stands in it from the town's first day."""
    return db.session.scalar(select(Area.valid_from).where(Area.id == town_id)) or SINCE


def update_enterprise(*, scope: Scope, enterprise_id: int, values: Mapping[str, Any], version: int, by: Actor) -> Enterprise:
    """Set fields of ``EDITABLE``. ``version``: the one the editor saw; raises ``Stale`` when it is not the present one any more."""
    row = get_enterprise(scope, enterprise_id, lock=True)
    wanted = {key: plain(values[key]) for key in EDITABLE if key in values}
    before = {key: getattr(row, key) for key in wanted}
    if row.version != version:
        raise Stale(row, before)
    _check_dates(wanted.get("founded_on"), None)
    old, new = audit.changes(before, wanted)
    if not new:
        return row
    for key, value in new.items():
        setattr(row, key, value)
    _touch(row, by)
    audit.record("enterprise.updated", subject(row), old, new, by=by)
    if "short_name" in new:
        reindex([row.id])
    if "industry_code" in new:
        refresh_summaries([row.id])
        changes.tell("enterprise.described", [row.id])
    if "status" in new:
        follow_status(db.session(), [row.id], by.user_id)
    if new.keys() & {"status", "control_type"}:
        changes.tell("enterprise.moved", [row.id])
    return row


def rename(*, scope: Scope, enterprise_id: int, name: str, since: date, version: int, by: Actor) -> Enterprise:
    """Give a new registered name from a day on; the present one becomes a former name with its dates."""
    row = get_enterprise(scope, enterprise_id, lock=True)
    name = checked_name(name)
    if row.version != version:
        raise Stale(row, {"name": row.name})
    if name == row.name:
        raise Invalid("same_name", f"新名称与现用名称“{row.name}”相同，没有需要保存的内容。", "name")
    if since > clock.today():
        raise Invalid("future", "更名日期不能晚于今天。", "since")
    started = _name_start(row)
    if started is not None and since <= started:
        raise Invalid("too_early", f"现用名称自 {started:%Y-%m-%d} 起使用，更名日期应晚于这一天。", "since")
    old = row.name
    db.session.add(EnterpriseName(enterprise_id=row.id, name=old, valid_from=started, valid_to=since - timedelta(days=1)))
    db.session.add(_event(row.id, "renamed", since, f"{old} → {name}", by))
    row.name, row.initials = name, initials(name)
    _touch(row, by)
    reindex([row.id])
    audit.record("enterprise.renamed", subject(row), {"name": old}, {"name": name, "since": since}, by=by)
    changes.tell("enterprise.described", [row.id])
    return row


def set_town(*, scope: Scope, enterprise_id: int, town_id: int, since: date, version: int, by: Actor) -> Enterprise:
    """Move the statistical town from a day on. Both the present and the new town must lie inside the scope.

    Versions that held on or after the day are superseded, what held before stays: closed years keep their town.
    """
    row = get_enterprise(scope, enterprise_id, lock=True)
    if row.version != version:
        raise Stale(row, {"town_id": row.town_id})
    town = town_inside(scope, town_id)
    if since > clock.today():
        raise Invalid("future", "变更日期不能晚于今天；请在变更生效后再办理。", "since")
    if town.id == row.town_id and not _versions_after(row.id, since):
        raise Invalid("same_town", f"“{row.name}”已在“{town.name}”，没有需要保存的内容。", "town_id")
    old_town, now = row.town_id, clock.now()
    _supersede_towns(row.id, since, now)
    db.session.add(EnterpriseTown(enterprise_id=row.id, town_id=town.id, valid_from=since, recorded_at=now))
    row.town_id, row.unit_id, row.city_id = town.id, town.unit_id, town.city_id
    names = read_places()
    db.session.add(_event(row.id, "moved", since, f"{names.full_name(old_town)} → {names.full_name(town.id)}", by))
    _touch(row, by)
    audit.record("enterprise.moved", subject(row), {"town_id": old_town}, {"town_id": town.id, "town": town.name, "since": since}, by=by)
    changes.tell("enterprise.moved", [row.id])
    return row


def _versions_after(enterprise_id: int, since: date) -> bool:
    query = select(EnterpriseTown.id).where(
        EnterpriseTown.enterprise_id == enterprise_id, EnterpriseTown.superseded_at.is_(None), EnterpriseTown.valid_from > since
    )
    return db.session.scalar(query.limit(1)) is not None


def _supersede_towns(enterprise_id: int, since: date, now: Any) -> None:
    """End what held on or after ``since``; a version that began earlier comes back shortened."""
    current = db.session.scalars(
        select(EnterpriseTown).where(EnterpriseTown.enterprise_id == enterprise_id, EnterpriseTown.superseded_at.is_(None))
    ).all()
    for version in current:
        if version.valid_to is not None and version.valid_to < since:
            continue
        version.superseded_at = now
    db.session.flush()  # the unique index allows one open version: the old one must be out first
    for version in current:
        if version.superseded_at == now and version.valid_from < since:
            db.session.add(
                EnterpriseTown(
                    enterprise_id=enterprise_id, town_id=version.town_id, valid_from=version.valid_from, valid_to=since - timedelta(days=1),
                    recorded_at=now,
                )
            )


def _event(enterprise_id: int, kind: str, on: date, note: str, by: Actor) -> EnterpriseEvent:
    return EnterpriseEvent(
        enterprise_id=enterprise_id, kind=kind, happened_on=on, note=note[:300], recorded_at=clock.now(), recorded_by=by.user_id
    )


def _touch(row: Enterprise, by: Actor) -> None:
    row.version += 1
    row.updated_at, row.updated_by = clock.now(), by.user_id
    db.session.flush()


def touch(row: Enterprise, by: Actor) -> None:
    """Count a change of a part of the record (figures, contacts) as a change of the enterprise."""
    row.updated_at, row.updated_by = clock.now(), by.user_id
    db.session.flush()


def _name_start(row: Enterprise) -> date | None:
    """First day of the present name: the day after the last former one, else the founding day."""
    last = db.session.scalar(
        select(EnterpriseName.valid_to)
        .where(EnterpriseName.enterprise_id == row.id, EnterpriseName.valid_to.is_not(None))
        .order_by(EnterpriseName.valid_to.desc())
        .limit(1)
    )
    return last + timedelta(days=1) if last else row.founded_on


def checked_code(text: str) -> str:
    """A normalised valid credit code. Raises ``Invalid`` saying what is wrong and, where there is one, the likely right code."""
    found = codes.inspect(text)
    if found.valid:
        return found.code
    hint = f"是否应为 {found.suggestion}？" if found.suggestion else "请核对营业执照。"
    raise Invalid("credit_code_invalid", f"统一社会信用代码{found.reason_zh}。{hint}", "credit_code")


def checked_name(text: str) -> str:
    """A registered name in one writing. Raises ``Invalid``."""
    name = clean_name(text)
    if len(name) < 2:
        raise Invalid("name_missing", "请填写企业名称（营业执照上的全称）。", "name")
    if len(name) > 120:
        raise Invalid("name_long", "企业名称超过 120 个字，请核对。", "name")
    return name


def town_inside(scope: Scope, town_id: int) -> Place:
    """The town with its managing unit. Raises ``Invalid`` when it is none, ``Forbidden`` when it lies outside the scope."""
    town = read_places().by_id.get(town_id)
    if town is None or town.unit_id is None or town.city_id is None:
        raise Invalid("town_unknown", "请从列表中选择企业所在的镇、街道或区直。", "town_id")
    if not covers(scope, town):
        raise Forbidden("town_outside", "所选镇街不在您的管辖范围内。跨县区迁移请联系市局经办人员办理。", "town_id")
    return town


def _refuse_known_code(scope: Scope, code: str) -> None:
    known = db.session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.credit_code == code)).first()
    if known is None:
        return
    visible = db.session.scalar(select(Enterprise.id).where(Enterprise.id == known.id, in_scope(scope)))
    if visible:
        raise Conflict("credit_code_known", f"该信用代码已登记为“{known.name}”（编号 {known.id}），请直接打开该企业修改。", "credit_code")
    raise Conflict("credit_code_known_elsewhere", "该信用代码已由其他单位登记，请联系市局经办人员核实。", "credit_code")


def _check_dates(founded_on: date | None, since: date | None) -> None:
    today = clock.today()
    for field, day in (("founded_on", founded_on), ("since", since)):
        if day is not None and (day > today or day.year < 1900):
            raise Invalid("date", "日期应在 1900 年以后且不晚于今天，请核对。", field)
