"""The results database: kinds of snapshots, and since when nobody has been in touch. Pure."""

from datetime import date

SNAPSHOT_KINDS = {"baseline": "入队基线", "yearly": "年度快照"}
SILENCE = {"never": "从未走访", "30": "30 天未联系", "60": "60 天未联系", "90": "90 天未联系"}


def silent_since(entered_on: date | None, last_contact_on: date | None) -> date | None:
    """The day the clock of silence runs from: the last contact, or the day of entry where there never was one."""
    return last_contact_on or entered_on


def silent_days(entered_on: date | None, last_contact_on: date | None, today: date) -> int | None:
    """Days without contact."""
    since = silent_since(entered_on, last_contact_on)
    return None if since is None else (today - since).days
