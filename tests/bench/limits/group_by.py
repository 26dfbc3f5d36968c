"""Limit of rebuilding town counts: one raw GROUP BY per register indicator for one year, written into a table of its own.

usage: group_by.py DATABASE  ->  JSON {"seconds": …}
"""

import json
import sqlite3
import sys
import time
from typing import Any

DAY = "2025-12-31"
METRICS = {
    "9": ("innovative_sme",), "10": ("srdi", "little_giant"), "11": ("gazelle", "unicorn"), "12": ("single_champion_province", "single_champion"),
    "14": ("tech_sme",), "15": ("high_tech",), "17": ("iii_standard", "dcmm"), "22": ("green_factory",),
}
SQL = (
    "INSERT INTO limit_count SELECT '{item}', t.town_id, count(DISTINCT r.enterprise_id) FROM recognition r "
    "JOIN enterprise_town t ON t.enterprise_id = r.enterprise_id AND t.superseded_at IS NULL AND t.valid_from <= '{day}' "
    "AND (t.valid_to IS NULL OR t.valid_to >= '{day}') "
    "WHERE r.title_code IN ({titles}) AND r.superseded_at IS NULL AND coalesce(r.valid_from, r.announced_on) <= '{day}' "
    "AND r.valid_to >= '{day}' AND (r.revoked_on IS NULL OR r.revoked_on > '{day}') GROUP BY t.town_id"
)


def main(database: str) -> float:
    """Seconds of the fastest of three whole rebuilds."""
    connection: Any
    if database.startswith("/"):
        connection = sqlite3.connect(database, isolation_level=None)
    else:
        import psycopg

        connection = psycopg.connect(database, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS limit_count")
    connection.execute("CREATE TABLE limit_count (item text, town_id integer, n integer)")
    best = float("inf")
    for _ in range(3):
        connection.execute("DELETE FROM limit_count")
        start = time.perf_counter()
        connection.execute("BEGIN")
        for item, titles in METRICS.items():
            connection.execute(SQL.format(item=item, day=DAY, titles=",".join(f"'{t}'" for t in titles)))
        connection.execute("COMMIT")
        best = min(best, time.perf_counter() - start)
    connection.execute("DROP TABLE limit_count")
    return best


if __name__ == "__main__":
    print(json.dumps({"seconds": main(sys.argv[1])}))
