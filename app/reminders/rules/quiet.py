"""Quiet hours and the hour of the daily summary. Minutes of the day in Shanghai; a period may run over midnight."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = 24 * 60


def minutes(text: str) -> int:
    """``08:30`` as minutes of the day."""
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def clock_text(value: int) -> str:
    return f"{value // 60:02d}:{value % 60:02d}"


def not_before(moment: datetime, start: int, end: int) -> datetime:
    """The moment itself, or the end of the quiet period it falls into. ``start`` = ``end``: no quiet period."""
    local = moment.astimezone(SHANGHAI)
    now = local.hour * 60 + local.minute
    inside = start <= now < end if start <= end else now >= start or now < end
    if start == end or not inside:
        return moment
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    wakes = midnight + timedelta(minutes=end)
    return (wakes if now < end else wakes + timedelta(days=1)).astimezone(moment.tzinfo)


def next_digest(moment: datetime, at: int) -> datetime:
    """The next daily summary after a moment."""
    local = moment.astimezone(SHANGHAI)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=at)
    return (today if today > local else today + timedelta(days=1)).astimezone(moment.tzinfo)
