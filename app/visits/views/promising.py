"""The register of promises: open, overdue, kept in time, kept late, honestly explained."""

from flask import render_template, request

from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.visits.queries import outcomes as queries
from app.visits.queries.serving import team_names
from app.visits.views._blueprint import blueprint
from app.visits.views.listing import id_argument
from app.visits.views.show import words


@blueprint.get("/promises")
@requires(Permission.VISIT_VIEW)
def promises() -> str:
    """Promises made to enterprises, the earliest day first."""
    view = request.args.get("view", "open")
    filters = queries.PromiseFilters(
        view if view in queries.VIEWS else "open", id_argument("team"), id_argument("unit"), id_argument("enterprise"),
    )
    scope, today = current_scope(), clock.today()
    page = queries.page_promises(scope, filters, today, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "visits/promises.html", page=page, filters=filters, views=queries.VIEWS, kept=queries.promises_kept(scope, today, filters),
        teams=team_names([row[0].team_id for row in page.rows]), units=[(u.id, u.name) for u in place_names.places().units(scope)],
        may_settle=has_everywhere(Permission.VISIT_LOG), **words(),
    )  # fmt: skip
