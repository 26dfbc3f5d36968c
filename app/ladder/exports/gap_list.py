"""The gap list as a workbook: what each enterprise lacks, with value, line and distance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from app.enterprises.columns import Column
from app.enterprises.exports import Caption, write_table
from app.enterprises.queries.places import Places
from app.ladder.criteria import RESULT_LABELS
from app.ladder.queries.gap_list import Asked, ListedFirm, gaps


def _column(code: str, label: str, kind: str = "text", width: int = 14) -> Column:
    return Column(code, label, kind, lambda row, words: None, None, width=width)


COLUMNS = (
    _column("code", "统一社会信用代码", "code", 22), _column("name", "企业名称", width=34), _column("unit", "县（市、区）"),
    _column("town", "乡镇（街道）", width=18), _column("verdict", "初步比对"), _column("open", "还差项数", "count", 10),
    _column("lacking", "差在哪一项", width=34), _column("result", "结论", width=10), _column("reason", "说明", width=60),
    _column("todo", "待办项数", "count", 10),
)


def write_gaps(
    out: BinaryIO | Path, pieces: Iterator[list[ListedFirm]], asked: Asked, places: Places, caption: Caption, on_rows: Callable[[int], None] | None = None,
) -> int:
    """Write the sheet; returns the number of rows. ``on_rows(done)`` is called now and then."""
    written = 0

    def records() -> Iterator[dict[str, object]]:
        nonlocal written
        for rows in pieces:
            found = gaps(rows, asked)
            for row in rows:
                written += 1
                gap = found[row.id]
                leaves = gap.lacking
                values = [
                    row.credit_code, row.name, places.name(row.unit_id), places.full_name(row.town_id), gap.verdict, gap.open_count,
                    "；".join(leaf.label for leaf in leaves), "；".join(dict.fromkeys(RESULT_LABELS[leaf.result] for leaf in leaves)),
                    "".join(leaf.reason for leaf in leaves), gap.todo,
                ]
                yield {column.heading: value for column, value in zip(COLUMNS, values, strict=True)}
            if on_rows is not None:
                on_rows(written)

    write_table(out, COLUMNS, records(), caption)
    return written
