"""What an edition holds as plain data, its hash, and scoring it again from itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.indicators.rules.references import Reference
from app.indicators.rules.scheme import Method, Scheme, text_of
from app.indicators.rules.scoring import Outcome, TownFacts, TownScore, Veto, score


def facts_plain(facts: TownFacts) -> dict[str, Any]:
    """Inputs of one town, exact."""
    return {
        "code": facts.code, "values": {key: text_of(value) for key, value in facts.values.items()},
        "substitutes": {key: text_of(value) for key, value in facts.substitutes.items()}, "not_applicable": sorted(facts.not_applicable),
        "veto": facts.veto.value,
    }


def facts_of(said: Mapping[str, Any]) -> TownFacts:
    return TownFacts(
        said["code"], {key: Fraction(text) for key, text in said["values"].items()}, {key: Fraction(text) for key, text in said["substitutes"].items()},
        frozenset(said["not_applicable"]), Veto(said["veto"]),
    )


def results_plain(made: Outcome) -> list[dict[str, Any]]:
    """Results in the order of the list."""
    return [_town_plain(town) for town in made.towns]


def _town_plain(town: TownScore) -> dict[str, Any]:
    points = {key: None if cell.shown_points is None else str(cell.shown_points) for key, cell in town.cells.items()}
    return {"code": town.code, "status": town.status.value, "total": None if town.total is None else str(town.total), "rank": town.rank, "points": points}


def hash_of(content: Any) -> str:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def rebuilt(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The results scored anew from the edition's own scheme, references and values."""
    scheme = Scheme.from_plain(content["scheme"])
    found = {key: Reference.from_plain(said) for key, said in content["references"].items()}
    return results_plain(score(scheme, [facts_of(said) for said in content["facts"]], Method(content["method"]), found))


def faults(content: Mapping[str, Any], content_hash: str) -> list[str]:
    """What is wrong with a stored edition, in words; empty: intact."""
    said = []
    if hash_of(content) != content_hash:
        said.append("内容与校验值不符，可能被改动")
    if rebuilt(content) != content["results"]:
        said.append("按存下的数据重新计分，结果与存下的不同")
    return said
