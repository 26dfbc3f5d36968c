"""What an importer is, and which ones there are. A capability registers its importers in ``views.init_app``; the import centre does the
rest: reading, mapping, preview, background apply, undo, pages and commands. Recipe: docs/howto/add-an-importer.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.exchange.rules.fields import Choice, Field
from app.exchange.rules.header import HeaderMap
from app.exchange.rules.values import Chunk, ParsedRow
from app.kernel.actor import Actor
from app.kernel.permission import Permission
from app.kernel.scope import Scope

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"
INSERT, UPDATE, NONE = "insert", "update", "none"


class Reason(NamedTuple):
    """Why a row is refused: ``column`` is the header text of the sheet, ``code`` stable ASCII, ``message_zh`` says what to do."""

    column: str
    code: str
    message_zh: str


class Planned(NamedTuple):
    """One record the plan would write (or not). ``content`` is what ``apply`` needs, in the importer's own order; ``changes`` is
    {field key: (old, new)} of an update. ``version`` is what the plan saw of the subject. ``key`` identifies the record for people."""

    row: int
    outcome: str
    key: str
    label: str
    part: int = 0
    action: str = NONE
    subject_id: int | None = None
    version: int | None = None
    content: Any = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    problems: Sequence[Reason] = ()
    notes: Sequence[str] = ()

    @classmethod
    def refused(cls, row: ParsedRow, key: str | None, label: str | None, problems: Sequence[Reason]) -> Planned:
        """A row that is not written, with the reasons."""
        return cls(row.row, REJECTED, key or "", label or "", problems=tuple(problems))


class Planner(Protocol):
    """Sees the rows of one file in order, chunk by chunk, and keeps what it must remember between chunks (twins)."""

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        """The records of these rows: one set-based look-up per chunk, no statement per row, nothing written."""


@dataclass(frozen=True)
class ChunkPlan:
    """What a ``ColumnPlanner`` says of a chunk. ``staged``: the columns of every new record of the chunk, in sheet order, for the importer's
    own ``staging`` table (beside ``batch_id`` and ``place``, which are added). ``planned``: all other rows, and once more those new ones
    about which something is to be said, without content."""

    planned: list[Planned]
    staged: dict[str, list[Any]]


class ColumnPlanner(Planner, Protocol):
    """A planner that takes most rows column by column; the planner of an importer with a ``staging`` table."""

    def plan_chunk(self, chunk: Chunk) -> ChunkPlan:
        """The same as ``plan`` for a chunk as the table reader gives it."""


@dataclass(frozen=True)
class Option:
    """A question of the upload form, sent along as ``options[key]``: a choice, or a year when there are no choices."""

    key: str
    label: str
    choices: tuple[Choice, ...] = ()
    default: str = ""
    help_zh: str = ""


@dataclass(frozen=True)
class PlanContext:
    """What a plan is made for. ``author`` and ``on``: 填报人 and 填报日期 given with the file (columns of the file win)."""

    session: Session
    scope: Scope
    header: HeaderMap
    options: Mapping[str, str]
    author: str | None
    on: date | None
    today: date

    def column(self, key: str) -> str:
        """Header text of a field's column, or the field's label when the file has none (for messages)."""
        for column in self.header.columns:
            if column.field is not None and column.field.key == key:
                return column.header
        return ""

    def has(self, key: str) -> bool:
        return any(c.field is not None and c.field.key == key for c in self.header.columns)


@dataclass(frozen=True)
class Run:
    """An apply or undo in its one transaction. ``rows(action)`` streams the staged records in sheet order."""

    session: Session
    batch_id: int
    actor: Actor
    now: datetime
    today: date
    author: str | None
    on: date | None
    counts: Mapping[str, int]
    rows: Callable[[str], Iterator[StagedRow]]
    progress: Callable[[int], None]
    label: str = ""


class StagedRow(NamedTuple):
    """A staged record as ``apply`` gets it."""

    row: int
    part: int
    key: str
    label: str
    subject_id: int | None
    version: int | None
    content: Any
    changes: str | None


class Journal(NamedTuple):
    """One line of the undo journal: ``before`` is packed text of the importer's own shape."""

    row: int
    part: int
    action: str
    subject_id: int
    label: str
    before: str | None


@dataclass(frozen=True)
class Undoable:
    """What an undo would do now: ``rows`` can be taken back, ``kept`` changed since: (row, part, label, reason)."""

    rows: list[tuple[int, int]] = field(default_factory=list)
    kept: list[tuple[int, int, str, str]] = field(default_factory=list)


class Outdated(Exception):
    """The data changed between plan and apply: everything is rolled back and the plan is made again."""


def staging_of(importer: Importer) -> Table | None:
    """The importer's own typed table of new records (columns ``batch_id``, ``place``, ``row``, ``name`` and what else its planner gives; the
    first one that is unique for a record is named by ``staging_key``), if it has one:
    ``apply`` then writes them by ``INSERT … SELECT`` and its planner is a ``ColumnPlanner``."""
    return getattr(importer, "staging", None)


class Importer(Protocol):
    """One kind of file. All methods are set-based; none commits. An importer of mass data has a ``staging`` table as well (``staging_of``)."""

    kind: str  # enterprises: part of addresses, the command's name
    label: str  # 企业名单
    unit: str  # 家: what one record is counted in
    permission: Permission
    fields: tuple[Field, ...]
    options: tuple[Option, ...]
    notes: tuple[str, ...]  # sentences for the template's second sheet

    def planner(self, context: PlanContext) -> Planner:
        """A fresh planner for one file."""

    def context_key(self, session: Session) -> str:
        """What the plan depends on beside the records themselves (areas, policy pack); a difference makes the plan outdated."""

    def apply(self, run: Run) -> None:
        """Write all staged records and their journal (``bulk.write_journal``). Raises ``Outdated`` when a subject is not what the plan saw."""

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        """Which records are still as the import left them. Reads only."""

    def undo(self, run: Run, undoable: Undoable) -> None:
        """Take back ``undoable.rows``."""

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        """Values of a field as people read them (town names instead of ids), in the same order."""


def afterwards(importer: Importer, session: Session) -> str | None:
    """What is still done in the background after such an import, in words (an importer that leaves something has a method ``afterwards``)."""
    asked = getattr(importer, "afterwards", None)
    return None if asked is None else asked(session)


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Make an importer known; called once at start-up (again replaces)."""
    _importers[importer.kind] = importer


def find(kind: str) -> Importer | None:
    return _importers.get(kind)


def get(kind: str) -> Importer:
    """The importer; KeyError when there is none of that kind."""
    return _importers[kind]


def all_importers() -> list[Importer]:
    """In order of registration: lower capabilities first."""
    return list(_importers.values())
