"""The town table as a workbook in the layout of the annex: title line, merged heads, 合计, 填报单位, 制表人, 数据截至, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any

from app.indicators.queries import Row, Table
from app.indicators.rules import Column

A3 = 8
FIXED = ("序号", "县（市、区）", "乡镇（街道）")
PENDING = "待报"
HEAD_ROWS = 4
"""一级指标, 具体指标, 指标性质, 权重."""


@dataclass(frozen=True)
class Sheet:
    """What is written: ``rows`` line by line, ``summed`` (with 区直 and functional areas) in 合计."""

    table: Table
    rows: Sequence[Row]
    summed: Sequence[Row]
    city: str
    author: str
    made_at: datetime
    as_of: str
    whole_city: bool

    @property
    def unit_name(self) -> str:
        """填报单位: the city, or the one unit or town whose rows these are."""
        units = {row.place.unit_name for row in self.summed}
        if self.whole_city or len(units) != 1:
            return self.city
        return next(iter(units)) if len(self.summed) > 1 else f"{next(iter(units))}{self.summed[0].place.name}"


def workbook(sheet: Sheet) -> BytesIO:
    """Three sheets: towns, counties and zones, and the 26 indicators with how each is counted."""
    from xlsxwriter import Workbook  # a web worker writes no workbook until it is asked for one

    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": _title(sheet), "author": sheet.author})
    looks = looks_of(book)
    _towns(book, looks, sheet)
    _units(book, looks, sheet)
    _definitions(book, looks, sheet)
    book.close()
    target.seek(0)
    return target


def _title(sheet: Sheet) -> str:
    return f"{sheet.city}{sheet.table.year}年度民营经济高质量发展强镇建设指标汇总表"


def looks_of(book: Any) -> dict[str, Any]:
    """Formats all sheets share."""
    cell = {"font_name": "宋体", "font_size": 10, "border": 1, "align": "center", "valign": "vcenter"}
    return {
        "title": book.add_format({"font_name": "方正小标宋简体", "font_size": 18, "align": "center", "valign": "vcenter"}),
        "line": book.add_format({"font_name": "仿宋", "font_size": 11, "valign": "vcenter"}),
        "head": book.add_format(cell | {"bold": True, "text_wrap": True, "bg_color": "#EEF2F7"}),
        "text": book.add_format(cell | {"align": "left", "num_format": "@", "text_wrap": True}),
        "code": book.add_format(cell | {"num_format": "@"}),
        "number": book.add_format(cell | {"num_format": "#,##0"}),
        "pending": book.add_format(cell | {"font_color": "#808080"}),
        "score": book.add_format(cell | {"num_format": "0.00"}),
        "raw": book.add_format(cell | {"num_format": "#,##0.####"}),
        "sum": book.add_format(cell | {"bold": True, "num_format": "#,##0"}),
    }


def _towns(book: Any, looks: dict[str, Any], sheet: Sheet) -> None:
    page = book.add_worksheet("镇街汇总表")
    columns = sheet.table.columns
    first = _heads(page, looks, sheet, FIXED, columns)
    for number, row in enumerate(sheet.rows, 1):
        at = first + number - 1
        page.write_number(at, 0, number, looks["code"])
        page.write_string(at, 1, row.place.unit_name, looks["text"])
        page.write_string(at, 2, row.place.name, looks["text"])
        _values(page, at, len(FIXED), columns, row.values, looks)
    _total(page, looks, sheet, first + len(sheet.rows), FIXED, columns)


def _units(book: Any, looks: dict[str, Any], sheet: Sheet) -> None:
    page = book.add_worksheet("县区汇总表")
    fixed, columns = ("序号", "县（市、区）", "镇街数"), sheet.table.columns
    first = _heads(page, looks, sheet, fixed, columns)
    groups = [(name, list(rows)) for (_, name), rows in groupby(sheet.summed, key=lambda row: (row.place.unit_code, row.place.unit_name))]
    for number, (name, rows) in enumerate(groups, 1):
        at = first + number - 1
        page.write_number(at, 0, number, looks["code"])
        page.write_string(at, 1, name, looks["text"])
        page.write_number(at, 2, sum(row.place.ranked for row in rows), looks["number"])
        _values(page, at, len(fixed), columns, {c.key: sheet.table.total(c.key, rows) for c in sheet.table.counted}, looks)
    _total(page, looks, sheet, first + len(groups), fixed, columns)


def _heads(page: Any, looks: dict[str, Any], sheet: Sheet, fixed: Sequence[str], columns: Sequence[Column]) -> int:
    """Title, 填报单位 and 数据截至, heads of four rows; returns the first data row."""
    last = len(fixed) + len(columns) - 1
    page.set_row(0, 34)
    page.merge_range(0, 0, 0, last, _title(sheet), looks["title"])
    page.merge_range(1, 0, 1, last // 2, f"填报单位（盖章）：{sheet.unit_name}", looks["line"])
    page.merge_range(1, last // 2 + 1, 1, last, sheet.as_of, looks["line"])
    for place, text in enumerate(fixed):
        page.merge_range(2, place, 1 + HEAD_ROWS, place, text, looks["head"])
    place = len(fixed)
    for group, members in groupby(columns, key=lambda column: column.group):
        width = len(list(members))
        merge(page, 2, place, place + width - 1, group, looks["head"])
        place += width
    for place, column in enumerate(columns, len(fixed)):
        unit = f"\n（{column.unit}）" if column.unit else ""
        reference = "\n〔系统参考值〕" if column.kind.value == "reference" else ""
        page.write_string(3, place, f"{column.seq}. {column.label}{unit}{reference}", looks["head"])
        page.write_string(4, place, column.nature, looks["head"])
        page.write_string(5, place, "—" if column.weight is None else f"{column.weight}%", looks["head"])
    page.set_row(3, 96)
    page.set_column(0, 0, 6)
    page.set_column(1, 2, 14)
    page.set_column(len(fixed), last, 9)
    _print(page, sheet, len(fixed), last)
    return 2 + HEAD_ROWS


def merge(page: Any, row: int, first: int, last: int, text: str, look: Any) -> None:
    """Merged cells need at least two."""
    if first == last:
        page.write_string(row, first, text, look)
    else:
        page.merge_range(row, first, row, last, text, look)


def _print(page: Any, sheet: Sheet, frozen: int, last: int) -> None:
    page.set_landscape()
    page.set_paper(A3)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.repeat_rows(0, 1 + HEAD_ROWS)
    page.set_footer(f"&L制表：{sheet.author.replace('&', '&&')}　{sheet.made_at:%Y-%m-%d %H:%M}&R第 &P 页，共 &N 页")
    page.freeze_panes(2 + HEAD_ROWS, frozen)


def _values(page: Any, at: int, start: int, columns: Sequence[Column], values: dict[str, int], looks: dict[str, Any]) -> None:
    for place, column in enumerate(columns, start):
        if column.counted:
            page.write_number(at, place, values[column.key], looks["number"])
        else:
            page.write_string(at, place, PENDING, looks["pending"])


def _total(page: Any, looks: dict[str, Any], sheet: Sheet, at: int, fixed: Sequence[str], columns: Sequence[Column]) -> None:
    """合计 and the lines below it; closes the print area."""
    page.merge_range(at, 0, at, len(fixed) - 1, "合计（含区直和功能区）", looks["sum"])
    for place, column in enumerate(columns, len(fixed)):
        if column.counted:
            page.write_number(at, place, sheet.table.total(column.key, sheet.summed), looks["sum"])
        else:
            page.write_string(at, place, PENDING, looks["pending"])
    made = f"{sheet.made_at.year}年{sheet.made_at.month}月{sheet.made_at.day}日"
    page.write_string(at + 1, 0, f"制表人：{sheet.author}　　审核人：　　　　　　制表日期：{made}", looks["line"])
    page.write_string(at + 2, 0, "注：“待报”为尚未填报，不按 0 计；“系统参考值”由本系统台账统计，不代替部门提供的数据。", looks["line"])
    page.print_area(0, 0, at + 2, len(fixed) + len(columns) - 1)


def _definitions(book: Any, looks: dict[str, Any], sheet: Sheet) -> None:
    """The annex as printed, with unit, source and how each number is counted."""
    page = book.add_worksheet("指标说明")
    heads = ("序号", "一级指标", "具体指标", "指标性质", "权重(%)", "单位", "本表数据", "口径")
    page.set_row(0, 30)
    page.merge_range(0, 0, 0, len(heads) - 1, "民营经济高质量发展强镇建设指标体系", looks["title"])
    for place, (text, width) in enumerate(zip(heads, (6, 12, 40, 12, 8, 12, 12, 80), strict=True)):
        page.set_column(place, place, width)
        page.write_string(1, place, text, looks["head"])
    at = 2
    for group, members in groupby(sheet.table.columns, key=lambda column: column.group):
        rows = list(members)
        if len(rows) > 1:
            page.merge_range(at, 1, at + len(rows) - 1, 1, group, looks["head"])
        else:
            page.write_string(at, 1, group, looks["head"])
        for column in rows:
            _definition(page, at, column, looks)
            at += 1
    page.set_landscape()
    page.set_paper(A3)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    page.print_area(0, 0, at - 1, len(heads) - 1)


def _definition(page: Any, at: int, column: Column, looks: dict[str, Any]) -> None:
    page.write_number(at, 0, column.seq, looks["code"])
    page.write_string(at, 2, column.label, looks["text"])
    page.write_string(at, 3, column.nature, looks["code"])
    if column.weight is None:
        page.write_string(at, 4, "—", looks["code"])
    else:
        page.write_number(at, 4, column.weight, looks["code"])
    page.write_string(at, 5, column.unit or "—", looks["code"])
    page.write_string(at, 6, column.kind.label, looks["code"])
    page.write_string(at, 7, column.basis, looks["text"])
