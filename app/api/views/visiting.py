"""Visits: log one (safe to send again), read one back."""

import json
import re
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_login import current_user
from werkzeug.exceptions import BadRequest

from app.api.views._blueprint import blueprint
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import Conflict, Invalid
from app.kernel.permission import Permission
from app.visits.actions import log_visit
from app.visits.models import Visit
from app.visits.queries import visits as queries
from app.visits.rules.reading import Unreadable, read_draft
from app.visits.views.logging import uploaded_photos

KEY = re.compile(r"[A-Za-z0-9-]{8,80}")
USER_HEADER = "Yumiao-User"


@blueprint.post("/visits")
@requires(Permission.VISIT_LOG)
@commits
def log() -> Any:
    """Log a visit. 201: stored; 200: the same visit stood there already. JSON, or a form with the part ``visit`` (JSON) and files ``photos``."""
    _same_person()
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Invalid("idempotency_key", "缺少提交编号，请更新手机页面后重新提交。")
    data = _body()
    data.update(client_key=key, complete=True)
    logged = log_visit(scope=current_scope(), draft=read_draft(data), by=replace(current_actor(), via="api"), photos=uploaded_photos())
    return told(logged.visit) | {"repeated": logged.repeated}, 200 if logged.repeated else 201


def _same_person() -> None:
    """What one person wrote down is never stored in the name of another who signed in on the same phone meanwhile."""
    said = request.headers.get(USER_HEADER)
    if said is not None and said != str(current_user.user_id):
        raise Conflict("other_user", "这条记录是另一个账号填写的，没有上传。请用填写时的账号登录后再上传。")


def _body() -> dict[str, Any]:
    """The visit as plain data. Raises ``Unreadable`` for anything that is no JSON object."""
    try:
        found = json.loads(request.form.get("visit", "")) if request.form or request.files else request.get_json(force=True)
    except (ValueError, RecursionError, BadRequest):
        found = None
    if not isinstance(found, dict):
        raise Unreadable([("visit", "提交的内容无法识别，请更新手机页面后重新提交。")])
    return found


def told(row: Visit) -> dict[str, Any]:
    """A stored visit in short: its number is the receipt."""
    return {
        "id": row.id, "url": url_for("visits.show", visit_id=row.id), "state": row.state, "enterprise_id": row.enterprise_id,
        "visited_on": row.visited_on and row.visited_on.isoformat(), "client_key": row.client_key, "version": row.version,
    }


@blueprint.get("/visits/<int:visit_id>")
@requires(Permission.VISIT_VIEW)
def visit(visit_id: int) -> dict[str, Any]:
    """One visit of the scope with what it says."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    left = queries.parts_of(row.id)
    return told(row) | {
        "enterprise": enterprise.name, "mode": row.mode, "summary": row.summary, "confirm_state": row.confirm_state, "review_state": row.review_state,
        "review_note": row.review_note, "findings": [{"text": one.text, "severity": one.severity, "state": one.state} for one in left.findings],
        "measures": [{"text": one.text, "due_on": one.due_on and one.due_on.isoformat(), "state": one.state} for one in left.measures],
        "promises": [{"text": one.text, "due_on": one.due_on and one.due_on.isoformat(), "state": one.state} for one in left.promises],
        "photos": [url_for("visits.photo", visit_id=row.id, photo_id=photo.id) for photo, _ in left.photos],
    }  # fmt: skip
