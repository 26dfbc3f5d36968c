"""The limits of a city for demands, read from its pack once. A limit a pack does not give is None or off, never a number of ours."""

from dataclasses import dataclass
from typing import Any

from app.packs import Pack


@dataclass(frozen=True)
class Limit:
    """One time limit with where it comes from. ``confirmed`` False: 待核."""

    value: int
    unit: str
    document: str
    clause: str
    confirmed: bool


@dataclass(frozen=True)
class DemandPolicy:
    """Settings ``demand_…`` of one pack. Hours are office hours, days are working days unless the name says otherwise."""

    contact: Limit | None
    reply: Limit | None
    solve: Limit | None
    fast_solve: Limit | None
    fast_tags: frozenset[str]
    extension_workdays: int
    extension_count: int
    pause_workdays: int
    bounce_limit: int | None
    lamp_pct: int | None
    silence_workdays: int | None
    escalation_workdays: tuple[int, ...]
    unreachable_attempts: int
    rating_workdays: int | None
    reopen_days: int
    call_back_days: tuple[int, ...]
    satisfied_from: int
    low_rating: int
    rate_min_count: int
    public_per_hour: int

    def solve_limit(self, fast: bool) -> Limit | None:
        """The limit to solve: the shorter one for whoever has the fast track."""
        return self.fast_solve if fast and self.fast_solve is not None else self.solve


def policy_of(pack: Pack) -> DemandPolicy:
    """What the pack says. Faulty values count as not given."""
    return DemandPolicy(
        contact=_limit(pack, "demand_contact_hours"), reply=_limit(pack, "demand_reply_workdays"), solve=_limit(pack, "demand_solve_workdays"),
        fast_solve=_limit(pack, "demand_fast_solve_workdays"), fast_tags=frozenset(str(tag) for tag in _list(pack, "demand_fast_tags")),
        extension_workdays=_number(pack, "demand_extension_workdays") or 0, extension_count=_number(pack, "demand_extension_count") or 0,
        pause_workdays=_number(pack, "demand_pause_workdays") or 0, bounce_limit=_number(pack, "demand_bounce_limit"),
        lamp_pct=_number(pack, "demand_lamp_pct"), silence_workdays=_number(pack, "demand_silence_workdays"),
        escalation_workdays=tuple(sorted(day for day in _list(pack, "demand_escalation_workdays") if _whole(day))),
        unreachable_attempts=_number(pack, "demand_unreachable_attempts") or 0, rating_workdays=_number(pack, "demand_rating_workdays"),
        reopen_days=_number(pack, "demand_reopen_days") or 0,
        call_back_days=tuple(sorted(day for day in _list(pack, "demand_call_back_days") if _whole(day))),
        satisfied_from=_number(pack, "demand_satisfied_from") or 5, low_rating=_number(pack, "demand_low_rating") or 0,
        rate_min_count=_number(pack, "demand_rate_min_count") or 0, public_per_hour=_number(pack, "demand_public_per_hour") or 0,
    )


def _entry(pack: Pack, code: str) -> Any:
    return pack.find("settings", code)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


def _number(pack: Pack, code: str) -> int | None:
    entry = _entry(pack, code)
    return entry.value if entry is not None and _whole(entry.value) else None


def _list(pack: Pack, code: str) -> list[Any]:
    entry = _entry(pack, code)
    return list(entry.value) if entry is not None and isinstance(entry.value, (list, tuple)) else []


def _limit(pack: Pack, code: str) -> Limit | None:
    entry, value = _entry(pack, code), _number(pack, code)
    if entry is None or value is None:
        return None
    return Limit(value, entry.unit or "", entry.document, entry.clause, entry.confirmed)
