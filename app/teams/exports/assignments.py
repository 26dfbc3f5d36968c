"""Enterprises with their teams as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.enterprises.exports import Caption, write_table
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.teams.exports.registers import column
from app.teams.queries.assignments import FirmLine

COLUMNS = (
    column("code", "统一社会信用代码", "code", 22), column("name", "企业名称", width=34), column("place", "所在镇街", width=24),
    column("industry", "行业", width=26),
    column("team", "服务队", width=24), column("member", "负责人"), column("since", "自何日起", "day"), column("visited", "最近走访", "day"),
)


def write_assignments(out: BinaryIO | Path, lines: Sequence[FirmLine], teams: Mapping[int, str], members: Mapping[int, str], caption: Caption) -> None:
    """Write the sheet."""
    known = places()

    def records() -> Iterator[dict[str, Any]]:
        for line in lines:
            values = (
                line.credit_code, line.name, known.full_name(line.town_id), industry.label(line.industry_code), teams.get(line.team_id or 0, ""),
                members.get(line.member_id or 0, ""), line.since or "", line.last_visit_on or "",
            )
            yield {c.heading: value for c, value in zip(COLUMNS, values, strict=True)}

    write_table(out, COLUMNS, records(), caption)
