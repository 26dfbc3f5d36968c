"""Reading an uploaded file without ever opening it in the calling process.

First the container is checked with the standard library (``container``), then a child process with memory and time limits reads it once and
writes one row file per sheet into a directory of the caller. What comes back is a ``Reading``; a file that cannot be read is refused with a
``Refused`` error (stable code, Chinese sentence that says what to do).

Limits (``Limits``): memory 512 MB and processor time through ``resource`` where the system has it. On Windows there is no such limit: the
child runs under the wall-clock limit only, so there an upload is bounded by time, by the container checks and by the row limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.exchange.rules.header import Merge, Remark, Row, SheetPreview
from app.kernel.errors import Invalid

MAX_DATA_ROWS = 100_000


class Refused(Invalid):
    """The whole file is refused; nothing was kept of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    file_bytes: int = 50 * 1024 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 20
    wall_seconds: int = 60
    data_rows: int = MAX_DATA_ROWS


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it was read. ``rows``: non-blank rows stored in ``path``; ``too_long``: more rows than the limit, content not usable."""

    index: int
    name: str
    path: Path
    rows: int
    columns: int
    hidden: bool = False
    merges: tuple[Merge, ...] = ()
    hidden_rows: int = 0
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """``kind`` xlsx or csv; ``remarks`` say what was noticed (hidden rows, 1904 dates, encoding, formulas without results)."""

    kind: str
    sheets: tuple[Sheet, ...]
    date_1904: bool = False
    encoding: str = ""
    delimiter: str = ""
    remarks: tuple[Remark, ...] = ()


def read_upload(path: Path, filename: str, into: Path, *, limits: Limits = Limits()) -> Reading:
    """Check and read ``path`` (named ``filename`` by the user) into row files inside the empty directory ``into``.

    Blocking, for a worker or the command line. Raises ``Refused``; then ``into`` holds nothing. On success ``into/reading.json`` was written last.
    """
    raise NotImplementedError


def load_reading(into: Path) -> Reading:
    """The result of an earlier ``read_upload`` into the same directory; raises ``Refused`` when it is not complete."""
    raise NotImplementedError


def iter_rows(sheet: Sheet, *, after_row: int = 0) -> Iterator[Row]:
    """``(sheet row, cells)`` of every non-blank row, in order; ``after_row`` resumes. Cells as in ``rules.cells``."""
    raise NotImplementedError


def preview(sheet: Sheet, rows: int = 80) -> SheetPreview:
    """The first rows for ``rules.header``."""
    raise NotImplementedError
