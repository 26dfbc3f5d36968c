"""Audit log and login log, for the audit administrator."""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.identity.forms import LogForm
from app.identity.models import OUTCOMES
from app.identity.queries import logs as queries
from app.identity.views._blueprint import blueprint
from app.infra import jobs
from app.infra.web import pagination
from app.infra.web.access import commits, current_actor, current_reach, requires
from app.kernel.permission import Permission


def _wanted() -> queries.LogFilter:
    """Filters of the query string; what cannot be read is left out."""
    form = LogForm(request.args)
    form.validate()
    words = [(form[name].data or "").strip() if not form[name].errors else "" for name in ("who", "kind", "subject")]
    first, last = (form[name].data if not form[name].errors else None for name in ("first", "last"))
    return queries.LogFilter(first, last, *words)


def _cursor() -> pagination.Cursor | None:
    return pagination.decode(request.args.get("cursor"), (int,))


@blueprint.get("/audit/")
@requires(Permission.AUDIT_VIEW)
def audit_log() -> Any:
    """Every change, newest first."""
    wanted, size = _wanted(), pagination.page_size(request.args.get("size"))
    page = queries.list_audit(current_reach(Permission.AUDIT_VIEW), wanted, _cursor(), size)
    return render_template("identity/audit.html", page=page, wanted=wanted, verified=queries.last_verification())


@blueprint.post("/audit/verify")
@requires(Permission.AUDIT_VIEW)
@commits
def verify_audit() -> Any:
    """Have the worker walk the whole chain; the outcome appears above the log."""
    jobs.enqueue("identity.verify_audit", {}, label="核验审计链", by=current_actor())
    flash("已开始核验审计链，完成后结果显示在本页上方，请稍后刷新。", "info")
    return redirect(url_for("identity.audit_log"), 303)


@blueprint.get("/audit/logins")
@requires(Permission.AUDIT_VIEW)
def login_log() -> Any:
    """Every attempt to sign in."""
    wanted, size = _wanted(), pagination.page_size(request.args.get("size"))
    page = queries.list_logins(current_reach(Permission.AUDIT_VIEW), wanted, _cursor(), size)
    return render_template("identity/login_log.html", page=page, wanted=wanted, outcomes=OUTCOMES)


@blueprint.app_template_filter("audit_values")
def audit_values(values: Any) -> str:
    """Stored values as one readable line; a missing value reads 空, nothing at all —."""
    if values is None:
        return "—"
    if not isinstance(values, dict):
        return _plain(values)
    return "；".join(f"{key}：{_plain(value)}" for key, value in values.items()) or "—"


def _plain(value: Any) -> str:
    """JSON as an officer may read it, shortened: the full row stays in the database."""
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
