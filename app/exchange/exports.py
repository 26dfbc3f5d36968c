"""Workbooks that go back to the user: refused rows with their reasons, and empty forms to fill in.

Everything a user wrote goes out as a string cell, never as a formula or a link, whatever it starts with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.exchange.rules.cells import DATE, FORMULA, PERCENT, Cell, cell_text
from app.exchange.rules.fields import Field, Kind
from app.exchange.rules.header import HeaderMap, Row, column_letters
from app.exchange.rules.rows import SAMPLE_MARK
from app.kernel.text import strip_invisible

if TYPE_CHECKING:
    import xlsxwriter

REASON_HEADER, ROW_HEADER = "退回原因", "原行号"
_CELL_LIMIT = 32_000  # Excel holds 32,767 characters in a cell
_LIST_LIMIT = 255  # characters of a drop-down list written into the validation itself
_TEMPLATE_ROWS = 5_000  # rows with drop-downs and text format
_SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
    "nan_inf_to_errors": True,
}
_TEXT_KINDS = (Kind.TEXT, Kind.NAME, Kind.CREDIT_CODE, Kind.CODE, Kind.PHONE, Kind.DATE)
_HOW = {
    Kind.NAME: "填写全称",
    Kind.CREDIT_CODE: "18 位，文本格式，照营业执照填写",
    Kind.CODE: "文本格式，保留前面的 0",
    Kind.DATE: "如 2023-01-05、2023.1.5、2023年1月5日",
    Kind.COUNT: "整数，不写单位",
    Kind.NUMBER: "数字",
    Kind.PERCENT: "百分数，填 5 或 5%",
    Kind.YEAR: "四位年份，如 2023",
    Kind.CHOICE: "从下拉列表中选择",
    Kind.YES_NO: "填“是”或“否”",
    Kind.PHONE: "11 位手机号或带区号的座机",
}


def write_rejected(
    out: Path | BinaryIO,
    rows: Iterable[Row],
    header: HeaderMap,
    reasons: Mapping[int, str],
    *,
    sheet_name: str = "退回的行",
    date_1904: bool = False,
) -> int:
    """The refused rows as they came: same columns in the same order, then 退回原因 and 原行号. Returns the number of rows written.

    A unit line above the header is repeated, so that the corrected file can be imported as it is. ``rows`` may be the whole row file.
    """
    with _workbook(out, date_1904=date_1904) as book:
        sheet, formats = book.add_worksheet(sheet_name[:31]), _formats(book)
        width = max((c.index + 1 for c in header.columns), default=0)
        top = _write_head(sheet, formats, header, width)
        sheet.freeze_panes(top + 1, 0)
        return _write_rows(sheet, formats, rows, reasons, width, top + 1)


def _workbook(out: Path | BinaryIO, **options: bool) -> xlsxwriter.Workbook:
    import xlsxwriter  # a web worker writes no workbook until it is asked for one

    return xlsxwriter.Workbook(str(out) if isinstance(out, Path) else out, _SAFE | options)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    return {
        "head": book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "vcenter", "num_format": 49}
        ),
        "must": book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "vcenter", "font_color": "#B42318"}
        ),
        "text": book.add_format({"num_format": 49}),
        "percent": book.add_format({"num_format": "0.00%"}),
        "reason": book.add_format({"font_color": "#B42318", "text_wrap": True, "valign": "top", "num_format": 49}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "sample": book.add_format({"font_color": "#6B7280", "italic": True, "num_format": 49}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_head(sheet: Any, formats: dict[str, Any], header: HeaderMap, width: int) -> int:
    """Unit line (if there was one) and header; returns the index of the header row."""
    top = 0
    if header.unit:
        sheet.write_string(0, 0, f"单位：{header.unit}")
        top = 1
    by_index = {c.index: c.header for c in header.columns}
    for column in range(width):
        sheet.write_string(top, column, _safe(by_index.get(column, "")), formats["head"])
        sheet.set_column(column, column, 18)
    sheet.write_string(top, width, REASON_HEADER, formats["must"])
    sheet.write_string(top, width + 1, ROW_HEADER, formats["head"])
    sheet.set_column(width, width, 60)
    return top


def _write_rows(sheet: Any, formats: dict[str, Any], rows: Iterable[Row], reasons: Mapping[int, str], width: int, at: int) -> int:
    written = 0
    for number, cells in rows:
        reason = reasons.get(number)
        if reason is None:
            continue
        for column, cell in enumerate(cells[:width]):
            if cell is not None:
                _write_cell(sheet, formats, at + written, column, cell)
        sheet.write_string(at + written, width, _safe(reason), formats["reason"])
        sheet.write_number(at + written, width + 1, number)
        written += 1
        if written == len(reasons):
            break
    return written


def _write_cell(sheet: Any, formats: dict[str, Any], row: int, column: int, cell: Cell) -> None:
    """Numbers stay numbers, percentages percentages; the rest is text, exactly as it was read."""
    if isinstance(cell, bool) or cell is None:
        sheet.write_string(row, column, cell_text(cell), formats["text"])
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, list) and cell[0] == PERCENT and isinstance(cell[1], int | float):
        sheet.write_number(row, column, cell[1], formats["percent"])
    elif isinstance(cell, list) and cell[0] == FORMULA:
        sheet.write_string(row, column, "#公式未计算", formats["text"])
    else:
        sheet.write_string(row, column, _safe(_date_or_text(cell)), formats["text"])


def _date_or_text(cell: Cell) -> str:
    return str(cell[1]).replace("T", " ") if isinstance(cell, list) and cell[0] == DATE else cell_text(cell)


def _safe(text: str) -> str:
    """What a cell can hold: no characters that break the file, not longer than a cell."""
    text = strip_invisible(text)
    return text if len(text) <= _CELL_LIMIT else text[:_CELL_LIMIT] + "…（过长，已截断）"


def write_template(
    out: Path | BinaryIO, fields: Sequence[Field], *, title: str, notes: Sequence[str] = (), samples: Mapping[str, str] | None = None,
) -> None:
    """An empty form: data sheet (frozen header, drop-downs, text-formatted columns, one sample row that imports skip) and 填写说明.

    ``samples``: field -> what the sample row says for this reader."""
    said = samples or {}
    fields = [replace(field, sample=said.get(field.key, field.sample)) for field in fields if field.offered]
    with _workbook(out, constant_memory=False) as book:
        formats = _formats(book)
        sheet, guide, lists = book.add_worksheet(title[:31] or "数据"), book.add_worksheet("填写说明"), book.add_worksheet("选项")
        lists.hide()
        for index, field in enumerate(fields):
            _write_column(sheet, lists, formats, index, field)
        _write_sample(sheet, formats, fields)
        sheet.freeze_panes(1, 0)
        _write_guide(guide, formats, fields, title, notes)


def caption(field: Field) -> str:
    """The header text of a template column; it is recognised again as this field."""
    return ("*" if field.required else "") + field.label + (f"（{field.unit}）" if field.kind is Kind.MONEY else "")


def _write_column(sheet: Any, lists: Any, formats: dict[str, Any], index: int, field: Field) -> None:
    sheet.write_string(0, index, caption(field), formats["must" if field.required else "head"])
    width = max(12, min(40, 2 * len(caption(field)) + 2, 40))
    sheet.set_column(
        index,
        index,
        26 if field.kind in (Kind.NAME, Kind.CREDIT_CODE) else width,
        formats["text"] if field.kind in _TEXT_KINDS else None,
    )
    if hint := _how(field):
        sheet.write_comment(0, index, hint, {"visible": False})
    options = _options(field)
    if options:
        sheet.data_validation(1, index, _TEMPLATE_ROWS, index, _validation(lists, index, field, options))


def _options(field: Field) -> list[str]:
    if field.kind is Kind.YES_NO:
        return ["是", "否"]
    return [choice.label for choice in field.choices]


def _validation(lists: Any, index: int, field: Field, options: Sequence[str]) -> dict[str, Any]:
    """Short lists inside the rule, long ones (or such with commas) on the hidden sheet; a choice is binding, a suggestion is not."""
    source: Any = list(options)
    if len(",".join(options)) > _LIST_LIMIT or any("," in option for option in options):
        for row, option in enumerate(options):
            lists.write_string(row, index, option)
        letters = column_letters(index)
        source = f"='选项'!${letters}$1:${letters}${len(options)}"
    binding = field.kind in (Kind.CHOICE, Kind.YES_NO)
    return {
        "validate": "list",
        "source": source,
        "error_type": "stop" if binding else "warning",
        "error_title": "不在可选项中",
        "error_message": "请从下拉列表中选择。" if binding else "不在下拉列表中；确认无误可以继续。",
    }


def _write_sample(sheet: Any, formats: dict[str, Any], fields: Sequence[Field]) -> None:
    marked = False
    for index, field in enumerate(fields):
        text = field.sample
        if not marked and field.kind in (Kind.NAME, Kind.TEXT):
            text, marked = f"{SAMPLE_MARK}{text or '本行导入时自动跳过'}", True
        if text:
            sheet.write_string(1, index, text, formats["sample"])


def _how(field: Field) -> str:
    how = field.note or _HOW.get(field.kind, "")
    if field.kind is Kind.MONEY:
        how = "；".join(part for part in (field.note, f"单位：{field.unit}，只填数字") if part)
    return ("必填。" if field.required else "") + how


def _write_guide(guide: Any, formats: dict[str, Any], fields: Sequence[Field], title: str, notes: Sequence[str]) -> None:
    guide.write_string(0, 0, f"{title}填写说明", formats["title"])
    general = (
        *notes,
        "空白单元格不改变系统中已有的内容；要清空已有内容，请填写（清空）。",
        "列的次序可以调整，表头文字请保留；标 * 的列必填。",
        f"以{SAMPLE_MARK}开头的行不会导入。合计行、填表人等签名行会自动识别，不作为数据。",
    )
    for row, line in enumerate(general, 1):
        guide.write_string(row, 0, f"{row}. {line}")
    top = len(general) + 2
    for column, (text, width) in enumerate((("列名", 24), ("是否必填", 10), ("怎样填写", 60), ("示例", 30))):
        guide.write_string(top, column, text, formats["head"])
        guide.set_column(column, column, width)
    for row, field in enumerate(fields, top + 1):
        listed = "、".join(_options(field)[:12])
        how = "；".join(part for part in (_how(field).removeprefix("必填。"), f"可填：{listed}" if listed else "") if part)
        for column, text in enumerate((field.label, "是" if field.required else "", how, field.sample)):
            guide.write_string(row, column, text, formats["wrap"])
