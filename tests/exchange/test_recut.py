"""A large sheet is read in pieces: what comes out is what reading it whole gives."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.exchange.reading import Limits, Upload, recut
from app.exchange.reading.child import answer
from tests.exchange.workbooks import DATE, PERCENT, book, c, data

SHARED = "<si><t>聊城启岳轴承有限公司</t></si><si><r><t>分</t></r><r><t>段</t></r></si>"


def rows(count: int) -> list[str]:
    """Every kind of cell, skipped columns, and cells the reader does not tell of itself."""
    made = []
    for n in range(1, count + 1):
        cells = [c(f"B{n}", f"企业{n}"), f'<c r="C{n}" t="s"><v>{n % 2}</v></c>', f'<c r="D{n}" s="{DATE}"><v>{45000 + n}</v></c>']
        if n % 3 == 0:
            cells += [f'<c r="E{n}" s="{PERCENT}"><v>0.{n}</v></c>', f'<c r="G{n}"><v>{n}.5</v></c>']
        if n % 5 == 0:
            cells = [f'<c r="B{n}" t="e"><v>#REF!</v></c>', f'<c r="C{n}"><f>A1</f></c>']
        made.append("" if n % 7 == 0 else "".join(cells))
    return made


def read(path: Path, into: Path, monkeypatch: pytest.MonkeyPatch, cut_from: int, piece: int) -> tuple[dict[str, Any], list[Any]]:
    monkeypatch.setattr(recut, "CUT_FROM", cut_from)
    monkeypatch.setattr(recut, "PIECE", piece)
    into.mkdir()
    result = answer({"kind": "xlsx", "path": str(path), "into": str(into), "limits": asdict(Limits())})
    assert not list(into.glob("*.cut"))
    lines = [json.loads(line) for line in (into / "sheet-000.rows").read_bytes().splitlines()]
    return result, [row for line in lines for row in line]


@pytest.mark.parametrize("piece", [1, 400, 3000])
@pytest.mark.parametrize("properties", ["", '<workbookPr date1904="1"/>'])
def test_pieces_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, properties: str) -> None:
    merges = '<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="B2:B4"/></mergeCells>'
    path = book(tmp_path / "a.xlsx", data(*rows(60), before='<dimension ref="A1:XFD9"/>', after=merges), shared=SHARED, properties=properties)
    whole = read(path, tmp_path / "whole", monkeypatch, 1 << 40, 0)
    assert read(path, tmp_path / "cut", monkeypatch, 0, piece) == whole
    assert len(whole[1]) > 40 and whole[0]["sheets"][0]["merges"] == [(1, 0, 1, 2), (2, 1, 4, 1)]


@pytest.mark.parametrize("xml", [
    "<sheetData><row><c><v>1</v></c></row><row><c><v>2</v></c></row></sheetData>",
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row><c><v>2</v></c></row></sheetData>',
    "<sheetData/>",
])
def test_a_sheet_that_does_not_number_its_rows_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, xml: str) -> None:
    path = book(tmp_path / "a.xlsx", xml)
    assert read(path, tmp_path / "cut", monkeypatch, 0, 1) == read(path, tmp_path / "whole", monkeypatch, 1 << 40, 0)


def test_rows_can_be_followed_while_they_are_read(tmp_path: Path) -> None:
    """What is known first is what holds in the end, and a reading given up leaves nothing."""
    text = "文字" * 100
    path = book(tmp_path / "a.xlsx", data(*[c(f"A{n}", f"{n}{text}") + c(f"B{n}", "乙") for n in range(1, 12_000)]))
    with Upload(path, "a.xlsx", tmp_path / "into") as upload:
        early = upload.outline()
        followed = list(upload.rows(early.sheets[0]))
        final = upload.finish()
    assert (final.sheets[0].rows, len(followed), followed[-1][1][1]) == (11_999, 11_999, "乙")
    assert (early.sheets[0].name, early.sheets[0].merges, early.remarks) == (final.sheets[0].name, final.sheets[0].merges, final.remarks)
    with Upload(path, "a.xlsx", tmp_path / "again") as upload:
        upload.outline()
    assert not list((tmp_path / "again").iterdir())
