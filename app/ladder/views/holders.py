"""Lists behind numbers: exactly the enterprises a number counted, and the recognitions with a date to complete."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from sqlalchemy import Select

from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import all_cities, current_scope, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import NotFound
from app.kernel.level import Level
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.queries.kanban import NOBODY_YET, off_statement
from app.ladder.rules import CountKind, Metric, any_level, exactly
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, TitleWords, asked, title_words, title_zh
from app.ladder.views.board import chosen_ladder, titles_of
from app.packs import Pack


@blueprint.get("/holders")
@requires(Permission.ENTERPRISE_VIEW)
@one_city("ladder", "rung")
def holders() -> str:
    """Holders of a title (``title``, ``level``, ``count``) or firms on a rung (``ladder``, ``rung``, ``above``), in a place, on a day."""
    question = asked(current_scope())
    pack = title_words() if "title" in request.args else queries.pack_known(question.known_on)
    _refuse_unknown_place(question)
    heading, statement, codes = _subject(pack, question)
    page = queries.member_page(current_scope(), statement, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    ids = [row.enterprise_id for row in page.rows if row.visible]
    grants = queries.recognitions_of(current_scope(), ids, question.known_on) if ids else {}
    return render_template(
        "ladder/holders.html", asked=question, pack=pack, heading=heading, page=page, codes=set(codes), grants=grants, kinds=list(CountKind), name_of=title_zh,
        by_title="title" in request.args, state=lambda row: queries.grant_of(row).state(question.day),
        why={name: value for name, value in request.args.items() if name not in ("cursor", "size")},
    )


def _refuse_unknown_place(question: Asked) -> None:
    if question.filters.town_ids is not None and not question.filters.town_ids:
        raise NotFound("没有找到这个地方，可能不在您的管辖范围内。请从看板重新进入。")


def _subject(pack: Pack | TitleWords, question: Asked) -> tuple[str, Select[Any], Sequence[str]]:
    if isinstance(pack, TitleWords):
        return _title_subject(pack, question)
    ladder = chosen_ladder(pack)
    wanted, above = request.args.get("rung", ""), request.args.get("above") == "1"
    if wanted == NOBODY_YET:
        statement = off_statement(current_scope(), titles_of(ladder), question.day, question.known_on, question.filters)
        return f"未上梯（{ladder.label}）", statement, []
    place = next((n for n, rung in enumerate(ladder.rungs) if rung.code == wanted), None)
    if place is None:
        raise NotFound("梯度里没有这一层，请从梯度看板重新进入。")
    statement = queries.rung_statement(
        current_scope(), titles_of(ladder), place, question.day, question.known_on, question.filters, or_above=above,
    )
    words = "达到该级及以上" if above else "最高层级在此"
    return f"{ladder.rungs[place].label}（{words}）", statement, [code for rung in ladder.rungs for code in rung.titles]


def _title_subject(pack: TitleWords, question: Asked) -> tuple[str, Select[Any], Sequence[str]]:
    title = pack.find_title(request.args["title"][:40])
    if title is None:
        raise NotFound("政策包里没有这项称号，请从称号分布表重新进入。")
    text = request.args.get("level", "")
    level = Level(text) if text in set(Level) else None
    metric = any_level(title.code) if level is None else Metric((exactly(title.code, level, allowed=title.levels, default=title.default_level),))
    statement = queries.members_statement(
        current_scope(), metric, question.kind, question.day, question.known_on, question.window, question.filters,
    )
    return f"{title.label}{'（' + level.label + '）' if level else ''}", statement, [title.code]


@blueprint.get("/gaps")
@requires(Permission.ENTERPRISE_VIEW)
@all_cities
def gaps() -> str:
    """待补: recognitions out of stock only because a date is missing, on any day as known on another."""
    when = asof.as_of()
    day = when.day or clock.today()
    page = queries.page_to_complete(current_scope(), day, when.known_on, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    return render_template("ladder/gaps.html", page=page, pack=title_words(), name_of=title_zh, when=when, day=day)
