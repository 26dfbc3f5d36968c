"""Kept diagnoses: keeping one, opening it unchanged, and comparing it with today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import flash, has_request_context, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.enterprises.queries import TimelineItem
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.permission import Permission
from app.ladder.actions.snapshots import keep_diagnosis
from app.ladder.criteria import RESULT_LABELS
from app.ladder.queries import snapshots as queries
from app.ladder.queries.diagnoses import diagnose_enterprise
from app.ladder.rules import comparing
from app.ladder.views._blueprint import blueprint
from app.ladder.views.answers import card_url

TONES = {"met": "ok", "near": "warn", "unmet": "bad", "unknown": "open", "manual": "info"}


@blueprint.post("/enterprises/<int:enterprise_id>/snapshots")
@requires(Permission.DIAGNOSIS_EDIT)
@commits
def keep_snapshot(enterprise_id: int) -> Response:
    """Keep the diagnosis of today."""
    row = keep_diagnosis(scope=current_scope(), enterprise_id=enterprise_id, as_of=clock.today(), by=current_actor())
    flash(f"已留存 {row.as_of} 的诊断（{row.headline}），以后打开内容不变。", "ok")
    return redirect(url_for("ladder.snapshot", snapshot_id=row.id), 303)


@blueprint.get("/snapshots/<int:snapshot_id>")
@requires(Permission.DIAGNOSIS_VIEW)
def snapshot(snapshot_id: int) -> str:
    """A kept diagnosis as it was kept."""
    row, enterprise, name = queries.get_snapshot(current_scope(), snapshot_id)
    return render_template(
        "ladder/snapshot.html", row=row, enterprise=enterprise, kept_by=name, results=row.content["results"], intact=queries.intact(row),
        words=RESULT_LABELS, tones=TONES, shown=comparing.shown, back=card_url(enterprise.id),
    )


@blueprint.get("/snapshots/<int:snapshot_id>/compare")
@requires(Permission.DIAGNOSIS_VIEW)
def compare_snapshot(snapshot_id: int) -> str:
    """A kept diagnosis beside today's, in words."""
    row, enterprise, _name = queries.get_snapshot(current_scope(), snapshot_id)
    today = clock.today()
    kept = {one["title"] for one in row.content["results"]}
    now = [one.as_json() for one in diagnose_enterprise(enterprise.id, as_of=today) if one.title in kept]
    changes = comparing.compare(row.content["results"], now)
    return render_template(
        "ladder/snapshot_compare.html", row=row, enterprise=enterprise, changes=changes, other=today, back=card_url(enterprise.id),
        changed=[one for one in changes if one.moved or one.lines or one.rule],
    )


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Kept diagnoses on the enterprise's timeline, for those who may see what an enterprise lacks."""
    if not has_request_context() or not has(Permission.DIAGNOSIS_VIEW):
        return
    for row in queries.snapshots_of(enterprise_id, known_on=known_on):
        if row.as_of <= day:
            yield TimelineItem(row.as_of, "留存诊断", row.headline, "", row.kept_by or "", url_for("ladder.snapshot", snapshot_id=row.id))
