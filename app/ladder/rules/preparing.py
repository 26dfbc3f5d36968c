"""What an application still needs: open conditions and missing evidence, as lines of the backward calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from app.ladder.criteria import Diagnosis, Leaf
from app.ladder.rules.calendar import Need
from app.packs.schema import Material

NAMES_SHOWN = 3


def needs(diagnosis: Diagnosis, missing: Sequence[Any], materials: Mapping[str, Material], today: date) -> list[Need]:
    """Conditions open on the shortest way first, then what a person or a platform settles, then the papers. ``missing``: evidence items without a file.

    ``diagnosis``: with the years the window asks for, so that a year that is over and one still running are told apart.
    """
    return [*_conditions(diagnosis, materials, today), *_papers(missing, materials)]


def _conditions(diagnosis: Diagnosis, materials: Mapping[str, Material], today: date) -> Iterator[Need]:
    unpaid = set(diagnosis.open_units)
    for leaf in diagnosis.leaves:
        if leaf.id in unpaid and leaf.result == "unknown":
            yield _unknown(leaf, materials, today)
        elif leaf.id in unpaid:
            yield _unmet(leaf, today)
        elif leaf.decides and (leaf.result == "manual" or (leaf.todo and leaf.result != "met")):
            material = _proof(leaf, materials)
            yield Need(f"人工核验或平台办理：{leaf.label}", None if material is None else material.workdays, note=leaf.reason, key=leaf.id)


def _unknown(leaf: Leaf, materials: Mapping[str, Material], today: date) -> Need:
    """Data nobody has entered, or of a year that is not over yet."""
    material = _proof(leaf, materials)
    running = sorted({year for _, year in leaf.missing if year is not None and year >= today.year})
    note = f"{'、'.join(map(str, running))} 年度数据要到年度终了才有，现在还可以努力。{leaf.reason}" if running else leaf.reason
    return Need(f"补齐数据：{leaf.label}", None if material is None else material.workdays, note=note, key=leaf.id)


def _unmet(leaf: Leaf, today: date) -> Need:
    """A figure of a year that is over cannot change any more; one of a running year can until its end; the rest has no time anybody could promise."""
    label = f"达到条件：{leaf.label}"
    if leaf.year is None:
        return Need(label, None, note=leaf.reason, key=leaf.id)
    if leaf.year < today.year:
        return Need(label, None, closed=f"{leaf.year} 年度已经结束，这项数据本批次内不会再变：{leaf.reason}", key=leaf.id)
    return Need(label, None, note=f"看 {leaf.year} 年度数据，年底前达到即可；现状：{leaf.reason}", due_on=date(leaf.year, 12, 31), key=leaf.id)


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
