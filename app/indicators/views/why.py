"""为什么变了 for a number of the town table: the same page as for the ladder's numbers."""

from typing import Any

from flask import send_file, url_for

from app.indicators import queries
from app.indicators.queries import RecipeCount
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year, listed_towns
from app.infra.web.access import commits, current_scope, has, one_city, requires
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permission import Permission
from app.ladder.exports import XLSX
from app.ladder.queries import Filters, current_pack, pack_known
from app.ladder.queries.explain import Count, Side, TitleCount
from app.ladder.rules import CountKind, Metric
from app.ladder.views import comparing
from app.ladder.views.comparing import Comparison, Point


@blueprint.get("/<int:year>/<town_code>/<item>/why")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def why(year: int, town_code: str, item: str) -> str:
    """Two settings of one number, with a reason for every enterprise between them."""
    if not has(Permission.ENTERPRISE_VIEW):
        raise Forbidden("forbidden", "您的角色只能看家数，不能看企业名单。如工作需要，请联系本单位系统管理员。")
    return comparing.page(_comparison(checked_year(year), town_code, item))


@blueprint.post("/<int:year>/<town_code>/<item>/why/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def why_export(year: int, town_code: str, item: str) -> Any:
    """The whole difference as a workbook."""
    comparison = _comparison(checked_year(year), town_code, item)
    return send_file(comparing.workbook(comparison), XLSX, as_attachment=True, download_name=f"{comparison.heading}变化原因.xlsx")


def _comparison(year: int, code: str, item: str) -> Comparison:
    before, after = comparing.points(queries.year_end(year))
    column = next((one for one in queries.table_columns(current_pack(), year) if one.key == item), None)
    if column is None or column.recipe is None:
        raise NotFound("这项指标没有对应的企业名单（待部门或镇街填报），请从指标表重新进入。")
    name, goal = _side(year, code, item, after)
    _, start = _side(year, code, item, before)
    _, between = _towns(year, code, before.day, after)
    return Comparison(
        f"{name} {column.label}", column.basis, current_scope(Permission.ENTERPRISE_VIEW), start, goal, between,
        (_list_url(year, code, item, before), _list_url(year, code, item, after)), (_list_url(year, code, item, after), "企业名单"), (),
        url_for("indicators.why_export", year=year, town_code=code, item=item) if has(Permission.ENTERPRISE_EXPORT) else None,
    )


def _side(year: int, code: str, item: str, point: Point) -> tuple[str, Side]:
    name, towns = _towns(year, code, point.day, point)
    return name, Side(_count(year, item, point), point.day, point.known_on, Filters(towns), towns)


def _count(year: int, item: str, point: Point) -> Count:
    """The number as the pack of that time counted it; an indicator it did not have counts nobody."""
    columns = queries.table_columns(pack_known(point.known_on), year)
    recipe = next((column.recipe for column in columns if column.key == item), None)
    return RecipeCount(recipe, year) if recipe is not None else TitleCount(Metric(()), CountKind.STOCK)


def _towns(year: int, code: str, day: Any, point: Point) -> tuple[str, frozenset[int]]:
    """Name and towns of a town, a unit or the city on the day, inside what the reader may list. Raises ``NotFound``."""
    pack = pack_known(point.known_on)
    places = queries.city_places(pack, year, day, point.known_on)
    if code == pack.area_code:
        name, chosen = pack.content.manifest.area_name, places
    else:
        chosen = [place for place in places if code in (place.code, place.unit_code)]
        name = "" if not chosen else chosen[0].name if chosen[0].code == code else chosen[0].unit_name
    towns = frozenset(place.town_id for place in chosen)
    if not towns <= listed_towns(places) or not towns:
        raise NotFound("没有找到这个镇街或县（市、区），可能不在您的管辖范围内。请从指标表重新进入。")
    return name, towns


def _list_url(year: int, code: str, item: str, point: Point) -> str:
    known = point.known_on.isoformat() if point.known_on else None
    return url_for("indicators.members", year=year, town_code=code, item=item, as_of=point.day.isoformat(), known_on=known)
