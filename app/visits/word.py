"""The diagnosis as an official Word document (GB/T 9704-2012: A4, margins, 22 lines of 28 characters, page numbers outside). Loaded only when one is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

TITLE, BODY, HEAD, SECOND = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
"""Fonts by name only: the reader's computer has them, or shows its own instead."""
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and, if any, a table (first row = head)."""

    head: str
    paragraphs: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Report:
    """Everything of one document."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    signed: str
    on: date


def write(report: Report) -> BytesIO:
    """The document as a file in memory."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = Document()
    _page(document)
    title = _paragraph(document, report.title, TITLE, 22, indent=False)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    subtitle = _paragraph(document, report.subtitle, SECOND, 16, indent=False)
    subtitle.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for number, section in enumerate(report.sections):
        _paragraph(document, f"{NUMERALS[number]}、{section.head}" if number < len(NUMERALS) else section.head, HEAD, 16)
        for text in section.paragraphs:
            for line in text.split("\n"):
                _paragraph(document, line, BODY, 16)
        if section.table:
            _table(document, section.table)
    for text in (report.signed, f"{report.on.year}年{report.on.month}月{report.on.day}日"):
        line = _paragraph(document, text, BODY, 16, indent=False)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = Pt(16 * 4)
    file = BytesIO()
    document.save(file)
    file.seek(0)
    return file


def _page(document: Any) -> None:
    """Margins and grid of the standard; page numbers — 1 — outside."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    grid = OxmlElement("w:docGrid")
    for name, value in (("w:type", "lines"), ("w:linePitch", "579")):
        grid.set(qn(name), value)
    section._sectPr.append(grid)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        line = footer.paragraphs[0]
        line.alignment = side
        _run(line, "— ", "宋体", 14)
        _field(_run(line, "", "宋体", 14), "PAGE")
        _run(line, " —", "宋体", 14)


def _field(run: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", None), (None, code), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _paragraph(document: Any, text: str, font: str, size: float, *, indent: bool = True) -> Any:
    """One paragraph on the grid: exact line distance, two characters of indent."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    line = document.add_paragraph()
    line.paragraph_format.line_spacing_rule, line.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28.95)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)
    if indent:
        line.paragraph_format.first_line_indent = Pt(size * 2)
    _run(line, text, font, size)
    return line


def _table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    """A grid whose head repeats on every page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    table.style = "Table Grid"
    for place, row in enumerate(rows):
        for cell, text in zip(table.rows[place].cells, row, strict=True):
            _run(cell.paragraphs[0], text, HEAD if place == 0 else BODY, 12)
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))
    head[-1].set(qn("w:val"), "true")
