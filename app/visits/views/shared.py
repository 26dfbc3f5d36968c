"""What the pages of the service share: arguments of the address, the version a person saw, a form sent twice, names of areas and teams."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from flask import request
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.enterprises.queries import places as place_names
from app.infra import clock, idempotency
from app.infra.web.access import current_scope
from app.kernel.errors import Conflict, DomainError, Invalid
from app.ladder.forms import show_problems
from app.teams.queries import team_choices, team_names
from app.visits.actions.steps import Refused


def whole(name: str) -> int | None:
    """A whole number of the address or the form, None when there is none."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def day_of(name: str, default: date) -> date:
    """A day of the address; a wrong one is refused in words."""
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("day", "日期应写成 2026-03-10 的样子，请重新选择。", name) from error
    if not 2000 <= found.year <= 2100:
        raise Invalid("day", "日期超出范围，请重新选择。", name)
    return found


def version() -> int:
    """The version the person saw."""
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Conflict("version", "页面内容不完整，操作没有执行。请刷新页面后重新办理。")
    return int(text)


def new_once() -> str:
    """Marks one form on one page."""
    return uuid4().hex


def _key() -> tuple[str, str]:
    text = request.form.get("once", "")
    pairs = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return f"visits:{text[:40]}", hashlib.sha256(repr((request.path, pairs)).encode()).hexdigest()


def sent_before() -> Any | None:
    """What the same form answered when it was sent the first time (double click, back and again)."""
    key, digest = _key()
    return idempotency.find_answer(current_user.user_id, key, digest) if request.form.get("once") else None


def remember(answer: Any) -> None:
    """Keep the answer of this form, in the same transaction."""
    if request.form.get("once"):
        try:
            idempotency.remember(current_user.user_id, *_key(), answer)
        except IntegrityError as error:
            raise Conflict("sent_twice", "同样的内容刚刚提交过，没有重复登记。请返回列表查看。") from error


def show(form: Any, error: DomainError) -> None:
    """Put what an action refused on its fields."""
    show_problems(form, error.problems if isinstance(error, Refused) else [(error.field or "", error.message_zh)])


def frame(team_ids: Iterable[int | None] = ()) -> dict[str, Any]:
    """Names for templates."""
    return {"places": place_names.places(), "team_names": team_names(list(team_ids)), "today": clock.today()}


def filters() -> dict[str, Any]:
    """Choices of the filters above lists."""
    scope = current_scope()
    units = [(str(place.id), place.name) for place in place_names.places().units(scope)]
    return {"team_choices": [(str(id_), name) for id_, name in team_choices(scope)], "unit_choices": units if len(units) > 1 else []}
