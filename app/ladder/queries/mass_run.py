"""Running the statement of some titles over everybody within reach, range by range, with the engine for what it leaves open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select

from app.enterprises.models import Enterprise
from app.infra import dialect
from app.infra.db import db
from app.ladder.criteria.mass import Known as KnownData
from app.ladder.criteria.mass import Plan, Slot, compile_plan, record_of
from app.ladder.criteria.mass.plan import COLUMNS
from app.ladder.queries import mass
from app.ladder.queries.facts import known_of

CHUNK = 20_000
"""Enterprises in one run of the statement."""


def rows_of(
    slots: Sequence[Slot], reach: ColumnElement[bool], *, as_of: date, known_on: date | None = None,
) -> Iterator[tuple[int, Mapping[str, int], Plan]]:
    """(enterprise id, packed columns, plan of those columns) of everybody within ``reach``, by id; exact answers, chunk by chunk."""
    runner = Runner(slots, reach, as_of=as_of, known_on=known_on)
    for low, high in runner.ranges():
        for id_, columns in runner.rows(low, high):
            yield id_, columns, runner.layout


class Runner:
    """The statement of some slots made ready, and the engine for what it leaves open."""

    def __init__(self, slots: Sequence[Slot], reach: ColumnElement[bool], *, as_of: date, known_on: date | None = None, chunk: int = CHUNK) -> None:
        self.as_of, self.known_on, self.reach, self.chunk = as_of, known_on, reach, chunk
        data, pairs = mass.known_data(as_of, known_on)
        self.plan = compile_plan(list(slots), as_of=as_of, known=data)
        self.layout = compile_plan(list(slots), as_of=as_of, known=KnownData())
        self.text = mass.functions(self.plan.statement(mass.source_of(self.plan, pairs, known_on, reach), ["id", "town_id"], mass.fence()))
        large = mass.giants(self.plan, known_on)
        self.giants = None if large is None else mass.text_of(large)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Id ranges that hold about a chunk of the reach each."""
        after = 0
        while True:
            ids = select(Enterprise.id).where(self.reach, Enterprise.id > after).order_by(Enterprise.id)
            last = db.session.scalar(ids.offset(self.chunk - 1).limit(1))
            if last is None:
                last = db.session.scalar(select(func.max(Enterprise.id)).where(self.reach, Enterprise.id > after))
                if last is not None:
                    yield after + 1, last
                return
            yield after + 1, last
            after = last

    def sql(self, text: str, low: int, high: int) -> str:
        return text.replace("{LOW}", str(int(low))).replace("{HIGH}", str(int(high)))

    def rows(self, low: int, high: int) -> Iterator[tuple[int, Mapping[str, int]]]:
        """The packed columns of one range."""
        connection = db.session.connection()
        dialect.plain_execution(db.session())
        open_ = self.by_engine(low, high)
        found = connection.exec_driver_sql(self.sql(self.text, low, high)).all()
        doubtful = {row[0] for row in found if row[-1]} | open_
        exact = self.engine({row[0] for row in found} if self.plan.slow else doubtful & {row[0] for row in found})
        for row in found:
            yield row[0], exact.get(row[0]) or dict(zip(COLUMNS, (int(one) for one in row[2:-1]), strict=True))

    def by_engine(self, low: int, high: int) -> set[int]:
        """Enterprises whose amounts are too large for exact products."""
        return set() if self.giants is None else set(db.session.connection().exec_driver_sql(self.sql(self.giants, low, high)).scalars())

    def engine(self, ids: set[int]) -> dict[int, dict[str, int]]:
        """The same columns by the engine itself."""
        known = known_of(ids, as_of=self.as_of, known_on=self.known_on)
        return {id_: record_of(self.layout, one.facts, one.held, one.judgements) for id_, one in known.items()}
