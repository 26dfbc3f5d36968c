"""The city's own table of days over the shipped calendar, and reading a pasted list."""

from datetime import date

import pytest
from flask import Flask

from app.infra import holidays
from app.infra.audit import AuditRow
from app.infra.db import db
from app.infra.holidays import DayDraft, read_days
from app.kernel.actor import SYSTEM
from app.kernel.errors import Invalid
from app.packs import read_pack
from app.packs.schema import HolidayYear
from app.policies.queries import work_calendar
from tests.areas.samples import area

COMMON = {"document": "system-defaults", "clause": "x", "confidence": "待核"}


def city() -> int:
    return area("371500").id


def test_one_day_changes_the_calendar_but_does_not_announce_its_year(app: Flask) -> None:
    holidays.set_days(city_id=city(), drafts=[DayDraft(date(2027, 1, 1), False, "元旦")], document="通知", listed=False, by=SYSTEM)
    found = work_calendar(city())
    assert not found.is_workday(date(2027, 1, 1)) and not found.known(2027)
    assert work_calendar(area("370600").id).is_workday(date(2027, 1, 1)), "another city keeps its own table"


def test_the_list_of_a_year_makes_it_known_and_entering_it_twice_changes_nothing(app: Flask) -> None:
    drafts = [DayDraft(date(2027, 1, 1), False, "元旦"), DayDraft(date(2027, 1, 3), True, "元旦调休")]
    assert holidays.set_days(city_id=city(), drafts=drafts, document="国办发明电", listed=True, by=SYSTEM) == 2
    assert holidays.set_days(city_id=city(), drafts=drafts, document="国办发明电", listed=True, by=SYSTEM) == 0
    found = work_calendar(city())
    assert found.known(2027) and found.is_workday(date(2027, 1, 3)) and not found.is_workday(date(2027, 1, 1))
    assert db.session.query(AuditRow).filter_by(type="holidays.set").count() == 1


def test_a_day_taken_out_is_decided_by_the_shipped_calendar_again(app: Flask) -> None:
    holidays.set_days(city_id=city(), drafts=[DayDraft(date(2026, 10, 1), True, "")], document="x", listed=False, by=SYSTEM)
    assert work_calendar(city()).is_workday(date(2026, 10, 1))
    assert holidays.forget_day(city_id=city(), day=date(2026, 10, 1), by=SYSTEM)
    assert not work_calendar(city()).is_workday(date(2026, 10, 1)) and not holidays.forget_day(city_id=city(), day=date(2026, 10, 1), by=SYSTEM)


def test_a_pack_announces_a_year_the_package_does_not_know() -> None:
    year = HolidayYear(
        code="2027", label="2027年放假", effective_from=date(2026, 11, 1), year=2027, days_off=(date(2027, 1, 1),), workdays=(date(2027, 1, 3),), **COMMON,
    )
    years = holidays.announced_years([year])
    assert years[2027].off == {date(2027, 1, 1)} and years[2026] == holidays.shipped_years()[2026]


def test_every_shipped_pack_says_its_office_hours() -> None:
    for name in ("liaocheng", "yantai", "yingkou"):
        assert holidays.work_calendar(None, read_pack(name)).hours[0][0].hour == 8


@pytest.mark.parametrize(("line", "days", "worked"), [
    ("2027-01-01 放假 元旦", 1, False), ("2027年2月5日至2027年2月11日 放假（春节）", 7, False), ("2027.2.14，上班 春节调休", 1, True),
    ("2027-05-01~2027-05-05 休息", 5, False),
])
def test_lines_of_a_notice_are_read(line: str, days: int, worked: bool) -> None:
    found = read_days(line)
    assert not found.problems and len(found.drafts) == days and {draft.worked for draft in found.drafts} == {worked}


@pytest.mark.parametrize("line", ["元旦放假", "2027-13-01 放假", "2027-01-01 元旦", "2027-02-11至2027-02-05 放假", "2027-01-01至2027-12-31 放假", "1803-01-01 放假"])
def test_what_is_not_understood_is_named_with_its_line(line: str) -> None:
    found = read_days(f"\n{line}")
    assert not found.drafts and found.problems[0][0] == 2


def test_a_day_said_both_ways_is_a_problem() -> None:
    assert "既是放假又是上班" in read_days("2027-01-01 放假 元旦\n2027-01-01 上班").problems[0][2]


def test_a_list_without_a_document_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid, match="依据"):
        holidays.set_days(city_id=city(), drafts=[DayDraft(date(2027, 1, 1), False, "")], document=" ", listed=True, by=SYSTEM)
