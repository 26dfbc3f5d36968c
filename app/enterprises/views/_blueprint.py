"""The blueprint and what several pages of it need."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import Form

from app.enterprises.columns import Words
from app.enterprises.queries import hooks, places
from app.infra.web.access import current_scope
from app.kernel.errors import DomainError, NotFound

blueprint = Blueprint("enterprises", __name__, url_prefix="/enterprises")


def words() -> Words:
    """Names of areas, rungs and titles for this request."""
    return Words(places.places(), hooks.ladder_words())


def town_choices(keep: int | None = None) -> list[tuple[str, str]]:
    """Towns the person may put an enterprise into, with their units."""
    found = places.places()
    return [("", "请选择"), *((str(t.id), found.full_name(t.id)) for t in found.towns(current_scope()) if t.unit_id is not None)]


def attempt(form: Form, act: Callable[[], Any], *, but: type[DomainError] = NotFound) -> Any:
    """Run an action; a refusal goes onto its field (or above the form) and None comes back. What is not found, and ``but``, goes on up."""
    try:
        return act()
    except (NotFound, but):
        raise
    except DomainError as error:
        place = error.field if error.field and error.field in form else None
        if place:
            form[place].errors = [*form[place].errors, error.message_zh]
        else:
            form.form_errors.append(error.message_zh)
        return None


def back_to(enterprise_id: int, message: str, anchor: str | None = None) -> Response:
    """To the enterprise's page with a message."""
    flash(message, "ok")
    return redirect(url_for("enterprises.show", enterprise_id=enterprise_id, _anchor=anchor), 303)
