"""The register as a workbook: title, 填报单位 and 制表人, one line per demand, real dates, codes as text."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Protocol

from app.demands.rules.states import OUTCOMES, RATINGS, SOURCES, STATES
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.ladder.exports import SheetHead, write_sheet

HEADINGS = (
    ("序号", 6.0), ("诉求编号", 20.0), ("企业名称", 34.0), ("统一社会信用代码", 22.0), ("县（市、区）", 14.0), ("乡镇（街道）", 16.0), ("诉求类别", 14.0),
    ("诉求内容", 60.0), ("来源", 14.0), ("登记时间", 17.0), ("承办部门", 22.0), ("接办人", 12.0), ("状态", 12.0), ("首次联系", 17.0),
    ("是否按时响应", 12.0), ("办结时限", 17.0), ("办结时间", 17.0), ("是否按时办结", 12.0), ("办结方式", 14.0), ("办理结果", 60.0),
    ("满意程度", 12.0), ("评价说明", 30.0), ("重办次数", 10.0),
)


class Labels(Protocol):
    """Names of codes and departments."""

    def domain(self, code: str) -> str: ...

    def department(self, organisation_id: int | None) -> str: ...


def write_register(rows: Sequence[Any], labels: Labels, *, title: str, place: str, author: str, conditions: str, today: date) -> BytesIO:
    """The workbook, ready to be sent."""
    line = f"填报单位（盖章）：{place}　　制表人：{author}　　审核人：　　　　　　制表日期：{today.year}年{today.month}月{today.day}日　　条件：{conditions}"
    return write_sheet(SheetHead(title, line, HEADINGS), _cells(rows, labels))


def _cells(rows: Sequence[Any], labels: Labels) -> Iterator[Sequence[Any]]:
    places = place_names.places()
    for number, row in enumerate(rows, 1):
        yield (
            number, row.number, row.name or row.claimed_name, row.credit_code, places.name(row.unit_id), places.name(row.town_id), labels.domain(row.domain),
            row.text, SOURCES[row.source], _time(row.raised_at), labels.department(row.organisation_id), row.handler_name, STATES[row.state],
            _time(row.contacted_at), _in_time(row.contacted_at, row.contact_due_at), _time(row.solve_due_at), _time(row.solved_at),
            _in_time(row.solved_at, row.solve_due_at), OUTCOMES.get(row.outcome or "", ""), row.answer, RATINGS.get(row.rating or 0, ""), row.rating_note,
            row.reopen_count,
        )


def _time(at: datetime | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at is not None else ""


def _in_time(at: datetime | None, due: datetime | None) -> str:
    return "" if at is None or due is None else "是" if at <= due else "否"
