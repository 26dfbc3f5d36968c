"""Walking the conditions of a rule version with shared groups put in; finds cycles instead of falling into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.packs.schema.criteria import APPLICATIONS, Condition, Criterion, LocalScore, ScoreItem, ScorePart


class CycleFound(Exception):
    """A shared group includes itself, directly or through others; ``path`` names the way round."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        super().__init__(" → ".join(path))


def walk(node: Condition, groups: Mapping[str, Condition], path: tuple[str, ...] = ()) -> Iterator[Condition]:
    """Every node below, groups put in; unknown groups are passed over. Raises CycleFound."""
    yield node
    if node.use is not None:
        if node.use in path:
            raise CycleFound((*path, node.use))
        inner = groups.get(node.use)
        if inner is not None:
            yield from walk(inner, groups, (*path, node.use))
    for child in (*(node.all or ()), *(node.any or ()), *(case.then for case in node.cases)):
        yield from walk(child, groups, path)


def item_conditions(item: ScoreItem) -> Iterator[Condition]:
    """The conditions a score row asks."""
    yield from (case.when for case in (*item.cases, *item.sum_of))
    for inner in item.better_of:
        yield from item_conditions(inner)


def items(parts: tuple[ScorePart, ...]) -> Iterator[ScoreItem]:
    """Rows of a score table, those inside ``better_of`` too."""
    for part in parts:
        for item in part.items:
            yield item
            yield from item.better_of


def parts_for(criterion: Criterion, local: tuple[LocalScore, ...], regions: tuple[str, ...]) -> tuple[ScorePart, ...]:
    """The score table with the rows the closest region sets. ``regions``: closest first, e.g. 371500, 370000, 000000."""
    def fill(part: ScorePart) -> ScorePart:
        rows = [one for one in local if one.criterion == criterion.code and one.part == part.code and one.region in regions and not one.disabled]
        if not part.local or not rows:
            return part
        best = min(rows, key=lambda one: regions.index(one.region))
        return part.model_copy(update={"items": best.items})

    return tuple(fill(part) for part in criterion.parts)


def applications_of(node: Condition) -> tuple[str, ...]:
    """Which applications a node is asked at."""
    return node.applications or APPLICATIONS
