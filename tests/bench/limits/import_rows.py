"""Limit of an import: read every row with calamine, check the few things that must hold, one mass load, one upsert.

usage: import_rows.py FILE.xlsx DATABASE   (a path for SQLite, a conninfo for PostgreSQL; works in a table of its own)
"""

import sqlite3
import sys
from collections.abc import Iterator

from python_calamine import load_workbook

WEIGHTS = [pow(3, i, 31) for i in range(17)]
VALUES = {c: i for i, c in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}


def checked(path: str, columns: int) -> Iterator[list[object]]:
    """Rows whose credit code verifies and whose name and town are there; every other cell stripped or taken as a number."""
    sheet = load_workbook(path).get_sheet_by_index(0)
    header = True
    for row in sheet.iter_rows():
        if header:
            header = row[0] != "统一社会信用代码"
            continue
        code = str(row[0])
        if len(code) != 18 or -sum(VALUES[c] * w for c, w in zip(code, WEIGHTS, strict=False)) % 31 != VALUES[code[17]]:
            continue
        if not row[1] or not row[2]:
            continue
        yield [v.strip() if isinstance(v, str) else v for v in row[:columns]]


def main(path: str, database: str) -> None:
    """Load and upsert; prints nothing."""
    columns = 20
    names = ", ".join(f"c{i}" for i in range(columns))
    create = f"CREATE TABLE {{}} (c0 text PRIMARY KEY, {', '.join(f'c{i} text' for i in range(1, columns))})"
    update = ", ".join(f"c{i} = excluded.c{i}" for i in range(1, columns))
    upsert = f"INSERT INTO limit_target ({names}) SELECT {names} FROM limit_stage WHERE true ON CONFLICT (c0) DO UPDATE SET {update}"
    if database.startswith("/"):
        with sqlite3.connect(database, isolation_level=None) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(create.format("limit_target"))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(create.format("limit_stage"))
            connection.executemany(f"INSERT INTO limit_stage VALUES ({','.join('?' * columns)})", (
                [None if v == "" else str(v) for v in row] for row in checked(path, columns)))
            connection.execute(upsert)
            connection.execute("COMMIT")
            connection.execute("DROP TABLE limit_stage")
            connection.execute("DROP TABLE limit_target")
        return
    import psycopg

    with psycopg.connect(database) as pg:
        pg.execute(create.format("limit_target"))
        pg.execute(create.format("limit_stage"))
        with pg.cursor().copy(f"COPY limit_stage ({names}) FROM STDIN") as copy:
            for row in checked(path, columns):
                copy.write_row([None if v == "" else str(v) for v in row])
        pg.execute(upsert)
        pg.commit()
        pg.execute("DROP TABLE limit_stage")
        pg.execute("DROP TABLE limit_target")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
