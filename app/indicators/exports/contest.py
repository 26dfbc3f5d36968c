"""The score sheet of a round as a workbook: points, raw values, and how each item is scored, in the layout of the annex, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any

from app.indicators.exports import A3, looks_of, merge
from app.indicators.queries.contest import SOURCE_LABELS, Sheet
from app.indicators.rules.explain import explain, reference_words, said
from app.indicators.rules.scoring import Outcome, TownScore
from app.ladder.queries import Place

FIXED = ("名次", "县（市、区）", "乡镇（街道）", "总分")


@dataclass(frozen=True)
class Book:
    """What is written: ``towns`` as far as the reader sees them; ``whole``: with ranks."""

    sheet: Sheet
    outcome: Outcome
    towns: Sequence[tuple[Place, TownScore]]
    city: str
    author: str
    made_at: datetime
    whole: bool
    stage: str


def workbook(book: Book) -> BytesIO:
    """Four sheets: points, raw values, items with their references, the sentence behind every point."""
    from xlsxwriter import Workbook  # a web worker writes no workbook until it is asked for one

    target = BytesIO()
    made = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = looks_of(made)
    _matrix(made.add_worksheet("评分表"), looks, book, points=True)
    _matrix(made.add_worksheet("原值表"), looks, book, points=False)
    _items(made.add_worksheet("指标与参照"), looks, book)
    _sentences(made.add_worksheet("逐项说明"), looks, book)
    made.close()
    target.seek(0)
    return target


def _matrix(page: Any, looks: dict[str, Any], book: Book, *, points: bool) -> None:
    items = book.sheet.scheme.items
    last = len(FIXED) + len(items)
    page.merge_range(0, 0, 0, last, f"{book.city}{book.sheet.year}年度民营经济高质量发展强镇{'评分' if points else '指标原值'}表", looks["title"])
    half = f"计分方法：{book.outcome.method.label}　阶段：{book.stage}"
    page.merge_range(1, 0, 1, last, half, looks["line"])
    for place, text in enumerate(FIXED):
        page.merge_range(2, place, 4, place, text, looks["head"])
    at = len(FIXED)
    for group, members in groupby(items, key=lambda item: item.group):
        width = len(list(members))
        merge(page, 2, at, at + width - 1, group, looks["head"])
        at += width
    for at, item in enumerate(items, len(FIXED)):
        page.write_string(3, at, f"{item.key}. {item.label}\n（{item.unit}）", looks["head"])
        page.write_string(4, at, f"{item.weight / 100:g}%", looks["head"])
    page.merge_range(2, last, 4, last, "26. 一票否决", looks["head"])
    for line, (place, town) in enumerate(book.towns, 5):
        _line(page, looks, line, place, town, book, points)
    foot = 5 + len(book.towns)
    page.write_string(foot, 0, f"制表人：{book.author}　　审核人：　　　　　　制表日期：{book.made_at:%Y-%m-%d %H:%M}", looks["line"])
    page.write_string(foot + 1, 0, "注：“缺”为没有数据，不按 0 计；带 * 为批准的替代值；一票否决的镇街总分照算、不排名。", looks["line"])
    page.set_row(3, 96)
    page.set_column(0, 0, 6)
    page.set_column(1, 2, 12)
    page.set_column(3, last, 8)
    page.set_landscape()
    page.set_paper(A3)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 4)
    page.freeze_panes(5, len(FIXED))
    page.print_area(0, 0, foot + 1, last)


def _line(page: Any, looks: dict[str, Any], line: int, place: Place, town: TownScore, book: Book, points: bool) -> None:
    page.write(line, 0, (town.rank or "—") if book.whole else "—", looks["code"])
    page.write_string(line, 1, place.unit_name, looks["text"])
    page.write_string(line, 2, place.name, looks["text"])
    page.write(line, 3, "—" if town.total is None else float(town.total), looks["score"])
    for at, item in enumerate(book.sheet.scheme.items, len(FIXED)):
        cell = town.cells[item.key]
        if cell.raw is None:
            page.write_string(line, at, "不适用" if cell.not_applicable else "缺", looks["pending"])
        elif points:
            page.write_number(line, at, float(cell.shown_points or 0), looks["score"])
        elif cell.substitute:
            page.write_string(line, at, f"{said(cell.raw)}*", looks["code"])
        else:
            page.write_number(line, at, float(cell.raw), looks["raw"])
    page.write_string(line, len(FIXED) + len(town.cells), town.status.label, looks["code"])


def _items(page: Any, looks: dict[str, Any], book: Book) -> None:
    heads = (("编号", 8), ("一级指标", 12), ("指标", 44), ("单位", 12), ("权重（%）", 10), ("类型", 12), ("有数据的镇街", 12), ("参照", 30))
    for at, (text, width) in enumerate(heads):
        page.set_column(at, at, width)
        page.write_string(0, at, text, looks["head"])
    scheme = book.sheet.scheme
    for line, item in enumerate(scheme.items, 1):
        found = book.outcome.references.get(item.key)
        cells = (
            item.key, item.group, item.label, item.unit, f"{item.weight / 100:g}", f"{item.kind.label}{'（逆向）' if item.inverse else ''}",
            "—" if found is None else str(found.n), reference_words(scheme, book.outcome.method, item, found),
        )
        for at, text in enumerate(cells):
            page.write_string(line, at, text, looks["text"])


def _sentences(page: Any, looks: dict[str, Any], book: Book) -> None:
    for at, (text, width) in enumerate((("县（市、区）", 12), ("乡镇（街道）", 14), ("编号", 8), ("来源", 14), ("计算", 120))):
        page.set_column(at, at, width)
        page.write_string(0, at, text, looks["head"])
    line, scheme = 1, book.sheet.scheme
    for place, town in book.towns:
        for item in scheme.items:
            given = book.sheet.counting(place.town_id, item.key)
            words = explain(scheme, book.outcome.method, item, town.cells[item.key], book.outcome.references.get(item.key))
            cells = (place.unit_name, place.name, item.key, "—" if given is None else SOURCE_LABELS[given.source], words)
            for at, text in enumerate(cells):
                page.write_string(line, at, text, looks["text"])
            line += 1
