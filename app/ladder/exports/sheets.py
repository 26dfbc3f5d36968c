"""One plain sheet: title line, a line with scope and data date, bold head, text stored as text (never as a formula)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from app.kernel.text import strip_invisible

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD_ROW = 2
CELL_LIMIT = 32_000


@dataclass(frozen=True)
class SheetHead:
    """What stands above the table. ``columns``: (heading, width in characters); the first heading's numbers are kept as text (codes)."""

    title: str
    line: str
    columns: Sequence[tuple[str, float]]


def write_sheet(head: SheetHead, rows: Iterable[Sequence[Any]]) -> BytesIO:
    """The workbook, ready to be sent. Cells: text, int, date or None (empty). An empty list still gets its head."""
    from rustpy_xlsxwriter import Format, write_worksheet  # a web worker writes no workbook until it is asked for one

    out, names = BytesIO(), [name for name, _ in head.columns]
    records = [dict(zip(names, (_cell(value) for value in row), strict=True)) for row in rows]
    bold = Format().set_bold().set_background_color("#E8F0FB").set_border("thin").set_text_wrap()
    last = len(names) - 1
    write_worksheet(
        iter(records or [dict.fromkeys(names, "")]), out, sheet_name=head.title[:31], header_row=HEAD_ROW, freeze_row=HEAD_ROW + 1, freeze_col=1,
        header_format=bold, column_widths=[width for _, width in head.columns],
        column_formats=[Format().set_num_format("yyyy-mm-dd") if _is_day(records, name) else Format() for name in names],
        merge_ranges=[
            (0, 0, 0, last, head.title, Format().set_bold().set_font_size(16).set_align("center")),
            (1, 0, 1, last, head.line, Format().set_font_color("#586472")),
        ],
        autofilter=True, ignore_errors=names,
    )  # fmt: skip
    out.seek(0)
    return out


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return strip_invisible(value)[:CELL_LIMIT] if isinstance(value, str) else value


def _is_day(records: Sequence[dict[str, Any]], name: str) -> bool:
    return any(isinstance(record[name], date) for record in records[:200])
