"""Verdicts of many: from the store for today, worked out live for another day; who meets a title's rule, who lacks one thing, what is missing.

The store is only used while it stands for today, this knowledge and the rules in force (`Stamp.current`); otherwise the caller is told so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, false, func, literal, select, true

from app.areas import queries as areas
from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.ladder.criteria import Verdict, Version, choose_version
from app.ladder.criteria.mass import Known as KnownData
from app.ladder.criteria.mass import Plan, Record, Slot, compile_plan, unpack
from app.ladder.criteria.mass.plan import LEAVES, Layout
from app.ladder.criteria.mass.record import VERDICTS
from app.ladder.criteria.mass.sheet import UNKNOWN, UNMET
from app.ladder.models import EnterpriseVerdict, VerdictCandidate, VerdictState
from app.ladder.models.verdicts import BUILDING, READY
from app.ladder.queries.diagnoses import titled
from app.ladder.queries.facts import pack_for
from app.ladder.queries.mass_run import Runner, rows_of
from app.packs import Pack
from app.packs.criteria_tree import walk

ALL_MET, ONE_SHORT, EITHER, REACHABLE = "all_met", "one_short", "either", "reachable"
STATES = {ALL_MET: "全满足", ONE_SHORT: "只差一项", EITHER: "全满足或只差一项", REACHABLE: "全部可及"}
MOST_LIVE = 50_000
"""Most enterprises a page works out live for another day."""


@dataclass(frozen=True)
class Stamp:
    """What the stored verdicts of a city stand for. ``current``: today, by the rules in force, with every change followed."""

    city_id: int
    day: date | None
    status: str
    current: bool
    reason: str | None = None
    computed_at: datetime | None = None
    enterprises: int = 0

    @property
    def text(self) -> str:
        """For the page, in Chinese; empty while current."""
        if self.current:
            return ""
        if self.day is None:
            return "条件比对还没有计算，正在等待后台处理。"
        why = f"（{self.reason}）" if self.reason else ""
        return f"条件比对结果截至 {self.day}，之后有变动尚未重算{why}，后台完成后自动更新。"


@lru_cache(maxsize=200)
def slots_of(pack: Pack, day: date) -> tuple[Slot, ...]:
    """Every title with a rule version on the day, in pack order."""
    found = [
        Slot(title, title, choose_version(pack, title, application="new", on=day), choose_version(pack, title, application="review", on=day))
        for title in titled(pack)
    ]
    return tuple(slot for slot in found if slot.new is not None or slot.review is not None)


@lru_cache(maxsize=64)
def layout_of(pack: Pack, day: date) -> Plan:
    """Where the stored answers of the pack's titles stand; the same whatever data there is."""
    return compile_plan(list(slots_of(pack, day)), as_of=day, known=KnownData())


def stamp(city_id: int) -> Stamp:
    """Whether the stored verdicts of the city may be shown as today's."""
    row = db.session.get(VerdictState, city_id)
    if row is None:
        return Stamp(city_id, None, "missing", False)
    today = clock.today()
    pack = pack_for(areas.code_of(city_id) or "", today)
    fits = row.day == today and row.definition == layout_of(pack, today).definition
    reason = row.reason or ("又过了一天" if row.day != today else None if fits else "条件版本已更换")
    if row.status == BUILDING:
        reason = "正在重新计算"
    return Stamp(city_id, row.day, row.status, fits and row.status == READY, reason, row.computed_at, row.enterprise_count)


def stamps(scope: Scope) -> list[Stamp]:
    """One per city of the installation that holds enterprises of the scope's reach (all cities for a scope without areas)."""
    rows = db.session.scalars(select(VerdictState.city_id).order_by(VerdictState.city_id))
    wanted = set(rows) if scope.everything or not scope.city_ids else set(scope.city_ids)
    return [stamp(city_id) for city_id in sorted(wanted)]


# --- conditions for lists


@dataclass(frozen=True)
class Found:
    """``condition`` on ``Enterprise``; ``live``: worked out now instead of read from the store; ``stamp``: None when live."""

    condition: ColumnElement[bool]
    live: bool
    stamp: Stamp | None


def candidates(
    scope: Scope, title: str, *, city_id: int, application: str | None = None, state: str = EITHER, missing: str | None = None,
    as_of: date | None = None, known_on: date | None = None, where: ColumnElement[bool] | None = None,
) -> Found:
    """Enterprises of the city that meet the title's rule (``all_met``) or lack one condition (``one_short``), as a condition for the list ground.

    ``application``: ``new`` = only those without the title, ``review`` = only holders, None = both. ``missing``: id of a condition; with
    ``one_short`` the one that lacks, with ``reachable`` any enterprise in which it is unknown or unmet. Today's answer comes from the store
    (read ``stamp`` and show its text); another day is worked out live for the enterprises of ``scope`` and ``where``, at most `MOST_LIVE`.
    Raises Invalid when that is too many, or when the title has no version.
    """
    today = clock.today()
    day = as_of or today
    layout = _layout(city_id, title, day)
    if day == today and known_on is None:
        condition = and_(Enterprise.city_id == city_id, _stored(layout, application, state, missing))
        return Found(condition, False, stamp(city_id))
    ids = [
        id_ for id_, record in live_records(scope, title, city_id=city_id, as_of=day, known_on=known_on, where=where)
        if _fits(record, application, state, missing)
    ]
    return Found(Enterprise.id.in_(ids) if ids else false(), True, None)


def _layout(city_id: int, title: str, day: date) -> Layout:
    pack = pack_for(areas.code_of(city_id) or "", day)
    found = layout_of(pack, day).layout(title)
    if found is None:
        raise Invalid("title_without_rule", f"“{pack.title_label(title)}”在 {day} 没有认定条件版本，不能筛选。请换一个称号或日期。", "title")
    return found


def _stored(layout: Layout, application: str | None, state: str, missing: str | None) -> ColumnElement[bool]:
    if state == REACHABLE:
        return Enterprise.id.in_(select(EnterpriseVerdict.enterprise_id).where(*_reachable(layout, application, missing)))
    row, title = VerdictCandidate, layout.slot.title
    found = select(row.enterprise_id).where(row.title == title)
    if state != EITHER:
        found = found.where(row.open_count == (1 if state == ONE_SHORT else 0))
    elif missing is None:
        found = found.where(row.open_count.in_((0, 1)))
    if application is not None:
        found = found.where(row.review == (1 if application == "review" else 0))
    if missing is not None:
        found = found.where(row.open_count == 1, row.lacking == layout.places.get(missing, -1))
    return Enterprise.id.in_(found)


def _reachable(layout: Layout, application: str | None, missing: str | None) -> list[ColumnElement[bool]]:
    found = [_field("verdict", 3 * layout.number, 7) != 6]
    if application is not None:
        found.append(_field("held", layout.number, 1) == (1 if application == "review" else 0))
    if missing is not None:
        found.append(leaf_code(layout, missing).in_((UNKNOWN, UNMET)) if missing in layout.leaves else false())
    return found


def leaf_code(layout: Layout, leaf: str) -> ColumnElement[int]:
    """The stored result of a condition as a column expression on ``EnterpriseVerdict``: 0 met or not asked, 1 manual, 3 unknown, 7 unmet."""
    at = layout.leaves[leaf]
    return _field(f"mask_{at // LEAVES}", 3 * (at % LEAVES), 7)


def _field(column: str, shift: int, mask: int) -> ColumnElement[int]:
    return getattr(EnterpriseVerdict, column).op(">>")(literal(shift, Integer)).op("&")(mask)  # type: ignore[no-any-return]


def _fits(record: Record, application: str | None, state: str, missing: str | None) -> bool:
    if record.verdict is None or (application is not None and record.held != (application == "review")):
        return False
    if state == REACHABLE:
        return missing is None or record.leaves.get(missing, 0) in (UNKNOWN, UNMET)
    opens = {ALL_MET: (0,), ONE_SHORT: (1,)}.get(state, (0, 1))
    return record.open in opens and (missing is None or (record.open == 1 and record.lacking == missing))


# --- counts


@dataclass(frozen=True)
class MissingCount:
    """``firms`` enterprises of the reach lack this condition; ``unknown`` of them for want of data ("83 家缺研发记录")."""

    leaf: str
    label: str
    firms: int
    unknown: int


def missing_counts(
    scope: Scope, title: str, *, city_id: int, application: str | None = None, state: str = ONE_SHORT, where: ColumnElement[bool] | None = None,
    as_of: date | None = None, known_on: date | None = None,
) -> list[MissingCount]:
    """Conditions that lack, most frequent first; every count equals the list ``candidates`` gives with the same arguments and that condition.

    ``one_short``: the single condition that lacks; ``reachable``: all enterprises the rule is asked of (reads all their rows).
    """
    today = clock.today()
    day = as_of or today
    layout = _layout(city_id, title, day)
    if day != today or known_on is not None:
        counts = _live_counts(scope, title, layout, city_id, application, state, where, day, known_on)
    else:
        counts = _stored_counts(scope, layout, city_id, application, state, where)
    labels = leaf_labels(layout)
    found = [MissingCount(leaf, labels.get(leaf, leaf), firms, unknown) for leaf, (firms, unknown) in counts.items() if firms]
    return sorted(found, key=lambda one: (-one.firms, layout.places.get(one.leaf, 0)))


def _reach(scope: Scope, city_id: int, where: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return and_(in_scope(scope), Enterprise.city_id == city_id, true() if where is None else where)


def _stored_counts(
    scope: Scope, layout: Layout, city_id: int, application: str | None, state: str, where: ColumnElement[bool] | None,
) -> dict[str, tuple[int, int]]:
    verdict = EnterpriseVerdict
    if state == REACHABLE:
        columns = [
            func.sum(func.coalesce(case_of(leaf_code(layout, leaf).in_(codes)), 0)) for leaf in layout.leaves for codes in ((UNKNOWN, UNMET), (UNKNOWN,))
        ]
        wide: Any = select(*columns).join(Enterprise, Enterprise.id == verdict.enterprise_id)
        row: Any = db.session.execute(wide.where(_reach(scope, city_id, where), *_reachable(layout, application, None))).one()
        return {leaf: (int(row[2 * n] or 0), int(row[2 * n + 1] or 0)) for n, leaf in enumerate(layout.leaves)}
    row_of, names = VerdictCandidate, {place: leaf for leaf, place in layout.places.items()}
    query: Any = select(row_of.lacking, func.count()).join(Enterprise, Enterprise.id == row_of.enterprise_id)
    query = query.where(row_of.title == layout.slot.title, row_of.open_count == 1, _reach(scope, city_id, where)).group_by(row_of.lacking)
    if application is not None:
        query = query.where(row_of.review == (1 if application == "review" else 0))
    counts = {names[place]: firms for place, firms in db.session.execute(query) if place in names}
    return {leaf: (firms, unknown) for leaf, firms, unknown in _with_unknown(layout, counts, query)}


def _with_unknown(layout: Layout, counts: Mapping[str, int], query: Any) -> Iterator[tuple[str, int, int]]:
    """How many of those that lack a condition lack the data for it: read from their stored results."""
    for leaf, firms in counts.items():
        if leaf not in layout.leaves:
            yield leaf, firms, 0
            continue
        of_leaf = query.with_only_columns(func.count()).join(EnterpriseVerdict, EnterpriseVerdict.enterprise_id == VerdictCandidate.enterprise_id)
        of_leaf = of_leaf.group_by(None).where(VerdictCandidate.lacking == layout.places[leaf], leaf_code(layout, leaf) == UNKNOWN)
        yield leaf, firms, int(db.session.scalar(of_leaf) or 0)


def case_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal(1)), else_=literal(0))


def _live_counts(
    scope: Scope, title: str, layout: Layout, city_id: int, application: str | None, state: str, where: ColumnElement[bool] | None, day: date,
    known_on: date | None,
) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = {leaf: [0, 0] for leaf in layout.places}
    for _, record in live_records(scope, title, city_id=city_id, as_of=day, known_on=known_on, where=where):
        if not _fits(record, application, state, None):
            continue
        lacking = [record.lacking] if state != REACHABLE else [leaf for leaf, code in record.leaves.items() if code in (UNKNOWN, UNMET)]
        for leaf in lacking:
            if (leaf is not None and record.open != 0) or state == REACHABLE:
                pair = counts.setdefault(leaf or "", [0, 0])
                pair[0] += 1
                pair[1] += record.leaves.get(leaf or "") == UNKNOWN
    return {leaf: (firms, unknown) for leaf, (firms, unknown) in counts.items()}


def state_counts(
    scope: Scope, title: str, *, city_id: int, application: str | None = None, where: ColumnElement[bool] | None = None,
) -> dict[str, int]:
    """Enterprises per state (``all_met``, ``one_short``) today, from the store."""
    row = VerdictCandidate
    query = select(row.open_count, func.count()).join(Enterprise, Enterprise.id == row.enterprise_id).where(row.title == title, _reach(scope, city_id, where))
    if application is not None:
        query = query.where(row.review == (1 if application == "review" else 0))
    found = dict(db.session.execute(query.group_by(row.open_count)).all())
    return {ALL_MET: found.get(0, 0), ONE_SHORT: found.get(1, 0)}


def leaf_labels(layout: Layout) -> dict[str, str]:
    """Id -> label of the conditions of a slot, of both kinds of application."""
    labels: dict[str, str] = {}
    for version in (layout.slot.new, layout.slot.review):
        if version is not None:
            labels |= {node.id: node.label for node in walk(version.criterion.rule, version.groups) if node.id and node.label}
    return labels


# --- live


def live_records(
    scope: Scope, title: str, *, city_id: int, as_of: date, known_on: date | None = None, where: ColumnElement[bool] | None = None,
) -> Iterator[tuple[int, Record]]:
    """Worked out now, enterprise by enterprise. Raises Invalid when the reach holds more than `MOST_LIVE`."""
    reach = _reach(scope, city_id, where)
    total = db.session.scalar(select(func.count()).select_from(select(Enterprise.id).where(reach).limit(MOST_LIVE + 1).subquery())) or 0
    if total > MOST_LIVE:
        raise Invalid(
            "too_many", f"按其他日期要逐家现算，一次最多 {MOST_LIVE} 家。请先选县区、镇街或行业缩小范围，或用命令 flask ladder diagnose --all 导出。", "as_of",
        )
    pack = pack_for(areas.code_of(city_id) or "", as_of)
    slots = [slot for slot in slots_of(pack, as_of) if slot.key == title]
    for id_, columns, plan in rows_of(slots, reach, as_of=as_of, known_on=known_on):
        yield id_, unpack(plan.layouts[0], columns)


# --- two versions beside each other


@dataclass(frozen=True)
class VersionPair:
    """One enterprise under two versions; None = no verdict."""

    enterprise_id: int
    old: Verdict | None
    new: Verdict | None


def evaluate_versions(
    old: Version, new: Version, scope: Scope, *, as_of: date, application: str = "new", known_on: date | None = None,
    where: ColumnElement[bool] | None = None,
) -> Iterator[VersionPair]:
    """Everybody of the scope under both versions on the same facts, by id (the impact preview); one statement answers both."""
    slots = [
        Slot(key, version.criterion.title, version, version, application) for key, version in (("old", old), ("new", new))
    ]
    reach = and_(in_scope(scope), true() if where is None else where)
    for id_, columns, plan in rows_of(slots, reach, as_of=as_of, known_on=known_on):
        first, second = (VERDICTS.get(columns["verdict"] >> 3 * layout.number & 7) for layout in plan.layouts)
        yield VersionPair(id_, first, second)


__all__ = [
    "ALL_MET",
    "EITHER",
    "ONE_SHORT",
    "REACHABLE",
    "STATES",
    "Found",
    "MissingCount",
    "Runner",
    "Stamp",
    "VersionPair",
    "candidates",
    "evaluate_versions",
    "layout_of",
    "leaf_code",
    "leaf_labels",
    "live_records",
    "missing_counts",
    "rows_of",
    "slots_of",
    "stamp",
    "stamps",
    "state_counts",
]
