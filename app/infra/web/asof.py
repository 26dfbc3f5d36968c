"""The two days every list, profile and count can be asked for: as of a day (截止日), as it was known on a day (按何日已登记的数据).

One reading of the address for all pages; the control stands in ``templates/_macros/asof.html``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from app.infra import clock
from app.kernel.errors import Invalid

FIRST_DAY = date(1990, 1, 1)
YEARS_AHEAD = 30


@dataclass(frozen=True)
class AsOf:
    """``day`` None = not chosen (the page has its own default); ``known_on`` None = what is known now."""

    day: date | None
    known_on: date | None

    @property
    def chosen(self) -> bool:
        """The reader left the present: either day was chosen."""
        return (self.day is not None and self.day != clock.today()) or self.known_on is not None

    @property
    def arguments(self) -> dict[str, str]:
        """What links, pages and exports carry on."""
        return {name: day.isoformat() for name, day in (("as_of", self.day), ("known_on", self.known_on)) if day is not None}


def as_of() -> AsOf:
    """Both days of this request. Raises ``Invalid`` in words for a day that is none, or a knowledge of the future."""
    return read(request.values)


def read(values: Mapping[str, str]) -> AsOf:
    """Both days of any arguments (an export carries the query of its list)."""
    return AsOf(day_argument("as_of", values), known_argument("known_on", values))


def day_argument(name: str, values: Mapping[str, str] | None = None) -> date | None:
    """A day of the address or form, or None when it is not given. Days up to 30 years ahead may be asked: what is recorded until then holds."""
    text = (request.values if values is None else values).get(name, "").strip()
    if not text:
        return None
    day = _day(text)
    if day is None:
        raise Invalid("date", f"“{text[:20]}”不是日期。日期应写成 2023-12-31 的形式，请修改后重试。", name)
    last = date(clock.today().year + YEARS_AHEAD, 12, 31)
    if not FIRST_DAY <= day <= last:
        raise Invalid("date", f"日期应写成 2023-12-31 的形式，并在 {FIRST_DAY:%Y-%m-%d} 至 {last:%Y-%m-%d} 之间。请修改后重试。", name)
    return day


def known_argument(name: str, values: Mapping[str, str] | None = None) -> date | None:
    """A day of knowledge: nobody knows what will be recorded tomorrow."""
    day = day_argument(name, values)
    if day is not None and day > clock.today():
        raise Invalid("known_on", f"“按何日已登记的数据”不能晚于今天（{clock.today():%Y-%m-%d}）。请改为今天或更早的日期，或留空。", name)
    return day


def _day(text: str) -> date | None:
    if len(text) != len("2023-12-31"):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
