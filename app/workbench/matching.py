"""Service domains that answer the open conditions of an enterprise: what its gap card would offer, as words for a search of the pool."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from app.ladder.queries.facts import known_of
from app.workbench import gap_card

KIND = "服务"
"""Kind of measure (``remedies.SECTIONS``) that names a service domain."""


@dataclass(frozen=True)
class NeededDomain:
    """A domain and the titles whose open conditions it answers, most wanted first."""

    domain: str
    titles: tuple[str, ...]


def domains_of(enterprise_id: int, day: date) -> list[NeededDomain]:
    """Domains by how many titles they help on; next steps of the ladder first. The caller has checked the scope."""
    known = known_of([enterprise_id], as_of=day).get(enterprise_id)
    if known is None:
        return []
    titles: dict[str, dict[str, bool]] = defaultdict(dict)
    for card in gap_card.build(known).titles:
        for row in card.open_rows:
            for help_ in row.helps:
                for measure in help_.measures:
                    if measure.kind == KIND:
                        titles[measure.code][card.label] = titles[measure.code].get(card.label, False) or card.next_step
    ordered = sorted(titles, key=lambda code: (-sum(titles[code].values()), -len(titles[code]), code))
    return [NeededDomain(code, tuple(titles[code])) for code in ordered]
