"""The enterprises behind one number of the table."""

from flask import render_template, request

from app.indicators import queries
from app.indicators.rules import ColumnKind
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year, shown, towns_of
from app.infra.web.access import current_scope, has, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permission import Permission
from app.ladder.queries import current_pack, grant_of, member_page, recognitions_of
from app.ladder.views.asking import title_zh


@blueprint.get("/<int:year>/<town_code>/<item>")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def members(year: int, town_code: str, item: str) -> str:
    """``town_code``: a town, a county or zone, or the city. As many enterprises as the number said."""
    if not has(Permission.ENTERPRISE_VIEW):
        raise Forbidden("forbidden", "您的角色只能看家数，不能看企业名单。如工作需要，请联系本单位系统管理员。")
    view = shown(checked_year(year))
    column = view.table.column(item)
    if column is None or column.recipe is None:
        raise NotFound("这项指标没有对应的企业名单（待部门或镇街填报），请从指标表重新进入。")
    name, rows = towns_of(view, town_code)
    towns = [row.place.town_id for row in rows]
    scope = current_scope(Permission.ENTERPRISE_VIEW)
    statement = queries.members_statement(scope, column.recipe, year, view.table.day, view.table.known_on, towns)
    page = member_page(scope, statement, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    ids = [row.enterprise_id for row in page.rows if row.visible]
    titles = set(column.recipe.metric.title_codes) if column.recipe.metric else set()
    return render_template(
        "indicators/members.html", view=view, column=column, name=name, page=page, places={row.place.town_id: row.place for row in rows},
        pack=current_pack(), titles=titles, grants=recognitions_of(scope, ids, view.table.known_on) if titles and ids else {},
        state=lambda row: grant_of(row).state(view.table.day), name_of=title_zh, reference=column.kind is ColumnKind.REFERENCE,
    )
