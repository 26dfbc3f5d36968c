"""Refusals as problem+json with every sentence at its field; the general ones are made by ``infra.web.errors``."""

import json

from flask import Response, url_for

from app.api.views._blueprint import blueprint
from app.infra.db import db
from app.infra.web.errors import answer
from app.visits.actions import Refused
from app.visits.actions.visits import KeyUsed
from app.visits.rules.reading import Unreadable
from app.visits.rules.visit import Problem


def problem(status: int, message: str, code: str, **more: object) -> Response:
    """A problem+json answer with further members."""
    response = answer(status, message, code)
    response.set_data(json.dumps({**json.loads(response.get_data()), **more}, ensure_ascii=False))
    return response


def _fields(problems: list[Problem]) -> list[dict[str, str]]:
    return [{"field": field, "message": message} for field, message in problems]


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> Response:
    db.session.rollback()
    return problem(error.status, error.message_zh, error.code, problems=_fields(error.problems))


@blueprint.errorhandler(Unreadable)
def unreadable(error: Unreadable) -> Response:
    db.session.rollback()
    field, message = error.problems[0]
    return problem(422, f"{field}：{message}", "unreadable", problems=_fields(error.problems))


@blueprint.errorhandler(KeyUsed)
def key_used(error: KeyUsed) -> Response:
    db.session.rollback()
    return problem(error.status, error.message_zh, error.code, visit={"id": error.visit_id, "url": url_for("visits.show", visit_id=error.visit_id)})
