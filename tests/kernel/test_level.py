"""Levels compare by height and read the words people type."""

import pytest

from app.kernel.level import Level


@pytest.mark.parametrize(("text", "level"), [
    ("国家级", Level.NATION), ("国家", Level.NATION), ("国", Level.NATION), ("nation", Level.NATION), ("NATION", Level.NATION),
    ("省级", Level.PROVINCE), (" 省 级 ", Level.PROVINCE), ("省", Level.PROVINCE), ("省部级", Level.PROVINCE),
    ("市级", Level.CITY), ("地市级", Level.CITY), ("设区市级", Level.CITY),
    ("县级", Level.COUNTY), ("区县级", Level.COUNTY), ("县（市、区）级", Level.COUNTY),
    ("", None), ("级", None), ("三级", None), ("山东", None), ("省市", None),
])
def test_reads_words(text: str, level: Level | None) -> None:
    assert Level.parse(text) is level


def test_above_includes_itself_and_everything_higher() -> None:
    assert [level for level in Level if level.at_least(Level.PROVINCE)] == [Level.PROVINCE, Level.NATION]
    assert sorted(Level, key=lambda level: level.rank) == [Level.COUNTY, Level.CITY, Level.PROVINCE, Level.NATION]


def test_labels() -> None:
    assert [level.label for level in Level] == ["县级", "市级", "省级", "国家级"]
