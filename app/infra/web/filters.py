"""Jinja filters: how numbers, money, dates and phones look in Chinese. Missing is always "—", never 0.

Money comes in 元 (Decimal), percentages as 0-100. Rounding is half up, as in official tables.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from flask import Flask

from app.infra.clock import SHANGHAI

DASH = "—"
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
Number = int | float | Decimal | str


_QUANTA = [Decimal(1).scaleb(-digits) for digits in range(16)]


def _decimal(value: Any) -> Decimal | None:
    """A finite Decimal, or None for everything that is not a number."""
    if isinstance(value, Decimal):  # the usual case first: a list draws hundreds of them
        return value if value.is_finite() else None
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _fixed(number: Decimal, digits: int) -> str:
    """Thousand commas, fixed digits, half up, no negative zero."""
    rounded = number.quantize(_QUANTA[digits], rounding=ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):,.{digits}f}"


def dash(value: Any) -> Any:
    """The value itself, or — when it is missing."""
    return DASH if value is None or value == "" else value


def number(value: Number | None, digits: int = 0) -> str:
    """1234.5 -> 1,235 (digits=0) or 1,234.5 (digits=1)."""
    plain = _decimal(value)
    return DASH if plain is None else _fixed(plain, digits)


def plain_number(value: Number | None) -> str:
    """As many digits as the value has, thousand commas: 3 -> 3, 3.50 -> 3.5, 1234.25 -> 1,234.25."""
    plain = _decimal(value)
    if plain is None:
        return DASH
    text = f"{plain:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan(value: Number | None, digits: int = 2) -> str:
    """元 as 万元 without the unit, for columns whose head carries it: 12345678 -> 1,234.57."""
    yuan = _decimal(value)
    return DASH if yuan is None else _fixed(yuan / WAN, digits)


def yi_or_wan(value: Number | None) -> str:
    """元 for headlines: from 1 亿元 up in 亿元, below in 万元: 124000000 -> 1.24亿元, 12345678 -> 1,234.57万元."""
    yuan = _decimal(value)
    if yuan is None:
        return DASH
    in_wan = (yuan / WAN).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{_fixed(yuan / YI, 2)}亿元" if abs(in_wan) >= WAN else f"{_fixed(yuan / WAN, 2)}万元"


def pct1(value: Number | None) -> str:
    """A percentage stored as 0-100, one digit: 16.94 -> 16.9%."""
    plain = _decimal(value)
    return DASH if plain is None else f"{_fixed(plain, 1)}%"


def signed(value: Number | None, digits: int = 1) -> str:
    """Growth with its sign: 13.44 -> +13.4, -4.5 -> -4.5, 0 -> 0.0."""
    plain = _decimal(value)
    if plain is None:
        return DASH
    text = _fixed(plain, digits)
    return f"+{text}" if plain > 0 and any(c in "123456789" for c in text) else text


def points(value: Number | None) -> str:
    """A difference of two percentages: 3.1 -> +3.1 个百分点."""
    return DASH if _decimal(value) is None else f"{signed(value)} 个百分点"


def count_zh(value: Number | None, unit: str = "家") -> str:
    """A count with its measure word: 1036 -> 1,036 家."""
    plain = _decimal(value)
    return DASH if plain is None else f"{_fixed(plain, 0)} {unit}"


def between(low: Number | None, high: Number | None, unit: str = "") -> str:
    """A range: 6,000～9,000; open ends as 不低于 / 不超过."""
    ends = [None if _decimal(end) is None else plain_number(end) for end in (low, high)]
    if ends == [None, None]:
        return DASH
    if ends[0] is None:
        return f"不超过 {ends[1]}{unit}"
    return f"不低于 {ends[0]}{unit}" if ends[1] is None else f"{ends[0]}～{ends[1]}{unit}"


def _local(value: date | datetime) -> date | datetime:
    """A moment as Shanghai shows it (stored times are UTC); a date stays as it is."""
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(SHANGHAI)


def ymd(value: date | datetime | None) -> str:
    """For tables: 2023-08-14."""
    return DASH if value is None else _local(value).strftime("%Y-%m-%d")


def ymd_hm(value: datetime | None) -> str:
    """A moment in Shanghai time: 2023-08-14 09:30."""
    return DASH if value is None else _local(value).strftime("%Y-%m-%d %H:%M")


def zh_date(value: date | datetime | None) -> str:
    """For sentences and documents, without leading zeros: 2023年8月14日."""
    if value is None:
        return DASH
    day = _local(value)
    return f"{day.year}年{day.month}月{day.day}日"


def zh_weekday(value: date | datetime | None) -> str:
    """星期一 … 星期日."""
    return DASH if value is None else "星期" + "一二三四五六日"[_local(value).weekday()]


def quarter_zh(value: date | datetime | None) -> str:
    """2023年三季度."""
    if value is None:
        return DASH
    day = _local(value)
    return f"{day.year}年{'一二三四'[(day.month - 1) // 3]}季度"


def remaining(due: date | None, today: date) -> str:
    """Deadline in words: 还剩 3 天, 今天, 逾期 6 天."""
    if due is None:
        return DASH
    days = (due - today).days
    return "今天" if days == 0 else f"还剩 {days} 天" if days > 0 else f"逾期 {-days} 天"


def deadline_tone(due: date | None, today: date, soon: int = 7) -> str:
    """Tone of a deadline tag: bad when overdue, warn within ``soon`` days, otherwise info."""
    if due is None:
        return ""
    days = (due - today).days
    return "bad" if days < 0 else "warn" if days <= soon else "info"


def ago(value: date | datetime | None, today: date) -> str:
    """How long ago, as a supplement to a date: 今天, 昨天, 12 天前."""
    if value is None:
        return DASH
    local = _local(value)
    days = (today - (local.date() if isinstance(local, datetime) else local)).days
    if days < 0:
        return f"{-days} 天后"
    return {0: "今天", 1: "昨天"}.get(days, f"{days} 天前")


def masked_phone(value: str | None) -> str:
    """Mobile 138****5678; a land line keeps area code and last two digits; anything short is hidden entirely."""
    if not value:
        return DASH
    digits = "".join(c for c in value if c.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{digits[:4]}****{digits[-2:]}" if len(digits) >= 10 else "*" * max(len(digits), 4)


def masked_name(value: str | None) -> str:
    """A person's name with only the family name shown: 王**; one star for a name of two characters."""
    return DASH if not value else value[0] + "*" * max(len(value) - 1, 1)


FILTERS: tuple[Callable[..., Any], ...] = (
    dash, number, plain_number, wan, yi_or_wan, pct1, signed, points, count_zh, between, ymd, ymd_hm, zh_date, zh_weekday,
    quarter_zh, remaining, deadline_tone, ago, masked_phone, masked_name,
)


def init_app(app: Flask) -> None:
    """Register every filter under its own name."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
