"""What an importer declares about a column: what it may be called, what it holds, what the template says about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the text of a cell becomes a value (the Python type in brackets is what ``values`` hands out)."""

    TEXT = "text"  # str
    NAME = "name"  # str: an enterprise, person or town name; inner spaces between Chinese characters removed
    CREDIT_CODE = "credit_code"  # str of 18 characters, check digit verified
    CODE = "code"  # str: industry code, area code, document number; numbers keep no ".0"
    DATE = "date"  # datetime.date
    MONEY = "money"  # Decimal in 元
    NUMBER = "number"  # Decimal
    COUNT = "count"  # int >= 0
    PERCENT = "pct"  # Decimal 0-100 (percent units)
    YEAR = "year"  # int
    CHOICE = "choice"  # str: Choice.code
    YES_NO = "yes_no"  # bool
    PHONE = "phone"  # str


@dataclass(frozen=True, slots=True)
class Choice:
    """One permitted answer: ``code`` is stored, ``label`` shown, ``aliases`` also accepted."""

    code: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a column can mean.

    ``unit`` (money: 元 / 千元 / 万元 / 百万元 / 亿元) is used when neither the cell, nor the header, nor a unit line says one.
    ``month_end``: a month-only date becomes the last day instead of the first (and is reported as cleaned).
    ``open_ended``: a date column where 长期 / 永久 is an answer; it becomes 9999-12-31 (``dates.OPEN_END``).
    ``by_year``: the header may carry a data year (2023年营业收入); several years of one field may stand side by side.
    ``offered``: False keeps it out of the template; a column of it is read all the same (a second way to say another field).
    ``required`` marks the template and makes a file without this column refusable; a blank cell is judged by the importer, not here.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unit: str = "元"
    month_end: bool = False
    open_ended: bool = False
    by_year: bool = False
    choices: tuple[Choice, ...] = ()
    max_length: int = 200
    minimum: int | None = None
    maximum: int | None = None
    clearable: bool = True
    multiline: bool = False
    offered: bool = True
    note: str = ""
    sample: str = ""


def words(text: str) -> tuple[str, ...]:
    """Synonyms written as one text, separated by blanks."""
    return tuple(text.split())
