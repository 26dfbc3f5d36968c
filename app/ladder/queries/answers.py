"""What can be answered about an enterprise, and what was: facts without a column, figures of a year, judgements of a condition, jury points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries.scope import in_scope
from app.identity.models import User
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.criteria import regions_of
from app.ladder.models import EnterpriseAnswer
from app.ladder.models.answers import FACT, JUDGEMENT, NO_YEAR
from app.ladder.queries.facts import answer_value
from app.packs import Pack, vocabulary
from app.packs.criteria_tree import items, parts_for, walk
from app.packs.lint_criteria import declared_facts
from app.packs.schema.criteria import Criterion
from app.packs.vocabulary import TITLE_PREFIX, FactField
from app.policies.queries import speak_of

FIGURE, POINTS = "figure", "points"
IN_RECORD = frozenset({"industry", "founded_on", "credit_code"})
"""Facts of the enterprise's own record: edited there."""
UNKNOWN_ZH = "没有找到要录入的这一项，认定条件可能已更新。请回到差距卡重新选择。"


@dataclass(frozen=True)
class Subject:
    """One thing to be answered. ``kind``: fact, figure (a column of the yearly figures), judgement, points. ``value_kind``: kind of the
    vocabulary. ``year`` None: no year, or (figure of a state) to be chosen. ``rule_label``: the version whose condition it is; ``top``: most points."""

    kind: str
    code: str
    label: str
    value_kind: str
    unit: str = ""
    year: int | None = None
    yearly: bool = False
    column: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    rule: str | None = None
    rule_label: str = ""
    clause: str = ""
    note: str = ""
    top: Any = None

    @property
    def heading(self) -> str:
        """2025年研发费用."""
        return self.label if self.year is None else f"{self.year}年{self.label}"

    @property
    def stored_kind(self) -> str:
        return JUDGEMENT if self.rule else FACT


def fact_subject(pack: Pack, code: str, year: int | None, as_of: date) -> Subject:
    """A fact by its name. Raises NotFound for one that is none, is a title, or stands in the enterprise's record."""
    known = vocabulary.find(code, declared_facts(pack.content))
    if known is None or code.startswith(TITLE_PREFIX) or code in IN_RECORD:
        raise NotFound(UNKNOWN_ZH)
    yearly = known.period == "year" or known.column is not None
    chosen = year if yearly else None
    if yearly and chosen is None:
        chosen = as_of.year - 1
    if chosen is not None and not 1990 <= chosen <= as_of.year:
        raise NotFound(UNKNOWN_ZH)
    kind = FIGURE if known.column is not None else FACT
    return Subject(kind, code, known.label, known.kind, known.unit, chosen, yearly, known.column, known.choices)


def judgement_subject(pack: Pack, rule: str, code: str) -> Subject:
    """A condition a person judges, or a score row a jury fills, of one rule version. Raises NotFound."""
    for criterion in pack.content.criteria:
        if criterion.code == rule:
            found = next((one for one in _judged(pack, criterion) if one.code == code), None)
            if found is not None:
                return found
    raise NotFound(UNKNOWN_ZH)


def _judged(pack: Pack, criterion: Criterion) -> Iterator[Subject]:
    groups = {group.code: group.rule for group in pack.content.condition_groups}
    for node in walk(criterion.rule, groups):
        if node.id and node.is_leaf and (node.manual or node.is_ is not None):
            yield Subject(
                JUDGEMENT, node.id, node.label or node.id, "judgement", rule=criterion.code, rule_label=criterion.label, clause=node.clause or "",
                note=node.note or "",
            )
    for item in items(parts_for(criterion, pack.content.local_scores, regions_of(pack.area_code))):
        yield Subject(
            POINTS, item.id, item.label, "points", "分", rule=criterion.code, rule_label=criterion.label, clause=item.clause or "", note=item.note or "",
            top=item.max,
        )


@dataclass(frozen=True)
class Said:
    """One version of one answer, ready to be read."""

    row: EnterpriseAnswer
    subject: Subject | None
    label: str
    text: str
    by: str


def answers_of(enterprise_id: int, pack: Pack) -> list[tuple[Said, list[Said]]]:
    """Every answer with its former versions, newest first; answers taken back stand with their versions and no current one."""
    rows = db.session.execute(
        select(EnterpriseAnswer, User.name).outerjoin(User, User.id == EnterpriseAnswer.recorded_by)
        .where(EnterpriseAnswer.enterprise_id == enterprise_id).order_by(EnterpriseAnswer.recorded_at.desc(), EnterpriseAnswer.id.desc())
    )
    groups: dict[Any, list[Said]] = {}
    for row, name in rows:
        groups.setdefault((row.kind, row.rule, row.subject, row.year), []).append(_said(row, name, pack))
    return [(versions[0], versions[1:]) for versions in groups.values()]


def _said(row: EnterpriseAnswer, name: str | None, pack: Pack) -> Said:
    try:
        subject = judgement_subject(pack, row.rule, row.subject) if row.kind == JUDGEMENT else _fact_of(pack, row)
    except NotFound:
        subject = None
    label = row.subject if subject is None else f"{subject.rule_label}：{subject.label}" if subject.rule else subject.heading
    return Said(row, subject, label, value_text(row, subject), name or "—")


def _fact_of(pack: Pack, row: EnterpriseAnswer) -> Subject:
    known = vocabulary.find(row.subject, declared_facts(pack.content))
    if known is None:
        raise NotFound(UNKNOWN_ZH)
    year = row.year if row.year != NO_YEAR else None
    return Subject(FACT, row.subject, known.label, known.kind, known.unit, year, known.period == "year", None, known.choices)


def value_text(row: EnterpriseAnswer, subject: Subject | None) -> str:
    """The answer in words with its unit."""
    if row.kind == JUDGEMENT and row.word is not None:
        return "符合" if row.word == "met" else "不符合"
    return words_of(subject, row.word if row.number is None else row.number)


def words_of(subject: Subject | None, value: Any) -> str:
    """A stored or typed value in words: 380.00 万元, 是, 省部级."""
    if value is None:
        return "—"
    if subject is None:
        return str(value)
    if subject.value_kind == "flag":
        return "是" if value else "否"
    if subject.value_kind == "judgement":
        return "符合" if value else "不符合"
    if subject.value_kind == "choice":
        return dict(subject.choices).get(str(value), str(value))
    if subject.value_kind == "money":
        return f"{value / 10_000:,.2f} 万元"
    text = format(value, "f") if hasattr(value, "as_tuple") else str(value)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}{subject.unit}" if subject.unit == "%" else f"{text} {subject.unit}".rstrip()


def value_of(row: EnterpriseAnswer, subject: Subject) -> Any:
    """The stored value as the action takes it."""
    if row.kind == JUDGEMENT:
        return row.number if row.word is None else row.word == "met"
    field = FactField(subject.code, subject.label, subject.value_kind)  # type: ignore[arg-type]
    return answer_value(field, row.number, row.word)


def get_answer(scope: Scope, answer_id: int, *, lock: bool = False) -> tuple[EnterpriseAnswer, Enterprise]:
    """A version in force with its enterprise. Raises NotFound, also out of scope and for a version that was replaced."""
    if not 0 < answer_id < 2**63:
        raise NotFound(UNKNOWN_ZH)
    query = select(EnterpriseAnswer, Enterprise).join(Enterprise, Enterprise.id == EnterpriseAnswer.enterprise_id).where(
        EnterpriseAnswer.id == answer_id, EnterpriseAnswer.superseded_at.is_(None), in_scope(scope)
    )
    found = db.session.execute(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound("没有找到这条录入记录：可能已被更正或撤回，也可能不在您的管辖范围内。请从差距卡重新进入。")
    speak_of(found[1].city_id)
    return found[0], found[1]


def version_before(row: EnterpriseAnswer) -> EnterpriseAnswer | None:
    """The version this one replaced."""
    same = (EnterpriseAnswer.enterprise_id == row.enterprise_id, EnterpriseAnswer.kind == row.kind, EnterpriseAnswer.rule == row.rule,
            EnterpriseAnswer.subject == row.subject, EnterpriseAnswer.year == row.year)
    return db.session.scalars(
        select(EnterpriseAnswer).where(*same, EnterpriseAnswer.superseded_at == row.recorded_at, EnterpriseAnswer.id != row.id)
        .order_by(EnterpriseAnswer.id.desc()).limit(1)
    ).first()
