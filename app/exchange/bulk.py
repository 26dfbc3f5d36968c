"""Set-based writing that importers share: many updates in one statement, the undo journal, chunks.

Everything runs inside the caller's transaction; nothing here commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Column, CursorResult, MetaData, Table, and_, update
from sqlalchemy.orm import Session

from app.exchange.models import ImportUndo
from app.exchange.registry import Journal
from app.infra import dialect

CHUNK = 5000
T = TypeVar("T")


def chunked(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most ``size``."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def update_rows(
    session: Session, table: Table, keys: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Any]],
    constants: Mapping[str, Any] | None = None,
) -> int:
    """``UPDATE table SET columns … WHERE keys …`` for many rows at once; each row holds the key values, then the column values.

    ``constants``: further columns with one value or SQL expression for all. Returns how many rows were changed: a key that names no
    row changes none, so the caller can tell whether every row was still there.
    """
    if not rows:
        return 0
    names = [*keys, *columns]
    staged = Table("import_staged", MetaData(), *(Column(n, table.c[n].type) for n in names), prefixes=["TEMPORARY"])
    connection = session.connection()
    staged.create(connection)  # gone with the transaction when anything below fails
    dialect.load_rows(session, staged, names, rows)
    match = and_(*(table.c[k] == staged.c[k] for k in keys))
    statement = update(table).where(match).values({c: staged.c[c] for c in columns} | dict(constants or {}))
    changed = cast("CursorResult[Any]", connection.execute(statement)).rowcount
    staged.drop(connection)
    return changed


def write_journal(session: Session, batch_id: int, lines: Iterable[Journal | tuple[int, int, str, int, str, str | None]]) -> None:
    """Add lines to the undo journal."""
    table = cast(Table, ImportUndo.__table__)
    columns = ("batch_id", "row", "part", "action", "subject_id", "label", "before")
    dialect.load_rows(session, table, columns, ((batch_id, *line) for line in lines))
