"""The one place that knows which database it is: mass loading, upsert, name-search index. Every use has a portable fallback.

PostgreSQL: COPY, ``INSERT … ON CONFLICT``, GIN over a text[] of pieces. SQLite: executemany, the same ON CONFLICT, FTS5 over
pre-split pieces. Anything else that speaks SQLAlchemy: executemany and an UPDATE-then-INSERT.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session


def name_of(session: Session) -> str:
    """``sqlite``, ``postgresql`` or another dialect name."""
    return session.get_bind().dialect.name


def load_rows(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert many rows as fast as the database can inside the session's transaction; returns how many.

    Values are Python values of the column types (Decimal, date, aware datetime, JSON-ready objects); they pass the column's
    own bind processing, so money and times are stored exactly as single inserts store them.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, rows)
    return _executemany(connection, table, columns, rows)


def _processors(connection: Connection, table: Table, columns: Sequence[str]) -> list[Any]:
    return [table.c[c].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for c in columns]


def _processed(row: Sequence[Any], processors: list[Any]) -> list[Any]:
    return [value if process is None else process(value) for value, process in zip(row, processors, strict=True)]


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    processors = _processors(connection, table, columns)
    names = ", ".join(f'"{c}"' for c in columns)
    count = 0
    with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(_processed(row, processors))
            count += 1
    return count


def _executemany(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]], chunk: int = 5000) -> int:
    processors = _processors(connection, table, columns)
    names = ", ".join(f'"{c}"' for c in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(columns))})'
    if connection.dialect.name != "sqlite":
        result = [dict(zip(columns, row, strict=True)) for row in rows]
        if result:
            connection.execute(table.insert(), result)
        return len(result)
    cursor = connection.connection.cursor()
    count, batch = 0, []
    for row in rows:
        batch.append(_processed(row, processors))
        if len(batch) >= chunk:
            cursor.executemany(statement, batch)
            count, batch = count + len(batch), []
    if batch:
        cursor.executemany(statement, batch)
    return count + len(batch)


def reset_sequence(session: Session, table: Table) -> None:
    """After rows with given ids: let the next automatic id follow the highest one (SQLite does so by itself)."""
    if name_of(session) == "postgresql":
        session.connection().exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
        )
