"""Enterprises of every shape for the verdict tests: missing values, zeros, negative bases, values right on the edges, all sources, all answers."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

from app.areas.models import Area
from app.infra import clock
from app.infra.db import db
from app.ladder.models import EnterpriseAnswer
from app.packs import vocabulary
from app.packs.vocabulary import FactField
from tests.factories import ladder as make

WAN = 10_000
MONEY = ("main_revenue_yuan", "net_profit_yuan", "assets_yuan", "debt_yuan", "rd_expense_yuan", "equity_financing_yuan")
COUNTS = (
    "employee_count", "rd_staff_count", "ip_class1_count", "ip_class2_count", "ip_high_value_count", "niche_years", "market_rank", "digital_grade",
)
INDUSTRIES = (
    "3484", "06", "70", "701", "7010", "7020", "59", "5911", "5920", "51", "5212", "61", "62", "65", "8310", "53", "01", "9999", None, "", "47", "71", "85",
)
FOUNDED = (
    None, date(2026, 7, 1), date(2026, 6, 1), date(2025, 6, 1), date(2025, 6, 2), date(2023, 6, 1), date(2016, 6, 1), date(2024, 2, 29), date(2016, 5, 31),
    date(2025, 3, 1), date(1996, 1, 1),
)
TITLES = ("srdi", "tech_sme", "innovative_sme", "high_tech", "little_giant", "gazelle", "scale_up", "single_champion")
SHARES = tuple(Decimal(text) for text in ("0.03", "0.05", "0.7", "0.8", "0.9", "0.5", "0.55", "0.06", "0.75", "1"))
STEPS = tuple(Decimal(text) for text in ("1", "1.05", "1.1", "1.15", "1.2", "1.25", "0.9"))
JUDGED = (
    ("srdi_2026", "P9"), ("lg_2026", "L11"), ("lg_2022", "F2"), ("lg_2022", "C1"), ("srdi_2026", "E2"), ("lg_2022", "E2"), ("inn_2022", "E2"),
    ("single_champion_2023", "C4"), ("eaglet_liaoning_2021", "Y2"),
)
JURY = (
    ("ip.advanced", 8), ("ip.core", 8), ("ip.origin", 6), ("ip.standard", 2), ("management.system", 6), ("management.people", 4), ("results", 30),
    ("growth.sales", 10), ("ip.count", 8),
)
ANSWERED = tuple(one for one in vocabulary.BUILT_IN if one.column is None and one.code not in ("industry", "founded_on", "credit_code"))


def fill(count: int, seed: int, towns: list[Area], *, answered: float = 0.6) -> None:
    """``count`` enterprises; the same seed gives the same ones. The caller commits."""
    source = random.Random(seed)
    for _ in range(count):
        firm = make.firm(source.choice(towns), industry_code=source.choice(INDUSTRIES), founded_on=source.choice(FOUNDED))
        _figures(firm, source)
        for title in TITLES:
            if source.random() < 0.25:
                make.recognition(firm, title, valid_from=date(2023, 7, 1), valid_to=source.choice((date(2026, 12, 31), date(2026, 5, 31))))
        if source.random() < answered:
            _answers(firm, source)
    db.session.flush()


def _money(source: random.Random) -> Decimal:
    kind = source.random()
    if kind < 0.08:
        return Decimal(0)
    if kind < 0.14:
        return -Decimal(source.randint(1, 10**7))
    if kind < 0.5:
        return Decimal(source.choice((100, 150, 500, 1000, 1500, 2000, 3000, 5000, 10000, 20000, 40000))) * WAN
    return Decimal(source.randint(1, 10**12)) if kind < 0.55 else Decimal(source.randint(1, 5 * 10**10)) / 100


def _figures(firm: Any, source: random.Random) -> None:
    base = _money(source)
    for year in range(2020, 2027):
        for of in ("department", "platform", "enterprise", "visit"):
            if source.random() >= (0.7 if of == "department" else 0.15):
                continue
            values: dict[str, Any] = {}
            for name in MONEY:
                kind = source.random()
                if kind >= 0.2:
                    values[name] = _money(source) if kind < 0.4 else (abs(base) * source.choice(SHARES)).quantize(Decimal("0.01"))
            values |= {name: source.choice((0, 1, 2, 3, 4, 5, 10, 20, 100, 299, 300, 1000)) for name in COUNTS if source.random() < 0.6}
            if source.random() < 0.5:
                values["market_share_pct"] = Decimal(source.choice(("10", "10.0001", "9.9999", "0", "30")))
            revenue = None if source.random() < 0.15 else base if source.random() < 0.5 else _money(source)
            make.figures(firm, year, revenue, of, **values)
        base = (base * source.choice(STEPS)).quantize(Decimal("0.01"))


def _answers(firm: Any, source: random.Random) -> None:
    for one in ANSWERED:
        if source.random() < 0.3:
            for year in (2022, 2023, 2024, 2025, 2026) if one.period == "year" else (0,):
                if source.random() >= 0.3:
                    _add(firm, one, year, source)
    for rule, leaf in JUDGED:
        if source.random() < 0.5:
            _row(firm, kind="judgement", rule=rule, subject=leaf, word=source.choice(("met", "unmet")))
    for leaf, top in JURY:
        if source.random() < 0.5:
            points = Decimal(source.randint(0, top)) if source.random() < 0.99 else Decimal("1.5")
            _row(firm, kind="judgement", rule="high_tech_2016", subject=leaf, number=points)


def _add(firm: Any, one: FactField, year: int, source: random.Random) -> None:
    if one.kind == "flag":
        _row(firm, subject=one.code, year=year, number=Decimal(source.randint(0, 1)))
    elif one.kind == "choice":
        _row(firm, subject=one.code, year=year, word=source.choice(one.choices)[0])
    elif one.kind == "money":
        amount = _money(source)
        _row(firm, subject=one.code, year=year, number=abs(amount) if one.floor_zero else amount)
    elif one.numeric:
        whole = source.choice((0, 1, 3, 5, 10, 20, 25, 50, 60, 70, 80, 90, 100))
        _row(firm, subject=one.code, year=year, number=Decimal(whole) if one.kind == "count" or source.random() < 0.8 else Decimal("49.9999"))


def _row(firm: Any, **values: Any) -> None:
    values = {"kind": "fact", "year": 0} | values
    db.session.add(EnterpriseAnswer(enterprise_id=firm.id, recorded_at=clock.now(), **values))
