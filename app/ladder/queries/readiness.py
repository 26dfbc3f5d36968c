"""复核准备 and 申报诊断: today's facts against the version that will decide on a later day. The caller has checked the scope."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.ladder import criteria
from app.ladder.criteria import Diagnosis
from app.ladder.models import Recognition
from app.ladder.queries.diagnoses import near_pct
from app.ladder.queries.facts import Known, known_of
from app.ladder.rules.duties import calendar_day
from app.packs import Pack
from app.packs.schema import CalendarEntry

REVIEWED = ("review", "rerecognition", "annual")
"""Cycles after which the title is decided anew (annual: evaluated every year as a new application)."""


@dataclass(frozen=True)
class Readiness:
    """``on``: the day whose version is used; ``from_window``: a date of the pack's calendar, else the last day of the title itself."""

    diagnosis: Diagnosis
    on: date
    from_window: bool


def diagnose_on(known: Known, title: str, application: str, on: date, level: str | None = None) -> Diagnosis:
    """Facts as they are, rule version of ``on``. Without such a version there is no verdict, and the reason says so."""
    pack = known.pack
    version = version_on(pack, title, application, on, level)
    if version is None:
        return criteria.no_verdict(
            title, pack.title_label(title), application, known.facts.as_of, criteria.no_version_reason(pack, title, application, on)
        )
    return criteria.diagnose(known.facts, version, application=application, judgements=known.judgements_on(version.code), near_pct=near_pct(pack))


def review_day(pack: Pack, recognition: Recognition) -> tuple[date, bool]:
    """The day a title is expected to be reviewed: the last day of the pack's review window in the year it runs out, not after it runs out;
    without such a window its last day. The second value says whether a window was found."""
    assert recognition.valid_to is not None
    for entry in pack.entries("calendar"):
        if isinstance(entry, CalendarEntry) and entry.kind == "window" and entry.application == "review" and recognition.title_code in entry.titles:
            day = calendar_day(recognition.valid_to.year, entry.ends_on)
            return (day, True) if day <= recognition.valid_to else (recognition.valid_to, False)
    return recognition.valid_to, False


def application_of(pack: Pack, title: str) -> str:
    """What a holder files when the title runs out: a review where the title knows one, else a new application."""
    found = pack.find_title(title)
    return "review" if found is not None and found.cycle == "review" else "new"


def readiness_of(recognitions: Collection[Recognition], *, as_of: date, known_on: date | None = None) -> dict[int, Readiness]:
    """Recognition id -> readiness, for those that run out and whose title is decided anew. Four statements for a page of rows."""
    rows = [row for row in recognitions if row.valid_to is not None]
    known = known_of({row.enterprise_id for row in rows}, as_of=as_of, known_on=known_on) if rows else {}
    return {row.id: found for row in rows if (found := _one(known, row)) is not None}


def verdict_codes(recognitions: Collection[Recognition], *, as_of: date, known_on: date | None = None) -> dict[int, str]:
    """Recognition id -> verdict code ("" = no version to judge by), without the words: for counting and filtering many."""
    rows = [row for row in recognitions if row.valid_to is not None]
    known = known_of({row.enterprise_id for row in rows}, as_of=as_of, known_on=known_on) if rows else {}
    versions: dict[tuple[str, str, str, date, str], criteria.Version | None] = {}
    found: dict[int, str] = {}
    for row in rows:
        one = known.get(row.enterprise_id)
        title = None if one is None else one.pack.find_title(row.title_code)
        if one is None or title is None or title.cycle not in REVIEWED:
            continue
        on, application = review_day(one.pack, row)[0], application_of(one.pack, row.title_code)
        key = (one.pack.hash, row.title_code, application, on, row.level)
        if key not in versions:
            versions[key] = version_on(one.pack, row.title_code, application, on, row.level)
        version = versions[key]
        found[row.id] = "" if version is None else criteria.quick_verdict(
            one.facts, version, application=application, judgements=one.judgements_on(version.code),
        ).value
    return found


def version_on(pack: Pack, title: str, application: str, on: date, level: str | None) -> criteria.Version | None:
    """The version that decides then: one of that level first, else one that does not depend on it."""
    version = criteria.choose_version(pack, title, application=application, on=on, level=level or None)
    return version if version is not None or not level else criteria.choose_version(pack, title, application=application, on=on)


def _one(known: Mapping[int, Known], row: Recognition) -> Readiness | None:
    facts = known.get(row.enterprise_id)
    if facts is None:
        return None
    title = facts.pack.find_title(row.title_code)
    if title is None or title.cycle not in REVIEWED:
        return None
    on, from_window = review_day(facts.pack, row)
    return Readiness(diagnose_on(facts, row.title_code, application_of(facts.pack, row.title_code), on, row.level), on, from_window)
