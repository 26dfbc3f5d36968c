"""The working calendar of a city: what the package chinese_calendar ships, then the city's own table of days, which people keep.

The yearly notice of the State Council appears in November of the year before. Until then (or until the pin of the package is renewed) a city may enter the
year's list itself. A year nobody has announced is never an error: weekdays count and ``WorkCalendar.known`` says no, so that pages warn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Boolean, Date, Integer, String, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import audit, clock
from app.infra.audit import BigId, Subject
from app.infra.db import Base, UtcDateTime, db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.worktime import OFFICE_HOURS, AnnouncedYear, Span, WorkCalendar, parse_hours
from app.packs import Pack
from app.packs.schema import HolidayYear

FIRST, LAST = 2004, 2100
MOST_DAYS = 120


class HolidayDay(Base):
    """One day of a city that differs from its weekday or from the package: ``worked`` or off, and why. ``listed``: entered with the list of its whole year,
    which makes the year known. ``city_id`` is the area's, without a foreign key: the ground knows no areas."""

    __tablename__ = "holiday_day"
    __table_args__ = (UniqueConstraint("city_id", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    city_id: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    worked: Mapped[bool] = mapped_column(Boolean)
    listed: Mapped[bool] = mapped_column(Boolean, default=False)
    label: Mapped[str] = mapped_column(String(60))
    document: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)


@lru_cache(maxsize=1)
def shipped_years() -> Mapping[int, AnnouncedYear]:
    """What the package knows; loaded with the first question (a web server starts without it)."""
    from chinese_calendar.constants import holidays, workdays

    years = {day.year for day in holidays}
    return {
        year: AnnouncedYear(frozenset(d for d in holidays if d.year == year), frozenset(d for d in workdays if d.year == year)) for year in years
    }


def announced_years(entries: Iterable[HolidayYear] = ()) -> dict[int, AnnouncedYear]:
    """Years of the package; years of a pack stand in for what it does not know, and never the other way round."""
    own = {entry.year: AnnouncedYear(frozenset(entry.days_off), frozenset(entry.workdays)) for entry in entries if not entry.disabled}
    return own | dict(shipped_years())


def work_calendar(city_id: int | None, pack: Pack | None = None) -> WorkCalendar:
    """The calendar of a city as known now: one small statement. ``pack``: its policy, which may add years and office hours (setting ``office_hours``).
    ``city_id`` None: no city, nothing of its own."""
    years = announced_years(pack.content.holidays if pack is not None else ())
    days: dict[date, bool] = {}
    for row in list_days(city_id) if city_id is not None else ():
        days[row.day] = row.worked
        if row.listed:
            years.setdefault(row.day.year, AnnouncedYear())
    return WorkCalendar(years, days, _office_hours(pack))


def _office_hours(pack: Pack | None) -> tuple[Span, ...]:
    entry = pack.find("settings", "office_hours") if pack is not None else None
    text = getattr(entry, "value", None)
    try:
        return parse_hours(text) if isinstance(text, str) else OFFICE_HOURS
    except ValueError:
        return OFFICE_HOURS


def list_days(city_id: int, year: int | None = None) -> list[HolidayDay]:
    """The city's own days by date."""
    statement = select(HolidayDay).where(HolidayDay.city_id == city_id).order_by(HolidayDay.day)
    if year is not None:
        statement = statement.where(HolidayDay.day.between(date(year, 1, 1), date(year, 12, 31)))
    return list(db.session.scalars(statement))


@dataclass(frozen=True)
class DayDraft:
    """One day as a person wants it."""

    day: date
    worked: bool
    label: str


def set_days(*, city_id: int, drafts: Iterable[DayDraft], document: str, listed: bool, by: Actor) -> int:
    """Enter or correct days; those that stand as wanted are left alone. ``listed``: they are the whole list of their year. Returns how many changed."""
    wanted = {draft.day: draft for draft in drafts}
    document = document.strip()
    if not document:
        raise Invalid("document_missing", "请写明依据（文号或通知名称）。", "document")
    if len(wanted) > MOST_DAYS:
        raise Invalid("too_many_days", f"一次最多登记 {MOST_DAYS} 天，请分年登记。", "rows")
    if any(not FIRST <= day.year <= LAST for day in wanted):
        raise Invalid("day_out_of_range", f"日期应在 {FIRST} 至 {LAST} 年之间，请核对。", "rows")
    try:
        with db.session.begin_nested():
            old, new = _write_days(city_id, wanted, document, listed, by)
    except IntegrityError as error:
        raise Conflict("days_changed", "这些日期刚被别人登记过，您的内容没有保存。请刷新页面核对后再提交。", "rows") from error
    if new:
        audit.record("holidays.set", Subject("holiday_day", city_id, "工作日历"), old, {"days": new, "document": document}, by=by)
    db.session.flush()
    return len(new)


def _write_days(city_id: int, wanted: Mapping[date, DayDraft], document: str, listed: bool, by: Actor) -> tuple[dict[str, str], dict[str, str]]:
    """(what stood there, what stands there now) of the days that changed."""
    known = {row.day: row for row in db.session.scalars(select(HolidayDay).where(HolidayDay.city_id == city_id, HolidayDay.day.in_(wanted)))}
    now = clock.now()
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for day, draft in wanted.items():
        row, label = known.get(day), draft.label.strip()[:60] or ("调休上班" if draft.worked else "放假")
        if row is not None and (row.worked, row.label, row.listed or not listed) == (draft.worked, label, True):
            continue
        if row is None:
            row = HolidayDay(city_id=city_id, day=day)
            db.session.add(row)
        else:
            old[day.isoformat()] = _said(row.worked, row.label)
        row.worked, row.label, row.document, row.listed = draft.worked, label, document[:120], listed or bool(row.listed)
        row.recorded_at, row.recorded_by = now, by.user_id
        new[day.isoformat()] = _said(draft.worked, label)
    db.session.flush()
    return old, new


def _said(worked: bool, label: str) -> str:
    return f"{'上班' if worked else '放假'} {label}"


def forget_day(*, city_id: int, day: date, by: Actor) -> bool:
    """Take a day out of the table: the package or the weekday decides again. False = it was not there."""
    row = db.session.scalars(select(HolidayDay).where(HolidayDay.city_id == city_id, HolidayDay.day == day)).first()
    if row is None:
        return False
    audit.record("holidays.forgotten", Subject("holiday_day", city_id, "工作日历"), {row.day.isoformat(): _said(row.worked, row.label)}, None, by=by)
    db.session.execute(delete(HolidayDay).where(HolidayDay.id == row.id))
    db.session.flush()
    return True


_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"^{_DAY}(?:\s*(?:至|到|~|～|—|–|-{{1,2}})\s*{_DAY})?[\s,，;；:：]*(.*)$")
_WORKED, _OFF = ("上班", "补班", "调休上班", "工作日"), ("放假", "休息", "休假", "休")


@dataclass(frozen=True)
class PastedDays:
    """What a pasted list says; ``problems``: (line from 1, text, why it was not understood)."""

    drafts: list[DayDraft]
    problems: list[tuple[int, str, str]]


def read_days(text: str) -> PastedDays:
    """Lines ``2027-01-01 放假 元旦`` or ``2027年2月5日至2027年2月11日 放假 春节``: date or span, 放假 or 上班, name. A day said both ways is a problem."""
    drafts: dict[date, DayDraft] = {}
    problems: list[tuple[int, str, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        try:
            for draft in _read_line(raw.strip()):
                if drafts.get(draft.day, draft).worked != draft.worked:
                    raise ValueError(f"{draft.day} 在内容中既是放假又是上班，请只保留一种。")
                drafts.setdefault(draft.day, draft)
        except ValueError as error:
            problems.append((number, raw.strip()[:60], str(error)))
    return PastedDays(list(drafts.values()), problems)


def _read_line(line: str) -> list[DayDraft]:
    found = _LINE.match(line)
    if found is None:
        raise ValueError("没有读懂日期，应写成 2027-01-01 放假 元旦。")
    parts = found.groups()
    first = _day(*parts[:3])
    last = _day(*parts[3:6]) if parts[3] else first
    if not 0 <= (last - first).days < 31:
        raise ValueError("起止日期的顺序不对，或超过一个月，请核对。")
    rest = parts[6].strip()
    word = next((w for w in (*_WORKED, *_OFF) if rest.startswith(w)), None)
    if word is None:
        raise ValueError("请写明“放假”或“上班”。")
    label = rest[len(word):].strip(" 　,，()（）")
    return [DayDraft(first + timedelta(days=n), word in _WORKED, label) for n in range((last - first).days + 1)]


def _day(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"{year}-{month}-{day} 不是有效日期，请核对。") from None
    if not FIRST <= found.year <= LAST:
        raise ValueError(f"年份应在 {FIRST} 至 {LAST} 之间，请核对。")
    return found
