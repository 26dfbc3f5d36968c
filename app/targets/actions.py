"""Entering a value that no register knows. A later value of the same day is a correction: the earlier version stays and can be asked for."""

from datetime import date
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from app.infra import audit, clock, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.packs.schema.plans import Metric
from app.policies.queries import CityPack
from app.targets.models import TargetValue
from app.targets.queries.values import current_value

MOST = Decimal("99999999999.9999")


def enter_value(
    *, city: CityPack, metric: Metric, on_day: date, value: Decimal | None, state: str | None, source: str, evidence: str, by: Actor,
) -> TargetValue:
    """Keep what the office says of a metric at a day. Raises ``Invalid`` with the field, ``Conflict`` when somebody was a moment faster."""
    _check(metric, on_day, value, state, source)
    before = current_value(city.id, metric.code, on_day)
    if before is not None and (before.value, before.state, before.source, before.evidence or "") == (value, state, source, evidence):
        return before
    now = clock.now()
    row = TargetValue(
        city_id=city.id, metric_code=metric.code, on_day=on_day, value=value, state=state, source=source, evidence=evidence or None, recorded_at=now,
        recorded_by=by.user_id, recorded_name=by.name[:80],
    )
    try:
        with db.session.begin_nested():
            if before is not None:
                before.superseded_at = now
                db.session.flush()
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if not dialect.is_duplicate(error):
            raise
        raise Conflict("target_value_changed", "刚才有人登记了同一天的数值，您的内容没有保存。请刷新页面核对后再登记。") from error
    subject = Subject("target_value", row.id, f"{metric.label} {on_day:%Y-%m-%d}")
    audit.record("target.value_entered", subject, None if before is None else _said(before), _said(row), by=by)
    return row


def _check(metric: Metric, on_day: date, value: Decimal | None, state: str | None, source: str) -> None:
    if metric.titles:
        raise Invalid("metric_counted", f"“{metric.label}”由称号台账自动统计，不能手工填报；数字有误时请更正企业的称号。", "metric")
    if on_day > clock.today():
        raise Invalid("day_future", "数值的日期不能晚于今天。", "on_day")
    if (value is None) == (state is None):
        raise Invalid("value_missing", "请填写数值。" if not metric.states else "请选择达到的状态。", "value" if not metric.states else "state")
    if value is not None and (not value.is_finite() or not 0 <= value <= MOST or value != round(value, 4)):
        raise Invalid("value_invalid", "数值应在 0 到 99,999,999,999 之间，最多四位小数。", "value")
    if state is not None and state not in metric.states:
        raise Invalid("state_unknown", f"状态只能是：{'、'.join(metric.states)}。", "state")
    if not source.strip():
        raise Invalid("source_missing", "请写明数据来源，例如“市统计局 2025 年统计公报”。", "source")


def _said(row: TargetValue) -> dict[str, str | None]:
    return {
        "value": None if row.value is None else format(row.value.normalize(), "f"), "state": row.state, "source": row.source, "evidence": row.evidence,
    }
