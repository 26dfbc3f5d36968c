"""Two settings of one count, side by side: the page 为什么变了 of any number, whoever counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from flask import render_template, request

from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web import asof
from app.infra.web.access import current_actor, has
from app.infra.web.pagination import Page, cut, decode, page_size
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.ladder import queries
from app.ladder.exports import SheetHead, write_sheet
from app.ladder.queries import explain
from app.ladder.queries.explain import Change, ChangeRow, Side
from app.ladder.rules.explain import Cause, Reason, sums


@dataclass(frozen=True)
class Point:
    """One of the two settings as asked for."""

    day: date
    known_on: date | None

    @property
    def words(self) -> str:
        known = f"按 {self.known_on:%Y-%m-%d} 结束时已登记的数据" if self.known_on else "按现在已登记的数据"
        return f"截止 {self.day:%Y-%m-%d}，{known}"


@dataclass(frozen=True)
class Comparison:
    """What is compared. ``between``: places asked for on the first day as known at the second setting; ``links``: lists behind both numbers;
    ``fields``: what the address says besides the four days."""

    heading: str
    basis: str
    scope: Scope
    start: Side
    goal: Side
    between: frozenset[int]
    links: tuple[str | None, str | None]
    back: tuple[str, str]
    fields: Sequence[tuple[str, str]]
    export_url: str | None = None

    @property
    def points(self) -> tuple[Point, Point]:
        return Point(self.start.day, self.start.known_on), Point(self.goal.day, self.goal.known_on)


def points(default: date | None = None) -> tuple[Point, Point]:
    """Both settings of the address. Without a first one: a month earlier, as it was known then. ``default``: the second day, unless said."""
    when = asof.as_of()
    goal = Point(when.day or default or clock.today(), when.known_on)
    if request.values.get("before_as_of") or request.values.get("before_known_on"):
        return Point(asof.day_argument("before_as_of") or goal.day, asof.known_argument("before_known_on")), goal
    earlier = _month_before(min(goal.known_on or clock.today(), clock.today()))
    return Point(min(goal.day, earlier) if goal.day >= clock.today() else goal.day, earlier), goal


def _month_before(day: date) -> date:
    year, month = (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
    return date(year, month, min(day.day, 28))


def found(comparison: Comparison) -> tuple[tuple[int, int], list[Change]]:
    """Both numbers and everybody who makes the difference."""
    numbers = explain.total(comparison.scope, comparison.start), explain.total(comparison.scope, comparison.goal)
    return numbers, explain.changes(comparison.scope, comparison.start, comparison.goal, comparison.between)


def page(comparison: Comparison) -> str:
    """The whole page: two numbers, reasons with their sums, the enterprises of the chosen reason."""
    numbers, changes = found(comparison)
    reason, came = request.args.get("reason", ""), request.args.get("side", "")
    chosen = [c for c in changes if (not reason or c.cause.reason.value == reason) and (came not in ("in", "out") or c.came == (came == "in"))]
    listed = _page(chosen)
    rows = explain.change_rows(comparison.scope, listed.rows)
    return render_template(
        "ladder/explain.html", c=comparison, numbers=numbers, sums=sums((c.cause.reason, c.came) for c in changes), page=listed, rows=rows,
        told=words_of(comparison, rows), places=_places(comparison, rows), reason=reason, side=came,
        may_export=has(Permission.ENTERPRISE_EXPORT), reason_zh=Reason(reason).label if reason in set(Reason) else "全部原因",
    )


def _page(chosen: Sequence[Change]) -> Page[Change]:
    edge, size = decode(request.args.get("cursor"), (int,)), page_size(request.args.get("size"), 100)
    rows = list(chosen)
    if edge:
        rows = [c for c in rows if (c.enterprise_id < edge.values[0] if edge.backwards else c.enterprise_id > edge.values[0])]
    if edge and edge.backwards:
        rows.reverse()
    shown = cut(rows[: size + 1], size, edge, lambda c: (c.enterprise_id,))
    return Page(shown.rows, shown.next, shown.previous, size, len(chosen))


def _places(comparison: Comparison, rows: Sequence[ChangeRow]) -> dict[int, queries.Place]:
    """Towns with their units, where there is anything to show."""
    return queries.places(comparison.goal.day, comparison.goal.known_on) if rows else {}


def words_of(comparison: Comparison, rows: Sequence[ChangeRow]) -> dict[int, str]:
    """What happened to each enterprise, in words: enterprise id -> sentence."""
    names = explain.town_names(id_ for row in rows for id_ in row.change.cause.towns if id_ is not None)
    moved = any(row.change.cause.reason is Reason.UNIT for row in rows)
    units = [queries.places(side.day, side.known_on) if moved else {} for side in (comparison.start, comparison.goal)]
    return {row.enterprise_id: _said(row.change.cause, names, units) for row in rows}


def _said(cause: Cause, names: dict[int, str], units: Sequence[dict[int, Any]]) -> str:
    parts = []
    if cause.grant is not None:
        pack = queries.current_pack()
        batch = f"{cause.grant.year}年" if cause.grant.year else ""
        parts.append(f"{batch}{pack.title_label(cause.grant.title_code)}")
    if cause.reason is Reason.UNIT and cause.towns[0] in units[0] and cause.towns[0] in units[1]:
        place = units[0][cause.towns[0]]
        parts.append(f"{place.name}：{place.unit_name or '—'} → {units[1][cause.towns[0]].unit_name or '—'}")
    elif any(cause.towns):
        parts.append(" → ".join(names.get(id_, "") if id_ is not None else "无登记" for id_ in cause.towns))
    if cause.on is not None:
        parts.append(f"{cause.on:%Y-%m-%d}{_ON.get(cause.reason, '起')}")
    if cause.recorded_at is not None:
        parts.append(f"{clock.local(cause.recorded_at):%Y-%m-%d} 登记")
    return "，".join(parts)


_ON = {Reason.EXPIRED: "起到期", Reason.REVOKED: "撤销", Reason.CANCELLED: "注销"}


def workbook(comparison: Comparison) -> BytesIO:
    """The same as a workbook, every enterprise; the export is written to the audit log."""
    numbers, changes = found(comparison)
    rows = explain.change_rows(comparison.scope, changes)
    told, towns = words_of(comparison, rows), queries.places(comparison.goal.day, comparison.goal.known_on)
    before, after = comparison.points
    audit.record(
        "explain.exported", Subject("explain", None, comparison.heading[:80]), None, {"before": before.words, "after": after.words, "rows": len(rows)},
        by=current_actor(),
    )
    said = "，".join(f"{reason.label} {came - left:+d}" for reason, (came, left) in sums((c.cause.reason, c.came) for c in changes).items())
    line = f"{comparison.heading}：{before.words} {numbers[0]} 家；{after.words} {numbers[1]} 家。{said}　导出人：{current_actor().name}"
    columns = [("统一社会信用代码", 22), ("企业名称", 34), ("变化", 8), ("原因", 14), ("说明", 48), ("县（市、区）", 16), ("镇街", 16)]
    return write_sheet(SheetHead("变化名单", line, columns), (_line(row, told, towns) for row in rows))


def _line(row: ChangeRow, told: dict[int, str], towns: dict[int, Any]) -> tuple[str, ...]:
    place = towns.get(row.change.town_id)
    names = (row.credit_code, row.name) if row.visible else ("—", "已迁出本辖区，名称不在您的权限内")
    where = (place.unit_name, place.name) if place else ("—", "—")
    return (*names, "增加" if row.change.came else "减少", row.change.cause.reason.label, told[row.enterprise_id], *where)
