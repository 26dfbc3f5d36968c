"""Every edge of the criteria has a case on both sides: ``flask packs lint CITY --cases DIR``. Cases are the YAML files of tests/ladder/cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.packs.criteria_edges import edges
from app.packs.problems import Problem
from app.packs.schema import PackContent
from app.packs.yaml_source import read_source

SIDES = frozenset({"below", "at", "above"})


def lint_cases(content: PackContent, directory: Path) -> list[Problem]:
    """One fault per edge that lacks a case at it or beside it. A case says what it stands for: ``edge: {rule, id, value, side}``."""
    sides: dict[tuple[str, str, Decimal], set[str]] = defaultdict(set)
    problems: list[Problem] = []
    for file in sorted(directory.glob("*.y*ml")):
        source = read_source(file, number_keys=True)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        for mark in _marks(source.data):
            sides[str(mark.get("rule")), str(mark.get("id")), Decimal(str(mark.get("value")))].add(str(mark.get("side")))
    return [*problems, *_uncovered(content, sides)]


def _uncovered(content: PackContent, sides: dict[tuple[str, str, Decimal], set[str]]) -> Iterator[Problem]:
    for edge in edges(content):
        found = sides.get(edge.key, set())
        if "at" not in found or not found & {"below", "above"}:
            lacking = "正好在边界上" if "at" not in found else "边界另一侧"
            text = f"“{edge.label or edge.id}”的边界 {edge.value} {edge.unit} 缺少{lacking}的案例，请运行 tests/ladder/make_edges.py，或手写一个案例。"
            yield Problem("edge_without_case", "criteria/", text, f"{edge.rule}/{edge.id}")


def _marks(data: Any) -> Iterator[dict[str, Any]]:
    for case in data.get("cases") or () if isinstance(data, dict) else ():
        if isinstance(case, dict) and isinstance(case.get("edge"), dict):
            yield case["edge"]
