"""How rows of other tables follow a merge and return from it, as the registered references say (``app.enterprises.references``).

Who asks what was known before the merge must find every row where it stood then. A dated row that moves is therefore known of the kept
record only since the merge, and a closed copy stays with the merged one; undoing leaves the kept record a copy closed at that moment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, case, exists, insert, literal, select, true, union_all, update

from app.enterprises import references
from app.enterprises.references import MOVE, Reference
from app.infra.db import Base, db

Split = dict[Reference, tuple[list[int], list[int]]]


def split(kept_id: int, merged_id: int) -> Split:
    """Per moving reference: row ids that follow, and those that stay because the kept enterprise already has their twin. One statement for all."""
    moving = [reference for reference in references.registered() if reference.policy == MOVE]
    parts = []
    for place, reference in enumerate(moving):
        table = _table(reference.table)
        twin = case((_twin(table, reference, kept_id), 1), else_=0) if reference.unique else literal(0)
        part = select(literal(place).label("place"), table.c.id.label("id"), twin.label("twin")).where(table.c[reference.column] == merged_id)
        parts.append(part.where(table.c.superseded_at.is_(None)) if reference.versioned else part)
    found: Split = {reference: ([], []) for reference in moving}
    for place, id_, twin_found in db.session.execute(union_all(*parts).order_by("place", "id")):
        found[moving[place]][1 if twin_found else 0].append(id_)
    return found


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _twin(table: Table, reference: Reference, kept_id: int) -> ColumnElement[bool]:
    other = table.alias("twin")
    same = [other.c[column].is_not_distinct_from(table.c[column]) for column in reference.unique]
    bound = other.c[reference.current].is_(None) if reference.current else true()
    return exists().where(other.c[reference.column] == kept_id, bound, *same)


def follow(kept_id: int, merged_id: int, at: datetime) -> dict[str, Any]:
    """Let rows follow; returns what the journal keeps: ``moved`` (table, column, row ids), ``known`` table -> row id -> since when it had been
    known, ``left`` (table, id) of the copies that stay."""
    db.session.flush()
    moved: list[tuple[str, str, list[int]]] = []
    known: dict[str, dict[str, str]] = {}
    left: list[tuple[str, int]] = []
    for reference, (ids, _staying) in split(kept_id, merged_id).items():
        if not ids:
            continue
        if reference.dated:
            known[reference.table] = {str(id_): since.isoformat() for id_, since in _known_since(reference.table, ids).items()}
            left += [(reference.table, id_) for id_ in _copy(reference, ids, at)]
        _point(_table(reference.table), reference.column, ids, kept_id)
        if reference.dated:
            _date(reference.table, dict.fromkeys(ids, at))
        moved.append((reference.table, reference.column, ids))
    db.session.expire_all()
    return {"moved": moved, "known": known, "left": left}


def give_back(journal: dict[str, Any], kept_id: int, merged_id: int, at: datetime) -> None:
    """Rows that still stand with the kept record return, known since when they were; it keeps closed copies of what it held meanwhile."""
    by_name = {(reference.table, reference.column): reference for reference in references.registered()}
    for name, column, ids in journal["moved"]:
        table, since = _table(name), journal.get("known", {}).get(name, {})
        still = list(db.session.scalars(select(table.c.id).where(table.c.id.in_(ids), table.c[column] == kept_id)))
        dated = {id_: datetime.fromisoformat(since[str(id_)]) for id_ in still if str(id_) in since}
        if dated and by_name[name, column].versioned:
            _copy(by_name[name, column], sorted(dated), at)
        _point(table, column, still, merged_id)
        _date(name, dated)
    for name, key in journal.get("left", ()):
        db.session.execute(_table(name).delete().where(_table(name).c.id == key))


def _known_since(name: str, ids: Sequence[int]) -> dict[int, datetime]:
    table = _table(name)
    return {id_: at for id_, at in db.session.execute(select(table.c.id, table.c.recorded_at).where(table.c.id.in_(ids)))}  # noqa: C416


def _copy(reference: Reference, ids: Sequence[int], at: datetime) -> list[int]:
    """Copies of rows with the record they stand with, closed at ``at`` (where they can be); none of a row that came this very moment."""
    table = _table(reference.table)
    rows = db.session.execute(select(*(c for c in table.c if c.name != "id")).where(table.c.id.in_(ids), table.c.recorded_at < at)).mappings()
    made = []
    for row in [dict(row) for row in rows]:
        closed = {"superseded_at": row["superseded_at"] or at} if reference.versioned else {}
        made.append(db.session.execute(insert(table).values(row | closed).returning(table.c.id)).scalar_one())
    return made


def _point(table: Table, column: str, ids: Sequence[int], enterprise_id: int) -> None:
    for start in range(0, len(ids), 5_000):
        db.session.execute(update(table).where(table.c.id.in_(ids[start : start + 5_000])).values({column: enterprise_id}))


def _date(name: str, since: dict[int, datetime]) -> None:
    if since:
        table = _table(name)
        statement = update(table).where(table.c.id == bindparam("row_id")).values(recorded_at=bindparam("since"))
        db.session.connection().execute(statement, [{"row_id": id_, "since": at} for id_, at in since.items()])
