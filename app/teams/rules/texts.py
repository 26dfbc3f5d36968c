"""Texts of forms as they are stored; dates that cannot be."""

from datetime import date, timedelta

from app.kernel.errors import Invalid
from app.kernel.text import clean

FIRST_DAY = date(2000, 1, 1)
SHORTEST_REASON = 2


def text(value: str | None, most: int) -> str | None:
    """Cleaned and cut; nothing = None."""
    return clean(value or "", multiline=most > 200)[:most] or None


def name(value: str | None, what: str, most: int, field: str = "name") -> str:
    """A name that must be there. Raises ``Invalid``."""
    found = clean(value or "")
    if len(found) < 2 or len(found) > most:
        raise Invalid("name", f"请填写{what}，2 至 {most} 个字。", field)
    return found


def reason(value: str | None, field: str = "reason") -> str:
    """Why: a step that people will ask about. Raises ``Invalid``."""
    found = clean(value or "", multiline=True)[:300]
    if len(found) < SHORTEST_REASON:
        raise Invalid("reason", "请写明理由，便于日后查考。", field)
    return found


def day(value: date | None, today: date, *, what: str, field: str, ahead: int = 0) -> date:
    """A day that has come (or comes within ``ahead`` days). Raises ``Invalid``."""
    if value is None:
        raise Invalid("date_missing", f"请填写{what}。", field)
    if not FIRST_DAY <= value <= today + timedelta(days=ahead):
        last = "今天" if not ahead else f"{today + timedelta(days=ahead):%Y-%m-%d}"
        raise Invalid("date", f"{what}应在 {FIRST_DAY:%Y-%m-%d} 与{last}之间，请核对。", field)
    return value


def period(start: date | None, end: date | None, field: str = "valid_to") -> None:
    """An end before the start cannot be. Raises ``Invalid``."""
    if start and end and end < start:
        raise Invalid("dates", "截止日期不能早于开始日期。", field)


def storable(number: int) -> int:
    """An id of the address as the database can compare it: one no row can have becomes 0."""
    return number if 0 < number < 2**63 else 0
