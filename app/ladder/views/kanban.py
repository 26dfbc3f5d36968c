"""The board: one column per rung and one for 未上梯. Moving a card (mouse, keyboard or its menu) opens one dialog; nothing changes before its form is sent."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for

from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web.access import current_scope, has, has_everywhere, one_city, requires, wants_fragment
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.forms import NewForm
from app.ladder.queries import kanban as cards
from app.ladder.queries.kanban import NOBODY_YET, Board
from app.ladder.queries.windows import running_windows
from app.ladder.rules import State, highest_rung
from app.ladder.rules.transitions import NO_RUNG
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked, industries, may_list, title_zh
from app.ladder.views.board import LISTS, chosen_ladder, rung_counts, rung_url, titles_of
from app.packs import Pack
from app.packs.schema import Ladder, Rung

EACH = 12
"""Cards of one page of a column; the head of the column leads to the list of all of them."""
MOST_GAPS = 60


def board_of(question: Asked, pack: Pack, ladder: Ladder) -> Board:
    """The question as the queries take it: the main ladder today is read from the summaries."""
    stored = {place: rung.code for place, rung in enumerate(ladder.rungs)} if question.default and ladder.code == pack.ladders()[0].code else None
    return Board(titles_of(ladder), question.day, question.known_on, question.filters, stored)


@blueprint.get("/")
@requires(Permission.LADDER_VIEW)
@one_city()
def board() -> str:
    """Columns = rungs of the chosen ladder, each enterprise on its highest rung; last those on none."""
    question = asked(current_scope(LISTS))
    pack = queries.pack_known(question.known_on)
    ladder = chosen_ladder(pack)
    scope, shown = current_scope(LISTS), board_of(question, pack, ladder)
    counts, everybody = _counts(question, pack, ladder, shown)
    off, more = cards.count_off(scope, shown, everybody, sum(counts.values()))
    numbers = [(place, rung.code, rung.label, rung.note or "", counts.get(place, 0), "") for place, rung in enumerate(ladder.rungs)]
    numbers.append((NO_RUNG, NOBODY_YET, "未上梯", "在本地，没有本梯度的有效称号", off, "+" if more else ""))
    found = cards.first_pages(scope, shown, [place for place, *_, n, _ in numbers if n], EACH) if may_list() else {}
    pages = {code: found.get(place) or Page([], None, None, EACH) for place, code, *_ in numbers}
    return render_template(
        "ladder/board.html", asked=question, pack=pack, ladder=ladder, industries=industries(), listed=may_list(), numbers=numbers, pages=pages,
        column=_chosen_column(numbers), list_url=lambda code: rung_url(ladder, code, question), **_of_cards(question, pack, ladder, pages.values()),
    )


def _counts(question: Asked, pack: Pack, ladder: Ladder, shown: Board) -> tuple[dict[int, int], int | None]:
    """Enterprises per rung, and of the place asked for as stored today (None: nobody knows without counting)."""
    stored = queries.stored_counts(current_scope(LISTS), pack, question.day) if shown.stored is not None else None
    if stored is None:
        return rung_counts(question, pack, ladder, stored=False), None
    wanted = question.filters.town_ids

    def total(subject: str) -> int:
        return sum(n for town, n in stored.get(subject, {}).items() if wanted is None or town in wanted)

    return {place: total(f"rung:{place}") for place in range(len(ladder.rungs))}, total("all")


def _chosen_column(numbers: Sequence[Any]) -> str:
    """The one column a phone shows: the one asked for, else the first that is not empty."""
    codes = {code: n for _, code, _, _, n, _ in numbers}
    wanted = request.args.get("column", "")
    return wanted if wanted in codes else next((code for code, n in codes.items() if n), next(iter(codes)))


def _of_cards(question: Asked, pack: Pack, ladder: Ladder, pages: Any) -> dict[str, Any]:
    """What the cards of these pages show besides name and town."""
    ids = [row.enterprise_id for page in pages for row in page.rows]
    return {
        "held": queries.held_titles(ids, question.day, question.known_on), "titles": {code for rung in ladder.rungs for code in rung.titles},
        "movable": not question.known_on and question.day == clock.today() and (has(Permission.RECOGNITION_EDIT) or has(Permission.APPLICATION_EDIT)),
        "gaps_shown": has_everywhere(Permission.DIAGNOSIS_VIEW), "said": _said(ladder, question),
    }


def _said(ladder: Ladder, question: Asked) -> dict[str, Any]:
    return {"ladder": ladder.code, **question.carried}


@blueprint.get("/column")
@requires(Permission.ENTERPRISE_VIEW)
@one_city()
def column() -> Any:
    """The next cards of one column, as a part of the board; without scripts the whole list."""
    question = asked(current_scope())
    pack = queries.pack_known(question.known_on)
    ladder = chosen_ladder(pack)
    code = request.args.get("rung", "")
    place = _place(ladder, code)
    if not wants_fragment():
        return redirect(rung_url(ladder, code, question))
    page = cards.column(current_scope(), board_of(question, pack, ladder), place, request.args.get("cursor"), EACH)
    return render_template("ladder/_cards.html", asked=question, pack=pack, ladder=ladder, code=code, page=page, **_of_cards(question, pack, ladder, [page]))


def _place(ladder: Ladder, code: str) -> int:
    if code == NOBODY_YET:
        return NO_RUNG
    place = next((n for n, rung in enumerate(ladder.rungs) if rung.code == code), None)
    if place is None:
        raise NotFound("梯度里没有这一层，请从梯度看板重新进入。")
    return place


@blueprint.get("/column/gaps")
@requires(Permission.DIAGNOSIS_VIEW)
@one_city()
def column_gaps() -> Any:
    """What the cards of a column lack for the next rung, fetched after the board."""
    if not wants_fragment():
        return redirect(url_for("ladder.board"))
    question = asked(current_scope())
    ladder = chosen_ladder(queries.pack_known(question.known_on))
    place = _place(ladder, request.args.get("rung", ""))
    ids = [int(text) for text in request.args.get("ids", "")[:1000].split(",") if text.isascii() and text.isdigit() and len(text) < 19][:MOST_GAPS]
    titles = ladder.rungs[place + 1].titles if place + 1 < len(ladder.rungs) else ()
    return render_template("ladder/_gaps.html", gaps=cards.next_gaps(current_scope(), ids, titles, question.day, question.known_on))


@blueprint.get("/enterprises/<int:enterprise_id>/move")
@requires(Permission.ENTERPRISE_VIEW)
def move(enterprise_id: int) -> str:
    """The dialog of a card: where to (``to``, a rung or ``none``; the next one up unless said), and what may be done about it."""
    enterprise, pack = get_enterprise(current_scope(), enterprise_id), queries.current_pack()
    ladder, today = chosen_ladder(pack), clock.today()
    held = queries.held_titles([enterprise_id], today)[enterprise_id]
    top = highest_rung(titles_of(ladder), held)
    here = NO_RUNG if top is None else top
    goal = _place(ladder, request.args["to"]) if request.args.get("to") else min(here + 1, len(ladder.rungs) - 1)
    above = {code for rung in ladder.rungs[goal + 1 :] for code in rung.titles}
    recorded = queries.recognitions_of(current_scope(), [enterprise_id])[enterprise_id]
    standing = [row for row in recorded if row.title_code in above and queries.grant_of(row).state(today) is State.VALID]
    template = "ladder/_move.html" if wants_fragment() else "ladder/move.html"
    may_apply, windows = has(Permission.APPLICATION_EDIT), running_windows(enterprise.city_id, today) if goal > here and goal >= 0 else {}
    window = next((windows[code, "new"] for code in ladder.rungs[goal].titles if (code, "new") in windows), None)
    return render_template(
        template, dialog=wants_fragment(), enterprise=enterprise, pack=pack, ladder=ladder, here=here, goal=goal, held=held, standing=standing,
        name_of=title_zh,
        form=_form(pack, ladder.rungs[goal], held) if goal > here and goal >= 0 and has(Permission.RECOGNITION_EDIT) else None,
        may_edit=has(Permission.RECOGNITION_EDIT), may_apply=may_apply, window=window, may_pool=has(Permission.POOL_EDIT),
    )


def _form(pack: Pack, rung: Rung, held: set[str]) -> NewForm:
    """The form of a new recognition with the title of the rung preselected."""
    form = NewForm(formdata=None)
    form.offer(pack)
    free = [code for code in rung.titles if code not in held] or list(rung.titles)
    form.title_code.choices = [(code, pack.title_label(code)) for code in rung.titles]
    form.title_code.data = free[0]
    title = pack.find_title(free[0])
    form.level.data = title.level.value if title is not None and title.level else ""
    return form
