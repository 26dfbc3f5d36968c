"""Workbooks made by hand, part by part, so that a test can break exactly one thing."""

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KIND = "application/vnd.openxmlformats"
PKG = "http://schemas.openxmlformats.org/package/2006"
HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"
STYLES = (
    f"{HEAD}<styleSheet xmlns='{MAIN}'><numFmts count='1'><numFmt numFmtId='164' formatCode='0.0%'/></numFmts>"
    "<cellXfs count='4'><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='49'/></cellXfs></styleSheet>"
)
DATE, PERCENT, TEXT = 1, 2, 3
A, B = "91379999MA0000015K", "91379999MA0000023E"


def parts(
    *sheets: str, names: tuple[str, ...] = (), states: tuple[str, ...] = (), properties: str = "", shared: str = ""
) -> dict[str, str]:
    """The parts of a workbook; each sheet is the XML inside <worksheet>."""
    names = names or tuple(f"表{i}" for i in range(1, len(sheets) + 1))
    states = states or ("visible",) * len(sheets)
    listed = "".join(
        f"<sheet name='{name}' sheetId='{i}' state='{state}' r:id='rId{i}'/>"
        for i, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    links = "".join(
        f"<Relationship Id='rId{i}' Type='{REL}/worksheet' Target='worksheets/sheet{i}.xml'/>" for i in range(1, len(sheets) + 1)
    )
    kinds = "".join(
        f"<Override PartName='/xl/worksheets/sheet{i}.xml' ContentType='{KIND}-officedocument.spreadsheetml.worksheet+xml'/>"
        for i in range(1, len(sheets) + 1)
    )
    found = {
        "[Content_Types].xml": f"{HEAD}<Types xmlns='{PKG}/content-types'><Default Extension='rels' ContentType='{KIND}-package.relationships+xml'/>"
        f"<Default Extension='xml' ContentType='application/xml'/>"
        f"<Override PartName='/xl/workbook.xml' ContentType='{KIND}-officedocument.spreadsheetml.sheet.main+xml'/>{kinds}</Types>",
        "_rels/.rels": f"{HEAD}<Relationships xmlns='{PKG}/relationships'>"
        f"<Relationship Id='rId1' Type='{REL}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"{HEAD}<workbook xmlns='{MAIN}' xmlns:r='{REL}'>{properties}<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{HEAD}<Relationships xmlns='{PKG}/relationships'>{links}"
        f"<Relationship Id='rId98' Type='{REL}/styles' Target='styles.xml'/>"
        f"<Relationship Id='rId99' Type='{REL}/sharedStrings' Target='sharedStrings.xml'/></Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f"{HEAD}<sst xmlns='{MAIN}'>{shared}</sst>",
    }
    return found | {
        f"xl/worksheets/sheet{i}.xml": f"{HEAD}<worksheet xmlns='{MAIN}'>{xml}</worksheet>" for i, xml in enumerate(sheets, 1)
    }


def pack(path: Path, content: dict[str, str | bytes] | dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def book(path: Path, *sheets: str, **options: object) -> Path:
    return pack(path, parts(*sheets, **options))  # type: ignore[arg-type]


def data(*rows: str, before: str = "", after: str = "") -> str:
    """<sheetData> of row contents, numbered from 1; ``c`` builds the cells."""
    inner = "".join(f'<row r="{i}">{row}</row>' for i, row in enumerate(rows, 1))
    return f"{before}<sheetData>{inner}</sheetData>{after}"


def c(reference: str, value: object = None, kind: str = "", style: int = 0, formula: str = "") -> str:
    """One cell: text becomes an inline string, numbers a value."""
    attributes = f'r="{reference}"' + (f' s="{style}"' if style else "")
    written = f"<f>{formula}</f>" if formula else ""
    if isinstance(value, str) and not kind:
        return f'<c {attributes} t="inlineStr"><is><t>{value}</t></is></c>'
    said = f' t="{kind}"' if kind else ""
    return f"<c {attributes}{said}>{written}{'' if value is None else f'<v>{value}</v>'}</c>"


HEADER = c("A1", "企业名称") + c("B1", "统一社会信用代码") + c("C1", "研发费用（万元）")
FIRST = c("A2", "聊城甲公司") + c("B2", A) + c("C2", 12.5)
