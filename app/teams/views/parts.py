"""What several pages of this capability need: words for codes, a try at an action that leaves nothing behind when it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template

from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.web.access import current_actor
from app.kernel.errors import DomainError
from app.ladder.forms import show_problems
from app.policies.queries import current_pack
from app.teams.actions.phones import reveal
from app.teams.forms import RevealForm
from app.teams.models.registers import STRENGTHS
from app.teams.queries.reach import said

Result = Any


def attempt(form: Any, act: Callable[[], Result]) -> Result | None:
    """What the action gives; None when it was refused: then nothing of it is left and the sentence stands on its field."""
    try:
        with db.session.begin_nested():
            return act()
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return None


def phone_page(row: Any, subject: Subject, name: str, back: str) -> Any:
    """Ask what a full number is needed for, and show it."""
    form, number = RevealForm(), None
    if form.is_submitted() and form.validate():
        number = attempt(form, lambda: reveal(row, subject, reason=form.reason.data or "", by=current_actor()))
    return render_template("teams/phone.html", form=form, name=name, row=row, number=number, back=back), 422 if form.errors else 200


def whole(text: str | None) -> int | None:
    """A positive id of the address or a form, or None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0 else None


@dataclass(frozen=True)
class Words:
    """Labels of stored codes."""

    domains: dict[str, str]

    def domain_labels(self, stored: str) -> list[str]:
        return [self.domains.get(code, code) for code in said(stored)]

    def industry_labels(self, stored: str) -> list[str]:
        names = {**industry.sections(), **{d.code: d.name for d in industry.divisions().values()}}
        return [names.get(code, code) for code in said(stored)]

    def strength_labels(self, stored: str) -> list[str]:
        return [STRENGTHS.get(code, code) for code in said(stored)]

    def unit_labels(self, stored: str) -> list[str]:
        return [places().name(int(code)) for code in said(stored) if code.isdigit()]


def words() -> Words:
    """Labels of the page's city."""
    return Words({entry.code: entry.label for entry in current_pack().entries("service_domains", disabled=True)})
