"""Rule versions: which one decides an application, and the version made ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from app.kernel.errors import Invalid, NotFound
from app.ladder.criteria.compiling import Compiler
from app.ladder.criteria.facts import exact
from app.ladder.criteria.scores import Table
from app.ladder.criteria.tree import Node
from app.packs import Pack
from app.packs.criteria_tree import parts_for
from app.packs.lint_criteria import declared_facts
from app.packs.schema.criteria import APPLICATION_LABELS, Applies, Criterion
from app.packs.schema.plans import Document
from app.packs.vocabulary import FactField

NATION = "000000"


@dataclass(frozen=True)
class Version:
    """One rule version of one pack, with the score rows of its region filled in.

    ``title_labels``: what title codes are called; ``applies``: the period that made it the choice (None when named by its code).
    """

    criterion: Criterion
    document: Document | None
    parts: tuple[Any, ...]
    groups: Mapping[str, Any]
    declared: Mapping[str, FactField]
    title_labels: Mapping[str, str]
    applies: Applies | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def confirmed(self) -> bool:
        """False = show 待核 beside the version."""
        return self.criterion.confirmed and (self.applies is None or self.applies.confidence != "待核")

    @cached_property
    def root(self) -> Node:
        return self._compiler.node(self.criterion.rule)

    @cached_property
    def table(self) -> Table | None:
        return self._compiler.table(self.parts) if self.parts else None

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Parameter code -> exact number or choice, overrides laid over."""
        values = {one.code: one.choice if one.value is None else exact(one.value) for one in self.criterion.parameters}
        return {**values, **{code: exact(value) for code, value in self.overrides.items() if code in values}}

    def node_of(self, item: Any, when: Any) -> Node:
        """A condition of a score row, ready to be asked."""
        return self._compiler.node(when.model_copy(update={"id": when.id or item.id, "clause": when.clause or item.clause}))

    @cached_property
    def _compiler(self) -> Compiler:
        return Compiler(self.groups, self.declared)


def regions_of(region: str) -> tuple[str, ...]:
    """A region and what contains it, closest first: 371500 -> 371500, 370000, 000000."""
    chain = (region, region[:4] + "00", region[:2] + "0000", NATION)
    return tuple(dict.fromkeys(chain))


def choose_version(
    pack: Pack, title: str, *, application: str, on: date, region: str | None = None, level: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Version | None:
    """The version that decides an application of this kind on this day: the closest region wins. None = no version, no verdict.

    ``region``: default the pack's city. ``level``: only versions of that level (a city may have its own 瞪羚 beside the province's).
    """
    if not overrides:
        return _chosen(pack, title, application, on, region, level)
    return _choose(pack, title, application, on, region, level, overrides)


def _choose(
    pack: Pack, title: str, application: str, on: date, region: str | None, level: str | None, overrides: Mapping[str, Any] | None = None,
) -> Version | None:
    regions = regions_of(region or pack.area_code)
    found: list[tuple[int, Criterion, Applies]] = []
    for criterion in pack.content.criteria:
        if criterion.title != title or criterion.disabled or criterion.region not in regions or level not in (None, criterion.level):
            continue
        for applies in criterion.period_for(application):
            if applies.from_ <= on and (applies.to is None or on <= applies.to):
                found.append((regions.index(criterion.region), criterion, applies))
    if not found:
        return None
    _, criterion, applies = min(found, key=lambda row: (row[0], row[1].code))
    return prepare(pack, criterion, region=region, applies=applies, overrides=overrides)


@lru_cache(maxsize=2000)
def _chosen(pack: Pack, title: str, application: str, on: date, region: str | None, level: str | None) -> Version | None:
    """Packs never change, so a version is made ready once (it compiles its tree when first asked)."""
    return _choose(pack, title, application, on, region, level)


def get_version(pack: Pack, code: str, *, region: str | None = None, overrides: Mapping[str, Any] | None = None) -> Version:
    """A version by its code, drafts too (for comparisons). Raises NotFound."""
    rows = [criterion for criterion in pack.content.criteria if criterion.code == code]
    if not rows:
        raise NotFound(f"政策包“{pack.label}”里没有认定条件版本 {code[:60]}，请核对代码。", "criterion_unknown")
    return prepare(pack, max(rows, key=lambda one: one.effective_from), region=region, overrides=overrides)


def prepare(
    pack: Pack, criterion: Criterion, *, region: str | None = None, applies: Applies | None = None, overrides: Mapping[str, Any] | None = None,
) -> Version:
    """The version with everything it needs from the pack. Raises Invalid for an override that is not one of the parameter's choices."""
    content = pack.content
    _check_overrides(criterion, overrides or {})
    return Version(
        criterion=criterion, document=next((one for one in content.documents if one.code == criterion.document), None),
        parts=parts_for(criterion, content.local_scores, regions_of(region or pack.area_code)),
        groups={group.code: group.rule for group in content.condition_groups}, declared=declared_facts(content),
        title_labels={title.code: title.label for title in content.titles}, applies=applies, overrides=overrides or {},
    )


def _check_overrides(criterion: Criterion, overrides: Mapping[str, Any]) -> None:
    for parameter in criterion.parameters:
        given = overrides.get(parameter.code)
        if given is None:
            continue
        if parameter.choices and given not in parameter.choices:
            names = "、".join(f"{code}（{label}）" for code, label in parameter.choices.items())
            raise Invalid("bad_parameter", f"参数“{parameter.label}”只能是：{names}。", parameter.code)
        if not parameter.choices and isinstance(given, str):
            raise Invalid("bad_parameter", f"参数“{parameter.label}”应为数字。", parameter.code)


def no_version_reason(pack: Pack, title: str, application: str, on: date) -> str:
    """Why there is no verdict, in words."""
    starts = sorted(
        applies.from_ for criterion in pack.content.criteria if criterion.title == title for applies in criterion.period_for(application)
    )
    label, kind = pack.title_label(title), APPLICATION_LABELS.get(application, application)
    if not starts:
        return f"政策包“{pack.label}”里没有“{label}”的{kind}认定条件，不作判断。"
    if on < starts[0]:
        return f"“{label}”的认定条件自 {starts[0]} 起才有版本，{on} 没有适用的版本，不作判断。"
    return f"{on} 没有适用于“{label}”{kind}的认定条件版本，不作判断。"
