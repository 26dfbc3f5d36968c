"""Words and formats: messages against golden files, the calendar file after RFC 5545, quiet hours, robots' signatures."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.kernel.worktime import WorkCalendar
from app.packs import read_pack
from app.packs.schema import ReminderRule
from app.reminders.rules import messages, robots
from app.reminders.rules.calendar_file import Entry, calendar_file, fold
from app.reminders.rules.quiet import minutes, next_digest, not_before
from app.reminders.rules.steps import SHANGHAI, Step, steps, turn
from tests.factories.reminders import at

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 12, 30)


def golden(name: str, text: str) -> None:
    """The file is what people have read and approved; a change of words shows as a difference."""
    path = GOLDEN / name
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_message_reads_as_approved() -> None:
    pack = read_pack("liaocheng")
    lines = []
    for rule in pack.entries("reminders"):
        assert isinstance(rule, ReminderRule)
        for due_on, code in ((TODAY + timedelta(days=3), "lead3"), (TODAY, "day"), (TODAY - timedelta(days=7), "over7"), (TODAY - timedelta(days=7), "up7-unit")):
            step = Step(code, at("2026-12-30 08:30"), "unit" if code.startswith("up") else None)
            title = messages.title(step, f"“示例公司”{rule.label}", due_on, TODAY)
            text = messages.fill(
                rule.text or pack.setting("reminder_text"), label=f"“示例公司”{rule.label}", due_on=due_on, today=TODAY, verb=rule.verb or "",
            )
            lines.append(f"{rule.code} {code}\n{title}\n{text}\n")
        lines.append("\n".join(messages.summary(rule.label, TODAY)) + "\n")
    lines += ["\n".join(messages.flood(TODAY)), "\n".join(messages.digest(["甲到期", "乙逾期"], TODAY))]
    golden("messages.txt", "\n".join(lines))


def test_the_calendar_file_is_folded_escaped_and_stable() -> None:
    entries = [
        Entry("due-1@yumiao", date(2026, 12, 31), "登记走访：“甲，乙；丙”公司\\" + "很长的名称" * 12, datetime(2026, 12, 1, tzinfo=UTC), "第一行\r\n第二行", "https://x/y"),
        Entry("due-2@yumiao", date(2027, 1, 1), "联系", datetime(2026, 12, 1, tzinfo=UTC), at=at("2027-01-01 00:30"), version=3),
    ]
    text = calendar_file("育苗待办", entries)
    golden("calendar.ics", text.replace("\r\n", "\n"))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:登记走访：“甲，乙；丙”公司\\\\" in unfolded
    assert "DTEND;VALUE=DATE:20270101" in unfolded
    assert "DTSTART:20261231T163000Z" in unfolded


def test_folding_never_cuts_a_character() -> None:
    for text in ("𠮷" * 40, "a" * 200, "甲" * 25, ""):
        parts = fold(text).split("\r\n")
        assert parts[0] + "".join(part[1:] for part in parts[1:]) == text
        assert all(len(part.encode()) <= 75 for part in parts)


@pytest.mark.parametrize(("moment", "expected"), (
    ("2026-04-20 12:00", "2026-04-20 12:00"), ("2026-04-20 21:00", "2026-04-21 07:30"), ("2026-04-20 03:00", "2026-04-20 07:30"),
    ("2026-04-20 07:30", "2026-04-20 07:30"), ("2026-12-31 23:59", "2027-01-01 07:30"),
))
def test_quiet_hours_run_over_midnight(moment: str, expected: str) -> None:
    assert not_before(at(moment), minutes("21:00"), minutes("07:30")) == at(expected)
    assert not_before(at(moment), 0, 0) == at(moment)


def test_the_next_summary_is_always_ahead() -> None:
    assert next_digest(at("2026-12-31 08:30"), minutes("08:30")) == at("2027-01-01 08:30")
    assert next_digest(at("2026-12-31 08:29"), minutes("08:30")) == at("2026-12-31 08:30")


def test_steps_cross_the_year_end_and_days_off() -> None:
    rule = next(rule for rule in read_pack("liaocheng").entries("reminders") if rule.code == "demands.solve_due")
    assert isinstance(rule, ReminderRule)
    found = steps(rule, date(2027, 1, 3), None, (3, 1), at("2026-01-01 08:30").time(), WorkCalendar({}, {}))
    days = {step.code: step.at.astimezone(SHANGHAI).date() for step in found}
    assert days["lead3"] == date(2026, 12, 31)
    assert days["lead1"] == date(2027, 1, 1)  # the second is a Saturday; the calendar here knows no holiday
    assert days["over1"] == date(2027, 1, 4)
    assert [step.at for step in found] == sorted(step.at for step in found)


def test_after_a_long_silence_each_audience_hears_once() -> None:
    rule = next(rule for rule in read_pack("liaocheng").entries("reminders") if rule.code == "demands.solve_due")
    assert isinstance(rule, ReminderRule)
    found = steps(rule, date(2026, 4, 20), None, (3, 1), at("2026-01-01 08:30").time(), WorkCalendar({}, {}))
    now = turn(found, None, at("2026-06-01 09:00"))
    assert {step.audience for step in now.speak} == {None, "unit", "city", "leader"}
    assert now.next_at is None
    assert turn(found, at("2026-06-01 09:00"), at("2026-05-01 09:00")).speak == ()  # the clock was put back


def test_robots_get_what_their_makers_ask() -> None:
    call = robots.dingtalk("https://oapi.dingtalk.com/robot/send?access_token=x", "标题", "内容", "", secret="SECabc", milliseconds=1_600_000_000_000)
    assert call.url.startswith("https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1600000000000&sign=")
    assert robots.robot_error(b'{"errcode":0}') is None
    assert robots.robot_error(b"<html>") is not None
    long = robots.wecom("https://qyapi.weixin.qq.com/x", "标题", "长" * 5000, "https://x")
    assert len(long.body) < 4096
    assert "其余见系统" in long.body.decode()
