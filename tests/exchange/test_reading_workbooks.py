"""Workbooks as they arrive: every cell is read exactly, what is odd is said, and nothing is cut."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.exchange.reading import Limits, Reading, Refused, iter_rows, load_reading, preview, read_upload
from app.exchange.rules.cells import Cell
from tests.exchange.workbooks import DATE, FIRST, HEADER, MAIN, PERCENT, A, B, book, c, data, pack, parts


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def run(path: Path, **options: Any) -> Reading:
        return read_upload(path, path.name, tmp_path / "into", **options)

    return run


def cells(reading: Reading, sheet: int = 0) -> list[tuple[int, list[Cell]]]:
    return list(iter_rows(reading.sheets[sheet]))


def codes(reading: Reading) -> set[str]:
    return {remark.code for remark in reading.remarks}


def test_values_keep_their_kind(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        day, percent = made.add_format({"num_format": "yyyy年m月d日"}), made.add_format({"num_format": "0.00%"})
        sheet.write_row(0, 0, ["甲公司", 1234.5, True, "0371", 3421])
        sheet.write_datetime(0, 5, datetime.datetime(2023, 1, 5), day)
        sheet.write_datetime(0, 6, datetime.datetime(2023, 1, 5, 8, 30), day)
        sheet.write_number(0, 7, 0.05, percent)
        sheet.write_number(2, 0, 0.5)
    found = cells(read(path))
    assert found == [
        (1, ["甲公司", 1234.5, True, "0371", 3421.0, ["d", "2023-01-05"], ["d", "2023-01-05T08:30:00"], ["p", 0.05]]),
        (3, [0.5]),
    ]


def test_rows_keep_their_sheet_number_and_columns_their_place(tmp_path: Path, read: Any) -> None:
    xml = f"<sheetData><row r='3'>{c('C3', '右')}</row><row r='7'>{c('B7', 1)}</row></sheetData>"
    assert cells(read(book(tmp_path / "a.xlsx", xml))) == [(3, [None, None, "右"]), (7, [None, 1.0])]


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "A1:XFD1048576", "B2:C3"])
def test_a_lying_dimension_changes_nothing(tmp_path: Path, read: Any, dimension: str) -> None:
    before = f"<dimension ref='{dimension}'/>"
    rows = [HEADER] + [FIRST.replace('2"', f'{n}"') for n in range(2, 12)]
    assert len(cells(read(book(tmp_path / "a.xlsx", data(*rows, before=before))))) == 11


def test_rich_text_inline_text_and_escapes(tmp_path: Path, read: Any) -> None:
    shared = "<si><r><t>富</t></r><r><rPr><b/></rPr><t>文本</t></r><rPh sb='0' eb='1'><t>fu</t></rPh></si><si><t xml:space='preserve'> _x0041_ </t></si>"
    path = book(
        tmp_path / "a.xlsx",
        data(c("A1", 0, "s") + c("B1", 1, "s") + '<c r="C1" t="inlineStr"><is><r><t>内</t></r><r><t>联</t></r></is></c>'),
        shared=shared,
    )
    found = cells(read(path))[0][1]
    assert found[0] == "富文本"
    assert isinstance(found[1], str) and found[1].strip() in ("A", "_x0041_")
    assert found[2] == "内联"


def test_formulas_with_and_without_result(tmp_path: Path, read: Any) -> None:
    row = (
        c("A1", 3, formula="1+2")
        + c("B1", formula="1+2")
        + c("C1", "x", "str", formula='"x"')
        + '<c r="D1"><f>A1</f><v></v></c><c r="E1" t="str"><f>""</f><v></v></c>'
        + c("F1", 9)
    )
    reading = read(book(tmp_path / "a.xlsx", data(row)))
    assert cells(reading) == [(1, [3.0, ["f", ""], "x", ["f", ""], None, 9.0])]
    assert "formulas_without_value" in codes(reading)


def test_shared_formula_without_result(tmp_path: Path, read: Any) -> None:
    row = '<c r="A1"><f t="shared" si="0"/></c><c r="B1" s="1"><f t="shared" ref="B1:B2" si="0">A1</f></c>'
    assert cells(read(book(tmp_path / "a.xlsx", data(row)))) == [(1, [["f", ""], ["f", ""]])]


@pytest.mark.parametrize("text", ["#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NULL!", "#NUM!"])
def test_error_cells_are_not_blank(tmp_path: Path, read: Any, text: str) -> None:
    reading = read(book(tmp_path / "a.xlsx", data(c("A1", "x") + c("B1", text, "e") + c("D1", text, "e", formula="1/0"))))
    assert cells(reading) == [(1, ["x", ["e", text], None, ["e", text]])]
    assert "error_cells" in codes(reading)


def test_cells_without_references_and_with_prefixes(tmp_path: Path, read: Any) -> None:
    bare = f'<sheetData><row><c s="{PERCENT}"><v>0.5</v></c><c t="e"><v>#REF!</v></c></row><row><c/><c><f>1</f></c></row></sheetData>'
    assert cells(read(book(tmp_path / "a.xlsx", bare))) == [(1, [["p", 0.5], ["e", "#REF!"]]), (2, [None, ["f", ""]])]


def test_prefixed_sheet_xml(tmp_path: Path, read: Any) -> None:
    made = parts(data(HEADER))
    made["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="4"><x:c r="B4" t="e"><x:v>#REF!</x:v></x:c><x:c r="C4" s="{PERCENT}"><x:v>0.25</x:v></x:c>'
        '<x:c r="D4"><x:f>1</x:f></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert cells(read(pack(tmp_path / "a.xlsx", made))) == [(4, [None, ["e", "#REF!"], ["p", 0.25], ["f", ""]])]


def test_percent_cells_only_where_the_format_says_so(tmp_path: Path, read: Any) -> None:
    row = (
        c("A1", 0.05, style=PERCENT)
        + c("B1", 0.05)
        + c("C1", "0.05", "str", style=PERCENT)
        + c("D1", style=PERCENT)
        + c("E1", 44931, style=DATE)
    )
    assert cells(read(book(tmp_path / "a.xlsx", data(row)))) == [(1, [["p", 0.05], 0.05, "0.05", None, ["d", "2023-01-05"]])]


def test_1904_dates(tmp_path: Path, read: Any) -> None:
    reading = read(
        book(tmp_path / "a.xlsx", data(c("A1", 43469, style=DATE) + c("B1", 43469)), properties="<workbookPr date1904='1'/>")
    )
    assert reading.date_1904 and "date_1904" in codes(reading)
    assert cells(reading) == [(1, [["d", "2023-01-05"], 43469.0])]


def test_hidden_rows_and_sheets_are_read_and_reported(tmp_path: Path, read: Any) -> None:
    hidden = f'<sheetData><row r="1">{HEADER}</row><row r="2" hidden="1">{FIRST}</row></sheetData>'
    reading = read(
        book(
            tmp_path / "a.xlsx",
            hidden,
            data(HEADER),
            data(HEADER),
            states=("visible", "hidden", "veryHidden"),
            names=("一", "二", "三"),
        )
    )
    assert [(s.name, s.hidden, s.rows, s.hidden_rows) for s in reading.sheets] == [
        ("一", False, 2, 1),
        ("二", True, 1, 0),
        ("三", True, 1, 0),
    ]
    assert "hidden_rows" in codes(reading)


def test_merged_ranges_are_known(tmp_path: Path, read: Any) -> None:
    xml = data(
        c("A1", "标题"),
        HEADER.replace('1"', '2"'),
        after="<mergeCells count='2'><mergeCell ref='A1:C1'/><mergeCell ref='B3:B5'/></mergeCells>",
    )
    assert read(book(tmp_path / "a.xlsx", xml)).sheets[0].merges == ((1, 0, 1, 2), (3, 1, 5, 1))


def test_the_reading_can_be_taken_up_again(tmp_path: Path, read: Any) -> None:
    reading = read(book(tmp_path / "a.xlsx", data(HEADER, FIRST, after="<mergeCells><mergeCell ref='A1:B1'/></mergeCells>")))
    again = load_reading(tmp_path / "into")
    assert again == reading
    assert list(iter_rows(again.sheets[0], after_row=1)) == [(2, ["聊城甲公司", A, 12.5])]
    assert [number for number, _ in preview(again.sheets[0], 1).rows] == [1]


def test_a_lost_reading_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        load_reading(tmp_path)
    assert caught.value.code == "reading_lost"


def test_numbers_beyond_reason_are_error_cells(tmp_path: Path, read: Any) -> None:
    assert cells(read(book(tmp_path / "a.xlsx", data(c("A1", "1e999") + c("B1", 5)))))[0][1][1] == 5.0


def test_rare_characters_arrive_unchanged(tmp_path: Path, read: Any) -> None:
    text = "𬭊矿𠀀𰻝\ue000e\u0301\u202e😀名\u200b称"
    assert cells(read(book(tmp_path / "a.xlsx", data(c("A1", text))))) == [(1, [text])]


def long_sheet(path: Path, rows: int, **state: Any) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as made:
        sheet = made.add_worksheet("长")
        for row in range(rows):
            sheet.write_row(row, 0, ["甲", row])
        if state.get("hidden"):
            other = made.add_worksheet("短")
            other.write_row(0, 0, ["甲", B])
            other.activate()
            other.set_first_sheet()
            sheet.hide()
    return path


def test_more_rows_than_allowed_refuse_the_file(tmp_path: Path, read: Any) -> None:
    with pytest.raises(Refused) as caught:
        read(long_sheet(tmp_path / "a.xlsx", 1500), limits=Limits(data_rows=1000))
    assert caught.value.code == "too_many_rows"
    assert "1,500" in caught.value.message_zh
    assert not list((tmp_path / "into").iterdir())


def test_a_long_hidden_sheet_is_left_out_and_said_so(tmp_path: Path, read: Any) -> None:
    reading = read(long_sheet(tmp_path / "a.xlsx", 1500, hidden=True), limits=Limits(data_rows=1000))
    assert reading.sheets[0].too_long
    assert "hidden_sheet_too_long" in codes(reading)


def test_a_million_formatted_empty_rows_are_just_empty(tmp_path: Path, read: Any) -> None:
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 1_000_000))
    with_cells = "".join(f'<row r="{n}"><c r="A{n}" s="3"/></row>' for n in range(1_000_000, 1_048_577))
    xml = f'<sheetData><row r="1">{HEADER}</row><row r="2">{FIRST}</row>{empty}{with_cells}</sheetData>'
    assert len(cells(read(book(tmp_path / "a.xlsx", xml)))) == 2


def test_an_empty_workbook_is_refused(tmp_path: Path, read: Any) -> None:
    with pytest.raises(Refused) as caught:
        read(book(tmp_path / "a.xlsx", "<sheetData/>"))
    assert caught.value.code == "no_rows"
