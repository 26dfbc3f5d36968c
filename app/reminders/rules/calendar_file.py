"""A calendar subscription after RFC 5545: UTF-8, CRLF, lines folded at 75 bytes without cutting a character, text escaped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

FOLD = 75
PRODUCT = "-//yumiao//reminders//ZH"


@dataclass(frozen=True)
class Entry:
    """One deadline. ``uid`` stays the same as long as it is the same deadline; ``at`` where hours count."""

    uid: str
    day: date
    title: str
    changed_at: datetime
    description: str = ""
    url: str = ""
    at: datetime | None = None
    version: int = 1


def calendar_file(name: str, entries: Iterable[Entry]) -> str:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]
    for entry in entries:
        lines += _event(entry)
    return "".join(f"{fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Entry) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{entry.uid}", f"DTSTAMP:{_utc(entry.changed_at)}", f"SEQUENCE:{entry.version - 1}"]
    if entry.at is not None:
        lines += [f"DTSTART:{_utc(entry.at)}", f"DTEND:{_utc(entry.at + timedelta(minutes=30))}"]
    else:
        lines += [f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}", f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}", "TRANSP:TRANSPARENT"]
    lines.append(f"SUMMARY:{escaped(entry.title)}")
    if entry.description:
        lines.append(f"DESCRIPTION:{escaped(entry.description)}")
    if entry.url:
        lines.append(f"URL:{entry.url}")
    return [*lines, "END:VEVENT"]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """TEXT value: backslash, semicolon, comma and line breaks escaped; other control characters left out."""
    for plain, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, safe)
    return "".join(char for char in text if char >= " " and char != "\x7f")


def fold(line: str) -> str:
    """Continuation lines begin with a space, which counts."""
    parts, current, room = [], "", FOLD
    for char in line:
        size = len(char.encode())
        if size > room:
            parts.append(current)
            current, room = "", FOLD - 1
        current += char
        room -= size
    return "\r\n ".join([*parts, current])
