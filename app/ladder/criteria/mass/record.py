"""The packed columns of one enterprise: made by the engine itself, or read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from app.ladder.criteria.diagnosis import Verdict, counted, is_leaf, judge, open_units
from app.ladder.criteria.facts import Facts
from app.ladder.criteria.look import Look
from app.ladder.criteria.mass.plan import (
    COLUMNS,
    LACKING_EACH,
    LEAVES,
    MORE,
    NEVER_OPEN,
    NO_VERSION,
    OPENS_EACH,
    SLOT_SCORES,
    SLOTS,
    Layout,
    Plan,
)
from app.ladder.criteria.mass.sheet import MANUAL, MET, UNKNOWN, UNMET
from app.ladder.criteria.tree import Finding

CODES = (MET, MANUAL, UNKNOWN, UNMET)
"""By the results of `criteria.tree`."""
VERDICTS = {MET: Verdict.LIKELY, MANUAL: Verdict.BY_PERSON, UNKNOWN: Verdict.DATA_MISSING, UNMET: Verdict.NOT_YET}
VERDICT_CODES = {verdict: code for code, verdict in VERDICTS.items()}


@dataclass(frozen=True)
class Record:
    """What is stored of one slot. ``open``: open units, `MORE` = two or more, `NEVER_OPEN` = no version; ``lacking``: id of the only one;
    ``leaves``: id -> result code of the leaves asked and not met; ``score``: low and high; ``held``: the title is held, so its review was asked."""

    verdict: Verdict | None
    open: int = NEVER_OPEN
    lacking: str | None = None
    leaves: Mapping[str, int] = field(default_factory=dict)
    score: tuple[Fraction, Fraction] | None = None
    held: bool = False


def record_of(plan: Plan, facts: Facts, held: frozenset[str], judgements: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The columns of one enterprise as the statement would make them. ``judgements``: rule code -> condition -> judgement."""
    columns, seen = dict.fromkeys(COLUMNS, 0), Look(facts)
    for layout in plan.layouts:
        if layout.number < SLOTS:
            _pack(columns, layout, answer(layout, facts, held, judgements, seen), layout.slot.title in held)
    return columns


def answer(
    layout: Layout, facts: Facts, held: frozenset[str], judgements: Mapping[str, Mapping[str, Any]], seen: Look | None = None,
) -> Record:
    """One slot asked of one enterprise by the engine."""
    slot = layout.slot
    kind = slot.application or ("review" if slot.title in held else "new")
    version = slot.version_for(kind)
    if version is None:
        return Record(None)
    look, root, parts = judge(facts, version, application=kind, judgements=judgements.get(version.code, {}), near_pct=20, seen=seen)
    units = open_units(root)
    leaves: dict[str, int] = {}
    for finding in _counted_leaves(root):
        code = CODES[finding.result]
        if code != MET:
            source = finding.node.source
            leaves[source.id or source.label or ""] = code
    score = None
    if parts:
        low, high, _ = look.scores["total"]
        score = Fraction(low), Fraction(high)
    return Record(VERDICTS[CODES[root.result]], min(len(units), MORE), units[0] if len(units) == 1 else None, leaves, score)


def _counted_leaves(finding: Finding) -> Iterator[Finding]:
    if not counted(finding):
        return
    if is_leaf(finding):
        yield finding
        return
    for child in finding.children:
        yield from _counted_leaves(child)


def _pack(columns: dict[str, int], layout: Layout, record: Record, held: bool) -> None:
    """A leaf or score the layout has no place for (a slot the generator gave up) is left out."""
    number = layout.number
    columns["held"] |= held << number
    columns["verdict"] |= (NO_VERSION if record.verdict is None else VERDICT_CODES[record.verdict]) << 3 * number
    columns[f"open_{number // OPENS_EACH}"] |= record.open << 4 * (number % OPENS_EACH)
    columns[f"lacking_{number // LACKING_EACH}"] |= layout.places.get(record.lacking or "", 0) << 8 * (number % LACKING_EACH)
    for leaf, code in record.leaves.items():
        at = layout.leaves.get(leaf)
        if at is None:
            continue
        columns[f"mask_{at // LEAVES}"] |= code << 3 * (at % LEAVES)
    if layout.score is not None and record.score is not None:
        low, high = (int(one * layout.score_scale) for one in record.score)
        columns[f"score_{layout.score // SLOT_SCORES}"] |= (low | high << 15) << 30 * (layout.score % SLOT_SCORES)


def unpack(layout: Layout, columns: Mapping[str, int]) -> Record:
    """What the columns say about one slot."""
    number = layout.number
    code, held = columns["verdict"] >> 3 * number & 7, bool(columns["held"] >> number & 1)
    if code == NO_VERSION:
        return Record(None, held=held)
    place = columns[f"lacking_{number // LACKING_EACH}"] >> 8 * (number % LACKING_EACH) & 255
    leaves = {leaf: columns[f"mask_{at // LEAVES}"] >> 3 * (at % LEAVES) & 7 for leaf, at in layout.leaves.items()}
    score = None
    if layout.score is not None:
        pair = columns[f"score_{layout.score // SLOT_SCORES}"] >> 30 * (layout.score % SLOT_SCORES)
        score = Fraction(pair & 32767, layout.score_scale), Fraction(pair >> 15 & 32767, layout.score_scale)
    return Record(
        VERDICTS[code], columns[f"open_{number // OPENS_EACH}"] >> 4 * (number % OPENS_EACH) & 15,
        next((leaf for leaf, at in layout.places.items() if at == place), None), {leaf: code for leaf, code in leaves.items() if code}, score, held,
    )
