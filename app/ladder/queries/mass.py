"""What the statement of a `criteria.mass.Plan` reads: figures of every needed year by source order, titles of the day, recorded answers.

The text is made once; ``{LOW}`` and ``{HIGH}`` stand for the range of enterprise ids of one run. Amounts come in fen, as whole numbers on SQLite
and doubles on PostgreSQL; what could be rounded there is left to the engine (``giants``).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union,
)
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise, EnterpriseYear
from app.enterprises.rules.figures import PRECEDENCE
from app.infra import dialect
from app.infra.db import ExactDecimal, db
from app.ladder.criteria.mass import Known, Plan
from app.ladder.criteria.mass.inputs import Want
from app.ladder.models import EnterpriseAnswer, Recognition
from app.ladder.queries.counting import struck_off, valid_on
from app.ladder.queries.facts import BASE_FIELDS, covers_day
from app.ladder.queries.places import known as known_then
from app.packs import vocabulary

LOW, HIGH = literal_column("{LOW}", BigInteger), literal_column("{HIGH}", BigInteger)
MOST_JOINS = 40
RECENT = 3
"""States are looked for in the joined years; older years than these are asked one by one only where nothing newer is known."""
EXACT = {"sqlite": 2**62, "postgresql": 2**53}
"""Products below this are exact: whole numbers on SQLite, doubles on PostgreSQL."""
LARGEST_FEN = 10**16


def known_data(as_of: date, known_on: date | None) -> tuple[Known, frozenset[tuple[int, str]]]:
    """What exists at all on the day: answers and years with figures; and the (year, source) pairs."""
    then = known_then(EnterpriseYear, known_on)
    pairs = db.session.execute(
        select(EnterpriseYear.year, EnterpriseYear.source).where(then, EnterpriseYear.year <= as_of.year).distinct()
    ).all()
    row = EnterpriseAnswer
    keys = db.session.execute(select(row.kind, row.rule, row.subject, row.year).where(known_then(row, known_on), covers_day(as_of)).distinct()).all()
    columned = {one.code for one in vocabulary.BUILT_IN if one.column is not None} | BASE_FIELDS
    answers = frozenset((kind, rule, subject, year) for kind, rule, subject, year in keys if kind != "fact" or subject not in columned)
    return Known(frozenset(year for year, _ in pairs), answers), frozenset((year, source) for year, source in pairs)


def source_of(plan: Plan, pairs: Collection[tuple[int, str]], known_on: date | None, where: ColumnElement[bool]) -> str:
    """The innermost SELECT: id, town_id and the plan's inputs. ``where``: condition on ``Enterprise``."""
    built = _Source(plan, pairs, known_on)
    columns = [built.column(want).label(name) for want, name in plan.inputs.wants.items()]
    base: FromClause = Enterprise.__table__  # type: ignore[assignment]
    for joined, condition in built.joins:
        base = base.outerjoin(joined, condition)
    statement = select(Enterprise.id.label("id"), Enterprise.town_id.label("town_id"), *columns).select_from(base)
    return text_of(statement.where(Enterprise.id.between(LOW, HIGH), Enterprise.merged_into_id.is_(None), where))


def text_of(statement: Any) -> str:
    """The text with its values written in (days, codes and numbers of packs only)."""
    return str(statement.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")


def fence() -> str:
    """Keeps a subquery from being merged into the one above."""
    return "LIMIT -1 OFFSET 0" if dialect.name_of(db.session()) == "sqlite" else "OFFSET 0"


def functions(text: str) -> str:
    """GREATEST and LEAST by the names this database knows them under."""
    if dialect.name_of(db.session()) != "sqlite":
        return text
    return text.replace("GREATEST(", "max(").replace("LEAST(", "min(")


def giants(plan: Plan, known_on: date | None) -> Select[Any] | None:
    """Enterprises whose amounts are too large for exact products; None when no amount that may be stored is."""
    limit = EXACT.get(dialect.name_of(db.session()), 2**53) // (8 * plan.sheet.factor)
    if limit >= LARGEST_FEN:
        return None
    units = limit // 100
    money = [column for column in EnterpriseYear.__table__.columns if isinstance(column.type, ExactDecimal) and column.type.scale == 2]
    large = or_(*(or_(column > units, column < -units) for column in money))
    figures = select(EnterpriseYear.enterprise_id).where(known_then(EnterpriseYear, known_on), EnterpriseYear.enterprise_id.between(LOW, HIGH), large)
    row = EnterpriseAnswer
    answers = select(row.enterprise_id).where(known_then(row, known_on), row.enterprise_id.between(LOW, HIGH), or_(row.number > units, row.number < -units))
    return select(union(figures, answers).subquery().c[0])


class _Source:
    def __init__(self, plan: Plan, pairs: Collection[tuple[int, str]], known_on: date | None) -> None:
        self.plan, self.as_of, self.known_on = plan, plan.as_of, known_on
        self.pairs = sorted(pairs, key=lambda pair: (-pair[0], PRECEDENCE.index(pair[1])))
        self.joins: list[tuple[Any, ColumnElement[bool]]] = []
        self._years: dict[tuple[int, str], Any] = {}
        wanted = {want.year for want in plan.inputs.wants if want.kind == "figure"} | {self.as_of.year - back for back in range(RECENT + 1)}
        for pair in self.pairs:
            if pair[0] in wanted and len(self._years) < MOST_JOINS:
                self._years[pair] = self._year(*pair)
        self._titles = self._held()
        self._answers = self._answered()

    def column(self, want: Want) -> ColumnElement[Any]:
        if want.kind == "figure":
            return self._first([self._figure(row, want.name) for (year, _), row in self._years.items() if year == want.year])
        if want.kind == "state":
            return self._state(want.name)
        if want.kind == "title":
            return func.coalesce(self._titles.c[want.name], 0)
        if want.kind == "answer":
            return self._answers.c[self._answer_name(want)]
        head: ColumnElement[Any] = getattr(Enterprise, want.name)
        return head

    def _first(self, columns: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
        return columns[0] if len(columns) == 1 else func.coalesce(*columns)

    def _figure(self, row: Any, column: str) -> ColumnElement[Any]:
        return dialect.units(db.session(), getattr(row, column))

    def _state(self, column: str) -> ColumnElement[Any]:
        older = {year for year, _ in set(self.pairs) - set(self._years)}
        found = [self._figure(row, column) for (year, _), row in self._years.items() if year > max(older, default=0)]
        if older:
            row = aliased(EnterpriseYear)
            order = case({source: place for place, source in enumerate(PRECEDENCE)}, value=row.source)
            found.append(
                select(self._figure(row, column)).where(
                    row.enterprise_id == Enterprise.id, row.year <= max(older), known_then(row, self.known_on), getattr(row, column).is_not(None),
                ).order_by(row.year.desc(), order).limit(1).correlate(Enterprise).scalar_subquery()
            )
        return self._first(found)

    def _year(self, year: int, source: str) -> Any:
        row = aliased(EnterpriseYear, name=f"y{year}_{source}")
        condition = and_(row.enterprise_id == Enterprise.id, row.year == year, row.source == source, known_then(row, self.known_on))
        if dialect.name_of(db.session()) != "sqlite":  # a planner that may hash would else read everybody's figures for each range
            condition = and_(condition, row.enterprise_id.between(LOW, HIGH))
        self.joins.append((row, condition))
        return row

    def _held(self) -> Any:
        titles = list(dict.fromkeys(self.plan.inputs.titles()))
        if not titles:
            return None
        flags = [func.max(case((Recognition.title_code == title, 1), else_=0)).label(title) for title in titles]
        held = (
            select(Recognition.enterprise_id, *flags)
            .where(
                Recognition.title_code.in_(titles), Recognition.enterprise_id.between(LOW, HIGH), known_then(Recognition, self.known_on),
                valid_on(self.as_of), ~struck_off(Recognition.enterprise_id, self.as_of, self.known_on),
            )
            .group_by(Recognition.enterprise_id).subquery("held")
        )
        self.joins.append((held, held.c.enterprise_id == Enterprise.id))
        return held

    def _answer_name(self, want: Want) -> str:
        return f"a_{self.plan.inputs.wants[want]}"

    def _answered(self) -> Any:
        wants = [want for want in self.plan.inputs.wants if want.kind == "answer"]
        if not wants:
            return None
        row = EnterpriseAnswer
        columns = [func.max(case((self._is(want), self._answer(want)))).label(self._answer_name(want)) for want in wants]
        subjects = sorted({want.name for want in wants})
        given = (
            select(row.enterprise_id, *columns)
            .where(row.subject.in_(subjects), row.enterprise_id.between(LOW, HIGH), known_then(row, self.known_on), covers_day(self.as_of))
            .group_by(row.enterprise_id).subquery("given")
        )
        self.joins.append((given, given.c.enterprise_id == Enterprise.id))
        return given

    def _is(self, want: Want) -> ColumnElement[bool]:
        assert want.key is not None
        kind, rule, subject, year = want.key
        row = EnterpriseAnswer
        return and_(row.kind == kind, row.rule == rule, row.subject == subject, row.year == year)

    def _answer(self, want: Want) -> ColumnElement[Any]:
        row, session = EnterpriseAnswer, db.session()
        if want.form == "word":
            return type_coerce(row.word, String)
        if want.form == "flag":
            yes = or_(row.word == "met", and_(row.word.is_(None), row.number != 0))
            return type_coerce(case((yes, 1), else_=0), Integer)
        units = dialect.units(session, EnterpriseAnswer.__table__.c.number)
        return units / 100 if want.form == "money" and dialect.name_of(session) != "sqlite" else units // 100 if want.form == "money" else units


__all__ = ["HIGH", "LOW", "fence", "functions", "giants", "known_data", "source_of", "text_of", "true"]
