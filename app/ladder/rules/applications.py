"""Applications (申报) as pure rules: states and steps, the evidence list from a criteria version, what is still missing.

Workflow: 平台申报 → 县级初核 → 市级审核 → 推荐 → 认定 (工信部企业〔2022〕63号 and 〔2026〕2号, chapter on recognition; 县级初核 by provincial rules).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.packs.schema import Condition, Material

TITLE_FIELD, TITLE_PREFIX = "title", "title."

STATES: dict[str, str] = {
    "preparing": "备件中", "submitted": "待县级审核", "returned": "县级退回", "county_passed": "待市级推荐", "recommended": "已推荐",
    "not_recommended": "不推荐", "granted": "已认定", "refused": "未认定", "withdrawn": "已撤回",
}
TONES: dict[str, str] = {
    "preparing": "", "submitted": "info", "returned": "warn", "county_passed": "info", "recommended": "ok", "not_recommended": "bad", "granted": "ok",
    "refused": "bad", "withdrawn": "lapsed",
}
FINAL = frozenset({"granted", "refused", "not_recommended", "withdrawn"})
ITEM_STATES: dict[str, str] = {"missing": "缺", "ready": "已备", "not_needed": "不需要"}


@dataclass(frozen=True)
class Step:
    """One change of state. ``level``: who may take it (edit = enterprise's or county's officer, recommend = city bureau)."""

    code: str
    label: str
    origins: frozenset[str]
    target: str
    level: str
    needs_reason: bool = False


STEPS: dict[str, Step] = {
    step.code: step for step in (
        Step("submit", "提交县级审核", frozenset({"preparing", "returned"}), "submitted", "edit"),
        Step("county_pass", "县级审核通过", frozenset({"submitted"}), "county_passed", "edit"),
        Step("county_return", "县级退回", frozenset({"submitted"}), "returned", "edit", True),
        Step("city_return", "退回县级重新审核", frozenset({"county_passed"}), "submitted", "recommend", True),
        Step("recommend", "推荐", frozenset({"county_passed"}), "recommended", "recommend"),
        Step("not_recommend", "不推荐", frozenset({"county_passed"}), "not_recommended", "recommend", True),
        Step("grant", "登记认定", frozenset({"recommended"}), "granted", "recommend"),
        Step("refuse", "登记未认定", frozenset({"recommended"}), "refused", "recommend", True),
        Step("withdraw", "撤回申报", frozenset({"preparing", "submitted", "returned", "county_passed", "recommended"}), "withdrawn", "edit", True),
        Step("reopen", "恢复办理", frozenset({"withdrawn", "not_recommended"}), "preparing", "recommend", True),
    )
}


def steps_from(state: str) -> list[Step]:
    """What may happen next, in the order of the buttons."""
    return [step for step in STEPS.values() if state in step.origins]


@dataclass(frozen=True)
class Item:
    """One line of the evidence list. ``choice``: lines with the same value are ways of which one is enough."""

    key: str
    label: str
    clause: str | None = None
    choice: str | None = None
    material: str | None = None


def checklist(
    rule: Condition, groups: Mapping[str, Condition], materials: Sequence[Material], *, title: str, application: str, present: Collection[str] | None = None,
) -> list[Item]:
    """The evidence list of a criteria version: first what is asked for anyway, then every condition in the order of the document.

    ``present``: ids of the conditions asked of this enterprise (cases that do not apply are left out); None = all.
    """
    usable = [one for one in materials if not one.disabled and (not one.titles or title in one.titles)]
    found = [Item(f"m:{one.code}", one.label, one.clause, None, one.code) for one in usable if one.always]
    seen = set()
    for leaf, choice in _leaves(rule, groups, application, None):
        key = leaf.id or leaf.label or ""
        if not key or key in seen or leaf.advisory or (present is not None and key not in present):
            continue
        seen.add(key)
        found.append(Item(key[:80], (leaf.label or key)[:200], leaf.clause, choice, _proof(leaf, usable)))
    alone = {choice for choice in (item.choice for item in found) if sum(other.choice == choice for other in found) == 1}
    return [replace(item, choice=None) if item.choice in alone else item for item in found]


def _leaves(node: Condition, groups: Mapping[str, Condition], application: str, choice: str | None) -> Iterator[tuple[Condition, str | None]]:
    if node.applications and application not in node.applications:
        return
    if node.use is not None and node.use in groups:
        yield from _leaves(groups[node.use], groups, application, choice)
    elif node.choose is not None:
        for case in node.cases:
            yield from _leaves(case.then, groups, application, choice)
    elif node.any is not None:
        own = choice or (node.label or node.id or "任选一项")[:80]
        for child in node.any:
            yield from _leaves(child, groups, application, own)
    elif node.all is not None:
        for child in node.all:
            yield from _leaves(child, groups, application, choice)
    else:
        yield node, choice


def _proof(leaf: Condition, materials: Iterable[Material]) -> str | None:
    """Code of the material that proves the condition; None = nothing in the pack says."""
    fields = {TITLE_FIELD} if leaf.holds_any or leaf.holds_all else {leaf.field} if leaf.field else set()
    if leaf.field and leaf.field.startswith(TITLE_PREFIX):
        fields = {TITLE_FIELD}
    return next((one.code for one in materials if fields & set(one.fields)), None)


def still_missing(items: Iterable[Any]) -> list[Any]:
    """Items without evidence that are needed: of several ways (same ``choice``) none while one of them is ready."""
    rows = list(items)
    settled = {row.choice for row in rows if row.choice and row.state == "ready"}
    return [row for row in rows if row.state == "missing" and row.choice not in settled]
