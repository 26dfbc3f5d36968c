"""The one unknown fact worth asking next: the one whose answer would change most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.ladder.criteria import words
from app.ladder.criteria.facts import Key
from app.ladder.criteria.look import Look
from app.ladder.criteria.scores import PartScore
from app.ladder.criteria.tree import MET, UNKNOWN, UNMET, Choice, Finding, Group, ScoreLeaf


@dataclass(frozen=True)
class Question:
    """``settles``: ids of the conditions the answer alone would settle; ``helps``: those it is one of several missing facts of."""

    field: str
    year: int | None
    text: str
    settles: tuple[str, ...]
    helps: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "year": self.year, "text": self.text, "settles": list(self.settles), "helps": list(self.helps)}


def next_question(root: Finding, parts: Sequence[PartScore], look: Look, titles: Any) -> Question | None:
    """None when nothing is unknown. Conditions that hold up the verdict weigh most; one that is settled by this answer alone counts double;
    points still open in a score count by their share."""
    weights: dict[Key, Fraction] = {}
    settles: dict[Key, list[str]] = {}
    helps: dict[Key, list[str]] = {}
    for finding, weight in _open(root, Fraction(1)):
        keys = finding.missing
        if isinstance(finding.node, ScoreLeaf):
            _score_weights(parts, weight, weights)
            continue
        for key in keys:
            weights[key] = weights.get(key, Fraction(0)) + weight * (2 if len(keys) == 1 else Fraction(1, len(keys)))
            (settles if len(keys) == 1 else helps).setdefault(key, []).append(finding.node.source.id or "")
    if not weights:
        return None
    best = max(weights, key=lambda key: (weights[key], key[1] or 0, key[0]))
    text = _text(best, look, titles)
    return Question(best[0], best[1], text, tuple(settles.get(best, ())), tuple(helps.get(best, ())))


def _open(finding: Finding, weight: Fraction) -> Iterator[tuple[Finding, Fraction]]:
    """Unknown leaves with their weight. What cannot change the verdict any more (beside a failed condition) weighs less, a condition only to be
    checked beforehand little."""
    source = finding.node.source
    if source.advisory:
        return
    if source.veto:
        weight = weight / 100
    if isinstance(finding.node, Group):
        if finding.result == MET and source.any is not None:
            return  # one way is enough
        for child in finding.children:
            yield from _open(child, weight / 4 if finding.result == UNMET else weight)
        return
    if isinstance(finding.node, Choice) and finding.children:
        for child in finding.children:
            yield from _open(child, weight)
        return
    if finding.result == UNKNOWN and finding.missing:
        yield finding, weight


def _score_weights(parts: Sequence[PartScore], weight: Fraction, weights: dict[Key, Fraction]) -> None:
    total = sum(Fraction(part.part.max) for part in parts) or Fraction(1)
    for part in parts:
        for item in part.items:
            for key in item.missing:
                share = Fraction(item.high - item.low) / total / len(item.missing)
                weights[key] = weights.get(key, Fraction(0)) + weight * share * 2


def _text(key: Key, look: Look, titles: Any) -> str:
    label = words.key_label(look, key, titles)
    if label.startswith("是否"):
        return f"请核实{label}。"
    field = look.field(key[0])
    if field.kind == "flag":
        return f"请核实：{field.label}（是或否）？"
    return f"请补报{label}{f'（{field.unit}）' if field.unit else ''}。"
