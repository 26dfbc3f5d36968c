"""Changes of areas: corrections, dated membership, population (the first load of a city: ``loading``)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from app.areas import queries
from app.areas.loading import SINCE as SINCE
from app.areas.loading import load_city as load_city
from app.areas.models import TOWN_KINDS, Area, AreaAlias, AreaMembership, AreaPopulation, Organisation
from app.infra import audit, changes, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.text import clean_name, squeeze

BASES = {"census": "普查", "sample": "年度抽样", "registered": "户籍"}
OFFICIAL_CODE = re.compile(r"\d{9}\Z")


def _check_version(area: Area, version: int | None) -> None:
    """Two people editing one area: the second is told in words. Raises ``Conflict``."""
    if version is not None and version != area.version:
        raise Conflict(
            "area_changed", f"“{area.name}”刚被别人修改过（现为：{area.code}，{area.name}）。请先查看最新内容，再决定是否重新提交。"
        )


def move_town(
    town: Area, *, unit_id: int, since: date, document: str | None, confirmed: bool, version: int | None, by: Actor
) -> AreaMembership:
    """From ``since`` on the town is managed by this county or zone. Earlier years stay as they were; what was recorded stays readable.

    Tells ``area.unit_changed`` when the first day has come (a later one is told by ``refresh_moved`` on that day).
    """
    _check_version(town, version)
    unit = queries.get_area([town.city_id or 0], unit_id)
    _check_move(town, unit, since, document, confirmed)
    old = [r.row for r in queries.list_memberships(town.id) if r.row.superseded_at is None]
    now = clock.now()
    for row in old:
        if row.valid_to is None or row.valid_to >= since:
            row.superseded_at = now
            if row.valid_from < since:
                _copy(row, now, valid_to=since - timedelta(days=1))
    new = AreaMembership(
        town_id=town.id, unit_id=unit.id, valid_from=since, confirmed=confirmed, document=document or None, recorded_at=now
    )
    db.session.add(new)
    town.version += 1
    audit.record(
        "area.moved", Subject("area", town.id, town.name), {"units": [[r.unit_id, r.valid_from] for r in old]},
        {"unit": unit.name, "since": since, "document": document, "confirmed": confirmed}, by=by,
    )
    db.session.flush()
    if since <= clock.today():
        changes.tell("area.unit_changed", [town.id])
    return new


def take_back_move(town: Area, gone: Sequence[int], written: Sequence[int], *, by: Actor) -> None:
    """Undo one ``move_town``: the versions it wrote are superseded, those it had superseded come back as new ones. Tells ``area.unit_changed``."""
    now = clock.now()
    for row in db.session.scalars(select(AreaMembership).where(AreaMembership.id.in_(written), AreaMembership.town_id == town.id)):
        row.superseded_at = now
    for row in list(db.session.scalars(select(AreaMembership).where(AreaMembership.id.in_(gone), AreaMembership.town_id == town.id))):
        _copy(row, now, valid_to=row.valid_to)
    town.version += 1
    audit.record("area.move_undone", Subject("area", town.id, town.name), {"memberships": list(written)}, None, by=by)
    db.session.flush()
    changes.tell("area.unit_changed", [town.id])


def _check_move(town: Area, unit: Area, since: date, document: str | None, confirmed: bool) -> None:
    if unit.kind not in queries.UNIT_KINDS:
        raise Invalid("unit_kind", f"“{unit.name}”不是县（市、区）或开发区，请重新选择。", "unit_id")
    if town.kind == "direct":
        raise Invalid("direct_fixed", "区直单位随开发区，不能改变归属。", "unit_id")
    if town.valid_from and since < town.valid_from:
        raise Invalid("too_early", f"“{town.name}”自 {town.valid_from} 设立，归属不能早于这一天。", "since")
    if since < SINCE:
        raise Invalid("too_early", f"起始日期不能早于 {SINCE}。", "since")
    if confirmed and not document:
        raise Invalid("document_missing", "已核实的归属须写明依据文件；没有依据时请保留“待核”。", "document")


def _copy(row: AreaMembership, now: object, **changed: object) -> AreaMembership:
    """A new version of a row; the caller supersedes the old one."""
    values = {"valid_from": row.valid_from, "valid_to": row.valid_to, "confirmed": row.confirmed, "document": row.document, **changed}
    copy = AreaMembership(town_id=row.town_id, unit_id=row.unit_id, recorded_at=now, **values)
    db.session.add(copy)
    return copy


def confirm_membership(town: Area, membership_id: int, *, document: str, version: int | None, by: Actor) -> None:
    """A 待核 row is now supported by a document; unit and dates stay."""
    _check_version(town, version)
    row = next((r.row for r in queries.list_memberships(town.id) if r.row.id == membership_id), None)
    if row is None or row.superseded_at is not None:
        raise Conflict("membership_changed", f"“{town.name}”的这条归属已被更正，请刷新页面查看最新内容。")
    if not document.strip():
        raise Invalid("document_missing", "请写明依据文件（文号或名称），再确认归属。", "document")
    row.superseded_at = clock.now()
    _copy(row, row.superseded_at, confirmed=True, document=document.strip())
    town.version += 1
    audit.record("area.confirmed", Subject("area", town.id, town.name), {"confirmed": False}, {"document": document.strip()}, by=by)
    db.session.flush()


def edit_area(area: Area, *, name: str, code: str, note: str | None, version: int | None, by: Actor) -> None:
    """Name, code and note. The former name stays as an alias; a provisional code may become official once."""
    _check_version(area, version)
    name, code = clean_name(name), squeeze(code).upper()
    if not 2 <= len(name) <= 60:
        raise Invalid("name", "名称应为 2 至 60 个字。", "name")
    if code != area.code:
        _check_new_code(area, code)
    before = {"name": area.name, "code": area.code, "note": area.note}
    if name != area.name:
        _alias(area, area.name)
    area.name, area.note = name, (note or "").strip()[:200] or None
    if code != area.code:
        area.code, area.provisional = code, False
    old, new = audit.changes(before, {"name": area.name, "code": area.code, "note": area.note})
    if new:
        area.version += 1
        audit.record("area.edited", Subject("area", area.id, area.name), old, new, by=by)
    db.session.flush()


def _check_new_code(area: Area, code: str) -> None:
    if not area.provisional:
        raise Invalid("code_official", "正式区划代码不能修改；如有误，请联系系统维护人员。", "code")
    if not OFFICIAL_CODE.match(code):
        raise Invalid("code_shape", "正式的镇街代码是 9 位数字。暂时没有正式代码时请保留临时代码。", "code")
    if db.session.scalars(select(Area.id).where(Area.code == code)).first():
        raise Invalid("code_taken", f"代码 {code} 已被其他单位使用，请核对。", "code")


def _alias(area: Area, alias: str) -> AreaAlias | None:
    """Add an alias unless it is there already."""
    if alias == area.name and any(a.alias == alias for a in queries.list_aliases(area.id)):
        return None
    if any(squeeze(a.alias) == squeeze(alias) for a in queries.list_aliases(area.id)):
        return None
    row = AreaAlias(area_id=area.id, alias=alias)
    db.session.add(row)
    return row


def add_alias(area: Area, alias: str, *, by: Actor) -> AreaAlias:
    """Another spelling under which imports find the area."""
    alias = clean_name(alias)
    if not 2 <= len(alias) <= 60:
        raise Invalid("alias", "别名应为 2 至 60 个字。", "alias")
    row = _alias(area, alias) if squeeze(alias) != squeeze(area.name) else None
    if row is None:
        raise Invalid("alias_known", f"“{alias}”已经是“{area.name}”的名称或别名，不用再加。", "alias")
    audit.record("area.alias_added", Subject("area", area.id, area.name), None, {"alias": alias}, by=by)
    db.session.flush()
    return row


def remove_alias(area: Area, alias_id: int, *, by: Actor) -> None:
    row = db.session.scalars(select(AreaAlias).where(AreaAlias.id == alias_id, AreaAlias.area_id == area.id)).first()
    if row is None:
        raise Conflict("alias_gone", "这个别名已被删除，请刷新页面查看。")
    audit.record("area.alias_removed", Subject("area", area.id, area.name), {"alias": row.alias}, None, by=by)
    db.session.delete(row)
    db.session.flush()


def add_town(
    *, county: Area, unit: Area, name: str, kind: str, code: str | None, founded: date, document: str, by: Actor
) -> Area:
    """A newly founded town; without an official code it gets the next provisional one of its county (371502P02 …)."""
    name, code = clean_name(name), squeeze(code or "").upper()
    _check_town(county, name, kind, founded, document)
    if code and (not OFFICIAL_CODE.match(code) or not code.startswith(county.code)):
        raise Invalid("code_shape", f"镇街代码应为 9 位数字，以 {county.code} 开头；没有正式代码时请留空。", "code")
    if code and db.session.scalars(select(Area.id).where(Area.code == code)).first():
        raise Invalid("code_taken", f"代码 {code} 已被其他单位使用，请核对。", "code")
    town = Area(
        code=code or _next_provisional(county), name=name, kind=kind, parent_id=county.id, city_id=county.city_id,
        provisional=not code, valid_from=founded, note=document.strip()[:200],
    )
    db.session.add(town)
    db.session.flush()
    db.session.add(
        AreaMembership(
            town_id=town.id, unit_id=unit.id, valid_from=founded, confirmed=True, document=document.strip()[:120], recorded_at=clock.now()
        )
    )
    audit.record("area.added", Subject("area", town.id, town.name), None, {"code": town.code, "unit": unit.name, "founded": founded}, by=by)
    db.session.flush()
    return town


def _check_town(county: Area, name: str, kind: str, founded: date, document: str) -> None:
    if county.kind != "county":
        raise Invalid("county_kind", "请选择镇街所在的县（市、区）。", "county_id")
    if kind not in TOWN_KINDS:
        raise Invalid("kind", "请选择街道、镇或乡。", "kind")
    if not 2 <= len(name) <= 60:
        raise Invalid("name", "名称应为 2 至 60 个字。", "name")
    if not document.strip():
        raise Invalid("document_missing", "请写明设立依据（文号或名称）。", "document")
    if founded < SINCE:
        raise Invalid("too_early", f"设立日期不能早于 {SINCE}。", "founded")
    taken = select(Area.id).where(Area.parent_id == county.id, Area.name == name, Area.valid_to.is_(None))
    if db.session.scalars(taken).first():
        raise Invalid("name_taken", f"{county.name}已有“{name}”，请核对。", "name")


def _next_provisional(county: Area) -> str:
    used = db.session.scalar(select(func.max(Area.code)).where(Area.code.startswith(f"{county.code}P")))
    return f"{county.code}P{int(used[-2:]) + 1 if used else 1:02d}"


def close_town(town: Area, *, last_day: date, document: str, version: int | None, by: Actor) -> None:
    """The town is abolished: ``last_day`` is its last day. Years before stay as they were."""
    _check_version(town, version)
    if town.valid_from and last_day < town.valid_from:
        raise Invalid("too_early", "撤销日期不能早于设立日期。", "last_day")
    if not document.strip():
        raise Invalid("document_missing", "请写明撤销依据（文号或名称）。", "document")
    town.valid_to, town.version = last_day, town.version + 1
    town.note = document.strip()[:200]
    audit.record("area.closed", Subject("area", town.id, town.name), None, {"last_day": last_day, "document": document.strip()}, by=by)
    db.session.flush()


@dataclass(frozen=True)
class PopulationLine:
    """One figure to store."""

    town_id: int
    persons: int


def set_population(lines: Sequence[PopulationLine], *, year: int, basis: str, source: str, by: Actor) -> int:
    """Store figures of one year and basis; equal ones are left alone. Returns how many changed."""
    if basis not in BASES:
        raise Invalid("basis", "请选择人口口径。", "basis")
    if not source.strip():
        raise Invalid("source_missing", "请写明数据来源。", "source")
    known = {
        row.town_id: row for row in db.session.scalars(
            select(AreaPopulation).where(
                AreaPopulation.year == year, AreaPopulation.basis == basis, AreaPopulation.superseded_at.is_(None),
                AreaPopulation.town_id.in_([line.town_id for line in lines]),
            )
        )
    }
    now, old, new = clock.now(), {}, {}
    for line in lines:
        row = known.get(line.town_id)
        if row and row.persons == line.persons and row.source == source.strip():
            continue
        if row:
            row.superseded_at, old[str(line.town_id)] = now, row.persons
        new[str(line.town_id)] = line.persons
        db.session.add(
            AreaPopulation(
                town_id=line.town_id, year=year, basis=basis, persons=line.persons, source=source.strip()[:120], recorded_at=now
            )
        )
    if new:
        subject = Subject("area_population", year, f"{year} 年人口（{BASES[basis]}）")
        audit.record("area.population", subject, old, {"persons": new, "source": source.strip()}, by=by)
    db.session.flush()
    return len(new)


def refresh_moved(today: date) -> int:
    """New-day chore: towns whose membership began since a month ago; telling twice does nothing new."""
    towns = queries.towns_moved_between(today - timedelta(days=31), today)
    if towns:
        changes.tell("area.unit_changed", towns)
    return len(towns)


def save_organisation(*, name: str, kind: str, area_id: int, organisation_id: int | None = None, valid_to: date | None = None) -> Organisation:
    """Add an organisation or bring its name up to date. The capability that owns what it stands for (team, provider) records the change."""
    row = db.session.get(Organisation, organisation_id) if organisation_id is not None else None
    if row is None:
        row = Organisation(id=organisation_id, name=name[:80], kind=kind, area_id=area_id)
        db.session.add(row)
    row.name, row.valid_to = name[:80], valid_to
    db.session.flush()
    return row
