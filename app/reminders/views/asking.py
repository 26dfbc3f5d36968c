"""What the pages of the reminders ask of the signed-in person: whom he stands for, where an item leads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_login import current_user
from werkzeug.routing import BuildError

from app.infra.web.templating import url_if
from app.reminders.queries.holders import labels
from app.reminders.rules.people import keys_of


def my_keys() -> frozenset[str]:
    """Every holder the signed-in person stands for today."""
    if "reminder_keys" not in g:
        g.reminder_keys = keys_of(current_user.user_id, current_user.organisation_id, current_user.posts)
    found: frozenset[str] = g.reminder_keys
    return found


def link_to(endpoint: str, arguments: dict[str, Any] | None) -> str | None:
    """The address a stored item or message leads to; None when that part is not installed or asks for something else now."""
    try:
        return url_if(endpoint, **(arguments or {}))
    except BuildError:
        return None


@dataclass(frozen=True)
class Line:
    """One item as a list shows it."""

    row: Any
    url: str
    act: str | None
    holder: str


def lines(rows: Iterable[Any], carried: dict[str, str] | None = None, *, named: bool = True) -> list[Line]:
    """Rows ready to draw; ``carried``: what the item page needs to know of the list it was opened from; ``named``: with who has it."""
    found = list(rows)
    names = labels({row.holder for row in found}) if named else {}
    return [
        Line(row, url_for("reminders.item", due_id=row.id, **(carried or {})), link_to(row.endpoint, row.arguments), names.get(row.holder, "")) for row in found
    ]
