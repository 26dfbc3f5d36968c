"""What an application still needs: open conditions and missing evidence, as lines of the backward calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from app.ladder.criteria import Diagnosis, Leaf
from app.ladder.rules.calendar import Need
from app.packs.schema import Material

NAMES_SHOWN = 3


def needs(diagnosis: Diagnosis, missing: Sequence[Any], materials: Mapping[str, Material], closes_on: date, today: date) -> list[Need]:
    """Conditions open on the shortest way first, then what a person or a platform settles, then the papers. ``missing``: evidence items without a file."""
    return [*_conditions(diagnosis, materials, closes_on, today), *_papers(missing, materials)]


def _conditions(diagnosis: Diagnosis, materials: Mapping[str, Material], closes_on: date, today: date) -> Iterator[Need]:
    unpaid = set(diagnosis.open_units)
    for leaf in diagnosis.leaves:
        if leaf.id in unpaid and leaf.result == "unknown":
            material = _proof(leaf, materials)
            workdays = None if material is None else material.workdays
            yield Need(f"补齐数据：{leaf.label}", workdays, note=leaf.reason, key=leaf.id)
        elif leaf.id in unpaid:
            yield _unmet(leaf, diagnosis.as_of, closes_on, today)
        elif leaf.decides and (leaf.result == "manual" or (leaf.todo and leaf.result != "met")):
            material = _proof(leaf, materials)
            yield Need(f"人工核验或平台办理：{leaf.label}", None if material is None else material.workdays, note=leaf.reason, key=leaf.id)


def _unmet(leaf: Leaf, as_of: date, closes_on: date, today: date) -> Need:
    """A figure of a closed year cannot change any more; one of a running year can until its end; the rest has no time anybody could promise."""
    label = f"达到条件：{leaf.label}"
    if leaf.year is None:
        return Need(label, None, note=leaf.reason, key=leaf.id)
    counted = leaf.year + closes_on.year - as_of.year
    if counted < today.year:
        return Need(label, None, closed=f"看的是 {counted} 年度数据，已成定局，本批次内无法改变：{leaf.reason}", key=leaf.id)
    return Need(label, None, note=f"届时看 {counted} 年度数据，年底前达到即可；现状：{leaf.reason}", due_on=date(counted, 12, 31), key=leaf.id)


def _proof(leaf: Leaf, materials: Mapping[str, Material]) -> Material | None:
    return next((one for one in materials.values() if leaf.field is not None and leaf.field in one.fields), None)


def _papers(missing: Iterable[Any], materials: Mapping[str, Material]) -> Iterator[Need]:
    grouped: dict[str, list[str]] = {}
    for item in missing:
        grouped.setdefault(item.material or "", []).append(item.label)
    for code, labels in grouped.items():
        material = materials.get(code)
        names = "、".join(labels[:NAMES_SHOWN]) + (f"等 {len(labels)} 项" if len(labels) > NAMES_SHOWN else "")
        if material is None:
            yield Need("准备证明材料", None, note=f"证明：{names}。没有可靠的工期，请尽早开始。", key=f"m:{code}")
        else:
            yield Need(f"准备：{material.label}", material.workdays, confirmed=material.confirmed, key=f"m:{code}")
