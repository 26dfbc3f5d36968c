"""The first rows of a sheet as a grid of texts, and which blocks of rows may be a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.exchange.rules.cells import ERROR, PERCENT, Cell, cell_text
from app.kernel.text import clean

Row: TypeAlias = tuple[int, list[Cell]]
Merge: TypeAlias = tuple[
    int, int, int, int
]  # first row, first column, last row, last column; sheet rows from 1, columns from 0, inclusive
_MERGED_CELLS = 200_000  # more merged cells in the first rows than any sheet has: the rest is not followed
_HEADER_LENGTH = 300  # a longer text is a remark, not a header
_CODE = re.compile(r"[0-9A-Z]{15,18}")


@dataclass(frozen=True, slots=True)
class Block:
    """``height`` consecutive stored rows starting at position ``start`` taken as the header."""

    start: int
    height: int


class Grid:
    """The searched rows as texts, with merged header cells readable from every cell they cover."""

    def __init__(self, rows: Sequence[Row], merges: Sequence[Merge]) -> None:
        self.rows = rows
        self.position = {number: i for i, (number, _) in enumerate(rows)}
        self.width = max((len(cells) for _, cells in rows), default=0)
        self.texts = [
            [clean(cell_text(c)[:_HEADER_LENGTH]) if c is not None else "" for c in cells] + [""] * (self.width - len(cells))
            for _, cells in rows
        ]
        self.down: dict[int, int] = {}
        self.inside: set[int] = set()  # positions covered by a one-column merge from above: the header began earlier
        self._data: dict[int, bool] = {}
        last = rows[-1][0] if rows else 0
        budget = _MERGED_CELLS
        for top, left, bottom, right in merges:
            if top <= last and left < self.width and budget > 0:
                budget -= (min(bottom, last) - top + 1) * (min(right, self.width - 1) - left + 1)
                self._spread(top, left, min(bottom, last), min(right, self.width - 1))

    def _spread(self, top: int, left: int, bottom: int, right: int) -> None:
        start = self.position.get(top)
        if start is None:
            return
        text = self.texts[start][left]
        self.down[start] = max(
            self.down.get(start, start), max((i for n, i in self.position.items() if top <= n <= bottom), default=start)
        )
        if left == right:
            self.inside.update(at for number, at in self.position.items() if top < number <= bottom)
        for number in range(top, bottom + 1):
            if (at := self.position.get(number)) is not None:
                for column in range(left, right + 1):
                    self.texts[at][column] = self.texts[at][column] or text

    def looks_like_data(self, at: int) -> bool:
        """Codes, dates or many numbers: no header."""
        if at not in self._data:
            cells = [c for c in self.rows[at][1] if c is not None]
            values = sum(1 for c in cells if _is_value(c))
            self._data[at] = not cells or values * 5 > len(cells) * 2
        return self._data[at]

    def path(self, block: Block, column: int) -> list[str]:
        """The header texts of a column from top to bottom, repeated ones once; blank upper cells look left (unmerged group titles)."""
        found: list[str] = []
        for at in range(block.start, block.start + block.height):
            text = self.texts[at][column]
            if not text and at < block.start + block.height - 1 and self.texts[at + 1][column]:
                text = self._group_left(at, column)
            if text and text not in found:
                found.append(text)
        return found

    def _group_left(self, at: int, column: int) -> str:
        for left in range(column - 1, -1, -1):
            if self.texts[at][left]:
                return self.texts[at][left] if self.texts[at + 1][left] not in ("", self.texts[at][left]) else ""
        return ""


def _is_value(cell: Cell) -> bool:
    if isinstance(cell, str):
        return _CODE.fullmatch(cell[:40].strip().upper()) is not None
    if isinstance(cell, bool):
        return True
    if isinstance(cell, int | float):
        return not (cell == int(cell) and 1949 <= cell <= 2100) if abs(cell) < 1e15 else True
    return cell is not None and cell[0] not in (ERROR, PERCENT)


def blocks(grid: Grid, forced: int | None) -> list[Block]:
    if forced is not None:
        at = grid.position.get(forced)
        return [] if at is None else [Block(at, max(1, grid.down.get(at, at) - at + 1))]
    blocks = []
    for start in range(len(grid.rows)):
        if start in grid.inside or grid.looks_like_data(start):
            continue
        least = min(3, grid.down.get(start, start) - start + 1)
        for height in range(least, 4):
            inside = range(start, min(start + height, len(grid.rows)))
            if len(inside) == height and not any(grid.looks_like_data(at) for at in inside[1:]):
                blocks.append(Block(start, height))
    return blocks
