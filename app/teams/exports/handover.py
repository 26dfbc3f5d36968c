"""The handover package as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.enterprises.exports import Caption, write_table
from app.enterprises.queries.places import places
from app.teams.exports.registers import column

HEAD = (
    column("code", "统一社会信用代码", "code", 22), column("name", "企业名称", width=34), column("place", "所在镇街", width=24),
    column("contact", "联系人", width=16),
    column("phone", "联系电话"), column("since", "负责起始", "day"), column("visited", "最近走访", "day"), column("words", "最近走访情况", width=40),
    column("next", "下次联系", "day"), column("why", "联系事由", width=24),
)


def write_package(out: BinaryIO | Path, firms: Sequence[Any], kinds: Mapping[str, str], caption: Caption) -> None:
    """Write the sheet: one row per enterprise, one column per kind of open matter, each matter on its own line."""
    columns, known = (*HEAD, *(column(kind, label, width=36) for kind, label in kinds.items())), places()

    def records() -> Iterator[dict[str, Any]]:
        for firm in firms:
            contact = firm.contact
            values = [
                firm.line.credit_code, firm.line.name, known.full_name(firm.line.town_id), f"{contact.name} {contact.title or ''}".strip() if contact else "",
                contact.phone or "" if contact else "", firm.line.since or "", firm.line.last_visit_on or "", firm.last_words, firm.next_contact_on or "",
                firm.next_contact_why or "", *("\n".join(_words(item) for item in firm.items[kind]) for kind in kinds),
            ]
            yield {c.heading: value for c, value in zip(columns, values, strict=True)}

    write_table(out, columns, records(), caption)


def _words(item: Any) -> str:
    return f"{item.text}（{item.due_on:%Y-%m-%d}）" if item.due_on else str(item.text)
