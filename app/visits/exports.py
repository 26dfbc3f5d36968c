"""The list of visits as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from app.enterprises.columns import Column
from app.enterprises.exports import Caption, write_table
from app.enterprises.queries.places import Places
from app.visits.models.visit import CONFIRM_STATES, REVIEW_STATES
from app.visits.queries.visits import VisitRow
from app.visits.rules.visit import MODES

MOST = 20_000


def _column(label: str, kind: str = "text", width: int = 14) -> Column:
    return Column(label, label, kind, lambda row, words: None, width=width)


COLUMNS = (
    _column("走访日期", "day", 12), _column("企业名称", width=34), _column("所在镇街", width=22), _column("服务队", width=20), _column("方式", width=8),
    _column("走访内容", width=60), _column("登记人", width=12), _column("严重问题", "count", 10), _column("一般问题", "count", 10),
    _column("承诺", "count", 8), _column("企业确认", width=16), _column("审核", width=10), _column("下次联系", "day", 12), _column("编号", width=10),
)


def write_visits(out: BinaryIO, rows: Sequence[VisitRow], places: Places, teams: Mapping[int, str], caption: Caption) -> None:
    """Write the sheet, one line a visit."""
    def records() -> Iterator[dict[str, Any]]:
        for row in rows:
            cells = (
                row.visited_on, row.name, places.full_name(row.town_id), teams.get(row.team_id or 0, ""), MODES[row.mode], row.summary, row.created_name,
                row.red, row.yellow, row.promises, CONFIRM_STATES[row.confirm_state], REVIEW_STATES[row.review_state], row.next_contact_on, str(row.id),
            )
            yield {column.heading: value for column, value in zip(COLUMNS, cells, strict=True)}

    write_table(out, COLUMNS, records(), caption)
