"""Limit of working out every verdict: one SQL statement, written by hand for the rules of 2026, that stores the bit mask of every rule.

One column per rule: bit n = condition n met, bit n + 32 = unknown; scores as their lowest and highest points. Nothing is imported from the product.

usage: verdicts.py DATABASE DAY  ->  JSON {"seconds": …, "rows": …}
"""

import json
import sqlite3
import sys
import time
from typing import Any

SOURCES = ("department", "platform", "enterprise")
WAN = 10_000
SHARE = "CASE WHEN {whole} > 0 THEN CASE WHEN {part} * {down} {op} {whole} * {up} THEN {met} WHEN {part} IS NULL THEN {unknown} ELSE 0 END ELSE {unknown} END"


class Mask:
    """Conditions of one rule, added up."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        self.bit = 0

    def _bits(self) -> tuple[int, int]:
        self.bit += 1
        return 1 << (self.bit - 1), 1 << (self.bit + 31)

    def number(self, value: str, op: str, line: int) -> None:
        met, unknown = self._bits()
        self.terms.append(f"CASE WHEN {value} {op} {line} THEN {met} WHEN {value} IS NULL THEN {unknown} ELSE 0 END")

    def share(self, part: str, whole: str, op: str, up: int, down: int = 100) -> None:
        met, unknown = self._bits()
        self.terms.append(SHARE.format(part=part, whole=whole, op=op, up=up, down=down, met=met, unknown=unknown))

    def both(self, one: str, other: str, op: str, line: int) -> None:
        met, unknown = self._bits()
        self.terms.append(
            f"CASE WHEN {one} {op} {line} AND {other} {op} {line} THEN {met} WHEN {one} < {line} OR {other} < {line} THEN 0 ELSE {unknown} END"
        )

    def held(self, *titles: str) -> None:
        met, _ = self._bits()
        self.terms.append(f"CASE WHEN {' OR '.join(f'{one} = 1' for one in titles)} THEN {met} ELSE 0 END")

    def case(self, text: str) -> None:
        met, unknown = self._bits()
        self.terms.append(text.format(met=met, unknown=unknown))

    def sql(self) -> str:
        return " + ".join(self.terms)


def bands(part: str, whole: str, steps: list[tuple[int, int]], op: str = ">=") -> tuple[str, str]:
    """Lowest and highest points of a ratio in percent: (line, points) from the best down."""
    cases = " ".join(f"WHEN {part} * 100 {op} {whole} * {line} THEN {points}" for line, points in steps)
    known = f"{whole} > 0 AND {part} IS NOT NULL"
    return f"CASE WHEN {known} THEN CASE {cases} ELSE 0 END ELSE 0 END", f"CASE WHEN {known} THEN CASE {cases} ELSE 0 END ELSE {steps[0][1]} END"


def growth(now: str, before: str, steps: list[tuple[int, int]]) -> tuple[str, str]:
    """Points of a yearly growth in percent."""
    cases = " ".join(f"WHEN {now} * 100 >= {before} * {100 + line} THEN {points}" for line, points in steps)
    known = f"{before} > 0 AND {now} IS NOT NULL"
    return f"CASE WHEN {known} THEN CASE {cases} ELSE 0 END ELSE 0 END", f"CASE WHEN {known} THEN CASE {cases} ELSE 0 END ELSE {steps[0][1]} END"


def steps_of(value: str, steps: list[tuple[int, int]]) -> tuple[str, str]:
    """Points of a plain number."""
    cases = " ".join(f"WHEN {value} >= {line} THEN {points}" for line, points in steps)
    return f"CASE {cases} ELSE 0 END", f"CASE {cases} WHEN {value} IS NULL THEN {steps[0][1]} ELSE 0 END"


def rules(fen: int) -> dict[str, str]:
    """Column -> text. Amounts are in ``fen`` units per 元."""
    wan = WAN * fen
    out: dict[str, str] = {}
    srdi = Mask()
    srdi.held("t_tech", "t_inn")
    srdi.number("niche", ">=", 3)
    srdi.number("rev1", ">=", 1500 * wan)
    srdi.number("(eq1 + eq2)", ">=", 2000 * wan)
    srdi.share("main1", "rev1", ">=", 80)
    srdi.share("debt1", "ast1", "<=", 80)
    srdi.both("rd1", "rd2", ">=", 100 * wan)
    srdi.share("rd1", "rev1", ">=", 3)
    srdi.share("rd2", "rev2", ">=", 3)
    srdi.number("ip1", ">=", 1)
    srdi.number("inst", ">=", 3)
    srdi.number("score", ">=", 50)
    srdi.share("lead", "rev1", ">", 50)
    out["srdi"] = srdi.sql()
    giant = Mask()
    giant.held("t_srdi")
    giant.number("niche", ">=", 3)
    giant.number("rev1", ">=", 5000 * wan)
    giant.share("main1", "rev1", ">=", 90)
    giant.share("rev1", "rev3", ">=", 441, 400)
    giant.share("debt1", "ast1", "<=", 75)
    giant.number("(rd1 + rd2)", ">=", 1200 * wan)
    giant.share("rd1", "rev1", ">=", 3)
    giant.share("rd2", "rev2", ">=", 3)
    giant.number("ip1", ">=", 4)
    giant.number("mshare", ">=", 10 * (fen * 100 if fen > 1 else 1))
    giant.number("mrank", "<=", 3)
    giant.number("score", ">=", 60)
    giant.share("lead", "rev1", ">", 50)
    out["little_giant"] = giant.sql()
    innovative = Mask()
    innovative.held("t_ht")
    innovative.number("inst", ">=", 3)
    innovative.number("(eq1 + eq2 + eq3)", ">=", 500 * wan)
    out["innovative_sme"] = innovative.sql()
    ip = ("CASE WHEN hv >= 1 THEN 20 WHEN ip1 >= 1 THEN 10 WHEN ip2 >= 1 THEN 5 ELSE 0 END",
          "CASE WHEN hv >= 1 OR (hv IS NULL AND (ip1 IS NULL OR ip1 >= 1)) THEN 20 WHEN ip1 >= 1 THEN 15 WHEN ip2 >= 1 OR ip2 IS NULL THEN 5 ELSE 0 END")
    parts = [
        ip, bands("rd1", "rev1", [(5, 20), (3, 15), (2, 10), (1, 5)]), growth("main1", "main2", [(15, 20), (10, 15), (5, 10), (0, 5)]),
        bands("debt1", "ast1", [(55, 10), (75, 5)], "<="), ("5", "10"), bands("main1", "rev1", [(70, 20), (60, 15), (55, 10), (50, 5)]),
    ]
    out["inn_low"], out["inn_high"] = (" + ".join(one[end] for one in parts) for end in (0, 1))
    tech = Mask()
    tech.number("emp1", "<=", 500)
    tech.number("rev1", "<=", 20000 * wan)
    tech.number("ast1", "<=", 20000 * wan)
    tech.held("t_ht")
    tech.number("inst", ">=", 3)
    out["tech_sme"] = tech.sql()
    parts = [
        bands("tstaff", "emp1", [(30, 20), (25, 16), (20, 12), (15, 8), (10, 4)]),
        bands("rd1", "rev1", [(6, 50), (5, 40), (4, 30), (3, 20), (2, 10)]),
        ("CASE WHEN ip1 >= 1 THEN 30 WHEN ip2 >= 4 THEN 24 WHEN ip2 >= 3 THEN 18 WHEN ip2 >= 2 THEN 12 WHEN ip2 >= 1 THEN 6 ELSE 0 END",
         "CASE WHEN ip1 >= 1 OR ip1 IS NULL THEN 30 WHEN ip2 >= 4 OR ip2 IS NULL THEN 24 WHEN ip2 >= 3 THEN 18 WHEN ip2 >= 2 THEN 12 "
         "WHEN ip2 >= 1 THEN 6 ELSE 0 END"),
    ]
    out["tech_low"], out["tech_high"] = (" + ".join(one[end] for one in parts) for end in (0, 1))
    high = Mask()
    high.case("CASE WHEN founded <= '{{year_ago}}' THEN {met} WHEN founded IS NULL THEN {unknown} ELSE 0 END")
    high.share("tstaff", "emp1", ">=", 10)
    high.case(
        "CASE WHEN rev1 IS NULL OR rd1 + rd2 + rd3 IS NULL OR rev1 + rev2 + rev3 IS NULL THEN {unknown} "
        f"WHEN rev1 <= {5000 * wan} THEN CASE WHEN (rd1 + rd2 + rd3) * 100 >= (rev1 + rev2 + rev3) * 5 THEN {{met}} ELSE 0 END "
        f"WHEN rev1 <= {20000 * wan} THEN CASE WHEN (rd1 + rd2 + rd3) * 100 >= (rev1 + rev2 + rev3) * 4 THEN {{met}} ELSE 0 END "
        "WHEN (rd1 + rd2 + rd3) * 100 >= (rev1 + rev2 + rev3) * 3 THEN {met} ELSE 0 END"
    )
    out["high_tech"] = high.sql()
    lines = [(35, 9), (25, 7), (15, 5), (5, 3), (0, 1)]
    for name, (one, two, three) in {"sales": ("rev1", "rev2", "rev3"), "assets": ("(ast1 - debt1)", "(ast2 - debt2)", "(ast3 - debt3)")}.items():
        rate = f"(1.0 * {two} / {three} + 1.0 * {one} / {two} - 2) * 50"
        cases = " ".join(f"WHEN {rate} >= {line} THEN {points}" for line, points in lines)
        out[f"high_{name}"] = f"CASE WHEN {two} <= 0 THEN 0 WHEN {two} > 0 AND {three} > 0 THEN CASE {cases} ELSE 0 END END"
    gazelle = Mask()
    gazelle.case("CASE WHEN founded <= '{{three_years_ago}}' THEN {met} WHEN founded IS NULL THEN {unknown} ELSE 0 END")
    gazelle.share("debt1", "ast1", "<", 70)
    for low, top, up, down in ((1000, 2000, 25, 16), (2000, 10000, 36, 25), (10000, 40000, 529, 400), (40000, 10**9, 121, 100)):
        inside = f"rev1 >= {low * wan} AND rev1 < {top * wan}"
        for now, base in (("rev1", "rev3"), ("net1", "net3")):
            gazelle.case(
                f"CASE WHEN {inside} THEN CASE WHEN {base} > 0 THEN CASE WHEN {now} * {down} >= {base} * {up} THEN {{met}} ELSE 0 END "
                "ELSE {unknown} END ELSE 0 END"
            )
    gazelle.case(
        f"CASE WHEN rev1 >= {10000 * wan} THEN CASE WHEN rd1 * 1000 >= rev1 * 25 AND rd2 * 1000 >= rev2 * 25 THEN {{met}} ELSE 0 END "
        "WHEN rd1 * 100 >= rev1 * 5 AND rd2 * 100 >= rev2 * 5 THEN {met} WHEN rd1 + rd2 + rev1 + rev2 IS NULL THEN {unknown} ELSE 0 END"
    )
    gazelle.number("patents", ">=", 2)
    gazelle.number("models", ">=", 8)
    out["gazelle"] = gazelle.sql()
    champion = Mask()
    champion.number("niche", ">=", 3)
    champion.number("(rev1 + rev2 + rev3)", ">=", 120000 * wan)
    champion.number("(rev1 + rev2 + rev3)", ">=", 30000 * wan)
    champion.held("t_lg", "t_srdi")
    champion.number("mrank", "<=", 5)
    champion.number("niche", ">=", 10)
    champion.number("(main1 + main2 + main3)", ">=", 120000 * wan)
    out["champions"] = champion.sql()
    scale = Mask()
    scale.case(
        f"CASE WHEN two BETWEEN '06' AND '46' OR two = '51' THEN CASE WHEN main1 >= {2000 * wan} THEN {{met}} WHEN main1 IS NULL THEN {{unknown}} ELSE 0 END "
        f"WHEN two = '52' THEN CASE WHEN main1 >= {500 * wan} THEN {{met}} WHEN main1 IS NULL THEN {{unknown}} ELSE 0 END "
        f"WHEN two IN ('61', '62') THEN CASE WHEN main1 >= {200 * wan} THEN {{met}} WHEN main1 IS NULL THEN {{unknown}} ELSE 0 END "
        f"WHEN two BETWEEN '53' AND '79' THEN CASE WHEN rev1 >= {2000 * wan} THEN {{met}} WHEN rev1 IS NULL THEN {{unknown}} ELSE 0 END "
        f"ELSE CASE WHEN rev1 >= {500 * wan} THEN {{met}} WHEN rev1 IS NULL THEN {{unknown}} ELSE 0 END END"
    )
    scale.case(
        f"CASE WHEN two BETWEEN '06' AND '46' THEN CASE WHEN emp1 < 1000 OR rev1 < {40000 * wan} THEN {{met}} WHEN emp1 >= 1000 AND rev1 >= {40000 * wan} "
        "THEN 0 ELSE {unknown} END WHEN two IS NULL THEN {unknown} ELSE CASE WHEN emp1 < 300 THEN {met} WHEN emp1 IS NULL THEN {unknown} ELSE 0 END END"
    )
    out["scale_up"] = scale.sql()
    return out


def figure(column: str, year: int, money: str) -> str:
    """The value of the strongest source that knows it."""
    return "coalesce(" + ", ".join(money.format(f"y{year}_{source}.{column}") for source in SOURCES) + ")"


def statement(day: str, sqlite: bool) -> str:
    """The one statement: figures of three years joined by their unique index, titles and answers of the day, the masks."""
    last = int(day[:4]) - 1
    money, plain = ("{}", "{}") if sqlite else ("CAST({} * 100 AS DOUBLE PRECISION)", "{}")
    names = {"rev": "revenue_yuan", "main": "main_revenue_yuan", "net": "net_profit_yuan", "ast": "assets_yuan", "debt": "debt_yuan", "rd": "rd_expense_yuan",
             "eq": "equity_financing_yuan"}
    columns = [f"{figure(column, last - back, money)} AS {name}{back + 1}" for name, column in names.items() for back in range(3)]
    columns.append(f"{figure('employee_count', last, plain)} AS emp1")
    states = {"niche": "niche_years", "ip1": "ip_class1_count", "ip2": "ip_class2_count", "hv": "ip_high_value_count", "mshare": "market_share_pct",
              "mrank": "market_rank"}
    for name, column in states.items():
        known = ", ".join(f"y{last - back}_{source}.{column}" for back in range(3) for source in SOURCES)
        columns.append(f"coalesce({known}) AS {name}")
    titles = {"t_tech": "tech_sme", "t_inn": "innovative_sme", "t_srdi": "srdi", "t_lg": "little_giant", "t_ht": "high_tech"}
    held = ", ".join(f"max(CASE WHEN title_code = '{code}' THEN 1 ELSE 0 END) AS {name}" for name, code in titles.items())
    answers = {"score": "platform_score", "lead": "lead_product_revenue", "tstaff": "tech_staff", "patents": "invention_patents", "models": "utility_models"}
    # answers stand in ten-thousandths on SQLite; money is compared in fen, counts as they are
    part = {name: ("number / 100" if name == "lead" else "number / 10000") if sqlite else ("number * 100" if name == "lead" else "number") for name in answers}
    said = ", ".join(f"max(CASE WHEN subject = '{code}' THEN {part[name]} END) AS {name}" for name, code in answers.items())
    said += ", max(CASE WHEN subject = 'rd_institution_level' THEN CASE word WHEN 'nation' THEN 4 WHEN 'province' THEN 3 WHEN 'city' THEN 2 ELSE 0 END END) AS inst"
    joins = " ".join(
        f"LEFT JOIN enterprise_year y{last - back}_{source} ON y{last - back}_{source}.enterprise_id = e.id AND y{last - back}_{source}.year = {last - back} "
        f"AND y{last - back}_{source}.source = '{source}' AND y{last - back}_{source}.superseded_at IS NULL" for back in range(3) for source in SOURCES
    )
    columns += [*(f"coalesce(h.{name}, 0) AS {name}" for name in titles), *(f"a.{name}" for name in answers), "a.inst", "substr(e.industry_code, 1, 2) AS two",
                "e.founded_on AS founded"]
    masks = {name: text.replace("{year_ago}", f"{last}{day[4:]}").replace("{three_years_ago}", f"{last - 2}{day[4:]}") for name, text in rules(100).items()}
    fence = "LIMIT -1 OFFSET 0" if sqlite else "OFFSET 0"
    return (
        f"INSERT INTO limit_verdict SELECT id, {', '.join(masks.values())} FROM (SELECT e.id AS id, {', '.join(columns)} FROM enterprise e {joins} "
        f"LEFT JOIN (SELECT enterprise_id, {held} FROM recognition WHERE superseded_at IS NULL AND NOT voided AND coalesce(valid_from, announced_on) <= '{day}' "
        f"AND (valid_to >= '{day}' OR (valid_to IS NULL AND open_ended)) AND (revoked_on IS NULL OR revoked_on > '{day}') GROUP BY enterprise_id) h "
        f"ON h.enterprise_id = e.id LEFT JOIN (SELECT enterprise_id, {said} FROM enterprise_answer WHERE superseded_at IS NULL GROUP BY enterprise_id) a "
        f"ON a.enterprise_id = e.id WHERE e.merged_into_id IS NULL {fence}) f WHERE id > 0"
    )


def main(database: str, day: str) -> dict[str, Any]:
    """Seconds of the statement and how many rows it stored."""
    connection: Any
    sqlite = database.startswith("/")
    if sqlite:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("PRAGMA cache_size=-16384")
    else:
        import psycopg

        connection = psycopg.connect(database, autocommit=True)
    names = list(rules(100))
    kinds = {name: "double precision" if name.startswith("high_") and name != "high_tech" else "bigint" for name in names}
    connection.execute("DROP TABLE IF EXISTS limit_verdict")
    connection.execute(f"CREATE TABLE limit_verdict (id bigint PRIMARY KEY, {', '.join(f'{name} {kinds[name]}' for name in names)})")
    start = time.perf_counter()
    connection.execute("BEGIN")
    connection.execute(statement(day, sqlite))
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    rows = int(connection.execute("SELECT count(*) FROM limit_verdict").fetchone()[0])
    connection.execute("DROP TABLE limit_verdict")
    return {"seconds": seconds, "rows": rows}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
