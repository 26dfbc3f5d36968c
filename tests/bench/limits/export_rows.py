"""Limit of an export: the same cells, fetched with the driver and written by the fastest writer we know.

usage: export_rows.py DATABASE TARGET.xlsx ROWS
"""

import sqlite3
import sys
from collections.abc import Iterator

from rustpy_xlsxwriter import FastExcel

SQL = (
    "SELECT e.credit_code, e.name, e.short_name, a.name, u.name, e.industry_code, e.control_type, e.founded_on, e.status, e.legal_person, "
    "e.main_product, e.address, s.titles, s.rung, s.figures_year, s.revenue_yuan, s.growth_pct, s.rd_ratio_pct, s.employee_count, s.size_class "
    "FROM enterprise e JOIN enterprise_summary s ON s.enterprise_id = e.id JOIN area a ON a.id = e.town_id JOIN area u ON u.id = e.unit_id "
    "ORDER BY e.id DESC LIMIT {rows}"
)


def records(database: str, rows: int) -> Iterator[dict[str, object]]:
    """One dict a row, as the writer takes them."""
    if database.startswith("/"):
        cursor = sqlite3.connect(database).execute(SQL.format(rows=rows))
        names = [c[0] + str(i) for i, c in enumerate(cursor.description)]
        for row in cursor:
            yield dict(zip(names, row, strict=True))
        return
    import psycopg

    with psycopg.connect(database) as pg, pg.cursor() as server:
        server.execute(SQL.format(rows=rows))
        names = [c.name + str(i) for i, c in enumerate(server.description or [])]
        for row in server:
            yield {n: (v if isinstance(v, (int, float, str)) or v is None else str(v)) for n, v in zip(names, row, strict=True)}


def main(database: str, target: str, rows: int) -> None:
    """Write the workbook."""
    FastExcel(target).sheet("企业名单", list(records(database, rows))).save()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
