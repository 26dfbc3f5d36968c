"""The only source of now. ``YUMIAO_NOW`` (ISO time) sets it in every process outside production."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_frozen: datetime | None = None


def _from_environment() -> datetime | None:
    text = os.environ.get("YUMIAO_NOW")
    if not text or os.environ.get("YUMIAO_MODE") == "production":
        return None
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def now() -> datetime:
    """Aware UTC time, microseconds kept."""
    return _frozen or _from_environment() or datetime.now(UTC)


def today() -> date:
    """The business date in Asia/Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """A UTC time as Asia/Shanghai shows it."""
    return moment.astimezone(SHANGHAI)


def end_of_day(day: date) -> datetime:
    """Last moment of a Shanghai day, in UTC: "known on Y" means recorded at or before this."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI).astimezone(UTC) - timedelta(microseconds=1)


def start_of_day(day: date) -> datetime:
    """First moment of a Shanghai day, in UTC."""
    return datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC)


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Demo data only: inside the block it is another moment, so that a believable past goes through the product's own actions."""
    global _frozen
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before


def freeze(moment: datetime | None) -> None:
    """Tests only: set the clock (None lets it run again)."""
    global _frozen
    _frozen = moment
