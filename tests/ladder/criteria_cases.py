"""Reads the cases of tests/ladder/cases and asks them; the files are written so that an official can read them.

A file: ``city``, ``rule`` (asked by name) or ``title`` (the version is chosen by date), ``as_of``, ``base`` (facts every case starts from) and
``cases``: ``name``, ``facts`` (laid over the base; null takes a fact away), ``judgements``, ``parameters``, ``application``, ``expect``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.ladder import criteria
from app.packs import Pack, read_pack
from app.packs.yaml_source import Source, read_source

CASES = Path(__file__).resolve().parent / "cases"


@dataclass(frozen=True)
class CriteriaCase:
    """One situation with what is expected."""

    file: str
    head: dict[str, Any]
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.data['name']}"

    @property
    def expect(self) -> dict[str, Any]:
        return self.data["expect"]

    def setting(self, key: str, default: Any = None) -> Any:
        return self.data.get(key, self.head.get(key, default))


@cache
def pack(city: str) -> Pack:
    """The shipped pack of a city, read once."""
    return read_pack(city)


def cases() -> Iterator[CriteriaCase]:
    """Every case of every file."""
    for path in sorted(CASES.glob("*.yaml")):
        source = read_source(path, number_keys=True)
        assert isinstance(source, Source), str(source)
        for data in source.data["cases"]:
            yield CriteriaCase(path.stem, source.data, data)


def situation(case: CriteriaCase) -> criteria.Situation:
    """The facts of a case: the base with the case's own laid over."""
    own = pack(case.setting("city", "liaocheng"))
    said = case.setting("as_of")
    facts = {**case.head.get("base", {}), **case.data.get("facts", {})}
    facts = {name: value for name, value in facts.items() if value is not None}
    facts |= {"judgements": case.setting("judgements", {}), "parameters": case.setting("parameters", {})}
    return criteria.read_facts(
        facts, as_of=said if isinstance(said, date) else date.fromisoformat(said), application=case.setting("application", "new"),
        region=case.setting("region", own.area_code), title_codes={title.code: title.label for title in own.content.titles},
    )


def answer(case: CriteriaCase) -> criteria.Diagnosis:
    """What the rules say."""
    own, asked = pack(case.setting("city", "liaocheng")), situation(case)
    kind, region = asked.application or "new", asked.region
    if case.data.get("title") is None and case.setting("rule"):
        version = criteria.get_version(own, case.setting("rule"), region=region, overrides=asked.parameters)
    else:
        title = case.setting("title")
        found = criteria.choose_version(own, title, application=kind, on=asked.facts.as_of, region=region, overrides=asked.parameters)
        if found is None:
            reason = criteria.no_version_reason(own, title, kind, asked.facts.as_of)
            return criteria.no_verdict(title, own.title_label(title), kind, asked.facts.as_of, reason)
        version = found
    return criteria.diagnose(asked.facts, version, application=kind, judgements=asked.judgements)


def problems(case: CriteriaCase) -> list[str]:
    """What differs from the expectation, in words."""
    got, expect = answer(case), case.expect
    found = [*_verdict(got, expect), *_leaves(got, expect), *_points(got, expect)]
    if "score" in expect:
        score = None if got.score is None else [got.score.low, got.score.high]
        if score != [Decimal(one) for one in expect["score"]]:
            found.append(f"得分 {score}")
    if "question" in expect and (got.question is None or got.question.field != expect["question"]):
        found.append(f"先问 {got.question}")
    if "open" in expect and sorted(got.open_units) != sorted(expect["open"]):
        found.append(f"未满足 {got.open_units}")
    found += [f"说明里没有“{words}”：{got.reasons + got.warnings}" for words in expect.get("says", ()) if words not in "".join(got.reasons + got.warnings)]
    return found


def _verdict(got: criteria.Diagnosis, expect: dict[str, Any]) -> Iterator[str]:
    label = None if got.verdict is None else got.verdict.label
    if "verdict" in expect and label != expect["verdict"]:
        yield f"结论 {label}：{'；'.join(got.reasons)}"
    rule = None if got.version is None else got.version.code
    if "rule" in expect and rule != expect["rule"]:
        yield f"版本 {rule}"


def _leaves(got: criteria.Diagnosis, expect: dict[str, Any]) -> Iterator[str]:
    leaves = {leaf.id: leaf for leaf in got.leaves}
    for name, result in expect.get("leaves", {}).items():
        if result is None:
            if name in leaves:
                yield f"{name} 不应出现"
        elif name not in leaves or leaves[name].result != result:
            yield f"{name}：{leaves[name].result + ' ' + leaves[name].reason if name in leaves else '没有这一条'}"
    for name, gap in expect.get("distance", {}).items():
        if name not in leaves or leaves[name].distance != Decimal(gap):
            yield f"{name} 距离 {leaves[name].distance if name in leaves else '没有这一条'}"
    for name, label in expect.get("case", {}).items():
        if not any(label in leaf.path for leaf in got.leaves):
            yield f"{name} 适用 {sorted({leaf.path for leaf in got.leaves})}"


def _points(got: criteria.Diagnosis, expect: dict[str, Any]) -> Iterator[str]:
    rows = {row.item.id: row for part in (got.score.parts if got.score else ()) for row in part.items}
    for name, wanted in expect.get("points", {}).items():
        low, high = wanted if isinstance(wanted, list) else (wanted, wanted)
        if name not in rows or (rows[name].low, rows[name].high) != (Decimal(low), Decimal(high)):
            yield f"{name} 得分 {(rows[name].low, rows[name].high) if name in rows else '没有这一项'}"
