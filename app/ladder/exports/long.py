"""Lists too long for the answer of a request: what a background job needs to write them whole, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from app.enterprises.exports import Caption
from app.enterprises.queries.places import places
from app.exchange.queries import scope_from, scope_json
from app.infra import city
from app.kernel.scope import Scope
from app.ladder.exports.gap_list import write_gaps
from app.ladder.exports.pools import write_near
from app.ladder.queries import gap_list, screening
from app.policies.queries import current_pack

JOB = "ladder.export"
Progress = Callable[[int], None]


def order(what: str, scope: Scope, asked: gap_list.Asked | screening.Asked, caption: Caption, **more: Any) -> dict[str, Any]:
    """The payload of the job. ``more``: what else the list needs (city)."""
    said = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(asked).items()}
    head = {"title": caption.title, "conditions": caption.conditions, "day": caption.day.isoformat(), "by": caption.by}
    return {"what": what, "scope": scope_json(scope), "asked": said, "caption": head, "city": city.chosen(), **more}


def write(out: Path, stored: Mapping[str, Any], on_rows: Progress) -> int:
    """Write what ``order`` described; returns the number of rows."""
    caption = Caption(**{**stored["caption"], "day": date.fromisoformat(stored["caption"]["day"])})
    with city.within(stored["city"]):
        return _WRITERS[stored["what"]](out, stored, scope_from(stored["scope"]), caption, on_rows)


def _gaps(out: Path, stored: Mapping[str, Any], scope: Scope, caption: Caption, on_rows: Progress) -> int:
    said = stored["asked"]
    days = {name: date.fromisoformat(said[name]) for name in ("as_of", "known_on") if said[name]}
    asked = gap_list.Asked(**{**said, **days})
    return write_gaps(out, gap_list.each(scope, asked, int(stored["city_id"])), asked, places(), caption, on_rows)


def _near(out: Path, stored: Mapping[str, Any], scope: Scope, caption: Caption, on_rows: Progress) -> int:
    lines, _stored, _current = screening.today_lines()
    labels = {pool.code: pool.label for pool in current_pack().entries("pools", disabled=True)}
    return write_near(out, screening.each(scope, screening.Asked(**stored["asked"])), lines, places(), labels, caption, on_rows)


_WRITERS: dict[str, Callable[[Path, Mapping[str, Any], Scope, Caption, Progress], int]] = {"gaps": _gaps, "screening": _near}
