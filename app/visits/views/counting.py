"""Visits by town: numbers without names, for towns and departments; whoever may see visits gets the lists behind them."""

from datetime import date

from flask import render_template, request

from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope, has_everywhere, requires
from app.kernel.permission import Permission
from app.visits.queries.counting import visits_by_town
from app.visits.views._blueprint import blueprint


@blueprint.get("/towns")
@requires(Permission.ENTERPRISE_COUNT)
def towns() -> str:
    """Visits and visited enterprises of a year, by town."""
    this, asked = clock.today().year, request.args.get("year", "")
    year = int(asked) if len(asked) == 4 and asked.isascii() and asked.isdigit() and this - 4 <= int(asked) <= this else this
    since, until = date(year, 1, 1), date(year, 12, 31)
    return render_template(
        "visits/towns.html", rows=visits_by_town(current_scope(), since, until), places=place_names.places(), year=year, since=since, until=until,
        years=[(y, f"{y} 年") for y in range(this, this - 5, -1)], named=has_everywhere(Permission.VISIT_VIEW), today=clock.today(),
    )  # fmt: skip
