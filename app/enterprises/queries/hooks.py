"""What higher capabilities add to the pages of an enterprise: events of the timeline, steps of the ladder, words for rungs and titles.

They register functions at start-up (``views.init_app``); this capability never imports them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.kernel.scope import Scope


@dataclass(frozen=True)
class TimelineItem:
    """One line of the timeline. ``tone``: ok, info, warn, bad or "". ``source``: where it comes from, in Chinese."""

    on: date
    title: str
    text: str = ""
    tone: str = ""
    source: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Step:
    """One step of the ladder on an enterprise's page. ``state``: done, now, next or ""."""

    label: str
    note: str
    state: str


@dataclass(frozen=True, eq=False)
class LadderWords:
    """Words of the city's pack: rung code -> (label, tone 0-5) in order from below, title code -> label.

    ``cities``: where several cities are shown, the words of each by the id of its area; rungs are then those of none (``of`` a city).
    """

    rungs: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    cities: Mapping[int, "LadderWords"] = field(default_factory=dict)

    def of(self, city_id: int | None) -> "LadderWords":
        """The words of one city: a firm's rung is read on its own city's ladder."""
        return self.cities.get(city_id, self) if city_id is not None else self

    def rung_label(self, code: str | None) -> str:
        return self.rungs.get(code, (code, 0))[0] if code else ""

    def rung_tone(self, code: str | None) -> int:
        return self.rungs[code][1] if code in self.rungs else 0

    def title_labels(self, stored: str | None) -> list[str]:
        """``,srdi,high_tech,`` as labels."""
        return [self.titles.get(code, code) for code in (stored or "").split(",") if code]


Timeline = Callable[[int, date, date | None], Iterable[TimelineItem]]
"""(enterprise id, as-of day, known-on day or None = now) -> items up to that day."""
Stepper = Callable[[int, date, date | None], Iterable[Step]]
Words = Callable[[], LadderWords]

_timelines: dict[tuple[str, str], Timeline] = {}
_steppers: dict[tuple[str, str], Stepper] = {}
_words: list[Words] = []


Total = Callable[[Scope], int | None]
_total: list[Total] = []


def register_total(provider: Total) -> None:
    """Set who knows how many enterprises a scope holds without counting them (stored counts, exact at every moment)."""
    _total[:] = [provider]


def stored_total(scope: Scope) -> int | None:
    """The number of enterprises of a scope; None = nobody knows it without counting."""
    return _total[0](scope) if _total else None


def register_timeline(provider: Timeline) -> None:
    """Add a source of timeline items (once, at start-up)."""
    _timelines[provider.__module__, provider.__qualname__] = provider


def register_stepper(provider: Stepper) -> None:
    """Set who draws the ladder steps of an enterprise; the last one registered counts."""
    _steppers.clear()
    _steppers[provider.__module__, provider.__qualname__] = provider


def register_ladder_words(provider: Words) -> None:
    """Set who knows the labels of rungs and titles. Called once per page: must be cheap."""
    _words[:] = [provider]


def timeline_items(enterprise_id: int, day: date, known_on: date | None) -> list[TimelineItem]:
    """Items of all registered sources."""
    return [item for provider in _timelines.values() for item in provider(enterprise_id, day, known_on)]


def ladder_steps(enterprise_id: int, day: date, known_on: date | None) -> list[Step]:
    """Steps of the registered ladder; none while no capability draws them."""
    return [step for provider in _steppers.values() for step in provider(enterprise_id, day, known_on)]


def ladder_words() -> LadderWords:
    """Labels of rungs and titles; empty while no capability knows them (codes are then shown as they are)."""
    return _words[0]() if _words else LadderWords()
