"""Rows of a table that are not data: blank ones, totals, signatures and remarks, repeated headers, the sample row of our own template."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from app.exchange.rules.cells import Cell, cell_text
from app.exchange.rules.fields import Kind
from app.exchange.rules.header import HeaderMap, normal_header
from app.kernel.text import squeeze

DATA: Final = "data"
BLANK, TOTAL, SIGNATURE, HEADER, SAMPLE = "blank", "total", "signature", "header", "sample"
SAMPLE_MARK: Final = "（示例）"

_TOTAL = re.compile(
    r"[^0-9]{0,10}?(?:合计|总计|小计|共计|累计|总合计|合计数|总计数|汇总)(?:[:：].*|[(（].{0,12}[)）]|\d+[家户个人条]?)?|共计?\d+[家户个人条].{0,8}"
)
_SIGNATURE_WORDS = (
    "填表人|制表人|填报人|审核人|审批人|复核人|经办人|负责人|单位负责人|统计负责人|分管负责人|分管领导|主要负责人|主要领导|联系人|联系电话|联系方式|填报单位|填表单位|制表单位|上报单位|"
    "填报日期|填表日期|制表日期|报出日期|上报日期|填报时间|填表时间|制表时间|制表|审核|复核|填表|填报|日期|盖章|签字|签章|备注|说明|注|附注|填表说明|填报说明|填写说明|数据来源|资料来源|数据截至|截止日期|数据截止"
)
_SIGNATURE = re.compile(
    rf"(?:{_SIGNATURE_WORDS})(?:[(（][^)）]{{0,12}}[)）])?(?:[:：].*|)|(?:备注|说明|注)\d*[.、:：].*|[(（](?:盖章|签字|签章|公章)[)）]",
    re.S,
)
_SAMPLE = re.compile(
    r"[(（【\[](?:填写)?(?:示例|样例|示范|例)[^)）】\]]{0,12}[)）】\]].*|(?:填写示例|示例|样例|例如|例)[:：].*", re.S
)
_SAMPLE_STARTS = frozenset("（(【[示样填例")
_CODE = re.compile(r"[0-9A-Za-z]{15,20}")


class RowSorter:
    """Tells data rows from the others for one recognised table. ``kind_of(cells)`` answers one of the constants above."""

    def __init__(self, header: HeaderMap) -> None:
        mapped = header.mapped
        self._mapped = tuple(c.index for c in mapped)
        self._codes = tuple(c.index for c in mapped if c.field and c.field.kind is Kind.CREDIT_CODE)
        self._texts = tuple(c.index for c in mapped if c.field and c.field.kind in (Kind.NAME, Kind.TEXT))
        self._ordinals = frozenset(c.index for c in header.columns if c.field is None and (c.how == "ordinal" or not c.header))
        self._headers = {c.index: normal_header(c.header) for c in mapped}

    def data_at_sight(self) -> Callable[[Sequence[Cell]], bool] | None:
        """A quick test that is True only for data rows: a text of 18 characters where the code stands, no sign of a sample row."""
        if len(self._codes) != 1:
            return None
        code, text = self._codes[0], self._texts[0] if self._texts else self._codes[0]

        def sure(cells: Sequence[Cell]) -> bool:
            if len(cells) <= code or len(cells) <= text:
                return False
            found, first = cells[code], cells[text]
            return type(found) is str and len(found) == 18 and type(first) is str and first[:1] not in _SAMPLE_STARTS

        return sure

    def kind_of(self, cells: Sequence[Cell]) -> str:
        width = len(cells)
        for index in self._codes:
            if index < width and type(cells[index]) is str and len(cells[index]) == 18:  # type: ignore[arg-type]
                return SAMPLE if self._is_sample(cells) else DATA
        filled: list[tuple[int, Cell]] = [
            (i, cell) for i, cell in enumerate(cells) if cell is not None and not (type(cell) is str and not cell.strip())
        ]
        return self._without_code(cells, filled)

    def _without_code(self, cells: Sequence[Cell], filled: list[tuple[int, Cell]]) -> str:
        only_ordinals = all(i in self._ordinals for i, _ in filled)
        if only_ordinals and all(cell_text(cell).strip().isdecimal() for _, cell in filled):
            return BLANK
        if self._has_code(cells):
            return SAMPLE if self._is_sample(cells) else DATA
        firsts = [squeeze(cell) for _, cell in filled if isinstance(cell, str)][:3]
        if any(_TOTAL.fullmatch(text) for text in firsts if len(text) < 40):
            return TOTAL
        if only_ordinals or (firsts and self._looks_signed(firsts, filled)):
            return SIGNATURE  # a text where 序号 stands heads a section or continues a note
        if self._is_header(filled):
            return HEADER
        return SAMPLE if self._is_sample(cells) else DATA

    def _looks_signed(self, firsts: list[str], filled: list[tuple[int, Cell]]) -> bool:
        first = firsts[0]
        if _SIGNATURE.fullmatch(first) is None or not isinstance(filled[0][1], str):
            return False
        return len(filled) <= 6 or any(mark in first for mark in ":：")

    def _has_code(self, cells: Sequence[Cell]) -> bool:
        return any(i < len(cells) and _CODE.search(cell_text(cells[i])) is not None for i in self._codes)

    def _is_sample(self, cells: Sequence[Cell]) -> bool:
        for index in self._texts[:1]:
            cell = cells[index] if index < len(cells) else None
            return isinstance(cell, str) and cell[:1] in _SAMPLE_STARTS and _SAMPLE.fullmatch(cell.strip()) is not None
        return False

    def _is_header(self, filled: list[tuple[int, Cell]]) -> bool:
        hits = sum(
            1 for i, cell in filled if isinstance(cell, str) and self._headers.get(i) and normal_header(cell) == self._headers[i]
        )
        return hits >= 2 and hits * 2 > len(filled)
