"""差距卡: what one enterprise lacks for every title it can reach, in words and numbers, and what would close the gap (004 三(二); domain.md §5).

Everything is worked out on the spot from what is known on the chosen day; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.ladder import criteria
from app.ladder.criteria import Diagnosis, Leaf, Verdict, words
from app.ladder.criteria.diagnosis import ScoreReport
from app.ladder.criteria.facts import Number, to_decimal
from app.ladder.criteria.questions import Question
from app.ladder.criteria.scores import Points
from app.ladder.queries import diagnoses
from app.ladder.queries.facts import Known
from app.packs.lint_criteria import declared_facts
from app.packs.schema import Title
from app.packs.vocabulary import TITLE_PREFIX
from app.workbench import gap_words
from app.workbench.gap_words import Names
from app.workbench.remedies import Help, Remedies

VERDICT_TONES = {Verdict.LIKELY: "ok", Verdict.BY_PERSON: "info", Verdict.DATA_MISSING: "open", Verdict.NOT_YET: "bad"}


@dataclass(frozen=True)
class Missing:
    """A fact nobody has entered yet."""

    code: str
    year: int | None
    label: str


@dataclass(frozen=True)
class Condition:
    """One row of the card. ``rate`` 0-100 for the bar, None = nothing to draw; ``spare``: not met, and another way is shorter or already met;
    ``first``: titles one of which has to be held before."""

    leaf: Leaf
    word: str
    tone: str
    value: str | None
    years: tuple[str, ...]
    line: str
    lack: str
    rate: int | None
    origins: tuple[str, ...]
    missing: tuple[Missing, ...]
    helps: tuple[Help, ...]
    spare: bool = False
    first: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.leaf.decides


@dataclass(frozen=True)
class ScoreRow:
    """One row of a score table; ``low`` and ``high`` differ while something is unknown or a jury has not spoken."""

    label: str
    points: str
    top: str
    rate: int
    open: bool
    jury: bool
    id: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class ScorePart:
    """One part of a score table with its rows."""

    label: str
    points: str
    top: str
    rows: tuple[ScoreRow, ...]


@dataclass(frozen=True)
class TitleCard:
    """One title. ``next_step``: the lowest title above what is held on its track; ``held``: the card asks for the review."""

    title: Title
    diagnosis: Diagnosis
    held: bool
    next_step: bool
    conditions: tuple[Condition, ...]
    hints: tuple[Condition, ...]
    score: str
    parts: tuple[ScorePart, ...]
    opens: tuple[Help, ...]

    @property
    def code(self) -> str:
        return self.title.code

    @property
    def verdict(self) -> tuple[str, str]:
        """(words, tone)."""
        found = self.diagnosis.verdict
        return ("不作判断", "open") if found is None else (found.label, VERDICT_TONES[found])

    @property
    def met(self) -> int:
        return sum(1 for one in self.conditions if one.leaf.result == "met")

    @property
    def label(self) -> str:
        return self.title.label

    @property
    def open_rows(self) -> list[Condition]:
        """Conditions on the shortest way that are not met."""
        return [row for row in self.conditions if row.leaf.id in self.diagnosis.open_units]

    @property
    def helps(self) -> list[Help]:
        """Measures of all open conditions, each once."""
        return list(dict.fromkeys(help_ for row in self.conditions for help_ in row.helps))

    @property
    def short(self) -> str:
        """全满足 / 只差一项 / 还差 3 项."""
        count = len(self.diagnosis.open_units)
        if self.diagnosis.verdict is None:
            return "—"
        return ("全满足", "只差一项")[count] if count < 2 else f"还差 {count} 项"


@dataclass(frozen=True)
class GapCard:
    """The whole card. ``question``: the unknown fact that holds up most titles, with the titles it holds up."""

    known: Known
    titles: tuple[TitleCard, ...]
    reviews: tuple[TitleCard, ...]
    question: Question | None
    asks_for: tuple[str, ...]
    names: Names

    def only(self, title: str) -> GapCard:
        """The same card with one title left."""
        titles, reviews = (tuple(one for one in group if one.code == title) for group in (self.titles, self.reviews))
        return replace(self, titles=titles, reviews=reviews)


def build(known: Known) -> GapCard:
    """The card of one enterprise."""
    pack, on = known.pack, known.facts.as_of
    names = Names({title.code: title.label for title in pack.content.titles}, declared_facts(pack.content))
    drawer = _Drawer(known, names, Remedies(pack, on, names.declared))
    reachable = _reachable(known)
    titles = [card for title, step in reachable if (card := drawer.title(title, step)) is not None]
    reviews = [card for title in _to_review(known) if (card := drawer.title(title, False)) is not None]
    titles.sort(key=lambda card: (not card.next_step, _distance(card), card.title.rank))
    question, asks_for = _question(titles)
    return GapCard(known, tuple(titles), tuple(reviews), question, asks_for, names)


def _distance(card: TitleCard) -> tuple[int, int]:
    found = card.diagnosis
    return (len(found.open_units), sum(1 for leaf in found.leaves if leaf.result == "unmet")) if found.verdict is not None else (99, 99)


def _reachable(known: Known) -> list[tuple[Title, bool]]:
    """Titles above what is held on their track, lowest first, the first of a track marked."""
    held_ranks: dict[str, int] = {}
    for title in known.pack.titles():
        if title.code in known.held:
            held_ranks[title.track] = max(title.rank, held_ranks.get(title.track, -1))
    found: list[tuple[Title, bool]] = []
    for title in _titled(known):
        if title.code not in known.held and title.rank > held_ranks.get(title.track, -1):
            found.append((title, all(one.track != title.track for one, _ in found)))
    return found


def _to_review(known: Known) -> list[Title]:
    return [title for title in _titled(known) if title.code in known.held and title.cycle != "none"]


def _titled(known: Known) -> list[Title]:
    return [known.pack.title(code) for code in diagnoses.titled(known.pack)]


def _question(cards: list[TitleCard]) -> tuple[Question | None, tuple[str, ...]]:
    """The question whose answer moves most: next steps, titles that wait for data only, and titles near by weigh more."""
    weights: Counter[tuple[str, int | None]] = Counter()
    first: dict[tuple[str, int | None], Question] = {}
    waiting: dict[tuple[str, int | None], list[str]] = {}
    for card in cards:
        asked = card.diagnosis.question
        if asked is not None:
            key = (asked.field, asked.year)
            weights[key] += _weight(card)
            first.setdefault(key, asked)
            waiting.setdefault(key, []).append(card.title.label)
    if not weights:
        return None, ()
    best = weights.most_common(1)[0][0]
    return first[best], tuple(waiting[best])


def _weight(card: TitleCard) -> int:
    waits_for_data = card.diagnosis.verdict is Verdict.DATA_MISSING
    return 600 * (3 if card.next_step else 1) * (5 if waits_for_data else 1) // (1 + len(card.diagnosis.open_units))


class _Drawer:
    """Turns diagnoses into rows."""

    def __init__(self, known: Known, names: Names, remedies: Remedies) -> None:
        self._known, self._names, self._remedies = known, names, remedies

    def title(self, title: Title, next_step: bool) -> TitleCard | None:
        """None: no version was in force on the day."""
        found = diagnoses.diagnose_title(self._known, title.code)
        if found.version is None:
            return None
        held = found.application == diagnoses.REVIEW
        rows = [self._condition(leaf, frozenset(found.open_units)) for leaf in found.leaves]
        return TitleCard(
            title, found, held, next_step, tuple(row for row in rows if row.counts), tuple(row for row in rows if not row.counts),
            _interval(found.score), tuple(self._parts(found.score)), tuple(() if held else self._remedies.for_title(title.code)),
        )

    def _condition(self, leaf: Leaf, needed: frozenset[str]) -> Condition:
        names, open_ = self._names, leaf.result != "met"
        return Condition(
            leaf, criteria.RESULT_LABELS[leaf.result], gap_words.TONES[leaf.result], gap_words.value_of(leaf, names), tuple(gap_words.by_year(leaf)),
            gap_words.line_of(leaf, names), gap_words.lack_of(leaf), gap_words.rate_of(leaf),
            tuple(gap_words.origins_of(leaf, self._known.facts, names)), self._missing(leaf.missing),
            tuple(self._remedies.for_leaf(leaf)) if open_ else (), open_ and leaf.decides and not leaf.todo and (leaf.id or leaf.label) not in needed,
            _titles_asked(leaf) if open_ else (),
        )

    def _missing(self, keys: tuple[tuple[str, int | None], ...]) -> tuple[Missing, ...]:
        return tuple(Missing(code, year, self._names.key(code, year)) for code, year in keys if not code.startswith(TITLE_PREFIX))

    def _parts(self, score: ScoreReport | None) -> Iterator[ScorePart]:
        for part in score.parts if score is not None else ():
            rows = tuple(self._row(item) for item in part.items)
            yield ScorePart(part.part.label, _points(part.low, part.high), _plain(part.part.max), rows)

    def _row(self, item: Points) -> ScoreRow:
        top = Decimal(item.item.max)
        rate = int(to_decimal(item.low) / top * 100) if top > 0 else 0
        return ScoreRow(
            item.item.label, _points(item.low, item.high), _plain(top), rate, item.low != item.high, item.jury, item.item.id, self._missing(item.missing),
        )


def _titles_asked(leaf: Leaf) -> tuple[str, ...]:
    """Codes of the titles a condition asks to hold."""
    if leaf.field is None or not leaf.field.startswith(TITLE_PREFIX):
        return ()
    return tuple(leaf.threshold) if isinstance(leaf.threshold, tuple) else (leaf.field.removeprefix(TITLE_PREFIX),)


def _plain(value: Decimal) -> str:
    return words.number(value)


def _points(low: Number, high: Number) -> str:
    ends = (_plain(to_decimal(low)), _plain(to_decimal(high)))
    return ends[0] if ends[0] == ends[1] else "～".join(ends)


def _interval(score: ScoreReport | None) -> str:
    if score is None:
        return ""
    low, high = _plain(score.low), _plain(score.high)
    return f"{low if low == high else f'{low}～{high}'} 分"
