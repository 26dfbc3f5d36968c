"""Recording answers: facts without a column, human judgements of a rule's conditions, points of a jury. Evidence is asked where it must be."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import SOURCES, Enterprise
from app.enterprises.queries.records import get_enterprise
from app.infra import audit, changes, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.ladder.criteria import regions_of
from app.ladder.models import EnterpriseAnswer
from app.ladder.models.answers import FACT, JUDGEMENT, NO_YEAR
from app.ladder.queries.facts import BASE_FIELDS
from app.packs import Pack, vocabulary
from app.packs.criteria_tree import items, parts_for, walk
from app.packs.lint_criteria import declared_facts
from app.packs.schema.criteria import Criterion
from app.packs.vocabulary import TITLE_PREFIX, FactField
from app.policies.queries import active_pack

FIRST_YEAR, MOST = 1990, Decimal(10) ** 14
EVIDENCE_NEEDED = frozenset({"platform_score"})
"""Figures of an outside platform are worth nothing without the screenshot (facts: platform score)."""


def record_answer(
    *, scope: Scope, enterprise_id: int, field: str, value: Any, by: Actor, year: int | None = None, rule: str | None = None,
    evidence: str | None = None, source: str = "department", reported_on: date | None = None, valid_from: date | None = None,
    valid_to: date | None = None,
) -> EnterpriseAnswer | None:
    """Record one answer as a new version. ``value`` None takes the answer back (then None is returned, or when there was none).

    ``rule`` None: ``field`` is a fact; numbers as Decimal or int (money in 元), flags as bool, choices by code. ``rule`` = code of a rule version:
    ``field`` is the id of one of its conditions (True = 符合, False = 不符合) or jury rows (points). The same answer again changes nothing.
    Raises Invalid with the field at fault, NotFound outside the scope.
    """
    enterprise = get_enterprise(scope, enterprise_id, lock=True)
    pack = active_pack(_city_code(enterprise))
    kind = FACT if rule is None else JUDGEMENT
    number, word = _fact(pack, field, value, year) if rule is None else _judgement(pack, rule, field, value)
    _check(source, evidence, value, field, valid_from, valid_to)
    row = EnterpriseAnswer(
        enterprise_id=enterprise_id, kind=kind, rule=rule or "", subject=field, year=year or NO_YEAR, number=number, word=word,
        valid_from=valid_from, valid_to=valid_to, source=source, evidence=(evidence or "").strip()[:200] or None,
        reported_on=reported_on or clock.today(), recorded_at=clock.now(), recorded_by=by.user_id,
    )
    return _store(row, enterprise, value is None, by)


def current_answer(enterprise_id: int, kind: str, rule: str, subject: str, year: int) -> EnterpriseAnswer | None:
    """The version in force of one answer."""
    return db.session.scalars(
        select(EnterpriseAnswer).where(
            EnterpriseAnswer.enterprise_id == enterprise_id, EnterpriseAnswer.kind == kind, EnterpriseAnswer.rule == rule,
            EnterpriseAnswer.subject == subject, EnterpriseAnswer.year == year, EnterpriseAnswer.superseded_at.is_(None),
        )
    ).first()


def _store(row: EnterpriseAnswer, enterprise: Enterprise, taken_back: bool, by: Actor) -> EnterpriseAnswer | None:
    present = current_answer(row.enterprise_id, row.kind, row.rule, row.subject, row.year)
    if present is None and taken_back:
        return None
    if present is not None:
        if not taken_back and _content(present) == _content(row):
            return present
        present.superseded_at = row.recorded_at
        db.session.flush()
    if not taken_back:
        db.session.add(row)
    db.session.flush()
    head = {"kind": row.kind, "rule": row.rule, "field": row.subject, "year": row.year or None}
    audit.record(
        "answer.taken_back" if taken_back else "answer.recorded", Subject("enterprise", enterprise.id, enterprise.name),
        None if present is None else head | _content(present), head if taken_back else head | _content(row), by=by,
    )
    changes.tell("figures.changed", [enterprise.id])
    return None if taken_back else row


def _content(row: EnterpriseAnswer) -> dict[str, Any]:
    return {
        "number": None if row.number is None else format(Decimal(row.number).normalize(), "f"), "word": row.word, "valid_from": row.valid_from,
        "valid_to": row.valid_to, "source": row.source, "evidence": row.evidence, "reported_on": row.reported_on,
    }


def _city_code(enterprise: Enterprise) -> str:
    return db.session.scalars(select(Area.code).where(Area.id == enterprise.city_id)).one()


def _check(source: str, evidence: str | None, value: Any, field: str, valid_from: date | None, valid_to: date | None) -> None:
    if source not in SOURCES:
        raise Invalid("source", "请选择数据来源。", "source")
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise Invalid("dates_reversed", "“有效至”早于“有效自”，请核对两个日期。", "valid_to")
    if value is not None and field in EVIDENCE_NEEDED and not (evidence or "").strip():
        raise Invalid("evidence_missing", "平台评分须写明佐证（截图文件名或页面编号、年度），系统不估算这个分数。", "evidence")


def _fact(pack: Pack, code: str, value: Any, year: int | None) -> tuple[Decimal | None, str | None]:
    known = vocabulary.find(code, declared_facts(pack.content))
    if known is None or code.startswith(TITLE_PREFIX):
        raise Invalid("field", f"不认识数据项“{code[:40]}”，请刷新页面后重新选择。", "field")
    if known.column is not None or code in BASE_FIELDS:
        raise Invalid("field_of_base", f"“{known.label}”是企业基础信息，请在企业档案或年度数据里登记。", "field")
    if known.period == "year" and (year is None or not FIRST_YEAR <= year <= clock.today().year):
        raise Invalid("year", f"“{known.label}”按年度登记，年度应在 {FIRST_YEAR} 至 {clock.today().year} 之间。", "year")
    if known.period == "state" and year is not None:
        raise Invalid("year", f"“{known.label}”不分年度，请不要填写年度。", "year")
    return (None, None) if value is None else _read(known, value)


def _read(known: FactField, value: Any) -> tuple[Decimal | None, str | None]:
    if known.kind == "flag":
        if not isinstance(value, bool):
            raise Invalid("value", f"“{known.label}”请选择是或否。", "value")
        return Decimal(int(value)), None
    if known.kind == "day":
        if not isinstance(value, date):
            raise Invalid("value", f"“{known.label}”请填写日期。", "value")
        return None, value.isoformat()
    if known.kind == "choice":
        if value not in {code for code, _ in known.choices}:
            raise Invalid("value", f"“{known.label}”请从选项中选择。", "value")
        return None, str(value)
    if not known.numeric:
        return None, str(value).strip()[:40]
    return _number(known, value), None


def _number(known: FactField, value: Any) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
    except InvalidOperation:  # pragma: no cover  (an int or a Decimal always is one)
        number = None
    if number is None or not number.is_finite():
        raise Invalid("value", f"“{known.label}”请填写数字。", "value")
    if known.floor_zero and number < 0:
        raise Invalid("negative", f"“{known.label}”不能为负数。", "value")
    if abs(number) > (1000 if known.kind == "points" else MOST):
        raise Invalid("too_large", f"“{known.label}”超出可填写的范围，请核对单位。", "value")
    if number != round(number, 2 if known.kind == "money" else 4) or (known.kind == "count" and number != int(number)):
        raise Invalid("value", f"“{known.label}”的小数位数过多，请核对。", "value")
    return number


def _judgement(pack: Pack, rule: str, leaf: str, value: Any) -> tuple[Decimal | None, str | None]:
    rows = [one for one in pack.content.criteria if one.code == rule]
    if not rows:
        raise Invalid("rule", "没有找到这个认定条件版本，可能已更新。请刷新页面后重新填写。", "field")
    jury, judged = _jury_rows(pack, rows), _judged(pack, rows)
    if leaf not in jury and leaf not in judged:
        raise Invalid("field", f"“{leaf[:40]}”不是需要人工核验的条件，请刷新页面后重新选择。", "field")
    if value is None:
        return None, None
    if isinstance(value, bool) and leaf in judged:
        return None, "met" if value else "unmet"
    if leaf not in jury:
        raise Invalid("value", "请选择符合或不符合。", "value")
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value <= jury[leaf]:
        raise Invalid("value", f"请填写 0 至 {jury[leaf]} 分之间的得分。", "value")
    if Decimal(value) != round(Decimal(value), 1):
        raise Invalid("value", "得分最多一位小数，请改正。", "value")
    return Decimal(value), None


def _judged(pack: Pack, rows: list[Criterion]) -> set[str]:
    """Conditions a person decides, always or for some enterprises (an industry the size method leaves out)."""
    groups = {group.code: group.rule for group in pack.content.condition_groups}
    return {node.id for row in rows for node in walk(row.rule, groups) if node.id and node.is_leaf and (node.manual or node.is_ is not None)}


def _jury_rows(pack: Pack, rows: list[Criterion]) -> dict[str, Decimal]:
    """Score rows a jury may fill: id -> most points."""
    regions = regions_of(pack.area_code)
    return {item.id: item.max for row in rows for item in items(parts_for(row, pack.content.local_scores, regions))}
