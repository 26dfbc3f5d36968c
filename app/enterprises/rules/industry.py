"""Industries of GB/T 4754-2017: sections A to T and divisions 01 to 97; four-digit classes are kept as text."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent.parent / "data" / "industries_gbt4754_2017.csv"
_CODE = re.compile(r"[A-T]?([0-9]{2,4})")


@dataclass(frozen=True)
class Division:
    """A division (大类): two digits, its name and its section letter."""

    code: str
    name: str
    section: str


@cache
def sections() -> dict[str, str]:
    """Section letter to name, in order."""
    return {row["code"]: row["name"] for row in _rows() if row["level"] == "section"}


@cache
def divisions() -> dict[str, Division]:
    """Division code to division, in order."""
    return {r["code"]: Division(r["code"], r["name"], r["section"]) for r in _rows() if r["level"] == "division"}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with open(_FILE, encoding="utf-8-sig", newline="") as handle:
        return tuple(csv.DictReader(handle))


def parse(text: str) -> str | None:
    """C3451, 3451, 34 as the stored code (2 to 4 digits, leading zero kept); None when the division does not exist."""
    match = _CODE.fullmatch(text.strip().upper())
    if match is None or match[1][:2] not in divisions():
        return None
    if text.strip()[:1].isalpha() and divisions()[match[1][:2]].section != text.strip()[0].upper():
        return None
    return match[1]


_PIECES = re.compile(r"[A-T]?[0-9]{2,4}|[^\s0-9A-Za-z()（）\[\]【】/\\>＞:：|_+-]+")
_ENDING = re.compile("(?:业|行业)$")


@cache
def _names() -> dict[str, str]:
    return {_ENDING.sub("", division.name): code for code, division in divisions().items()}


def find(text: str) -> str | None:
    """The code a free text means: a code, a division's name (业 may be missing), or both in any order with the section before; else None.

    The most exact piece counts: 制造业-通用设备制造业-C3451 轴承制造 is 3451. Pieces of different divisions are no answer.
    """
    if (code := parse(text)) is not None:
        return code
    whole = _names().get(_ENDING.sub("", text.strip()))
    pieces = [whole] if whole else [parse(piece) or _names().get(_ENDING.sub("", piece)) for piece in _PIECES.findall(text)]
    found = [code for code in pieces if code]
    return max(found, key=len) if len({code[:2] for code in found}) == 1 else None


def division_of(code: str | None) -> Division | None:
    """The division a stored code belongs to."""
    return divisions().get(code[:2]) if code else None


def label(code: str | None) -> str:
    """As pages show it: 制造业 · 通用设备制造业（C3451); "" when unknown."""
    division = division_of(code)
    return f"{division.name}（{division.section}{code}）" if division else ""


@cache
def section_range(section: str) -> tuple[str, str] | None:
    """First division of a section and the first code after it (sections are contiguous): C -> ("13", "44")."""
    codes = [d.code for d in divisions().values() if d.section == section]
    return (min(codes), f"{int(max(codes)) + 1:02d}") if codes else None
