"""Duplicates: names that stand twice, comparing two records, merging and taking a merge back."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.enterprises import actions
from app.enterprises.forms import MergeForm
from app.enterprises.models import CONTROL_TYPES, STATUSES
from app.enterprises.queries.duplicates import count_shared_phones, list_same_names
from app.enterprises.rules import industry
from app.enterprises.views._blueprint import attempt, back_to, blueprint, words
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.permission import Permission


@blueprint.get("/duplicates")
@requires(Permission.ENTERPRISE_MERGE)
def duplicates() -> str:
    """Names that stand more than once in the scope."""
    scope = current_scope()
    return render_template("enterprises/duplicates.html", groups=list_same_names(scope), phones=count_shared_phones(scope))


@blueprint.route("/<int:enterprise_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_MERGE)
@commits
def merge(enterprise_id: int, other_id: int) -> Any:
    """What merging ``other_id`` into ``enterprise_id`` would do, and doing it."""
    preview = actions.preview_merge(scope=current_scope(), kept_id=enterprise_id, merged_id=other_id)
    form = MergeForm(data={"kept_version": preview.kept.version, "merged_version": preview.merged.version})
    if form.validate_on_submit():
        done = attempt(form, lambda: actions.merge(
            scope=current_scope(), kept_id=enterprise_id, merged_id=other_id, kept_version=_number(form.kept_version.data),
            merged_version=_number(form.merged_version.data), reason=form.reason.data, by=current_actor(),
        ))
        if done is not None:
            return back_to(enterprise_id, f"已将“{preview.merged.name}”并入“{preview.kept.name}”，可在本页撤销。")
    labels = {"name": "企业名称", "credit_code": "统一社会信用代码", "town_id": "所在镇街"}
    page = render_template(
        "enterprises/merge.html", preview=preview, form=form, label=lambda k: labels.get(k) or FIELD_LABELS.get(k, k), said=_said
    )
    return page, 422 if form.is_submitted() else 200


FIELD_LABELS = {
    "short_name": "企业简称", "industry_code": "行业", "control_type": "控股类型", "control_source": "控股类型来源", "founded_on": "成立日期",
    "address": "经营地址", "registered_place": "注册地址", "park": "所在园区", "legal_person": "法定代表人", "main_product": "主导产品",
    "status": "登记状态",
}  # fmt: skip


def _said(key: str, value: Any) -> str:
    """A stored value as people read it."""
    if key == "town_id":
        return words().places.full_name(value)
    labels = {"status": STATUSES, "control_type": CONTROL_TYPES}
    if key in labels:
        return labels[key].get(value, value)
    return industry.label(value) if key == "industry_code" else str(value)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 9 else 0


@blueprint.post("/merges/<int:merge_id>/undo")
@requires(Permission.ENTERPRISE_MERGE)
@commits
def undo_merge(merge_id: int) -> Response:
    """Take a merge back."""
    freed = actions.undo_merge(scope=current_scope(), merge_id=merge_id, by=current_actor())
    flash(f"已撤销合并，“{freed.name}”恢复为独立企业。", "ok")
    return redirect(url_for("enterprises.show", enterprise_id=freed.id), 303)
