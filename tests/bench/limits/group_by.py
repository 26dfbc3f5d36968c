"""Limit of rebuilding town counts: one raw GROUP BY per indicator and year, written into a table of its own.

usage: group_by.py DATABASE YEAR,YEAR,…  ->  JSON {"seconds": …, "counts": [[item, year, enterprises], …]}
"""

import json
import sqlite3
import sys
import time
from typing import Any

TITLES = {
    "2": ("scale_up",),
    "9": ("innovative_sme",), "10": ("srdi", "little_giant"), "11": ("gazelle", "unicorn"), "12": ("single_champion_province", "single_champion"),
    "14": ("tech_sme",), "15": ("high_tech",), "17": ("iii_standard", "dcmm"), "22": ("green_factory",),
}
TOWN = (
    "JOIN enterprise e ON e.id = x.enterprise_id AND e.merged_into_id IS NULL "
    "JOIN enterprise_town t ON t.enterprise_id = e.id AND t.superseded_at IS NULL AND t.valid_from <= '{day}' "
    "AND (t.valid_to IS NULL OR t.valid_to >= '{day}') "
)
HERE = (
    "NOT EXISTS (SELECT 1 FROM enterprise_event v WHERE v.enterprise_id = e.id AND v.kind = 'cancelled' AND v.happened_on <= '{day}') "
    "{private} GROUP BY t.town_id"
)
SQL = (
    "INSERT INTO limit_count SELECT '{item}', {year}, t.town_id, count(DISTINCT x.enterprise_id) FROM recognition x " + TOWN +
    "WHERE x.title_code IN ({titles}) AND x.superseded_at IS NULL AND NOT x.voided AND coalesce(x.valid_from, x.announced_on) <= '{day}' "
    "AND (x.valid_to >= '{day}' OR (x.valid_to IS NULL AND x.open_ended)) AND (x.revoked_on IS NULL OR x.revoked_on > '{day}') AND " + HERE
)
REVENUE = (
    "INSERT INTO limit_count SELECT '3', {year}, t.town_id, count(*) FROM (SELECT enterprise_id, coalesce("
    "max(CASE WHEN source = 'department' THEN revenue_yuan END), max(CASE WHEN source = 'platform' THEN revenue_yuan END), "
    "max(CASE WHEN source = 'enterprise' THEN revenue_yuan END), max(CASE WHEN source = 'visit' THEN revenue_yuan END)) AS revenue "
    "FROM enterprise_year WHERE year = {year} AND superseded_at IS NULL GROUP BY enterprise_id) x " + TOWN +
    "WHERE x.revenue >= {line} AND " + HERE
)
"""Privately held firms with a revenue of 1 亿元 and more, by the strongest source that knows it."""
PRIVATE = "AND e.control_type = 'private'"


def main(database: str, years: list[int]) -> dict[str, Any]:
    """Seconds of one whole rebuild, and what it counted."""
    connection: Any
    if database.startswith("/"):
        connection = sqlite3.connect(database, isolation_level=None)
    else:
        import psycopg

        connection = psycopg.connect(database, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS limit_count")
    connection.execute("CREATE TABLE limit_count (item text, year integer, town_id integer, n integer)")
    start = time.perf_counter()
    connection.execute("BEGIN")
    for year in years:
        for item, titles in TITLES.items():
            words = ",".join(f"'{title}'" for title in titles)
            connection.execute(SQL.format(item=item, year=year, day=f"{year}-12-31", titles=words, private=PRIVATE if item == "2" else ""))
        line = 10_000_000_000 if database.startswith("/") else 100_000_000  # SQLite holds whole fen
        connection.execute(REVENUE.format(year=year, day=f"{year}-12-31", line=line, private=PRIVATE))
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    counts = [[item, year, int(n)] for item, year, n in connection.execute("SELECT item, year, sum(n) FROM limit_count GROUP BY item, year")]
    connection.execute("DROP TABLE limit_count")
    return {"seconds": seconds, "counts": counts}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], [int(year) for year in sys.argv[2].split(",")])))
