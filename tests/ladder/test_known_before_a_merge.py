"""What was known before two records were merged stays as it was, and the merge is the reason given for the difference."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder.queries import count_by_town
from app.ladder.queries import explain as why
from app.ladder.queries.explain import RungCount, Side, TitleCount
from app.ladder.queries.transitions import Between, flows
from app.ladder.rules import CountKind, any_level
from tests.factories import ladder as make
from tests.pages import PageBrowser

Pages = Callable[[str], PageBrowser]
DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(5)]
RUNGS = (frozenset({"scale_up"}), frozenset({"srdi"}))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


@pytest.fixture
def pair(app: Flask) -> tuple[Enterprise, Enterprise]:
    """Two records of one firm in two counties; the second holds the title and the revenue."""
    clock.freeze(at(DAYS[0]))
    kept = make.firm(make.area("371502001"), name="保留有限公司", recorded_at=LONG_AGO)
    other = make.firm(make.area("371581107"), name="重复有限公司", recorded_at=LONG_AGO)
    make.recognition(other, "srdi", level="province", recorded_at=LONG_AGO)
    make.figures(other, 2025, Decimal(200_000_000)).recorded_at = LONG_AGO
    db.session.commit()
    return kept, other


def merged(pair: tuple[Enterprise, Enterprise], on: date) -> int:
    clock.freeze(at(on))
    kept, other = pair
    done = enterprises.merge(
        scope=ALL, kept_id=kept.id, merged_id=other.id, kept_version=kept.version, merged_version=other.version, reason="重复登记合并", by=SYSTEM,
    )
    db.session.commit()
    return done.id


def undone(merge_id: int, on: date) -> None:
    clock.freeze(at(on))
    enterprises.undo_merge(scope=ALL, merge_id=merge_id, by=SYSTEM)
    db.session.commit()


def towns(known_on: date | None, kind: CountKind = CountKind.STOCK) -> dict[int, int]:
    return count_by_town(ALL, any_level("srdi"), kind, DAYS[0], known_on=known_on, window=(2023, 2023))


@pytest.mark.parametrize("kind", list(CountKind))
def test_every_state_of_knowledge_keeps_its_towns(pair: tuple[Enterprise, Enterprise], kind: CountKind) -> None:
    before, after = {pair[1].town_id: 1}, {pair[0].town_id: 1}
    merge_id = merged(pair, DAYS[1])
    assert (towns(DAYS[0], kind), towns(DAYS[1], kind), towns(None, kind)) == (before, after, after)
    undone(merge_id, DAYS[3])
    assert [towns(day, kind) for day in (DAYS[0], DAYS[1], DAYS[2], DAYS[3], None)] == [before, after, after, before, before]
    merged(pair, DAYS[4])
    assert [towns(day, kind) for day in DAYS] == [before, after, after, before, after]


def test_a_corrected_row_that_moved_stays_known_where_it_was(pair: tuple[Enterprise, Enterprise]) -> None:
    third = make.firm(make.area("371502002"), recorded_at=LONG_AGO)
    db.session.commit()
    merged(pair, DAYS[1])
    merged((third, pair[0]), DAYS[2])
    assert [towns(day) for day in DAYS[:3]] == [{pair[1].town_id: 1}, {pair[0].town_id: 1}, {third.town_id: 1}]


def test_a_cancellation_of_the_duplicate_does_not_reach_back(pair: tuple[Enterprise, Enterprise]) -> None:
    kept, other = pair
    make.recognition(kept, "srdi", level="province", recorded_at=LONG_AGO)
    make.cancelled(other, date(2026, 1, 1))
    db.session.commit()
    assert towns(DAYS[0]) == {kept.town_id: 1}
    merged(pair, DAYS[1])
    assert towns(DAYS[0]) == {kept.town_id: 1}


def reasons(before: date | None, after: date | None, count: TitleCount | RungCount) -> list[tuple[str, bool]]:
    sides = [Side(count, DAYS[0], known, why.Filters(), why.counted_towns(ALL, DAYS[0], known, why.Filters())) for known in (before, after)]
    found = why.changes(ALL, sides[0], sides[1], why.counted_towns(ALL, DAYS[0], after, why.Filters()))
    return sorted((change.cause.reason.value, change.came) for change in found)


@pytest.mark.parametrize("count", [TitleCount(any_level("srdi"), CountKind.STOCK), RungCount(RUNGS, 1)])
def test_merge_and_undoing_are_the_reason(pair: tuple[Enterprise, Enterprise], count: TitleCount | RungCount) -> None:
    merge_id = merged(pair, DAYS[1])
    both = [("merged", False), ("merged", True)]
    assert reasons(DAYS[0], None, count) == both and reasons(None, DAYS[0], count) == both
    undone(merge_id, DAYS[3])
    assert reasons(DAYS[1], DAYS[3], count) == both and reasons(DAYS[0], DAYS[3], count) == []


def test_two_holders_that_become_one_are_a_merge(pair: tuple[Enterprise, Enterprise]) -> None:
    make.recognition(pair[0], "srdi", level="province", recorded_at=LONG_AGO)
    db.session.commit()
    merged(pair, DAYS[1])
    assert (sum(towns(DAYS[0]).values()), sum(towns(None).values())) == (2, 1)
    assert reasons(DAYS[0], None, TitleCount(any_level("srdi"), CountKind.STOCK)) == [("merged", False)]


def test_transitions_and_lists_and_tables_say_the_same(pair: tuple[Enterprise, Enterprise], pages: Pages) -> None:
    merged(pair, DAYS[1])
    moved = flows(ALL, RUNGS, Between(date(2023, 1, 1), DAYS[0], DAYS[0], why.Filters(), why.Filters()))
    assert sum(moved.values()) == 1
    bureau = pages("bureau")
    for address, name in (
        ("/ladder/holders?title=srdi", "重复有限公司"), ("/enterprises/?title=srdi", "重复有限公司"), ("/enterprises/?revenue_from=20000", "重复有限公司"),
    ):
        assert name in bureau.get(f"{address}&known_on={DAYS[0]}", statements=16).text
        assert "保留有限公司" in bureau.get(f"{address}&known_on={DAYS[1]}", statements=16).text
    assert "2 家" in bureau.get(f"/enterprises/?known_on={DAYS[0]}", statements=16).text
    assert "1 家" in bureau.get(f"/enterprises/?known_on={DAYS[1]}", statements=16).text
