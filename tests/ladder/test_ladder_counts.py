"""SQL counts equal the pure rules for any history, on any day, as known on any day; towns are those of the day."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseSummary, EnterpriseTown
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL, NOTHING, Scope
from app.ladder import queries
from app.ladder.models import Recognition
from app.ladder.rules import CountKind, Grant, Metric, Part, any_level, counts, highest_rung
from tests.factories import ladder as make

PROVINCE_UP = any_level("srdi", "little_giant")
GREEN = Metric((Part("green_factory", frozenset({"city", "province"})),))
METRICS = [PROVINCE_UP, GREEN, any_level("unicorn"), Metric(())]
RUNGS = [["scale_up"], ["srdi", "little_giant"], ["unicorn"]]
DAYS = st.dates(date(2020, 1, 1), date(2024, 12, 31))
NEAR = st.sampled_from([date(2021, 12, 31), date(2022, 1, 1), date(2022, 6, 30), date(2022, 7, 1), date(2023, 12, 31), date(2024, 2, 29)])
ANY_DAY = st.one_of(DAYS, NEAR)
MAYBE = st.one_of(st.none(), ANY_DAY)
GRANTS = st.builds(
    Grant, title_code=st.sampled_from(["srdi", "little_giant", "green_factory", "unicorn", "scale_up", "gazelle"]),
    level=st.sampled_from(["", "county", "city", "province", "nation"]), batch_year=st.sampled_from([0, 2020, 2021, 2022, 2023, 2024]),
    announced_on=MAYBE, valid_from=MAYBE, valid_to=MAYBE, open_ended=st.booleans(), revoked_on=st.one_of(st.none(), st.none(), ANY_DAY),
    voided=st.sampled_from([False, False, False, True]),
)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Grant, datetime, datetime | None]:
    """A version: the grant, when it was recorded, when superseded."""
    begin = draw(st.datetimes(datetime(2020, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC)))
    end = draw(st.one_of(st.none(), st.timedeltas(timedelta(seconds=1), timedelta(days=900))))
    return draw(GRANTS), begin, None if end is None else begin + end


HISTORIES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(versions(), max_size=5), st.one_of(st.none(), st.none(), ANY_DAY)), min_size=1, max_size=6,
)


@pytest.fixture
def towns(app: Flask) -> Iterator[list[Any]]:
    yield [make.area(code) for code in ("371502001", "371581107", "3715Z1000")]


def _clear() -> None:
    for model in (Recognition, EnterpriseEvent, EnterpriseTown, EnterpriseSummary, Enterprise):
        db.session.execute(delete(model))


def _known(recorded: datetime, superseded: datetime | None, known_on: date | None) -> bool:
    if known_on is None:
        return superseded is None
    moment = clock.end_of_day(known_on)
    return recorded <= moment and (superseded is None or superseded > moment)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=HISTORIES, day=ANY_DAY, known_on=st.one_of(st.none(), ANY_DAY), window=st.one_of(st.none(), st.just((2021, 2023))))
def test_sql_equals_the_rules(towns: list[Any], histories: Any, day: date, known_on: date | None, window: tuple[int, int] | None) -> None:
    _clear()
    facts: dict[int, tuple[int, list[Grant], date | None]] = {}
    for place, rows, cancelled_on in histories:
        firm = make.firm(towns[place], recorded_at=datetime(2019, 1, 1, tzinfo=UTC))
        if cancelled_on:
            db.session.add(EnterpriseEvent(
                enterprise_id=firm.id, kind="cancelled", happened_on=cancelled_on, recorded_at=datetime(2019, 1, 1, tzinfo=UTC),
            ))
        keys: set[Any] = set()
        kept = []
        for grant, recorded, superseded in rows:
            key = (grant.title_code, grant.level, grant.batch_year)
            if superseded is None and key in keys:
                continue
            keys.add(key if superseded is None else None)
            make.recognition(firm, **{f: getattr(grant, f) for f in Grant.__dataclass_fields__}, recorded_at=recorded, superseded_at=superseded)
            kept += [grant] if _known(recorded, superseded, known_on) else []
        facts[firm.id] = (towns[place].id, kept, cancelled_on)
    for metric in METRICS:
        for kind in CountKind:
            wanted = [
                id_ for id_, (_, grants, off) in facts.items() if counts(grants, metric, kind, day, window=window, cancelled_on=off)
            ]
            rows = queries.members(ALL, metric, kind, day, known_on=known_on, window=window)
            assert [row.enterprise_id for row in rows] == sorted(wanted), (kind, metric)
            by_town = queries.count_by_town(ALL, metric, kind, day, known_on=known_on, window=window)
            assert by_town == Counter(facts[id_][0] for id_ in wanted)
    _check_rungs(facts, day, known_on)
    db.session.rollback()


def _check_rungs(facts: dict[int, tuple[int, list[Grant], date | None]], day: date, known_on: date | None) -> None:
    wanted: Counter[tuple[int, int]] = Counter()
    for town_id, grants, off in facts.values():
        held = {g.title_code for g in grants if counts([g], any_level(g.title_code), CountKind.STOCK, day, cancelled_on=off)}
        rung = highest_rung(RUNGS, held)
        if rung is not None:
            wanted[rung, town_id] += 1
    by_town = queries.rungs_by_town(ALL, RUNGS, day, known_on=known_on)
    assert {(rung, town): n for rung, towns in by_town.items() for town, n in towns.items()} == wanted
    for rung in range(len(RUNGS)):
        above = queries.rung_members(ALL, RUNGS, rung, day, or_above=True, known_on=known_on)
        assert len(above) == sum(n for (position, _), n in wanted.items() if position >= rung)


DAY = date(2023, 12, 31)


def _stock(scope: Scope, day: date = DAY) -> list[queries.MemberRow]:
    return queries.members(scope, PROVINCE_UP, CountKind.STOCK, day)


def test_nothing_recorded_counts_nothing(app: Flask) -> None:
    assert _stock(ALL) == [] and queries.count_by_town(ALL, PROVINCE_UP, CountKind.STOCK, DAY) == {}


def test_a_move_counts_from_its_first_day(towns: list[Any]) -> None:
    firm = make.firm(towns[0])
    make.recognition(firm)
    make.move(firm, towns[1], date(2024, 3, 1))
    where = {day: queries.count_by_town(ALL, PROVINCE_UP, CountKind.STOCK, day) for day in (date(2024, 2, 29), date(2024, 3, 1))}
    assert where == {date(2024, 2, 29): {towns[0].id: 1}, date(2024, 3, 1): {towns[1].id: 1}}


def test_the_number_of_a_past_day_stays_and_hides_the_name_of_who_left(towns: list[Any]) -> None:
    firm = make.firm(towns[0])
    make.recognition(firm)
    make.move(firm, towns[1], date(2024, 3, 1))
    before, after = make.unit_of(towns[0]), make.unit_of(towns[1])
    assert [row.visible for row in _stock(Scope(unit_ids=frozenset({before})))] == [False]
    assert _stock(Scope(unit_ids=frozenset({after}))) == []
    assert [row.visible for row in _stock(Scope(unit_ids=frozenset({after})), date(2024, 3, 1))] == [True]


def test_scope_narrows_to_unit_town_enterprise_and_nothing(towns: list[Any]) -> None:
    firms = [make.firm(town) for town in towns for _ in range(2)]
    for firm in firms:
        make.recognition(firm)
    assert len(_stock(ALL)) == 6
    assert len(_stock(Scope(city_ids=frozenset({towns[0].city_id})))) == 6
    assert len(_stock(Scope(unit_ids=frozenset({make.unit_of(towns[0])})))) == 2
    assert [r.town_id for r in _stock(Scope(town_ids=frozenset({towns[1].id})))] == [towns[1].id] * 2
    assert [r.enterprise_id for r in _stock(Scope(enterprise_ids=frozenset({firms[3].id})))] == [firms[3].id]
    assert _stock(NOTHING) == []


def test_a_merged_duplicate_is_not_counted(towns: list[Any]) -> None:
    kept, gone = make.firm(towns[0]), make.firm(towns[0])
    make.recognition(kept)
    make.recognition(gone)
    gone.merged_into_id = kept.id
    db.session.flush()
    assert [row.enterprise_id for row in _stock(ALL)] == [kept.id]


def test_paging_walks_every_member_once(towns: list[Any]) -> None:
    for _ in range(7):
        make.recognition(make.firm(towns[0]))
    seen: list[int] = []
    while page := queries.members(ALL, PROVINCE_UP, CountKind.STOCK, DAY, after=seen[-1] if seen else None, limit=3):
        seen += [row.enterprise_id for row in page]
    assert len(seen) == len(set(seen)) == 7


def test_filters_narrow_by_industry_ownership_and_town(towns: list[Any]) -> None:
    for town, industry, control in ((towns[0], "3311", "private"), (towns[0], "1711", "state"), (towns[1], "3399", "private")):
        make.recognition(make.firm(town, industry_code=industry, control_type=control))
    def found(**how: Any) -> int:
        return len(queries.members(ALL, PROVINCE_UP, CountKind.STOCK, DAY, filters=queries.Filters(**how)))
    assert (found(industry=("33",)), found(private=True), found(town_ids=frozenset({towns[0].id})), found(town_ids=frozenset())) == (2, 2, 2, 0)


def test_several_titles_at_once_equal_one_by_one(towns: list[Any]) -> None:
    for place, title in ((0, "srdi"), (0, "high_tech"), (1, "high_tech")):
        make.recognition(make.firm(towns[place]), title)
    for kind in CountKind:
        together = queries.titles_by_town(ALL, ["srdi", "high_tech", "unicorn"], kind, DAY)
        assert together == {code: queries.count_by_town(ALL, any_level(code), kind, DAY) for code in ("srdi", "high_tech", "unicorn")}


def test_towns_of_the_list_are_135_until_2024_and_136_from_2025(app: Flask) -> None:
    def ranked(day: date) -> int:
        return sum(place.ranked and place.code.startswith("3715") for place in queries.places(day).values())
    assert (ranked(date(2024, 12, 31)), ranked(date(2025, 5, 17)), ranked(date(2025, 5, 18)), ranked(date(2025, 12, 31))) == (135, 135, 136, 136)


def test_every_town_has_one_managing_unit(app: Flask) -> None:
    assert all(place.unit_id for place in queries.places(date(2025, 12, 31)).values() if place.ranked)
