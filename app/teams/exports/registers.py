"""The registers as workbooks, with the columns of their imports: the sheet can be corrected and read again."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from app.enterprises.columns import Column
from app.enterprises.exports import Caption, write_table
from app.teams.models.registers import ORIGINS, PLATFORM_TIERS, PROVIDER_KINDS, RESOURCE_KINDS, STATE_LABELS, STRENGTHS
from app.teams.queries.reach import said


def column(code: str, label: str, kind: str = "text", width: int = 16, unit: str | None = None) -> Column:
    """A column whose cells are given by heading."""
    return Column(code, label, kind, lambda row, words: None, unit, width=width)


_TAIL = (
    column("domains", "服务领域", width=30), column("industries", "服务行业", width=24), column("units", "服务区域", width=20),
    column("capacity", "服务能力", "count", unit="家"), column("intro", "简介", width=40), column("contact_name", "联系人"), column("phone", "联系电话"),
    column("state", "状态"), column("valid_from", "有效期起", "day"), column("valid_to", "有效期止", "day"), column("document", "依据文件", width=24),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "provider": (
        column("credit_code", "统一社会信用代码", "code", 22), column("name", "服务商名称", width=34), column("kind", "机构类别"), column("origin", "来源"),
        column("tier", "平台层级", width=20), column("qualification", "资质", width=30), column("staff_count", "从业人员", "count", unit="人"),
        column("address", "地址", width=30), *_TAIL,
    ),
    "expert": (
        column("name", "姓名"), column("employer", "工作单位", width=30), column("title", "职称职务"), column("strengths", "专长类别"),
        column("selection", "择优选聘情况", width=30), column("conflict", "利益关系申报", width=30), *_TAIL,
    ),
    "resource": (
        column("kind", "资源类别"), column("name", "资源名称", width=34), column("owner", "提供单位", width=30), column("free", "是否免费"),
        column("price_yuan", "价格", "wan", unit="万元"), column("price_note", "收费说明", width=20), *_TAIL,
    ),
}
_LABELS: dict[str, dict[str, str]] = {"origin": ORIGINS, "tier": PLATFORM_TIERS, "kind": {**PROVIDER_KINDS, **RESOURCE_KINDS}}


def write_register(out: BinaryIO | Path, register: str, rows: Iterable[Any], words: Any, caption: Caption) -> int:
    """Write the sheet; returns the number of rows. Phones are masked."""
    columns, written = COLUMNS[register], 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield {c.heading: _cell(register, row, c.code, words) for c in columns}

    write_table(out, columns, records(), caption)
    return written


def _cell(register: str, row: Any, code: str, words: Any) -> Any:
    if code == "phone":
        return row.phone_masked or ""
    value = getattr(row, code)
    if code == "state":
        return STATE_LABELS[register][value]
    if code in ("domains", "industries", "units"):
        return "、".join(getattr(words, f"{code.removesuffix('s') if code != 'industries' else 'industry'}_labels")(value))
    if code == "strengths":
        return "、".join(STRENGTHS.get(one, one) for one in said(value))
    if code == "price_yuan":
        return None if value is None else float(value / 10_000)
    if code == "free":
        return "是" if value else "否"
    return _LABELS[code].get(value, "") if code in _LABELS else value if value is not None else ""
