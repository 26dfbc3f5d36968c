"""Limit of a list page: bare Flask, one driver connection, one statement on the ideal index, the same table of 50 rows.

The table has the cells the product's list opens with, each linked, formatted and escaped as a page must: that is work every page has to do. Nobody is
signed in, nothing is scoped, there is no layout, menu, filter or token. ``LIMIT_DATABASE`` is a path (SQLite) or a conninfo (PostgreSQL). Same
server, same workers as the product.
"""

import os
import sqlite3
import threading
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask, render_template_string

DATABASE = os.environ["LIMIT_DATABASE"]
SQLITE = DATABASE.startswith("/")
SQL = (
    "SELECT e.id, e.name, u.name, t.name, s.rung, s.figures_year, s.revenue_yuan, s.growth_pct, s.rd_ratio_pct, s.size_class, e.status "
    "FROM enterprise e JOIN enterprise_summary s ON s.enterprise_id = e.id JOIN area t ON t.id = e.town_id JOIN area u ON u.id = e.unit_id "
    "WHERE e.city_id = {mark} AND e.merged_into_id IS NULL ORDER BY e.id DESC LIMIT 51"
)
PAGE = """<!doctype html><title>limit</title><table>{% for id, name, unit, town, rung, year, revenue, growth, rd, size, status in rows %}
<tr><td><input type="checkbox" name="ids" value="{{ id }}" aria-label="{{ name }}"></td><td><a href="/enterprises/{{ id }}">{{ name }}</a></td>
<td>{{ unit }}{{ town }}</td><td><span>{{ rung or '—' }}</span></td><td>{{ year or '—' }}</td><td>{{ revenue|money }}</td><td>{{ growth|one }}</td>
<td>{{ rd|one }}</td><td>{{ size or '—' }}</td><td><span>{{ status }}</span></td></tr>{% endfor %}</table>"""
CENT, TENTH = Decimal("0.01"), Decimal("0.1")
app = Flask(__name__)
_local = threading.local()


@app.template_filter("money")
def money(value: Decimal | int | None) -> str:
    """元 (whole fen on SQLite) as 万元, two decimals, half up."""
    return "—" if value is None else f"{(Decimal(value) / (1_000_000 if SQLITE else 10_000)).quantize(CENT, ROUND_HALF_UP):,}"


@app.template_filter("one")
def one(value: Decimal | int | None) -> str:
    """A percentage with one decimal, half up."""
    return "—" if value is None else f"{(Decimal(value) / (100 if SQLITE else 1)).quantize(TENTH, ROUND_HALF_UP):,}"


def rows() -> list[tuple[object, ...]]:
    """The page's rows on this thread's connection."""
    if not hasattr(_local, "connection"):
        if SQLITE:
            _local.connection, _local.mark = sqlite3.connect(DATABASE, isolation_level=None), "?"
        else:
            import psycopg

            _local.connection, _local.mark = psycopg.connect(DATABASE, autocommit=True), "%s"
        _local.city = _local.connection.execute("SELECT id FROM area WHERE kind = 'city' ORDER BY code DESC LIMIT 1").fetchone()[0]
    return _local.connection.execute(SQL.format(mark=_local.mark), (_local.city,)).fetchall()


@app.get("/")
def page() -> str:
    """A table of 50 rows."""
    return render_template_string(PAGE, rows=rows()[:50])
