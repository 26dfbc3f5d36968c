"""Facts of enterprises for the rules: effective yearly figures, titles held on the day, recorded answers. The caller has checked the scope."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseYear
from app.enterprises.rules.figures import PRECEDENCE
from app.infra.db import db
from app.kernel.errors import NotFound
from app.ladder.criteria import Facts, Figure, Stored, build_facts
from app.ladder.models import EnterpriseAnswer
from app.ladder.models.answers import FACT, JUDGEMENT
from app.ladder.queries.places import known
from app.ladder.queries.records import held_titles
from app.packs import Pack, vocabulary
from app.packs.lint_criteria import declared_facts
from app.packs.vocabulary import FactField
from app.policies.queries import active_pack, current_pack

CHUNK = 900
BASE_FIELDS = frozenset({"industry", "founded_on", "credit_code"})
"""Facts the enterprise record itself holds; like the yearly figures they are never answered elsewhere."""
FIGURE_COLUMNS = tuple(dict.fromkeys(one.column for one in vocabulary.BUILT_IN if one.column is not None))
"""Columns of ``EnterpriseYear`` the rules read."""


@dataclass(frozen=True)
class Known:
    """What is known about one enterprise. ``judgements``: rule code -> condition or score row -> True / False or points.
    ``held``: titles in stock on the day; ``pack``: of its city on the day."""

    facts: Facts
    pack: Pack
    held: frozenset[str] = frozenset()
    judgements: dict[str, dict[str, Any]] = field(default_factory=dict)

    def judgements_on(self, rule: str) -> dict[str, Any]:
        """Judgements recorded under one rule version."""
        return self.judgements.get(rule, {})


def facts_of(enterprise_ids: Collection[int], *, as_of: date, known_on: date | None = None) -> dict[int, Facts]:
    """Facts of these enterprises on a day, as known on another. Ids that are none are left out."""
    return {id_: one.facts for id_, one in known_of(enterprise_ids, as_of=as_of, known_on=known_on).items()}


def known_of(enterprise_ids: Collection[int], *, as_of: date, known_on: date | None = None) -> dict[int, Known]:
    """`facts_of` with the recorded judgements, the titles held and the pack that applies."""
    found: dict[int, Known] = {}
    ids = sorted(set(enterprise_ids))
    for start in range(0, len(ids), CHUNK):
        found |= _chunk(ids[start : start + CHUNK], as_of, known_on)
    return found


def covers_day(as_of: date) -> ColumnElement[bool]:
    """Answers that hold on the day."""
    row = EnterpriseAnswer
    return and_(or_(row.valid_from.is_(None), row.valid_from <= as_of), or_(row.valid_to.is_(None), row.valid_to >= as_of))


def pack_for(city_code: str, as_of: date) -> Pack:
    """The pack of a city on the day; without one of its own, that of the installation."""
    try:
        return active_pack(city_code, as_of)
    except NotFound:
        return current_pack(as_of)


def answer_value(known_field: FactField | None, number: Decimal | None, word: str | None) -> Any:
    """The stored value as the rules want it: Decimal, True / False, a day, a choice or text."""
    if known_field is not None and known_field.kind in ("flag", "titles"):
        return bool(number)
    if known_field is not None and known_field.kind == "day":
        return date.fromisoformat(word) if word else None
    return word if number is None else number


def _chunk(ids: Sequence[int], as_of: date, known_on: date | None) -> dict[int, Known]:
    years, held = _years(ids, as_of, known_on), held_titles(ids, as_of, known_on)
    answers, judgements = _answers(ids, as_of, known_on)
    packs: dict[str, Pack] = {}
    found: dict[int, Known] = {}
    for id_, region, industry, founded_on, credit_code in _heads(ids):
        pack = packs.get(region) or packs.setdefault(region, pack_for(region, as_of))
        stored = Stored(
            region or pack.area_code, industry, founded_on, credit_code, years.get(id_, {}), frozenset(held[id_]),
            _extra(answers.get(id_, ()), declared_facts(pack.content)),
        )
        titles = [title.code for title in pack.content.titles]
        found[id_] = Known(build_facts(stored, as_of=as_of, titles=titles), pack, stored.held, judgements.get(id_, {}))
    return found


def _heads(ids: Sequence[int]) -> Iterator[Any]:
    yield from db.session.execute(
        select(Enterprise.id, Area.code, Enterprise.industry_code, Enterprise.founded_on, Enterprise.credit_code)
        .join(Area, Area.id == Enterprise.city_id).where(Enterprise.id.in_(ids))
    )


def _years(ids: Sequence[int], as_of: date, known_on: date | None) -> dict[int, dict[int, dict[str, Figure]]]:
    """Enterprise -> year -> column -> effective figure: field by field the strongest source that knows it."""
    columns = [getattr(EnterpriseYear, name) for name in FIGURE_COLUMNS]
    row_of = (EnterpriseYear.enterprise_id, EnterpriseYear.year, EnterpriseYear.source, EnterpriseYear.reported_on, EnterpriseYear.evidence)
    rows = db.session.execute(
        select(*row_of, *columns).where(
            EnterpriseYear.enterprise_id.in_(ids), EnterpriseYear.year <= as_of.year, known(EnterpriseYear, known_on)
        )
    ).all()
    found: dict[int, dict[int, dict[str, Figure]]] = defaultdict(lambda: defaultdict(dict))
    for id_, year, source, on, evidence, *values in sorted(rows, key=lambda row: PRECEDENCE.index(row.source)):
        of_year = found[id_][year]
        for name, value in zip(FIGURE_COLUMNS, values, strict=True):
            if value is not None and name not in of_year:
                of_year[name] = Figure(value, source, on, evidence)
    return found


def _answers(
    ids: Sequence[int], as_of: date, known_on: date | None,
) -> tuple[dict[int, list[EnterpriseAnswer]], dict[int, dict[str, dict[str, Any]]]]:
    facts: dict[int, list[EnterpriseAnswer]] = defaultdict(list)
    judgements: dict[int, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    rows = db.session.scalars(
        select(EnterpriseAnswer).where(EnterpriseAnswer.enterprise_id.in_(ids), known(EnterpriseAnswer, known_on), covers_day(as_of))
    )
    for row in rows:
        if row.kind == FACT:
            facts[row.enterprise_id].append(row)
        elif row.kind == JUDGEMENT:
            judgements[row.enterprise_id][row.rule][row.subject] = row.number if row.word is None else row.word == "met"
    return facts, judgements


def _extra(rows: Collection[EnterpriseAnswer], declared: dict[str, FactField]) -> dict[tuple[str, int | None], Figure]:
    extra: dict[tuple[str, int | None], Figure] = {}
    for row in rows:
        one = vocabulary.find(row.subject, declared)
        if one is not None and one.column is None and row.subject not in BASE_FIELDS:
            value = answer_value(one, row.number, row.word)
            extra[row.subject, row.year if one.period == "year" else None] = Figure(value, row.source, row.reported_on, row.evidence)
    return extra
