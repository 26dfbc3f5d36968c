"""Yearly figures: each source speaks for itself; a change adds a version and supersedes the one before, nothing is overwritten."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.enterprises.actions.records import Stale, plain, subject, touch
from app.enterprises.actions.summaries import refresh_summaries
from app.enterprises.models import SOURCES, EnterpriseYear
from app.enterprises.queries.records import current_figures, get_enterprise
from app.enterprises.rules.figures import BY_CODE, FIELDS, MAY_BE_NEGATIVE
from app.infra import audit, changes, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.scope import Scope

FIRST_YEAR = 1990
_TOP = {"money": Decimal(10) ** 14, "count": Decimal(10) ** 8, "pct": Decimal(100)}


def add_figures(
    *, scope: Scope, enterprise_id: int, year: int, source: str, values: Mapping[str, Any], by: Actor,
    evidence: str | None = None, reported_on: date | None = None, expected_id: int | None = None, check_expected: bool = False,
) -> EnterpriseYear:  # fmt: skip
    """Record what one source says about one year: the whole set of fields, None = unknown (money in 元).

    ``expected_id`` with ``check_expected``: the version the editor saw (None = none); raises ``Stale`` when another one stands there now.
    Nothing differs = nothing happens, the present version comes back.
    """
    enterprise = get_enterprise(scope, enterprise_id, lock=True)
    _check(year, source, values)
    present = current_figures(enterprise_id, year, source)
    before = {f.code: getattr(present, f.code) if present else None for f in FIELDS}
    if check_expected and (present.id if present else None) != expected_id:
        raise Stale(enterprise, before)
    after = {f.code: plain(values.get(f.code)) for f in FIELDS}
    evidence, reported_on = plain(evidence), reported_on or (present.reported_on if present else None) or clock.today()
    old, new = audit.changes(before, after)
    if present is not None and not new and (evidence or None) == present.evidence and reported_on == present.reported_on:
        return present
    now = clock.now()
    if present is not None:
        present.superseded_at = now
        db.session.flush()
    row = EnterpriseYear(
        enterprise_id=enterprise_id, year=year, source=source, evidence=evidence, reported_on=reported_on, recorded_at=now,
        recorded_by=by.user_id, **after,
    )
    db.session.add(row)
    touch(enterprise, by)
    refresh_summaries([enterprise_id])
    audit.record(
        "figures.recorded", subject(enterprise), {"year": year, "source": source, **old}, {"year": year, "source": source, **new}, by=by
    )
    changes.tell("figures.changed", [enterprise_id])
    return row


def _check(year: int, source: str, values: Mapping[str, Any]) -> None:
    if source not in SOURCES:
        raise Invalid("source", "请选择数据来源。", "source")
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Invalid("year", f"年度应在 {FIRST_YEAR} 至 {clock.today().year} 之间。", "year")
    unknown = set(values) - set(BY_CODE)
    if unknown:
        raise Invalid("field", "表单内容与系统不一致，请刷新页面后重新填写。")
    for code, value in values.items():
        _check_value(code, value)


def _check_value(code: str, value: Any) -> None:
    field = BY_CODE[code]
    if value is None or field.kind == "text":
        return
    if value < 0 and code not in MAY_BE_NEGATIVE:
        raise Invalid("negative", f"{field.label}不能为负数。", code)
    if abs(value) > _TOP[field.kind]:
        raise Invalid("too_large", f"{field.label}超出可填写的范围，请核对单位。", code)
