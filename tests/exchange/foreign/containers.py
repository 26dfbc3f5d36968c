"""Files that are not what they say: the right answer is the right plan or exit status 2 with what to do, never anything else."""

import io
import zipfile
from pathlib import Path
from typing import Any

from .case import REFUSED, Case, Outcome
from .codes import code, name
from .enterprises import CODE, HEAD, NAME, TOWN, listed
from .files import lines, raw, simple, surgery, text

# fmt: off
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ROWS = [HEAD, *listed(1, 2)]
TABLE = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
HTML = f"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><head><meta charset='gbk'></head><body><table>{TABLE}</table></body></html>"
PLAIN = lines([(NAME, CODE, TOWN), (name(1), code(1), "侯营镇"), (name(2), code(2), "侯营镇")])
READ = Outcome(created=2)
EITHER = (READ, REFUSED)


def compound(stream: str) -> bytes:
    """The beginning of an old compound file with one stream name in its directory: Workbook (.xls, .et) or EncryptedPackage."""
    sector = bytes(512)
    header = OLE + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + bytes(10) + b"\x01\x00\x00\x00\x00\x00\x00\x00" + bytes(8)
    entry = stream.encode("utf-16-le").ljust(64, b"\0") + (len(stream) * 2 + 2).to_bytes(2, "little") + b"\x02\x01"
    return header.ljust(512, b"\0") + "Root Entry".encode("utf-16-le").ljust(128, b"\0") + entry.ljust(128, b"\0") + sector * 8


def packed(**parts: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in parts.items():
            target.writestr(part.replace("__", "/").replace("--", "."), content)
    return stream.getvalue()


def parts(**more: str | bytes) -> Any:
    return lambda found: found | {part.replace("__", "/"): content if isinstance(content, bytes) else content.encode() for part, content in more.items()}


def cut(path: Path) -> None:
    simple([HEAD, *listed(*range(1, 400))])(path)
    path.write_bytes(path.read_bytes()[:-3000])


def bomb(found: dict[str, bytes]) -> None:
    part = "xl/worksheets/sheet1.xml"
    found[part] = found[part].replace(b"<sheetData>", b"<sheetData>" + b" " * 400_000_000)


def entity(found: dict[str, bytes]) -> None:
    part = "xl/sharedStrings.xml"
    head, _, body = found[part].partition(b"?>")
    found[part] = head + b'?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>' + body.replace(name(1).encode(), b"&x;")


def macro(found: dict[str, bytes]) -> dict[str, bytes]:
    kinds = found["[Content_Types].xml"].replace(b"spreadsheetml.sheet.main+xml", b"x").replace(
        b"application/vnd.openxmlformats-officedocument.x", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    return found | {"[Content_Types].xml": kinds, "xl/vbaProject.bin": compound("VBA")}


def absolute(found: dict[str, bytes]) -> None:
    part = "xl/_rels/workbook.xml.rels"
    found[part] = found[part].replace(b'Target="', b'Target="/xl/')


def many_columns(path: Path) -> None:
    """A caption in each of the 16,384 columns a sheet can have."""
    simple([(*HEAD, *[f"指标{number}" for number in range(16_380)]), *[(*row, 1) for row in listed(1, 2)]])(path)


def _case(label: str, build: Any, suffix: str, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, "enterprises", build, outcomes, why, suffix=suffix, **more)

# fmt: on
CASES = [
    _case("c-empty", raw(b""), ".xlsx", "nothing in it", REFUSED),
    _case("c-empty-csv", raw(b""), ".csv", "nothing in it", REFUSED),
    _case("c-bom-only", raw(b"\xef\xbb\xbf"), ".csv", "nothing in it", REFUSED),
    _case("c-xls", raw(compound("Workbook")), ".xls", "the format of 1997: save as .xlsx", REFUSED),
    _case("c-xls-named-xlsx", raw(compound("Workbook")), ".xlsx", "renamed, not converted", REFUSED),
    _case("c-et", raw(compound("Workbook")), ".et", "WPS's own format: save as .xlsx", REFUSED),
    _case("c-password", raw(compound("EncryptedPackage")), ".xlsx", "asks for a password: take it off", REFUSED),
    _case(
        "c-numbers", raw(packed(**{"Index__Document.iwa": b"x", "Metadata__Properties.plist": b"x"})), ".numbers", "Apple's: export as .xlsx", REFUSED
    ),
    _case(
        "c-ods", raw(packed(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"})), ".ods", "save as .xlsx", REFUSED
    ),
    _case(
        "c-ods-named-xlsx",
        raw(packed(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"})),
        ".xlsx",
        "renamed",
        REFUSED,
    ),
    _case("c-xlsb", raw(packed(**{"[Content_Types].xml": "<Types/>", "xl__workbook.bin": b"\x83\x01\0"})), ".xlsb", "binary: save as .xlsx", REFUSED),
    _case("c-xlsm", surgery(simple(ROWS), macro), ".xlsm", "macros: refused, or the cells read and the macro left alone", *EITHER),
    _case("c-macro-in-xlsx", surgery(simple(ROWS), parts(**{"xl__vbaProject.bin": compound("VBA")})), ".xlsx", "a macro hidden in an .xlsx", *EITHER),
    _case("c-html-xls", text(HTML, "gbk"), ".xls", "a web page with an Excel name, as old systems download it", *EITHER),
    _case("c-html-xlsx", text(HTML, "gbk"), ".xlsx", "a web page with an Excel name", *EITHER),
    _case("c-csv-named-xlsx", text(PLAIN, "gbk"), ".xlsx", "renamed: read or refused", *EITHER),
    _case("c-xlsx-named-csv", simple(ROWS), ".csv", "renamed: read or refused", *EITHER),
    _case("c-txt", text(PLAIN.replace(",", "\t"), "gbk"), ".txt", "a text file: read or refused", *EITHER),
    _case("c-upper-case", simple(ROWS), ".XLSX", "upper case is the same", READ),
    _case("c-csv-upper-case", text(PLAIN, "gbk"), ".CSV", "upper case is the same", READ),
    _case("c-png", raw(b"\x89PNG\r\n\x1a\n" + bytes(200)), ".xlsx", "a picture", REFUSED),
    _case("c-pdf", raw(b"%PDF-1.7\n" + bytes(200)), ".xlsx", "a PDF", REFUSED),
    _case("c-zip", raw(packed(**{"企业名单.csv": PLAIN})), ".xlsx", "a ZIP of something", REFUSED),
    _case("c-zip-suffix", raw(packed(**{"企业名单.csv": PLAIN})), ".zip", "a ZIP of something", REFUSED),
    _case("c-cut", cut, ".xlsx", "the copy broke off", REFUSED),
    _case("c-bomb", surgery(simple(ROWS), bomb), ".xlsx", "400 MB of blanks in 400 kB: refused before it fills the memory", *EITHER),
    _case(
        "c-entity",
        surgery(simple(ROWS), entity),
        ".xlsx",
        "an external entity is not followed",
        REFUSED,
        Outcome(created=1, rejected=None),
        firms={code(1): None},
    ),
    _case("c-absolute-targets", surgery(simple(ROWS), absolute), ".xlsx", "part names with a leading stroke are legal", READ),
    _case(
        "c-traversal", surgery(simple(ROWS), parts(**{"..__..__tmp__yumiao-evil": "x"})), ".xlsx", "a part that wants out of the container", *EITHER
    ),
    _case(
        "c-many-parts",
        surgery(simple(ROWS), lambda found: found | {f"xl/media/image{n}.png": b"" for n in range(20_000)}),
        ".xlsx",
        "20,000 parts",
        *EITHER,
    ),
    _case("c-16384-columns", many_columns, ".xlsx", "all columns of a sheet in use: read, or refused in words", *EITHER),
    _case(
        "c-nul",
        text(PLAIN.replace("机械", "机\0械")),
        ".csv",
        "NUL in a text file: refused, or cleaned",
        REFUSED,
        Outcome(created=2),
        Outcome(created=0, rejected=None),
    ),
    _case(
        "c-mixed-encodings",
        raw(lines([(NAME, CODE, TOWN), (name(1), code(1), "侯营镇")]).encode("gbk") + lines([(name(2), code(2), "侯营镇")]).encode()),
        ".csv",
        "two files joined, two encodings: refused, or the broken rows refused",
        REFUSED,
        Outcome(created=1, rejected=None),
    ),
    _case(
        "c-open-quote",
        text(PLAIN + f'"{name(3)},{code(3)},侯营镇\r\n{name(4)},{code(4)},侯营镇\r\n'),
        ".csv",
        "a quote that never closes swallows the rest: refused, or that row refused",
        REFUSED,
        Outcome(created=2, rejected=None),
    ),
    _case(
        "c-cut-gbk",
        raw(PLAIN.encode("gbk")[:-5]),
        ".csv",
        "cut in the middle of a character: refused, or that row refused",
        REFUSED,
        Outcome(created=1, rejected=None),
    ),
    _case("c-only-text", text("尊敬的各位领导：\r\n现报上企业名单，请审阅。\r\n"), ".csv", "a letter", REFUSED),
    _case(
        "c-control-names",
        simple([HEAD, (1, "聊城\u202e司公限有\u2066", code(3), "侯营镇"), (2, "聊城_x0000_有限公司", code(4), "侯营镇")]),
        ".xlsx",
        "direction overrides and escapes: cleaned or refused",
        Outcome(created=None, rejected=None),
    ),
]
