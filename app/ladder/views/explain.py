"""为什么变了: any number of the ladder pages at two settings, and one reason for every enterprise between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, send_file, url_for

from app.infra.web.access import commits, current_scope, one_city, requires
from app.kernel.errors import NotFound
from app.kernel.level import Level
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.exports import XLSX
from app.ladder.queries.explain import Count, RungCount, Side, TitleCount
from app.ladder.rules import CountKind, Metric, any_level, exactly
from app.ladder.views import comparing
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked_on
from app.ladder.views.comparing import Comparison, Point
from app.packs import Pack

SAID = ("title", "level", "count", "year", "ladder", "rung", "above", "unit", "town", "industry")
"""What the address says of the count; the rest are days and the chosen reason."""


@dataclass(frozen=True)
class _Counted:
    """A count named by the address. ``make``: how it is counted under the rules of a pack."""

    heading: str
    basis: str
    make: Callable[[Pack], Count]


@blueprint.get("/explain")
@requires(Permission.ENTERPRISE_VIEW)
@one_city("ladder", "rung")
def explain() -> str:
    """Both numbers of one count, the reasons with their sums, the enterprises behind each reason."""
    return comparing.page(_comparison())


@blueprint.post("/explain/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city("ladder", "rung")
@commits
def explain_export() -> Any:
    """The whole difference as a workbook."""
    comparison = _comparison()
    book = comparing.workbook(comparison)
    return send_file(book, XLSX, as_attachment=True, download_name=f"{comparison.heading}变化原因.xlsx")


def _comparison() -> Comparison:
    scope, (before, after) = current_scope(), comparing.points()
    pack = queries.current_pack()
    questions = [asked_on(scope, point.day, point.known_on) for point in (before, after)]
    counted = _counted(pack, questions[1])
    place = _place_zh(questions)
    sides = [
        Side(counted.make(queries.pack_known(point.known_on)), point.day, point.known_on, question.filters, frozenset(p.town_id for p in question.chosen))
        for point, question in zip((before, after), questions, strict=True)
    ]
    between = questions[0] if before.known_on == after.known_on else asked_on(scope, before.day, after.known_on)
    return Comparison(
        f"{counted.heading}{place}", counted.basis, scope, sides[0], sides[1], frozenset(p.town_id for p in between.chosen),
        (_list_url(before), _list_url(after)), (_list_url(after), "名单"),
        [(name, request.values[name]) for name in SAID if request.values.get(name)], url_for("ladder.explain_export"),
    )


def _counted(pack: Pack, question: Asked) -> _Counted:
    if request.values.get("title"):
        return _title(pack, question)
    ladder = next((one for one in pack.ladders() if one.code == request.values.get("ladder")), pack.ladders()[0])
    code, above = request.values.get("rung", ""), request.values.get("above") == "1"
    rung = next((one for one in ladder.rungs if one.code == code), None)
    if rung is None:
        raise NotFound("梯度里没有这一层，请从梯度看板重新进入。")
    words = "达到该级及以上" if above else "最高层级在此"
    return _Counted(f"{rung.label}（{words}）", f"{ladder.label}：{words}的企业，一家企业只计一次。", lambda then: _rung(then, ladder.code, code, above))


def _title(pack: Pack, question: Asked) -> _Counted:
    title = pack.find_title(request.values["title"][:40])
    if title is None:
        raise NotFound("政策包里没有这项称号，请从称号分布表重新进入。")
    text = request.values.get("level", "")
    level = Level(text) if text in set(Level) else None
    metric = any_level(title.code) if level is None else Metric((exactly(title.code, level, allowed=title.levels, default=title.default_level),))
    kind = question.kind
    window = question.window if kind is CountKind.NEW else None
    said = f"{title.label}{'（' + level.label + '）' if level else ''}（{kind.label}{f'，{question.year} 年' if window else ''}）"
    return _Counted(said, kind.basis_zh, lambda _pack: TitleCount(metric, kind, window))


def _rung(pack: Pack, ladder_code: str, rung_code: str, above: bool) -> Count:
    """The rung as the pack of that time had it; a pack without it counts nobody."""
    ladder = next((one for one in pack.ladders() if one.code == ladder_code), None)
    place = next((n for n, rung in enumerate(ladder.rungs) if rung.code == rung_code), None) if ladder else None
    if ladder is None or place is None:
        return TitleCount(Metric(()), CountKind.STOCK)
    return RungCount(tuple(frozenset(rung.titles) for rung in ladder.rungs), place, above)


def _place_zh(questions: list[Asked]) -> str:
    """东昌府区, 古楼街道 …; a place nobody in reach has on either day is not found."""
    unit, town = questions[1].unit, questions[1].town
    if not unit and not town:
        return ""
    for question in reversed(questions):
        for place in question.towns.values():
            if town and place.code == town:
                return f" · {place.name}"
            if not town and place.unit_code == unit:
                return f" · {place.unit_name}"
    raise NotFound("没有找到这个地方，可能不在您的管辖范围内。请从看板重新进入。")


def _list_url(point: Point) -> str:
    said: dict[str, Any] = {name: request.values[name] for name in SAID if request.values.get(name)}
    known = point.known_on.isoformat() if point.known_on else None
    return url_for("ladder.holders", **said, as_of=point.day.isoformat(), known_on=known)
