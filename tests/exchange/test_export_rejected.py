"""What goes back to the user: the refused rows as they came, safe to open, and a form that the importer itself understands."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.exchange import exports
from app.exchange.reading import Reading, iter_rows, preview, read_upload
from app.exchange.rules.fields import Choice, Field, Kind
from app.exchange.rules.header import HeaderMap, choose_sheet
from app.exchange.rules.values import ParsedRow, read_table
from tests.exchange.workbooks import DATE, PERCENT, A, book, c

FIELDS = (
    Field("name", "企业名称", Kind.NAME, required=True, sample="聊城某某机械有限公司"),
    Field("credit_code", "统一社会信用代码", Kind.CREDIT_CODE, required=True, sample=A),
    Field("town", "所在乡镇", Kind.TEXT, choices=tuple(Choice(f"3715{n:05d}", f"第{n}镇") for n in range(135)), sample="第1镇"),
    Field("level", "级别", Kind.CHOICE, choices=(Choice("national", "国家级"), Choice("province", "省级"))),
    Field("rd_expense", "研发费用", Kind.MONEY, unit="万元"),
    Field("ratio", "研发占比", Kind.PERCENT),
    Field("founded_on", "成立日期", Kind.DATE),
    Field("above", "是否规上", Kind.YES_NO),
    Field("remark", "备注", Kind.TEXT, max_length=2000),
)


def read(path: Path, into: Path) -> tuple[Reading, HeaderMap, list[ParsedRow], dict[str, int]]:
    reading = read_upload(path, path.name, into)
    choice = choose_sheet([preview(sheet) for sheet in reading.sheets], FIELDS)
    assert choice is not None
    table = read_table(iter_rows(reading.sheets[choice.sheet.index]), choice.header, date_1904=reading.date_1904)
    return reading, choice.header, list(table), dict(table.skipped)


HEADERS = ("备用", "企业名称", "统一社会信用代码", "所在乡镇", "研发费用", "研发占比", "成立日期", "备注")


def source(path: Path, **options: Any) -> Path:
    head = "".join(c(f"{chr(65 + i)}3", text) for i, text in enumerate(HEADERS))

    def line(n: int, name: str, note: str) -> str:
        return (
            f'<row r="{n}">'
            + c(f"A{n}", "旁注")
            + c(f"B{n}", name)
            + c(f"C{n}", f"'{A}")
            + c(f"D{n}", "0371")
            + c(f"E{n}", 12.5)
            + c(f"F{n}", 0.05, style=PERCENT)
            + c(f"G{n}", 44931, style=DATE)
            + c(f"H{n}", note)
            + "</row>"
        )

    rows = line(4, "甲公司", "=cmd|'/C calc'!A0") + line(5, "乙公司", "+1") + line(7, "丙公司", "http://x.example")
    xml = f'<sheetData><row r="1">{c("A1", "单位：万元")}</row><row r="3">{head}</row>{rows}</sheetData>'
    return book(path, xml, **options)


@pytest.mark.parametrize("properties", ["", "<workbookPr date1904='1'/>"])
def test_refused_rows_come_back_as_they_were_and_import_the_same(tmp_path: Path, properties: str) -> None:
    reading, header, parsed, _ = read(source(tmp_path / "a.xlsx", properties=properties), tmp_path / "one")
    out = tmp_path / "back.xlsx"
    reasons = {4: "乡镇“0371”无法识别", 7: "名称重复"}
    assert exports.write_rejected(out, iter_rows(reading.sheets[0]), header, reasons, date_1904=reading.date_1904) == 2
    again, header2, parsed2, _ = read(out, tmp_path / "two")
    assert [c.header for c in header2.columns] == [*HEADERS, "退回原因", "原行号"]
    assert header2.unit == "万元"
    assert [row.values for row in parsed2] == [row.values for row in parsed if row.row in reasons]
    assert [cells[-2:] for number, cells in iter_rows(again.sheets[0])][2:] == [["乡镇“0371”无法识别", 4.0], ["名称重复", 7.0]]


def test_nothing_in_the_answer_executes(tmp_path: Path) -> None:
    reading, header, _, _ = read(source(tmp_path / "a.xlsx"), tmp_path / "one")
    out = io.BytesIO()
    exports.write_rejected(out, iter_rows(reading.sheets[0]), header, {4: "=1+1", 5: "@x", 7: "http://y.example"})
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "hyperlink" not in sheet
        assert "=cmd" in sheet


def test_odd_cells_go_back_without_breaking_the_file(tmp_path: Path) -> None:
    _, header, _, _ = read(source(tmp_path / "a.xlsx"), tmp_path / "one")
    cells: list[Any] = [
        "坏\ud800\x00\x07",
        True,
        9.1371e17,
        ["e", "#REF!"],
        ["f", ""],
        ["p", 0.155],
        ["t", "08:30:00"],
        "长" * 100_000,
        "多余",
    ]
    out = tmp_path / "back.xlsx"
    assert exports.write_rejected(out, [(9, cells)], header, {9: "原因"}) == 1
    reading, _, parsed, _ = read(out, tmp_path / "two")
    back = list(iter_rows(reading.sheets[0]))[-1][1]
    assert back[:7] == ["坏", "是", 9.1371e17, "#REF!", "#公式未计算", ["p", 0.155], "08:30:00"]
    assert {p.code for p in parsed[0].problems} >= {"credit_code_invalid", "error_value", "too_long"}


def test_no_refused_row_gives_a_header_only(tmp_path: Path) -> None:
    reading, header, _, _ = read(source(tmp_path / "a.xlsx"), tmp_path / "one")
    assert exports.write_rejected(io.BytesIO(), iter_rows(reading.sheets[0]), header, {}) == 0


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.xlsx"
    exports.write_template(path, FIELDS, title="企业基础信息", notes=("每户企业一行。",))
    return path


def test_the_template_is_understood_by_the_importer_and_its_sample_skipped(template: Path, tmp_path: Path) -> None:
    _, header, parsed, skipped = read(template, tmp_path / "into")
    assert [column.field for column in header.mapped] == list(FIELDS)
    assert all(column.how == "exact" for column in header.mapped)
    assert (parsed, skipped) == ([], {"sample": 1})
    assert header.mapped[4].unit == "万元"


def test_the_template_guides(template: Path) -> None:
    with zipfile.ZipFile(template) as archive:
        sheet, book_xml = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/workbook.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
        assert "第134镇" in strings
    assert "<pane " in sheet
    assert len(re.findall("<dataValidation ", sheet)) == 3
    assert "'选项'!$C$1:$C$135" in sheet.replace("&apos;", "'")
    assert '"国家级,省级"' in sheet.replace("&quot;", '"')
    assert 'name="填写说明"' in book_xml and 'name="选项" sheetId="3" state="hidden"' in book_xml
    assert "（清空）" in strings and "每户企业一行。" in strings


def test_code_columns_of_the_template_are_text(template: Path) -> None:
    with zipfile.ZipFile(template) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()
    formats = re.findall(r"<xf numFmtId=\"(\d+)\"", styles[styles.index("<cellXfs") :])
    columns = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"', sheet)
    assert any(int(low) <= 2 <= int(high) and formats[int(style)] == "49" for low, high, style in columns)
