"""The rules of counting (domain.md section 13) a second time, in plain SQL, without any code of the product that counts.

Every function answers ``{town id: enterprises}`` by the town of the day, all firms of the installation; merged ones left out, as far as the merge was known.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, bindparam, text

from app.infra.db import UtcDateTime, Yuan, db

FAR = datetime(2100, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))

IN_TOWN = """
JOIN enterprise_town t ON t.enterprise_id = e.id AND t.valid_from <= :day AND (t.valid_to IS NULL OR t.valid_to >= :day)
 AND {known_t}
WHERE NOT EXISTS (SELECT 1 FROM enterprise_merge m WHERE m.merged_id = e.id AND m.merged_at <= :moment
 AND (m.undone_at IS NULL OR m.undone_at > :moment))
"""
NOT_CANCELLED = """
AND NOT EXISTS (SELECT 1 FROM enterprise_event x WHERE x.enterprise_id = e.id AND x.kind = 'cancelled' AND x.happened_on <= :day
 AND x.recorded_at <= :moment)
"""
STARTED = "NOT r.voided AND CASE WHEN r.valid_from IS NULL THEN r.announced_on ELSE r.valid_from END <= :day"
VALID = STARTED + """
 AND (r.revoked_on IS NULL OR r.revoked_on > :day)
 AND (r.valid_to >= :day OR (r.valid_to IS NULL AND r.open_ended))
"""
UNDATED = "NOT r.voided AND r.valid_from IS NULL AND r.announced_on IS NULL AND r.batch_year BETWEEN 1 AND :year - 1"
BATCH = """
CASE WHEN r.batch_year > 0 THEN r.batch_year
 WHEN r.announced_on IS NOT NULL THEN CAST(substr(CAST(r.announced_on AS text), 1, 4) AS integer)
 ELSE CAST(substr(CAST(r.valid_from AS text), 1, 4) AS integer) END
"""


def known(alias: str, known_on: date | None) -> str:
    """Versions in force now, or those recorded by the end of a day in Shanghai and not yet replaced then."""
    if known_on is None:
        return f"{alias}.superseded_at IS NULL"
    return f"{alias}.recorded_at <= :moment AND ({alias}.superseded_at IS NULL OR {alias}.superseded_at > :moment)"


def run(sql: str, day: date, known_on: date | None = None, **more: Any) -> list[Any]:
    """Rows of a statement; ``:day`` and ``:moment`` are bound as this database stores them."""
    moment = FAR
    if known_on is not None:
        moment = datetime.combine(known_on + timedelta(days=1), time(), ZoneInfo("Asia/Shanghai")) - timedelta(microseconds=1)
    values = {"day": day, "moment": moment, **more}
    kinds: dict[str, Any] = {"day": Date(), "moment": UtcDateTime(), "line": Yuan()}
    asked = [bindparam(name, value, type_=kinds.get(name, None if isinstance(value, str) else BigInteger())) for name, value in values.items()
             if f":{name}" in sql]
    return list(db.session.execute(text(sql).bindparams(*asked)))


def which(titles: Collection[str], levels: Collection[str] | None = None) -> str:
    """Condition on a recognition ``r``; titles and levels are constants of the tests."""
    named = ", ".join(f"'{title}'" for title in sorted(titles))
    graded = "" if levels is None else " AND r.level IN (" + ", ".join(f"'{level}'" for level in sorted(levels)) + ")"
    return f"r.title_code IN ({named}){graded}"


def stock(
    titles: Collection[str], day: date, known_on: date | None = None, *, levels: Collection[str] | None = None, private: bool = False,
) -> dict[int, int]:
    """Valid on the day, both ends inclusive, not revoked, voided or cancelled by then."""
    sql = f"""SELECT t.town_id, count(*) FROM enterprise e {IN_TOWN.format(known_t=known('t', known_on))} {NOT_CANCELLED}
     AND EXISTS (SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND {which(titles, levels)} AND {known('r', known_on)} AND {VALID})
     {"AND e.control_type = 'private'" if private else ""} GROUP BY t.town_id"""
    return {town: count for town, count in run(sql, day, known_on)}  # noqa: C416


def cumulative(titles: Collection[str], day: date, known_on: date | None = None) -> dict[int, int]:
    """Ever granted by the day, whatever became of it; voided ones never."""
    sql = f"""SELECT t.town_id, count(*) FROM enterprise e {IN_TOWN.format(known_t=known('t', known_on))}
     AND EXISTS (SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND {which(titles)} AND {known('r', known_on)} AND {STARTED})
     GROUP BY t.town_id"""
    return {town: count for town, count in run(sql, day, known_on)}  # noqa: C416


def new(titles: Collection[str], day: date, year: int, known_on: date | None = None) -> dict[int, int]:
    """First grant of the titles has this batch year (blank: year of the announcement); a later grant is never new, nor is one after an undated one."""
    of_firm = f"FROM recognition r WHERE r.enterprise_id = e.id AND {which(titles)} AND {known('r', known_on)} AND {STARTED}"
    sql = f"""SELECT t.town_id, count(*) FROM enterprise e {IN_TOWN.format(known_t=known('t', known_on))}
     AND EXISTS (SELECT 1 {of_firm} AND {BATCH} = :year) AND NOT EXISTS (SELECT 1 {of_firm} AND {BATCH} < :year)
     AND NOT EXISTS (SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND {which(titles)} AND {known('r', known_on)} AND {UNDATED})
     GROUP BY t.town_id"""
    return {town: count for town, count in run(sql, day, known_on, year=year)}  # noqa: C416


def rungs(ladder: Sequence[Collection[str]], day: date, known_on: date | None = None) -> dict[int, dict[int, int]]:
    """Each firm on its highest rung: position -> town -> firms."""
    answer: dict[int, dict[int, int]] = {}
    for place in range(len(ladder)):
        held = f"SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND {known('r', known_on)} AND {VALID}"
        higher = {title for titles in ladder[place + 1:] for title in titles}
        sql = f"""SELECT t.town_id, count(*) FROM enterprise e {IN_TOWN.format(known_t=known('t', known_on))} {NOT_CANCELLED}
         AND EXISTS ({held} AND {which(ladder[place])}) {f"AND NOT EXISTS ({held} AND {which(higher)})" if higher else ""} GROUP BY t.town_id"""
        answer[place] = {town: count for town, count in run(sql, day, known_on)}  # noqa: C416
    return answer


def billion(year: int, day: date, known_on: date | None = None) -> dict[int, int]:
    """Indicator 3: private, revenue of the year from the strongest source that knows it, exactly 1 亿 counts."""
    order = "CASE {0}.source WHEN 'department' THEN 1 WHEN 'platform' THEN 2 WHEN 'enterprise' THEN 3 ELSE 4 END"
    sql = f"""SELECT t.town_id, count(*) FROM enterprise e {IN_TOWN.format(known_t=known('t', known_on))} {NOT_CANCELLED}
     AND e.control_type = 'private' AND :line <= (
      SELECT y.revenue_yuan FROM enterprise_year y WHERE y.enterprise_id = e.id AND y.year = :year AND y.revenue_yuan IS NOT NULL
       AND {known('y', known_on)} ORDER BY {order.format('y')} LIMIT 1)
     GROUP BY t.town_id"""
    return {town: count for town, count in run(sql, day, known_on, year=year, line=100_000_000)}  # noqa: C416


ABOVE_CITY = ("city", "province", "nation")
INDICATORS: Mapping[str, tuple[Collection[str], Collection[str] | None]] = {
    "9": (("innovative_sme",), None), "10": (("srdi", "little_giant"), None), "11": (("gazelle", "unicorn"), None),
    "12": (("single_champion_province", "single_champion"), None), "14": (("tech_sme",), None), "15": (("high_tech",), None),
    "17": (("iii_standard", "dcmm"), None), "22": (("green_factory",), ABOVE_CITY),
}
"""The rows of the annex that come from recognitions, written down from domain.md section 9."""


def indicator(item: str, year: int, day: date, known_on: date | None = None) -> dict[int, int]:
    """One column of the town table."""
    if item == "3":
        return billion(year, day, known_on)
    if item == "2":
        return stock(("scale_up",), day, known_on, private=True)
    titles, levels = INDICATORS[item]
    return stock(titles, day, known_on, levels=levels)


def units(day: date, known_on: date | None = None) -> dict[int, tuple[int, str]]:
    """Town -> (id, code) of the county or zone that manages it on the day."""
    sql = f"""SELECT m.town_id, u.id, u.code FROM area_membership m JOIN area u ON u.id = m.unit_id
     WHERE m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to >= :day) AND {known('m', known_on)}"""
    return {town: (id_, code) for town, id_, code in run(sql, day, known_on)}


def town_codes() -> dict[str, int]:
    """Code -> id of every town-level area."""
    kinds = "'subdistrict', 'town', 'township', 'functional_area', 'direct'"
    return {code: id_ for code, id_ in db.session.execute(text(f"SELECT code, id FROM area WHERE kind IN ({kinds})"))}  # noqa: C416
