"""The size classes of the pack are the table the program classifies by, with an answer at and beside every limit."""

from decimal import Decimal

import pytest

from app.enterprises.rules import size_class
from app.packs.schema.criteria import SizeClass
from tests.ladder.criteria_cases import pack

COLUMNS = {"employees": size_class.EMPLOYEES, "revenue": size_class.REVENUE, "assets": size_class.ASSETS}
ROWS = pack("liaocheng").content.size_classes


def test_the_pack_and_the_program_have_the_same_table() -> None:
    stored = {rule.prefixes: rule.limits for rule in size_class.RULES}
    shown = {row.starts_with: {COLUMNS[name]: getattr(row, name) for name in COLUMNS if getattr(row, name)} for row in ROWS}
    assert shown == stored


def test_three_cities_share_it() -> None:
    assert pack("yantai").content.size_classes == pack("yingkou").content.size_classes == ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
@pytest.mark.parametrize(("position", "name", "below"), [(0, "large", "medium"), (1, "medium", "small"), (2, "small", "micro")])
def test_each_limit_and_one_less(row: SizeClass, position: int, name: str, below: str) -> None:
    limits = {metric: getattr(row, metric)[position] for metric in COLUMNS if getattr(row, metric)}

    def judge(**change: int) -> str | None:
        numbers = {**limits, **change}
        wan = {metric: Decimal(numbers[metric]) * 10_000 if metric in numbers else None for metric in ("revenue", "assets")}
        verdict = size_class.classify(
            row.starts_with[0], employees=numbers.get("employees"), revenue_yuan=wan["revenue"], assets_yuan=wan["assets"],
        )
        return verdict.code

    assert judge() == name
    for metric, limit in limits.items():
        assert judge(**{metric: limit - 1}) == below
