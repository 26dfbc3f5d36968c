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
            [clean(cell_text(c)) if c is not None else "" for c in cells] + [""] * (self.width - len(cells)) for _, cells in rows
        ]
        self.down: dict[int, int] = {}
        last = rows[-1][0] if rows else 0
        for top, left, bottom, right in merges:
            if top <= last and left < self.width:
                self._spread(top, left, min(bottom, last), min(right, self.width - 1))

    def _spread(self, top: int, left: int, bottom: int, right: int) -> None:
        start = self.position.get(top)
        if start is None:
            return
        text = self.texts[start][left]
        self.down[start] = max(
            self.down.get(start, start), max((i for n, i in self.position.items() if top <= n <= bottom), default=start)
        )
        for number in range(top, bottom + 1):
            if (at := self.position.get(number)) is not None:
                for column in range(left, right + 1):
                    self.texts[at][column] = self.texts[at][column] or text

    def looks_like_data(self, at: int) -> bool:
        """Codes, dates or many numbers: no header."""
        cells = [c for c in self.rows[at][1] if c is not None]
        values = sum(1 for c in cells if _is_value(c))
        return not cells or values * 5 > len(cells) * 2

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
        return _CODE.fullmatch(cell.strip().upper()) is not None
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
        if grid.looks_like_data(start):
            continue
        least = min(3, grid.down.get(start, start) - start + 1)
        for height in range(least, 4):
            inside = range(start, min(start + height, len(grid.rows)))
            if len(inside) == height and not any(grid.looks_like_data(at) for at in inside[1:]):
                blocks.append(Block(start, height))
    return blocks
