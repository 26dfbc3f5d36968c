"""Pages of the gap card: the card itself, its summary on the dossier, and the printed version. Entering stands in `app.ladder.views.answers`."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope, has, requires, wants_fragment
from app.infra.web.asof import AsOf, as_of
from app.kernel.permission import Permission
from app.ladder.criteria import DISCLAIMER
from app.ladder.queries.answers import IN_RECORD, fact_subject
from app.ladder.queries.diagnoses import near_pct
from app.ladder.queries.facts import known_of
from app.ladder.queries.snapshots import snapshots_of
from app.ladder.queries.windows import running_windows
from app.ladder.views.answers import default_source, open_form
from app.packs import vocabulary
from app.packs.vocabulary import TITLE_PREFIX
from app.workbench import gap_card as cards
from app.workbench._blueprint import blueprint
from app.workbench.gap_card import GapCard

SHOWN = 4
"""Titles on the dossier; the card has all."""


@blueprint.get("/enterprises/<int:enterprise_id>/gaps")
@requires(Permission.DIAGNOSIS_VIEW)
def gap_card(enterprise_id: int) -> str:
    """What the enterprise lacks for every title it can reach; as of a day, as known on another."""
    enterprise, when, card = _card(enterprise_id)
    return render_template(
        "workbench/gap_card.html", **_shared(enterprise, when, card), **_question(enterprise_id, when, card),
        snapshots=snapshots_of(enterprise_id, known_on=when.known_on), opened=_opened(card),
    )


@blueprint.get("/enterprises/<int:enterprise_id>/gaps/print")
@requires(Permission.DIAGNOSIS_VIEW)
def gap_print(enterprise_id: int) -> str:
    """The card on A4: everything open, no forms; ``title`` = one title only."""
    only = request.args.get("title", "")[:40] or None
    enterprise, when, card = _card(enterprise_id)
    titles = [one.title for one in (*card.titles, *card.reviews)]
    if only in {title.code for title in titles}:
        whole, card = card, card.only(only or "")
    else:
        whole = card
    return render_template("workbench/gap_print.html", **_shared(enterprise, when, card) | {"card_of": whole}, all_titles=titles, only=only)


@blueprint.get("/enterprises/<int:enterprise_id>/gaps/summary")
@requires(Permission.DIAGNOSIS_VIEW)
def gap_panel(enterprise_id: int) -> str:
    """The nearest titles in a few lines: a part of the dossier, fetched after it."""
    enterprise, when, card = _card(enterprise_id)
    template = "workbench/_gap_panel.html" if wants_fragment() else "workbench/gap_panel.html"
    shown = [*[one for one in card.titles if one.next_step], *[one for one in card.titles if not one.next_step]][:SHOWN]
    return render_template(template, **_shared(enterprise, when, card), shown=shown)


def _card(enterprise_id: int) -> tuple[Enterprise, AsOf, GapCard]:
    enterprise, when = get_enterprise(current_scope(), enterprise_id), as_of()
    known = known_of([enterprise_id], as_of=when.day or clock.today(), known_on=when.known_on)[enterprise_id]
    return enterprise, when, cards.build(known)


def _shared(enterprise: Enterprise, when: AsOf, card: GapCard) -> dict[str, Any]:
    return {
        "enterprise": enterprise, "when": when, "card": card, "disclaimer": DISCLAIMER, "near_pct": near_pct(card.known.pack),
        "place": place_names.places().full_name(enterprise.town_id), "may_edit": has(Permission.DIAGNOSIS_EDIT), "enter_url": enter_url,
        "enterable": enterable, "card_of": card, "applies": _applies(enterprise, when),
    }


def _applies(enterprise: Enterprise, when: AsOf) -> dict[tuple[str, str], str]:
    """(title, kind of application) -> where this enterprise is put into the window that takes it, for those who may."""
    if when.chosen or not has(Permission.APPLICATION_EDIT):
        return {}
    windows = running_windows(enterprise.city_id, clock.today())
    return {asked: url_for("ladder.window_add", window_id=id_, enterprise=enterprise.id) for asked, id_ in windows.items()}


def _question(enterprise_id: int, when: AsOf, card: GapCard) -> dict[str, Any]:
    """The form for the one fact worth asking next, or where it is entered, or nothing for those who may not."""
    asked = card.question
    if asked is None or when.chosen or not enterable(asked.field):
        return {"question_form": None, "question_url": None}
    url = enter_url(enterprise_id, asked.field, asked.year)
    if asked.field in IN_RECORD or asked.field.startswith(TITLE_PREFIX):
        return {"question_form": None, "question_url": url}
    subject = fact_subject(card.known.pack, asked.field, asked.year, clock.today())
    return {"question_form": open_form(subject, enterprise_id, default_source(subject)), "question_url": url}


def enter_url(enterprise_id: int, code: str, year: int | None) -> str:
    """Where a fact is entered: in the record, as a recognition, or as an answer."""
    if code in IN_RECORD:
        return url_for("enterprises.edit", enterprise_id=enterprise_id)
    if code.startswith(TITLE_PREFIX):
        return url_for("ladder.add", enterprise_id=enterprise_id)
    return url_for("ladder.answer", enterprise_id=enterprise_id, field=code, year=year or None)


def enterable(code: str) -> bool:
    """Whether this person may enter the fact."""
    if code in IN_RECORD:
        return has(Permission.ENTERPRISE_EDIT)
    if code.startswith(TITLE_PREFIX):
        return has(Permission.RECOGNITION_EDIT)
    return has(Permission.DIAGNOSIS_EDIT) and (has(Permission.FIGURES_EDIT) or not _is_figure(code))


def _is_figure(code: str) -> bool:
    known = vocabulary.BY_CODE.get(code)
    return known is not None and known.column is not None


def _opened(card: GapCard) -> str | None:
    wanted = request.args.get("title", "")
    codes = [one.code for one in (*card.titles, *card.reviews)]
    return wanted if wanted in codes else next(iter(codes), None)
