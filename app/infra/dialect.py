"""The one place that knows which database it is: mass loading, upsert, name-search index. Every use has a portable fallback.

PostgreSQL: COPY, ``INSERT … ON CONFLICT``, GIN over a text[] of pieces. SQLite: executemany, the same ON CONFLICT, FTS5 over
pre-split pieces. Anything else that speaks SQLAlchemy: executemany and an UPDATE-then-INSERT.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Double,
    Engine,
    Executable,
    Insert,
    Select,
    Table,
    Text,
    case,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.infra.db import ExactDecimal, UtcDateTime


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


class _Remembered(dict[Any, Any]):
    """Bind processing of dates and times with its answers kept: a file of 100,000 rows holds a few thousand different ones."""

    def __init__(self, process: Callable[[Any], Any]) -> None:
        self._process = process

    def __missing__(self, value: Any) -> Any:
        found = self._process(value)
        if len(self) < 10_000:
            self[value] = found
        return found


def _processors(connection: Connection, table: Table, columns: Sequence[str]) -> list[tuple[int, Callable[[Any], Any]]]:
    """(position, function) of the columns whose values are not stored as they are."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate(columns):
        process = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if process is not None:
            dates = isinstance(table.c[name].type, Date | UtcDateTime)
            found.append((place, _Remembered(process).__getitem__ if dates else process))
    return found


def _processed(row: Sequence[Any], processors: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    """None is NULL whatever the type."""
    values = list(row)
    for place, process in processors:
        if values[place] is not None:
            values[place] = process(values[place])
    return values


def expect_mass(session: Session) -> None:
    """Before a transaction that writes a hundred thousand rows: room for the pages of their indexes, which SQLite would otherwise write out
    and read again all the time. Kept by this connection; only workers and commands do such work."""
    if name_of(session) == "sqlite":
        session.connection().exec_driver_sql("PRAGMA cache_size=-32768")


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    processors = _processors(connection, table, columns)
    names = ", ".join(f'"{c}"' for c in columns)
    count, remaining = 0, iter(rows)
    first = list(islice(remaining, 1))  # a generator may ask this very connection for what it gives: before COPY has it, or it waits for ever
    with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:  # type: ignore[attr-defined]
        for row in chain(first, remaining):
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


def load_columns(session: Session, table: Table, columns: Mapping[str, Any], count: int) -> None:
    """``load_rows`` for values that lie column by column: a list holds one value a row, anything else is the same for all ``count`` rows.

    No Python runs per row: every column is made ready as a whole.
    """
    if count == 0:
        return
    connection = session.connection()
    names = ", ".join(f'"{name}"' for name in columns)
    ready = [_ready(connection, table.c[name].type, values) for name, values in columns.items()]
    if connection.dialect.name == "postgresql":
        texts = [list(_copy_texts(v)) if isinstance(v, list) else repeat(next(iter(_copy_texts([v])))) for v in ready]
        with connection.connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:  # type: ignore[attr-defined]
            copy.write("\n".join(map("\t".join, zip(*texts, strict=False))) + "\n")
        return
    rows = zip(*(v if isinstance(v, list) else repeat(v, count) for v in ready), strict=True)
    if connection.dialect.name == "sqlite":
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(columns))})'
        connection.connection.cursor().executemany(statement, cast("Any", rows))
        return
    load_rows(session, table, list(columns), zip(*(v if isinstance(v, list) else repeat(v, count) for v in columns.values()), strict=True))


def _ready(connection: Connection, kind: Any, values: Any) -> Any:
    """Values as the driver takes them; a different one is made ready once."""
    process = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if process is None:
        return values
    if not isinstance(values, list):
        return None if values is None else process(values)
    known = {value: None if value is None else process(value) for value in set(values)}
    return list(map(known.__getitem__, values))


_COPY_SPECIAL = re.compile(r"[\\\t\n\r]")
_COPY_ESCAPES = {92: "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"}


def _copy_texts(values: Sequence[Any]) -> Iterable[str]:
    """Values as COPY's text format writes them."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return [v.translate(_COPY_ESCAPES) for v in values] if any(map(_COPY_SPECIAL.search, values)) else values
    if kinds == {int}:
        return map(str, values)
    known = {v: "\\N" if v is None else str(v).translate(_COPY_ESCAPES) for v in set(values)}
    return map(known.__getitem__, values)


def matching(session: Session, column: Any, texts: Collection[str]) -> ColumnElement[bool]:
    """``column IN texts`` for thousands of texts: sent as one value, not as thousands of parameters."""
    kind = name_of(session)
    if kind == "postgresql":
        return cast("ColumnElement[bool]", column == func.any(literal(list(texts), ARRAY(Text))))
    if kind == "sqlite":
        found = func.json_each(json.dumps(list(texts), ensure_ascii=False)).table_valued("value")
        return cast("ColumnElement[bool]", column.in_(select(found.c.value)))
    return cast("ColumnElement[bool]", column.in_(list(texts)))


def reset_sequence(session: Session, table: Table) -> None:
    """After rows with given ids: let the next automatic id follow the highest one (SQLite does so by itself)."""
    if name_of(session) == "postgresql":
        session.connection().exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
        )


# --- name search: a table of comparable texts, and an index over their pieces where the database can hold one
#
# PostgreSQL keeps the pieces as text[] under a GIN index; SQLite in a contentless FTS5 table (its own trigram tokenizer would silently find
# nothing for two Chinese characters); others have the table of texts only and compare with LIKE. None of it stands in the metadata.

# A row without pieces is not indexed yet (``SearchPending`` names it); it is found by comparing texts.

SEARCH_TABLE = "enterprise_search"
SEARCH = table(SEARCH_TABLE, column("enterprise_id", BigInteger), column("content", Text), column("code", Text))
SearchRow = tuple[int, str, str, Collection[str]]
"""Enterprise id, comparable names (one a line), credit code in lower case, pieces (letters and digits only)."""


def is_search_object(name: str | None) -> bool:
    """Tables and indexes of the search index, which migrations must not compare with the models."""
    return bool(name) and (name == SEARCH_TABLE or name.startswith((f"{SEARCH_TABLE}_fts", f"ix_{SEARCH_TABLE}")))  # type: ignore[union-attr]


def create_search_index(connection: Connection) -> None:
    """Create the search table and its index; nothing happens when they are there. Called after the table of enterprises is created."""
    pieces = ", pieces text[] NOT NULL" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {SEARCH_TABLE} (enterprise_id BIGINT PRIMARY KEY, content TEXT NOT NULL, code TEXT NOT NULL{pieces})"
        if connection.dialect.name != "sqlite"
        else f"CREATE TABLE IF NOT EXISTS {SEARCH_TABLE} (enterprise_id INTEGER PRIMARY KEY, content TEXT NOT NULL, code TEXT NOT NULL)"
    )
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS ix_{SEARCH_TABLE}_pieces ON {SEARCH_TABLE} USING gin (pieces)")
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {SEARCH_TABLE}_fts USING fts5(pieces, content='', columnsize=0, detail=none, tokenize='ascii')"
        )


def drop_search_index(connection: Connection) -> None:
    """Remove what ``create_search_index`` made."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {SEARCH_TABLE}_fts")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {SEARCH_TABLE}")


def search_matches(session: Session, alternatives: Sequence[Sequence[str]]) -> ColumnElement[bool] | None:
    """Condition on ``SEARCH``: rows that hold all pieces of at least one alternative. None where the database has no such index."""
    kind = name_of(session)
    if kind == "postgresql":
        return or_(*(literal_column("pieces", ARRAY(Text)).contains(list(pieces)) for pieces in alternatives))
    if kind == "sqlite":
        words = " OR ".join("(" + " AND ".join(f'"{piece}"' for piece in pieces) + ")" for pieces in alternatives)
        found = table(f"{SEARCH_TABLE}_fts", column("rowid", BigInteger))
        match = text(f"{SEARCH_TABLE}_fts MATCH :search_words").bindparams(search_words=words)
        return SEARCH.c.enterprise_id.in_(select(found.c.rowid).where(match))
    return None


def wants_old_pieces(session: Session) -> bool:
    """Whether ``replace_search_rows`` needs the pieces a row was stored under (SQLite's contentless index cannot know them)."""
    return name_of(session) == "sqlite"


def replace_search_rows(session: Session, rows: Sequence[SearchRow], old: Sequence[tuple[int, Collection[str]]]) -> None:
    """Write rows; ``old`` are the ids (with the pieces they were stored under) to take out first."""
    connection = session.connection()
    if old and connection.dialect.name == "sqlite":
        connection.connection.cursor().executemany(
            f"INSERT INTO {SEARCH_TABLE}_fts({SEARCH_TABLE}_fts, rowid, pieces) VALUES ('delete', ?, ?)", [(i, " ".join(p)) for i, p in old if p]
        )
    ids = [i for i, _ in old]
    for start in range(0, len(ids), 10_000):
        connection.execute(delete(SEARCH).where(SEARCH.c.enterprise_id.in_(ids[start : start + 10_000])))
    _add_search_rows(connection, SEARCH_TABLE, rows)


def _add_search_rows(connection: Connection, name: str, rows: Sequence[SearchRow]) -> None:
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {name} (enterprise_id, content, code, pieces) FROM STDIN") as copy:  # type: ignore[attr-defined]
            for key, content, code, pieces in rows:
                copy.write_row((key, content, code, "{" + ",".join(pieces) + "}"))
        return
    if connection.dialect.name == "sqlite":
        cursor.executemany(f"INSERT INTO {name}_fts(rowid, pieces) VALUES (?, ?)", [(r[0], " ".join(r[3])) for r in rows])
        cursor.executemany(f"INSERT INTO {name} (enterprise_id, content, code) VALUES (?, ?, ?)", [r[:3] for r in rows])
        return
    if rows:
        connection.execute(insert(SEARCH), [dict(zip(("enterprise_id", "content", "code"), r[:3], strict=True)) for r in rows])


def add_search_texts(session: Session, source: Select[Any]) -> None:
    """Rows (enterprise id, content, code) without their pieces: complete for comparing, still to be indexed by ``index_search_rows``."""
    kind, names = name_of(session), ["enterprise_id", "content", "code"]
    if kind == "postgresql":
        source = source.add_columns(literal([], ARRAY(Text)).label("pieces"))
        session.execute(insert(table(SEARCH_TABLE, *(column(n) for n in (*names, "pieces")))).from_select([*names, "pieces"], source))
        return
    session.execute(insert(SEARCH).from_select(names, source))


def index_search_rows(session: Session, rows: Sequence[SearchRow]) -> None:
    """Put rows that ``add_search_texts`` wrote into the index."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().executemany(
            f"INSERT INTO {SEARCH_TABLE}_fts(rowid, pieces) VALUES (?, ?)", [(r[0], " ".join(r[3])) for r in rows]
        )
    elif connection.dialect.name == "postgresql":
        replace_search_rows(session, rows, [(r[0], ()) for r in rows])


def rebuild_search(session: Session, batches: Iterable[Sequence[SearchRow]]) -> int:
    """Replace the whole index by ``batches``; returns how many rows. On PostgreSQL the old one answers until the swap at the very end."""
    connection = session.connection()
    postgres = connection.dialect.name == "postgresql"
    target = f"{SEARCH_TABLE}_new" if postgres else SEARCH_TABLE
    if postgres:
        connection.exec_driver_sql(f"LOCK TABLE {SEARCH_TABLE} IN EXCLUSIVE MODE")  # writers wait, readers go on
        connection.exec_driver_sql(f"CREATE TABLE {target} (LIKE {SEARCH_TABLE} INCLUDING DEFAULTS)")
    else:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"INSERT INTO {SEARCH_TABLE}_fts({SEARCH_TABLE}_fts) VALUES ('delete-all')")
        connection.exec_driver_sql(f"DELETE FROM {SEARCH_TABLE}")
    count = 0
    for rows in batches:
        _add_search_rows(connection, target, rows)
        count += len(rows)
    if postgres:
        _swap_search(connection, target)
    return count


def _swap_search(connection: Connection, target: str) -> None:
    connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
    connection.exec_driver_sql(f"CREATE INDEX ix_{target}_pieces ON {target} USING gin (pieces)")
    connection.exec_driver_sql(f"ALTER TABLE {target} ADD CONSTRAINT pk_{target} PRIMARY KEY (enterprise_id)")
    connection.exec_driver_sql(f"ANALYZE {target}")
    connection.exec_driver_sql(f"DROP TABLE {SEARCH_TABLE}")
    connection.exec_driver_sql(f"ALTER TABLE {target} RENAME TO {SEARCH_TABLE}")
    connection.exec_driver_sql(f"ALTER INDEX ix_{target}_pieces RENAME TO ix_{SEARCH_TABLE}_pieces")
    connection.exec_driver_sql(f"ALTER INDEX pk_{target} RENAME TO {SEARCH_TABLE}_pkey")


def refresh_statistics(session: Session, *tables: str) -> None:
    """Tell the planner how the tables look now; worth it after mass changes (both databases plan wrongly on old figures)."""
    if name_of(session) in ("postgresql", "sqlite"):
        for name in tables:
            session.connection().exec_driver_sql(f'ANALYZE "{name}"')


def estimate_statistics(session: Session, *tables: str) -> None:
    """The same roughly and in no time, inside a large change; the whole figures follow (``refresh_statistics``, or PostgreSQL's autovacuum)."""
    if name_of(session) == "sqlite":
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        refresh_statistics(session, *tables)
        connection.exec_driver_sql("PRAGMA analysis_limit=0")


def reserve_ids(session: Session, table: Table, count: int) -> range | list[int]:
    """``count`` ids nobody else will get, for rows that are loaded in bulk together with their children.

    SQLite: the numbers above the highest (the writer holds the only lock); PostgreSQL: from the table's own sequence.
    """
    if count <= 0:
        return range(0)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sequence = f"SELECT nextval(pg_get_serial_sequence('\"{table.name}\"', 'id')) FROM generate_series(1, %s)"
        return [row[0] for row in connection.exec_driver_sql(sequence, (count,))]
    highest = connection.exec_driver_sql(f'SELECT max(id) FROM "{table.name}"').scalar() or 0
    return range(highest + 1, highest + 1 + count)


def reserve_block(session: Session, table: Table, count: int) -> int:
    """The first of ``count`` ids in a row that nobody else will get, so that one statement can number what it inserts."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return int(connection.exec_driver_sql(f'SELECT max(id) FROM "{table.name}"').scalar() or 0) + 1
    numbers = f"SELECT min(n), max(n) FROM (SELECT nextval(pg_get_serial_sequence('\"{table.name}\"', 'id')) AS n FROM generate_series(1, %s)) AS numbers"
    for _ in range(20):  # others take numbers too: those between ours are given up
        first, last = connection.exec_driver_sql(numbers, (count,)).one()
        if last - first + 1 == count:
            return int(first)
    raise RuntimeError(f"no {count} ids of {table.name} in a row")


def one_at_a_time(session: Session, name: str) -> None:
    """Wait until no other transaction holds ``name``, and hold it to the end of this one. On SQLite the write lock already does that."""
    if name_of(session) == "postgresql":
        session.connection().exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))


def is_duplicate(error: BaseException) -> bool:
    """A unique constraint refused a row, whatever layer says so (a COPY is not wrapped by SQLAlchemy)."""
    original = getattr(error, "orig", None) or error
    if getattr(original, "sqlstate", None) == "23505":
        return True
    return type(original).__name__ == "IntegrityError" and "unique" in str(original).lower()


def write_if_free(engine: Engine, statement: Executable) -> bool:
    """Run one small write on a connection of its own and commit it; False at once when somebody else is writing (it is not worth a wait).

    Outside the unit of work: the caller's session must hold no write transaction.
    """
    with engine.connect() as connection:
        cursor = connection.connection.cursor() if engine.dialect.name == "sqlite" else None
        try:
            if cursor:
                cursor.execute("PRAGMA busy_timeout=0")
            elif engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
            connection.execute(statement)
            connection.commit()
            return True
        except OperationalError:
            return False
        finally:
            connection.rollback()
            if cursor:
                cursor.execute("PRAGMA busy_timeout=20000")


# --- set-based sums


def percent_of(session: Session, part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """part / whole in percent as ``ExactDecimal(2)``, rounded half away from zero; NULL unless both are known and ``whole`` is positive.

    Both are money columns, which SQLite keeps as whole fen: its result is computed in integers, PostgreSQL's in numeric.
    """
    if name_of(session) == "postgresql":
        value: ColumnElement[Any] = func.round(part * 100 / whole, 2)
    else:
        raw, base = type_coerce(part, BigInteger), type_coerce(whole, BigInteger)
        value = case(
            (raw >= 0, (raw * 20_000 + base) // (base * 2)), else_=-((-raw * 20_000 + base) // (base * 2))
        )
    return case((type_coerce(whole, BigInteger) > 0, type_coerce(value, ExactDecimal(2))))


def plain_execution(session: Session) -> None:
    """For very long expressions: compiling them to machine code would take PostgreSQL longer than running them. Holds for this transaction."""
    if name_of(session) == "postgresql":
        session.connection().exec_driver_sql("SET LOCAL jit = off")


def units(session: Session, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An ``ExactDecimal`` column in its smallest units (fen for money): whole numbers on SQLite, doubles on PostgreSQL; others as they are."""
    scale = getattr(column.type, "scale", None) if isinstance(column.type, ExactDecimal) else None
    if name_of(session) == "sqlite":
        return type_coerce(column, BigInteger)
    return sql_cast(column if scale is None else column * 10**scale, Double)


def as_float(session: Session, column: ColumnElement[Any], divisor: int = 1) -> ColumnElement[Any]:
    """An ``ExactDecimal`` column / ``divisor`` as a double, converted inside the database (for sheets, whose numbers are doubles)."""
    if name_of(session) == "postgresql":
        return sql_cast(column / divisor, Double)
    return type_coerce(type_coerce(column, Double) / float(10**column.type.scale * divisor), Double)  # type: ignore[attr-defined]


def local_date(session: Session, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The Shanghai day of a ``UtcDateTime`` column, computed inside the database (no summer time there since 1991)."""
    if name_of(session) == "postgresql":
        return sql_cast(func.timezone("Asia/Shanghai", column), Date)
    if name_of(session) == "sqlite":
        return func.date(column, "+8 hours", type_=Date)
    return sql_cast(column, Date)


def upsert_statement(session: Session, target: Table, key: str, source: Select[Any], **new_only: Any) -> Insert | None:
    """``upsert_select`` as one statement, to be kept by who runs it often; None where the dialect has none."""
    names = [c.name for c in source.selected_columns]
    others = [n for n in names if n != key]
    kind = name_of(session)
    if kind not in ("postgresql", "sqlite"):
        return None
    build = postgresql.insert if kind == "postgresql" else sqlite.insert
    extended = source.add_columns(*(literal(value, target.c[name].type).label(name) for name, value in new_only.items()))
    statement = build(target).from_select([*names, *new_only], extended, include_defaults=False)
    differs = or_(*(target.c[n].is_distinct_from(statement.excluded[n]) for n in others))
    return statement.on_conflict_do_update(index_elements=[key], set_={n: statement.excluded[n] for n in others}, where=differs)


def upsert_select(session: Session, target: Table, key: str, source: Select[Any], **new_only: Any) -> None:
    """Insert the rows of ``source`` (columns named as in ``target``); where ``key`` exists, bring the other columns up to date.

    ``new_only``: values of further columns of inserted rows. Rows that would not change are not written. ``source`` needs a WHERE clause (SQLite's grammar).
    """
    if (statement := upsert_statement(session, target, key, source, **new_only)) is not None:
        session.execute(statement)
        return
    others = [c.name for c in source.selected_columns if c.name != key]
    for row in session.execute(source).mappings().all():
        changed = session.execute(target.update().where(target.c[key] == row[key]).values({n: row[n] for n in others}))
        if not changed.rowcount:  # type: ignore[attr-defined]
            session.execute(target.insert().values(new_only | dict(row)))


def insert_new(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that no unique constraint refuses and leave the others out; returns how many were written (of several rows on
    PostgreSQL: how many were tried, its driver does not say).

    Both databases know ``ON CONFLICT DO NOTHING``; another dialect gets plain inserts, each in a savepoint.
    """
    modules: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
    known, target = modules.get(name_of(session)), model.__table__
    if not rows:
        return 0
    if known is None:
        return sum(_insert_alone(session, target, row) for row in rows)
    values = [dict(row) for row in rows]
    result = session.connection().execute(known.insert(target).on_conflict_do_nothing(), values[0] if len(values) == 1 else values)
    return int(result.rowcount) if result.rowcount >= 0 else len(values)


def _insert_alone(session: Session, target: Table, row: Mapping[str, Any]) -> int:
    try:
        with session.begin_nested():
            session.execute(target.insert(), dict(row))
        return 1
    except IntegrityError:
        return 0
