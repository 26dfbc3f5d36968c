"""Yearly duties, windows and materials: what they name exists, and a duty's editions follow each other without a year left out."""

from __future__ import annotations

from collections.abc import Iterator

from app.packs import vocabulary
from app.packs.lint_criteria import declared_facts
from app.packs.schema import CalendarEntry, PackContent

Fault = tuple[str, int, str, tuple[str | None, str]]
TITLE = "title"
"""Stands for every ``title.<code>`` fact in the fields of a material."""


def lint_calendar(content: PackContent) -> Iterator[Fault]:
    """One fault per entry that could not work."""
    windows = {entry.code for entry in content.calendar if entry.kind == "window"}
    duties = {entry.code for entry in content.calendar if entry.kind == "yearly_duty"}
    for position, entry in enumerate(content.calendar):
        for text in _entry_faults(entry, windows):
            yield "calendar", position, "bad_calendar", (entry.code, text)
    for position, title in enumerate(content.titles):
        if title.renewal_due and title.renewal_due not in duties:
            text = f"renewal_due 指向的“{title.renewal_due}”不是年度更新（kind: yearly_duty），请核对。"
            yield "titles", position, "bad_calendar", (title.code, text)
    yield from _materials(content)
    yield from _holidays(content)


def _entry_faults(entry: CalendarEntry, windows: set[str]) -> Iterator[str]:
    if entry.window and entry.window not in windows:
        yield f"window 指向的“{entry.window}”不是申报窗口，请核对。"
    if entry.starts_on and entry.starts_on > entry.ends_on:
        yield f"starts_on（{entry.starts_on}）晚于 ends_on（{entry.ends_on}），跨年的窗口请分成两条。"
    if "02-29" in (entry.starts_on, entry.ends_on):
        yield "02-29 不是每年都有，请写 02-28 或 03-01。"
    if any(day is not None and int(day[3:]) > _DAYS[int(day[:2])] for day in (entry.starts_on, entry.ends_on)):
        yield "日期不存在，请核对月和日。"


_DAYS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def _materials(content: PackContent) -> Iterator[Fault]:
    declared = declared_facts(content)
    for position, material in enumerate(content.materials):
        for field in material.fields:
            if field != TITLE and vocabulary.find(field, declared) is None:
                yield "materials", position, "unknown_fact", (material.code, f"数据项“{field}”不存在，请核对代码。")


def _holidays(content: PackContent) -> Iterator[Fault]:
    seen: dict[int, str] = {}
    for position, entry in enumerate(content.holidays):
        if entry.year in seen:
            yield "holidays", position, "duplicate_year", (entry.code, f"{entry.year} 年的节假日已写在“{seen[entry.year]}”，请合并。")
        seen[entry.year] = entry.code
        both = sorted(set(entry.days_off) & set(entry.workdays))
        if both:
            yield "holidays", position, "bad_calendar", (entry.code, f"{both[0]} 既是休息日又是上班日，请核对。")
