"""千企服务成果数据库 as one table: baseline, last snapshot, change, and what service did, one enterprise a row."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.enterprises.queries.places import Places
from app.visits.models import ServiceSnapshot
from app.visits.queries.results import Firm, Work

WAN = Decimal(10_000)
HEADINGS = (
    ("序号", 6.0), ("企业名称", 34.0), ("统一社会信用代码", 22.0), ("县（市、区）", 14.0), ("乡镇（街道）", 16.0), ("服务队", 20.0), ("入队日期", 12.0),
    ("基线年度", 10.0), ("基线营业收入（万元）", 16.0), ("基线从业人员（人）", 14.0), ("基线称号", 24.0), ("最近年度", 10.0), ("最近营业收入（万元）", 16.0),
    ("最近从业人员（人）", 14.0), ("最近称号", 24.0), ("营业收入变化（%）", 14.0), ("走访（次）", 10.0), ("发现问题（个）", 12.0), ("已解决（个）", 10.0),
    ("措施（项）", 10.0), ("已完成（项）", 10.0), ("承诺（项）", 10.0), ("已兑现（项）", 10.0), ("诊断（次）", 10.0), ("验收方案（个）", 12.0),
    ("验收项目（个）", 12.0), ("成果指标（项）", 12.0), ("最近走访", 12.0), ("最近联系", 12.0),
)


def _wan(value: Decimal | None) -> float | None:
    return None if value is None else float(value / WAN)


def growth(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Change in percent, one place; None where either is unknown or there was nothing before."""
    if before is None or after is None or before <= 0:
        return None
    return ((after - before) * 100 / before).quantize(Decimal("0.1"))


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def ends(snapshots: Sequence[ServiceSnapshot]) -> tuple[ServiceSnapshot | None, ServiceSnapshot | None]:
    """Baseline and the last yearly snapshot after it."""
    base = next((one for one in snapshots if one.kind == "baseline"), None)
    years = [one for one in snapshots if one.kind == "yearly" and (base is None or one.year > base.year)]
    return base, years[-1] if years else None


def rows(
    firms: Sequence[Firm], snapshots: Mapping[int, Sequence[ServiceSnapshot]], work: Mapping[int, Work], teams: Mapping[int, str], places: Places,
    titles: Mapping[str, str],
) -> Iterator[Sequence[Any]]:
    """Cells in the order of ``HEADINGS``."""
    for number, firm in enumerate(firms, 1):
        base, last = ends(snapshots.get(firm.id, ()))
        done = work.get(firm.id, Work())
        yield (
            number, firm.name, firm.credit_code, places.name(firm.unit_id), places.name(firm.town_id), teams.get(firm.team_id or 0, ""), firm.entered_on,
            *_state(base, titles), *_state(last, titles), _plain(growth(base.revenue_yuan if base else None, last.revenue_yuan if last else None)),
            done.visits, done.findings, done.findings_solved, done.measures, done.measures_done, done.promises, done.promises_kept, done.diagnoses,
            done.plans_accepted, done.projects_accepted, done.results, firm.visited_on, firm.contacted_on,
        )


def _state(row: ServiceSnapshot | None, titles: Mapping[str, str]) -> tuple[Any, ...]:
    if row is None:
        return None, None, None, None
    held = "、".join(titles.get(code, code) for code in row.titles.split(",") if code)
    return row.year, _wan(row.revenue_yuan), row.employee_count, held
