"""用时: how many months lie between the first grants of two rungs, as medians, and the enterprises behind each of them."""

from typing import Any

from flask import render_template, request, url_for

from app.infra.web.access import current_scope, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.queries import durations as times
from app.ladder.rules.durations import LEAST
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked, industries, may_list
from app.ladder.views.board import LISTS, chosen_ladder, titles_of
from app.packs import Pack
from app.packs.schema import Ladder


@blueprint.get("/durations")
@requires(Permission.LADDER_VIEW)
@one_city()
def durations() -> str:
    """Medians of the way from every rung to every higher one."""
    question = asked(current_scope(LISTS))
    pack = queries.pack_known(question.known_on)
    ladder, least = chosen_ladder(pack), least_sample(pack)
    found = times.durations(current_scope(LISTS), titles_of(ladder), question.day, question.known_on, question.filters)
    rows = [(ladder.rungs[low], ladder.rungs[high], high == low + 1, one) for (low, high), one in found.items()]
    return render_template(
        "ladder/durations.html", asked=question, pack=pack, ladder=ladder, rows=rows, least=least, setting=pack.find("settings", times.SETTING),
        industries=industries(), link=_linker(ladder, question) if may_list() else None,
    )


def least_sample(pack: Pack) -> int:
    """Enterprises needed before a median is shown."""
    return int(pack.setting(times.SETTING)) if pack.find("settings", times.SETTING) is not None else LEAST


def _linker(ladder: Ladder, question: Asked) -> Any:
    def link(low: str, high: str, turned: bool = False) -> str:
        said: dict[str, Any] = {"ladder": ladder.code, "lower": low, "higher": high, **question.carried, **({"turned": "1"} if turned else {})}
        return url_for("ladder.duration_firms", **said)

    return link


@blueprint.get("/durations/firms")
@requires(Permission.LADDER_VIEW)
@one_city()
def duration_firms() -> str:
    """The enterprises of one median: ``lower`` and ``higher`` rung (the first two of the ladder unless said); ``turned``: those that had the higher one
    first."""
    scope = current_scope(LISTS)
    question = asked(scope)
    ladder, turned = chosen_ladder(queries.pack_known(question.known_on)), request.args.get("turned") == "1"
    low, high = _place(ladder, "lower", 0), _place(ladder, "higher", 1)
    if low >= high:
        raise NotFound("起点应是较低的一层。请从用时表重新进入。")
    rungs = titles_of(ladder)
    statement = times.statement(scope, rungs, (low, high), question.day, question.known_on, question.filters, turned=turned)
    page = queries.member_page(scope, statement, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    return render_template(
        "ladder/duration_firms.html", asked=question, page=page, lower=ladder.rungs[low], higher=ladder.rungs[high], places=(low, high), turned=turned,
        starts=times.starts_of([row.enterprise_id for row in page.rows], rungs, question.day, question.known_on),
        back=url_for("ladder.durations", ladder=ladder.code, **question.carried),
    )


def _place(ladder: Ladder, argument: str, usual: int) -> int:
    wanted = request.args.get(argument, "")
    place = next((n for n, rung in enumerate(ladder.rungs) if rung.code == wanted), None if wanted else usual)
    if place is None:
        raise NotFound("梯度里没有这一层，请从用时表重新进入。")
    return place
