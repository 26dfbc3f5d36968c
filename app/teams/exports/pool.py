"""The resource pool as a workbook."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.enterprises.exports import Caption, write_table
from app.teams.exports.registers import column
from app.teams.queries.registers import Offer

COLUMNS = (
    column("kind", "类别"), column("name", "名称", width=34), column("owner", "单位", width=30), column("domains", "服务领域", width=30),
    column("industries", "服务行业", width=24), column("units", "服务区域", width=20), column("capacity", "服务能力", "count", unit="家"),
    column("free", "是否免费"), column("price", "价格", "wan", unit="万元"), column("price_note", "收费说明", width=20),
    column("phone", "联系电话"), column("valid_to", "有效期至", "day"),
)


def write_pool(out: BinaryIO | Path, offers: Sequence[Offer], words: Any, caption: Caption) -> None:
    """Write the sheet. Phones are masked."""

    def records() -> Iterator[dict[str, Any]]:
        for o in offers:
            priced = o.register == "resource"
            values = (
                o.kind_label, o.name, o.owner, "、".join(words.domain_labels(o.domains)), "、".join(words.industry_labels(o.industries)) or "不限",
                "、".join(words.unit_labels(o.units)) or "全市", o.capacity if o.capacity is not None else "", ("是" if o.free else "否") if priced else "",
                float(o.price_yuan / 10_000) if o.price_yuan is not None else "", o.price_note or "", o.phone_masked or "", o.valid_to or "",
            )
            yield {c.heading: value for c, value in zip(COLUMNS, values, strict=True)}

    write_table(out, COLUMNS, records(), caption)
