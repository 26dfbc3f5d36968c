"""Row files: one JSON line per batch, ``[[sheet row, [cells]], ...]``. JSON and not pickle, because a process that met hostile input wrote them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from app.exchange.rules.cells import DATE, ERROR, TIME, Cell

BATCH = 200


def _special(value: object) -> list[str]:
    """What JSON cannot say, as a tagged list (see ``rules.cells``)."""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return [DATE, value.date().isoformat() if midnight else value.isoformat(timespec="seconds")]
    if isinstance(value, date):
        return [DATE, value.isoformat()]
    if isinstance(value, time):
        return [TIME, value.isoformat(timespec="seconds")]
    if isinstance(value, timedelta):
        return [TIME, str(value)]
    return [ERROR, str(value)[:40]]


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_special, check_circular=False
).encode


def _finite(cell: Any) -> Any:
    return [ERROR, "#NUM!"] if isinstance(cell, float) and not math.isfinite(cell) else cell


def _line(batch: list[Any]) -> bytes:
    """A batch as JSON. What the fast encoder cannot say exactly (NaN, numbers beyond 64 bits, lone surrogates) goes the long way."""
    if math.isfinite(sum([cell for _, cells in batch for cell in cells if type(cell) is float])):
        try:
            return orjson.dumps(batch, default=_special, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except TypeError:
            pass
    try:
        line = _encode(batch)
    except ValueError:
        line = _encode([(number, [_finite(cell) for cell in cells]) for number, cells in batch])
    return line.encode("utf-8", "replace")


class RowWriter:
    """Appends rows in order; a context manager that leaves a complete file behind."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._batch: list[Any] = []
        self.rows = 0
        self.columns = 0

    def write(self, number: int, cells: list[Any]) -> None:
        self._batch.append((number, cells))
        self.rows += 1
        if len(cells) > self.columns:
            self.columns = len(cells)
        if len(self._batch) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._batch:
            return
        self._file.write(_line(self._batch) + b"\n")
        self._batch = []

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        self._file.close()


def read_rows(path: Path, after_row: int = 0) -> Iterator[tuple[int, list[Cell]]]:
    """``(sheet row, cells)`` in file order; raises ValueError when the file is not one of ours."""
    with path.open("rb") as file:
        yield from rows_of_lines(file, after_row)


def rows_of_lines(lines: Iterable[bytes], after_row: int = 0) -> Iterator[tuple[int, list[Cell]]]:
    """The same from whole lines, as they come."""
    for line in lines:
        batch = orjson.loads(line)
        if not after_row:
            yield from map(tuple, batch)
        elif batch[-1][0] > after_row:
            yield from ((number, cells) for number, cells in batch if number > after_row)
