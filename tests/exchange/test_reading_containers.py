"""Files that are not what they say, or that are made to hurt: each is refused within seconds, with a code and with what to do."""

import random
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from app.exchange.reading import Limits, Refused, read_upload
from tests.exchange.workbooks import FIRST, HEADER, book, c, data, pack, parts

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(path: Path, name: str | None = None, **limits: int) -> Refused:
    """Refuse within the clock, leave nothing behind, and say in Chinese what to do."""
    into = path.parent / "into"
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        read_upload(path, name or path.name, into, limits=Limits(**limits))
    assert time.monotonic() - started < 30
    assert not into.exists() or not list(into.iterdir())
    assert "请" in caught.value.message_zh
    return caught.value


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "file_empty"),
        ("a.xls", OLE + b"\x00" * 2000, "old_workbook"),
        ("a.xlsx", OLE + b"\x00" * 2000 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 100, "file_encrypted"),
        ("a.xls", "<html><body><table><tr><td>企业名称</td></tr></table></body></html>".encode(), "html_not_workbook"),
        ("a.xlsx", b"\xef\xbb\xbf  <!-- x --><TABLE border=1>", "html_not_workbook"),
        ("a.csv", "<!DOCTYPE html><html></html>".encode("utf-16"), "html_not_workbook"),
        ("a.xls", b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook/>", "xml_not_workbook"),
        ("a.xlsx", "企业名称,信用代码\n甲,1\n".encode("gbk"), "text_not_workbook"),
        ("a.xlsx", b"%PDF-1.7 ...", "not_a_table"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "not_a_table"),
        ("a.csv", b"MZ\x90\x00", "not_a_table"),
        ("a.xlsx", b"PK\x05\x06" + b"\x00" * 18, "file_damaged"),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 500, "file_damaged"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    assert refusal(write(tmp_path / name, content)).code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": "<a/>"}, "macros"),
        ({"xl/workbook.bin": b"x"}, "binary_workbook"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}, "open_document"),
        ({"xl/sharedStrings.xml": "<?xml version='1.0'?><!DOCTYPE sst [<!ENTITY a 'x'>]><sst/>"}, "xml_entities"),
        ({"xl/worksheets/sheet1.xml": "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><worksheet/>"}, "xml_entities"),
        ({"docProps/app.xml": "<!--" + "x" * 70_000 + "--><!DOCTYPE a><a/>"}, "xml_entities"),
        ({"xl/styles.xml": "<styleSheet/>".encode("utf-16")}, "file_damaged"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><dimension ref='A1:ZZZZZ99999999999'/></worksheet>"}, "dimension_absurd"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><dimension ref='A1:XFE5'/></worksheet>"}, "dimension_absurd"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row r='1'><c r='A1'>"}, "file_damaged"),
        (
            {"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row r='1'><c r='A0'><v>1</v></c></row></sheetData></worksheet>"},
            "file_damaged",
        ),
        ({"xl/workbook.xml": "<workbook"}, "file_damaged"),
        ({"xl/workbook.xml": "<workbook/>"}, "no_rows"),
    ],
)
def test_workbooks_with_a_hostile_or_broken_part(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    assert refusal(pack(tmp_path / "a.xlsx", parts(data(HEADER, FIRST)) | change)).code == code


def test_a_macro_content_type_is_enough(tmp_path: Path) -> None:
    made = parts(data(HEADER))
    made["[Content_Types].xml"] = made["[Content_Types].xml"].replace("spreadsheetml.sheet.main", "excel.sheet.macroEnabled.main")
    assert refusal(pack(tmp_path / "a.xlsx", made)).code == "macros"


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    assert (
        refusal(pack(tmp_path / "a.xlsx", {"word/document.xml": "<a/>", "[Content_Types].xml": "<Types/>"})).code
        == "not_a_workbook"
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_cut_files(tmp_path: Path, share: float) -> None:
    whole = book(tmp_path / "b.xlsx", data(HEADER, *[FIRST] * 50)).read_bytes()
    assert refusal(write(tmp_path / "a.xlsx", whole[: int(len(whole) * share)])).code == "file_damaged"


def test_flipped_bytes_never_escape_as_another_error(tmp_path: Path) -> None:
    whole = bytearray(book(tmp_path / "b.xlsx", data(HEADER, *[FIRST] * 50)).read_bytes())
    chance = random.Random(7)
    for _ in range(25):
        changed = bytearray(whole)
        for _ in range(6):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path = write(tmp_path / "a.xlsx", bytes(changed))
        try:
            read_upload(path, "a.xlsx", tmp_path / "into")
        except Refused as refused:
            assert refused.message_zh


def test_twenty_thousand_parts(tmp_path: Path) -> None:
    assert (
        refusal(pack(tmp_path / "a.xlsx", parts(data(HEADER)) | {f"xl/media/{n}.bin": b"" for n in range(20_000)})).code
        == "too_many_parts"
    )


def test_too_many_sheets(tmp_path: Path) -> None:
    assert refusal(book(tmp_path / "a.xlsx", *[data(HEADER)] * 70)).code == "too_many_sheets"


def test_a_part_listed_twice(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.xlsx", parts(data(HEADER)))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert refusal(path).code == "file_damaged"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = b"<worksheet><sheetData>" + b" " * 700_000_000
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts(data(HEADER)).items():
            if "sheet1" not in name:
                archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", bomb)
    started = time.monotonic()
    assert refusal(path).code == "unpacks_too_large"
    assert time.monotonic() - started < 2


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "b.xlsx", parts(data(HEADER)) | {"xl/media/big.bin": random.Random(1).randbytes(50_000)})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0].header_offset
        name = archive.getinfo("xl/media/big.bin").filename.encode()
    at = content.rindex(name) - 46
    struct.pack_into("<L", content, at + 42, first)
    assert refusal(write(tmp_path / "a.xlsx", bytes(content))).code in ("unpacks_too_large", "file_damaged")


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The archive says 100 bytes, the stream holds 51 MB: the checksum pass of the child ends it."""
    made = parts(data(HEADER))
    huge = b"<sst>" + b"<si><t>x</t></si>" * 3_000_000
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeezer.compress(huge) + squeezer.flush()
    rebuilt = tmp_path / "a.xlsx"
    with zipfile.ZipFile(rebuilt, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in made.items():
            if name != "xl/sharedStrings.xml":
                archive.writestr(name, text)
        entry = zipfile.ZipInfo("xl/sharedStrings.xml")
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.header_offset = archive.fp.tell()  # type: ignore[union-attr]
        entry.file_size, entry.compress_size, entry.CRC = 100, len(packed), zlib.crc32(huge)
        archive.fp.write(entry.FileHeader(False) + packed)  # type: ignore[union-attr]
        archive.filelist.append(entry)
        archive.NameToInfo[entry.filename] = entry
        archive.start_dir = archive.fp.tell()  # type: ignore[union-attr]
        archive._didModify = True  # type: ignore[attr-defined]
    assert refusal(rebuilt).code == "file_damaged"


def test_a_stray_cell_at_the_far_corner_stays_within_memory(tmp_path: Path) -> None:
    xml = f"<sheetData><row r='1'>{HEADER}</row><row r='1048576'>{c('XFD1048576', 1)}</row></sheetData>"
    refused = refusal(book(tmp_path / "a.xlsx", xml))
    assert refused.code == "reading_memory"
    assert "新工作簿" in refused.message_zh


def test_sixteen_thousand_columns(tmp_path: Path) -> None:
    assert (
        refusal(book(tmp_path / "a.xlsx", f"<sheetData><row r='1'>{HEADER}{c('XFD1', 'x')}</row></sheetData>")).code
        == "too_many_columns"
    )


def test_references_beyond_any_sheet(tmp_path: Path) -> None:
    for reference in ("A99999999999", "ZZZZZZZZ1", "A4294967297", "1A", "中1"):
        path = book(tmp_path / "a.xlsx", f"<sheetData><row r='1'>{c(reference, 1)}{c('B1', 'x')}</row></sheetData>")
        try:
            read_upload(path, "a.xlsx", tmp_path / "into")
        except Refused as refused:
            assert refused.code in ("file_damaged", "reading_memory", "too_many_columns", "no_rows")


def test_a_shared_string_that_does_not_exist(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", data(HEADER, c("A2", 999_999, "s") + c("B2", 5)))
    try:
        read_upload(path, "a.xlsx", tmp_path / "into")
    except Refused as refused:
        assert refused.code == "file_damaged"


@pytest.mark.skipif(sys.platform == "win32", reason="no processor limit on Windows")
def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}">' + "".join(c(f"{chr(65 + k)}{n}", n + k) for k in range(26)) + "</row>" for n in range(1, 99_000)
    )
    path = book(tmp_path / "a.xlsx", f"<sheetData>{rows}</sheetData>")
    assert refusal(path, cpu_seconds=1).code == "reading_timeout"
    assert refusal(path, wall_seconds=0).code == "reading_timeout"


@pytest.mark.skipif(sys.platform == "win32", reason="no memory limit on Windows")
def test_too_little_memory_is_a_refusal(tmp_path: Path) -> None:
    """Large sheets are read piece by piece; one row far away makes even a small sheet as large as its range."""
    rows = "".join(f'<row r="{n}">{c(f"A{n}", "文字")}{c(f"SZ{n}", "文字")}</row>' for n in range(1, 9_000))
    assert (
        refusal(book(tmp_path / "a.xlsx", f"<sheetData>{rows}</sheetData>"), memory_bytes=80 * 1024 * 1024).code
        == "reading_memory"
    )


def test_too_large_a_file(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.csv", b"a,b\n" * 1000), file_bytes=1000).code == "file_too_large"


def test_a_workbook_named_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = book(tmp_path / "a.csv", data(HEADER, FIRST))
    assert read_upload(path, "a.csv", tmp_path / "into").kind == "xlsx"


def test_the_child_starts_without_the_application(tmp_path: Path) -> None:
    """A reader that dragged the web framework along would be slow, and large in the address space it is limited to."""
    probe = (
        "import runpy, sys, json, os; limits = {'memory_bytes': 1 << 29, 'cpu_seconds': 20, 'unpacked_bytes': 1 << 29, 'data_rows': 10, 'columns': 700}; "
        "sys.argv = ['boot.py', json.dumps({'kind': 'csv', 'path': sys.argv[1], 'into': sys.argv[2], 'limits': limits})]; os._exit = lambda code: None; "
        "runpy.run_path('app/exchange/reading/boot.py', run_name='__main__'); "
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'flask', 'sqlalchemy', 'pandas', 'numpy', 'jinja2', 'pydantic'}))"
    )
    path = write(tmp_path / "a.csv", b"a,b\n1,2\n")
    done = subprocess.run([sys.executable, "-c", probe, str(path), str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
