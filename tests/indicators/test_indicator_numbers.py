"""Every cell of the town table equals its list and an independent count; stored equals live; rules of the annex one by one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseSummary, EnterpriseTown, EnterpriseYear
from app.indicators import actions, queries
from app.indicators.models import TownCount, TownCountYear
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL
from app.ladder.models import Recognition
from app.ladder.queries import current_pack
from tests.factories import ladder as make

YEAR = 2023
DAY = date(2023, 12, 31)
CODES = ("371502001", "371502002", "371581107", "3715Z1000")
TITLES = {
    "9": ("innovative_sme",), "10": ("srdi", "little_giant"), "11": ("gazelle", "unicorn"), "12": ("single_champion_province", "single_champion"),
    "14": ("tech_sme",), "15": ("high_tech",), "17": ("iii_standard", "dcmm"), "22": ("green_factory",), "2": ("scale_up",),
}
"""Written down here a second time on purpose: the annex, not the pack, is what the numbers must obey."""


@pytest.fixture
def towns(app: Flask) -> list[Any]:
    return [make.area(code) for code in CODES]


def _clear() -> None:
    for model in (TownCount, TownCountYear, Recognition, EnterpriseEvent, EnterpriseYear, EnterpriseTown, EnterpriseSummary, Enterprise):
        db.session.execute(delete(model))


def _raw(item: str, town_id: int, day: date) -> int:
    """The count of a cell in plain SQL, written without the code under test."""
    titles = ", ".join(f"'{t}'" for t in TITLES[item])
    extra = " AND r.level IN ('city', 'province', 'nation')" if item == "22" else " AND e.control_type = 'private'" if item == "2" else ""
    return int(db.session.execute(text(
        "SELECT count(*) FROM enterprise e WHERE e.merged_into_id IS NULL"
        " AND EXISTS (SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND r.superseded_at IS NULL AND NOT r.voided"
        f" AND r.title_code IN ({titles}){extra} AND (r.valid_from <= :day OR (r.valid_from IS NULL AND r.announced_on <= :day))"
        " AND (r.valid_to >= :day OR (r.valid_to IS NULL AND r.open_ended)) AND (r.revoked_on IS NULL OR r.revoked_on > :day))"
        " AND NOT EXISTS (SELECT 1 FROM enterprise_event x WHERE x.enterprise_id = e.id AND x.kind = 'cancelled' AND x.happened_on <= :day)"
        " AND :town = (SELECT t.town_id FROM enterprise_town t WHERE t.enterprise_id = e.id AND t.superseded_at IS NULL"
        " AND t.valid_from <= :day AND (t.valid_to IS NULL OR t.valid_to >= :day))"
    ), {"day": day.isoformat() if db.engine.dialect.name == "sqlite" else day, "town": town_id}).scalar_one())


DAYS = st.sampled_from([None, date(2021, 1, 1), date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 30)])
GRANTS = st.fixed_dictionaries({
    "title_code": st.sampled_from([title for titles in TITLES.values() for title in titles] + ["srdi_city", "eaglet"]),
    "level": st.sampled_from(["", "county", "city", "province", "nation"]), "batch_year": st.integers(2019, 2025),
    "announced_on": DAYS, "valid_from": DAYS, "valid_to": DAYS, "open_ended": st.booleans(), "revoked_on": DAYS,
    "voided": st.sampled_from([False, False, True]),
})
FIRMS = st.lists(st.fixed_dictionaries({
    "place": st.integers(0, 3), "moves": st.one_of(st.none(), st.tuples(st.integers(0, 3), st.sampled_from([DAY, date(2024, 1, 1)]))),
    "control": st.sampled_from(["private", "state", None]), "off": st.one_of(st.none(), st.sampled_from([DAY, date(2024, 1, 1)])),
    "grants": st.lists(GRANTS, max_size=4, unique_by=lambda g: (g["title_code"], g["level"], g["batch_year"])),
}), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(firms=FIRMS, day=st.sampled_from([DAY, date(2022, 12, 31), date(2024, 12, 31)]))
def test_cell_equals_list_equals_raw_sql_equals_stored(towns: list[Any], firms: Any, day: date) -> None:
    _clear()
    for firm in firms:
        row = make.firm(towns[firm["place"]], control_type=firm["control"])
        if firm["moves"]:
            make.move(row, towns[firm["moves"][0]], firm["moves"][1])
        if firm["off"]:
            make.cancelled(row, firm["off"])
        for grant in firm["grants"]:
            make.recognition(row, **grant)
    pack = current_pack()
    live = queries.city_table(pack, day.year)
    assert not live.stored
    for cell in (row for row in live.rows if row.place.code in CODES):
        for key in TITLES:
            raw = _raw(key, cell.place.town_id, day)
            recipe = live.column(key).recipe  # type: ignore[union-attr]
            listed = queries.members(ALL, recipe, day.year, day, towns=[cell.place.town_id])  # type: ignore[arg-type]
            assert cell.values[key] == len(listed) == raw, (key, cell.place.name)
    actions.rebuild([day.year])
    stored = queries.city_table(pack, day.year)
    assert stored.stored and stored.rows == live.rows
    db.session.rollback()


def _cell(town: Any, key: str, year: int = YEAR, **how: Any) -> int:
    table = queries.city_table(current_pack(), year, **how)
    return next(row.values[key] for row in table.rows if row.place.town_id == town.id)


def test_26_columns_with_11_numbers_and_the_rest_to_be_reported(app: Flask) -> None:
    columns = queries.table_columns(current_pack(), YEAR)
    assert [c.seq for c in columns] == list(range(1, 27))
    kinds = Counter(c.kind.value for c in columns)
    assert kinds == {"computed": 8, "reference": 2, "pending": 15, "veto": 1}
    assert [c.key for c in columns if c.kind is queries.ColumnKind.COMPUTED] == ["9", "10", "11", "12", "14", "15", "17", "22"]
    assert [c.key for c in columns if c.kind is queries.ColumnKind.REFERENCE] == ["2", "3"]
    assert sum(c.weight or 0 for c in columns) == 100
    assert [c.seq for c in columns if c.direction == "逆向"] == [20]


def test_an_empty_system_shows_zero_for_registers_and_nothing_for_the_rest(app: Flask) -> None:
    table = queries.city_table(current_pack(), YEAR)
    assert len(table.ranked) == 135 and len(queries.city_table(current_pack(), 2025).ranked) == 136
    assert set(table.ranked[0].values) == {"2", "3", "9", "10", "11", "12", "14", "15", "17", "22"}
    assert all(value == 0 for row in table.rows for value in row.values.values())


def test_both_srdi_titles_count_once_and_the_city_title_not_at_all(towns: list[Any]) -> None:
    firm = make.firm(towns[0])
    make.recognition(firm, "srdi", level="province")
    make.recognition(firm, "little_giant", level="nation")
    make.recognition(make.firm(towns[0]), "srdi_city", level="city")
    assert _cell(towns[0], "10") == 1


def test_green_factories_count_from_the_city_level_up(towns: list[Any]) -> None:
    for level in ("county", "city", "province", "nation"):
        make.recognition(make.firm(towns[0]), "green_factory", level=level, valid_to=None, open_ended=True)
    assert _cell(towns[0], "22") == 3


@pytest.mark.parametrize(("revenue", "control", "counted"), [
    (Decimal("100000000"), "private", 1), (Decimal("99999999.99"), "private", 0), (Decimal("100000000"), "state", 0),
    (Decimal("100000000"), None, 0), (None, "private", 0),
])
def test_revenue_of_exactly_100_million_counts_for_private_firms_only(towns: list[Any], revenue: Any, control: Any, counted: int) -> None:
    make.figures(make.firm(towns[0], control_type=control), YEAR, revenue)
    assert _cell(towns[0], "3") == counted


def test_the_strongest_source_that_knows_the_revenue_decides(towns: list[Any]) -> None:
    low, high = Decimal("50000000"), Decimal("200000000")
    for weak, strong in ((high, low), (low, high), (high, None)):
        firm = make.firm(towns[0])
        make.figures(firm, YEAR, weak, "enterprise")
        make.figures(firm, YEAR, strong, "department")
    assert _cell(towns[0], "3") == 2
    make.figures(make.firm(towns[0]), YEAR - 1, high)
    assert _cell(towns[0], "3") == 2, "another year's revenue does not count"


def test_late_entry_is_knowledge_not_history(towns: list[Any]) -> None:
    clock.freeze(datetime(2024, 1, 10, tzinfo=UTC))
    firm = make.firm(towns[0])
    clock.freeze(datetime(2024, 3, 1, 15, 59, 59, tzinfo=UTC))  # 23:59:59 in Shanghai
    make.recognition(firm, "high_tech")
    known = {day: _cell(towns[0], "15", known_on=day) for day in (date(2024, 2, 29), date(2024, 3, 1))}
    assert known == {date(2024, 2, 29): 0, date(2024, 3, 1): 1}
    assert _cell(towns[0], "15") == 1


def test_a_correction_is_known_from_its_day(towns: list[Any]) -> None:
    clock.freeze(datetime(2024, 1, 10, tzinfo=UTC))
    row = make.recognition(make.firm(towns[0]), "high_tech", valid_to=date(2023, 12, 30))
    clock.freeze(datetime(2024, 5, 10, tzinfo=UTC))
    row.superseded_at = clock.now()
    db.session.flush()
    db.session.add(Recognition(
        enterprise_id=row.enterprise_id, title_code="high_tech", batch_year=2023, valid_from=row.valid_from, valid_to=DAY, recorded_at=clock.now(),
    ))
    db.session.flush()
    assert (_cell(towns[0], "15", known_on=date(2024, 5, 9)), _cell(towns[0], "15", known_on=date(2024, 5, 10))) == (0, 1)


def test_other_days_than_the_year_end_are_counted_live(towns: list[Any]) -> None:
    make.recognition(make.firm(towns[0]), "high_tech", valid_from=date(2023, 7, 1), valid_to=date(2023, 12, 30))
    actions.rebuild()
    assert (_cell(towns[0], "15"), _cell(towns[0], "15", day=date(2023, 12, 30)), _cell(towns[0], "15", day=date(2023, 6, 30))) == (0, 1, 0)


def test_zone_seats_count_in_unit_and_city_only(towns: list[Any]) -> None:
    make.recognition(make.firm(towns[3]), "high_tech")
    table = queries.city_table(current_pack(), YEAR)
    assert table.total("15") == 1 and table.total("15", table.ranked) == 0
    assert table.total("15", [row for row in table.rows if row.place.unit_code == "3715Z1"]) == 1


def test_a_changed_town_is_recounted_in_every_stored_year(towns: list[Any]) -> None:
    firm = make.firm(towns[0])
    make.recognition(firm, "high_tech", valid_from=date(2021, 7, 1), valid_to=date(2024, 6, 30), batch_year=2021)
    actions.rebuild()
    make.move(firm, towns[2], date(2023, 5, 1))
    actions.refresh_enterprises([firm.id])
    assert [(_cell(towns[0], "15", year), _cell(towns[2], "15", year)) for year in (2021, 2022, 2023, 2024)] == [(1, 0), (1, 0), (0, 1), (0, 0)]
    assert queries.city_table(current_pack(), 2022).stored


def test_counts_of_an_older_definition_are_not_shown(towns: list[Any]) -> None:
    make.recognition(make.firm(towns[0]), "high_tech")
    actions.rebuild()
    city = towns[0].city_id
    db.session.get_one(TownCountYear, (YEAR, city)).definition = "older"
    db.session.execute(delete(TownCount))
    assert _cell(towns[0], "15") == 1
    actions.refresh_towns([towns[0].id])
    assert db.session.get(TownCountYear, (YEAR, city)) is None


def test_a_new_year_opens_a_new_data_year(towns: list[Any]) -> None:
    clock.freeze(datetime(2024, 12, 31, 4, tzinfo=UTC))
    make.recognition(make.firm(towns[0]), "high_tech")
    assert actions.new_day(clock.today()) > 0 and actions.new_day(clock.today()) == 0
    clock.freeze(clock.now() + timedelta(days=1))
    assert actions.new_day(clock.today()) > 0
    assert queries.city_table(current_pack(), 2025).stored
