"""Dates as Chinese offices write them. A guess is never taken: two-digit years and 3/4/2023 are refused."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from typing import Final

from app.exchange.rules.outcome import Bad, Cleaned, Outcome, shown
from app.kernel.text import chinese_number, plain_signs, strip_invisible

OPEN_END: Final = date(9999, 12, 31)
_SHANGHAI = timezone(timedelta(hours=8))
_FIRST_YEAR, _LAST_YEAR = 1900, 2100

_SEP = r"\s*[-./年\\、]\s*"
_CLOCK = r"(?:(?:\s*|T)(?:上午|下午|[AP]M)?\s*\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?\s*(?:[AP]M)?)?"
_YMD = re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}})\s*[-./月\\、]\s*(\d{{1,2}})\s*[日号]?{_CLOCK}", re.ASCII | re.I)
_YM = re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}})\s*月?份?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})", re.ASCII)
_YEAR_ONLY = re.compile(r"(?:1[89]|2[01])\d\d\s*年?度?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*[-./]\s*(\d{{1,2}})\s*[-./]\s*(\d{{4}}){_CLOCK}", re.ASCII | re.I)
_SHORT_YEAR = re.compile(r"'?\d{1,2}\s*[-./年]\s*\d{1,2}(?:\s*[-./月]\s*\d{1,2})?\s*[日月号]?.{0,12}", re.ASCII)
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII | re.I)
_ENGLISH = re.compile(r"(?:(\d{1,2})[-\s]([A-Za-z]{3,9})|([A-Za-z]{3,9})\.?\s(\d{1,2}))[-,\s]+(\d{4}|\d{2})", re.ASCII)
_RANGE = re.compile(r"\d[年月日号]?\s*(?:至|到|~|—+|-{2,}|起|\s-\s)\s*\d|\d{4}\D\d{1,2}\D\d{1,2}日?\s*-\s*\d{4}")
_NUMERALS = re.compile("[〇零○一二三四五六七八九十]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OPEN_WORDS = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "无期限", "不限"})


def date_from_text(text: str, *, month_end: bool = False, open_ended: bool = False, date_1904: bool = False) -> Outcome:
    """A date, ``Cleaned`` (month only, serial, day/month settled by a number above 12) or ``Bad``. ``text`` is not blank."""
    plain = plain_signs(strip_invisible(text)).strip().lstrip("'’‘").strip("。;, ")
    if plain in _OPEN_WORDS:
        return OPEN_END if open_ended else Bad("date_invalid", f"“{plain}”不是日期；没有期限时请留空")
    if len(plain) > 40:
        return _unreadable(text)
    if plain and not plain.isascii():
        plain = _NUMERALS.sub(_digits, plain)
    if match := _YMD.fullmatch(plain):
        return _day(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _COMPACT.fullmatch(plain):
        return _day(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _YM.fullmatch(plain) or _COMPACT_MONTH.fullmatch(plain):
        return month_only(int(match[1]), int(match[2]), text, month_end=month_end)
    return _rarer(plain, text, date_1904)


def _digits(match: re.Match[str]) -> str:
    number = chinese_number(match[0])
    return match[0] if number is None else str(number)


def _rarer(plain: str, text: str, date_1904: bool) -> Outcome:
    if _ZONED.fullmatch(plain):
        return _zoned(plain, text)
    if _RANGE.search(plain):
        return Bad("date_range", f"“{shown(text)}”是一段时间；请把起止日期分填两列，一格只写一个日期")
    if _YEAR_ONLY.fullmatch(plain):
        return Bad("date_incomplete", f"“{shown(text)}”只有年份；请写到月或日，如 2023-01-05")
    if _SERIAL.fullmatch(plain):
        return date_from_serial(float(plain), date_1904=date_1904)
    if match := _YEAR_LAST.fullmatch(plain):
        return _year_last(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _ENGLISH.fullmatch(plain):
        return _english(match, text)
    if _SHORT_YEAR.fullmatch(plain):
        return Bad("date_ambiguous", f"“{shown(text)}”的年份只有两位或次序不明；请写成 2023-01-05 的样子")
    return _unreadable(text)


def _unreadable(text: str) -> Bad:
    return Bad("date_invalid", f"“{shown(text)}”不是能识别的日期；请写成 2023-01-05 的样子")


def _day(year: int, month: int, day: int, text: str) -> Outcome:
    try:
        found = date(year, month, day)
    except ValueError:
        return Bad("date_impossible", f"“{shown(text)}”：这一天不存在；请核对年、月、日")
    return in_range(found, text)


def in_range(found: date, text: str) -> Outcome:
    """``found`` if it lies in a century a register can know, else ``Bad``."""
    if _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return found
    return Bad("date_out_of_range", f"“{shown(text)}”的年份不合理；请核对（应在 {_FIRST_YEAR} 至 {_LAST_YEAR} 年之间）")


def month_only(year: int, month: int, text: str, *, month_end: bool) -> Outcome:
    """The first or the last day of a month, reported as cleaned."""
    if not 1 <= month <= 12:
        return Bad("date_impossible", f"“{shown(text)}”：没有 {month} 月；请核对")
    found = _day(year, month, monthrange(year, month)[1] if month_end and year else 1, text)
    if isinstance(found, Bad):
        return found
    return Cleaned(found, f"“{shown(text)}”只到月，按{'月末' if month_end else '月初'} {found.isoformat()} 读取")


def _year_last(first: int, second: int, year: int, text: str) -> Outcome:
    if first <= 12 and second <= 12 and first != second:
        return Bad("date_ambiguous", f"“{shown(text)}”分不清日和月；请写成 2023-01-05 的样子")
    month, day = (second, first) if first > 12 else (first, second)
    found = _day(year, month, day, text)
    return found if isinstance(found, Bad) else Cleaned(found, f"“{shown(text)}”按 {found.isoformat()} 读取")


def _english(match: re.Match[str], text: str) -> Outcome:
    day, name, year = match[1] or match[4], (match[2] or match[3]).lower()[:3], match[5]
    if name not in _MONTHS:
        return _unreadable(text)
    if len(year) == 2:
        return Bad("date_ambiguous", f"“{shown(text)}”的年份只有两位；请写成 2023-01-05 的样子")
    return _day(int(year), _MONTHS.index(name) + 1, int(day), text)


def _zoned(plain: str, text: str) -> Outcome:
    try:
        found = datetime.fromisoformat(plain.upper()).astimezone(_SHANGHAI).date()
    except (ValueError, OverflowError):
        return _unreadable(text)
    checked = in_range(found, text)
    return checked if isinstance(checked, Bad) else Cleaned(found, f"“{shown(text)}”带时区，按北京时间 {found.isoformat()} 读取")


def date_from_iso(iso: str) -> Outcome:
    """A real date cell as stored (``2023-01-05`` or ``2023-01-05T08:30:00``); the time of day is dropped."""
    try:
        found = date.fromisoformat(iso[:10])
    except ValueError:
        return _unreadable(iso)
    if found.year < 1910:
        return Bad("date_out_of_range", f"日期格式的单元格显示为 {found.isoformat()}，多半是数字被设成了日期格式；请改成真实日期")
    return in_range(found, iso)


def date_from_serial(value: float, *, month_end: bool = False, date_1904: bool = False) -> Outcome:
    """A number in a date column: 20230105, 202301, 2023.01, 2023.11 as typed, or an Excel day number (1954 to 2119)."""
    if value != value or not 1 <= value < 1e8:
        return Bad("date_invalid", "数字不是日期；请写成 2023-01-05 的样子")
    if value > 1900_00_00 and value == int(value):
        return date_from_text(str(int(value)), month_end=month_end)
    if 190_000 < value < 210_013 and value == int(value):
        return date_from_text(str(int(value)), month_end=month_end)
    if 1900 <= value < 2101:
        return _dotted(value, month_end)
    if not 19_000 <= value <= 80_000:
        return Bad("date_invalid", f"数字 {value:g} 不是日期；请写成 2023-01-05 的样子")
    found = (date(1904, 1, 1) if date_1904 else date(1899, 12, 30)) + timedelta(days=int(value))
    return Cleaned(found, f"按 Excel 日期序号 {int(value)} 读取为 {found.isoformat()}")


def _dotted(value: float, month_end: bool) -> Outcome:
    """2023.11 typed as a number. 2023.1 may have been 2023.10 before the sheet dropped the zero: refused."""
    text = f"{value:.10g}"
    year, _, month = text.partition(".")
    if not month:
        return Bad("date_incomplete", f"“{text}”只有年份；请写到月或日，如 2023-01-05")
    if month == "1":
        return Bad(
            "date_ambiguous", f"数字 {text} 可能是 1 月，也可能是 10 月（末尾的 0 会丢失）；请改成文本 {year}-01 或 {year}-10"
        )
    if len(month) > 2:
        return Bad("date_invalid", f"数字 {text} 不是日期；请写成 2023-01-05 的样子")
    return month_only(int(year), int(month), text, month_end=month_end)
