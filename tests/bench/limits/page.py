"""Limit of a list page: bare Flask, one driver connection, one statement on the ideal index, a plain table of 50 rows.

``LIMIT_DATABASE`` is a path (SQLite) or a conninfo (PostgreSQL). Same server, same workers as the product.
"""

import os
import sqlite3
import threading
from html import escape

from flask import Flask

DATABASE = os.environ["LIMIT_DATABASE"]
SQL = (
    "SELECT e.id, e.credit_code, e.name, e.town_id, s.titles, s.revenue_yuan, s.growth_pct, s.rd_ratio_pct, s.size_class "
    "FROM enterprise e JOIN enterprise_summary s ON s.enterprise_id = e.id WHERE e.city_id = {mark} AND e.merged_into_id IS NULL "
    "ORDER BY e.id DESC LIMIT 51"
)
app = Flask(__name__)
_local = threading.local()


def rows() -> list[tuple[object, ...]]:
    """The page's rows on this thread's connection."""
    if not hasattr(_local, "connection"):
        if DATABASE.startswith("/"):
            _local.connection, _local.mark = sqlite3.connect(DATABASE, isolation_level=None), "?"
        else:
            import psycopg

            _local.connection, _local.mark = psycopg.connect(DATABASE, autocommit=True), "%s"
        _local.city = _local.connection.execute("SELECT id FROM area WHERE kind = 'city' ORDER BY code DESC LIMIT 1").fetchone()[0]
    return _local.connection.execute(SQL.format(mark=_local.mark), (_local.city,)).fetchall()


@app.get("/")
def page() -> str:
    """A table of 50 rows."""
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row) + "</tr>" for row in rows()[:50])
    return f"<!doctype html><title>limit</title><table>{lines}</table>"
