"""Members of a pool and the screening list as workbooks. The members' sheet has the columns of the import: it can be corrected and read again."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from app.enterprises.columns import Column
from app.enterprises.exports import Caption, write_table
from app.enterprises.models import SOURCES
from app.enterprises.queries.places import Places
from app.enterprises.rules import industry
from app.ladder.models import PoolStep
from app.ladder.models.pools import MEMBER_STATES
from app.ladder.queries import pools as queries
from app.ladder.queries.pools import MemberLine
from app.ladder.queries.screening import Lines
from app.ladder.rules.screening import METRICS
from app.packs.schema import Pool


def _column(code: str, label: str, kind: str = "text", width: int = 14, unit: str | None = None) -> Column:
    return Column(code, label, kind, lambda row, words: None, unit, width=width)


MEMBERS = (
    _column("code", "统一社会信用代码", "code", 22), _column("name", "企业名称", width=34), _column("pool", "培育库", width=22),
    _column("unit", "县（市、区）"), _column("town", "乡镇（街道）", width=18), _column("state", "状态", width=10), _column("stage", "阶段"),
    _column("stage_on", "阶段日期", "day"), _column("owner", "责任人", width=16), _column("nominated_on", "提名日期", "day"),
    _column("entered_on", "入库日期", "day"), _column("reason", "入库理由", width=30), _column("released_on", "出库日期", "day"),
    _column("release_reason", "出库原因", width=24),
)
TOWNS = (_column("code", "区划代码", "code", 14), _column("name", "乡镇（街道）", width=24), *MEMBERS[2:4], *MEMBERS[5:])
NEAR = (
    _column("code", "统一社会信用代码", "code", 22), _column("name", "企业名称", width=34), _column("unit", "县（市、区）"),
    _column("town", "乡镇（街道）", width=18), _column("industry", "行业", width=26), _column("tier", "档次", width=12),
    _column("share", "达到门槛的比例", "pct", 14, "%"), _column("amount", "上年数", "wan", 16, "万元"), _column("metric", "指标", width=14),
    _column("threshold", "门槛", "wan", 12, "万元"), _column("band", "四上类别", width=22), _column("source", "数据来源", width=12),
    _column("reported_on", "填报日期", "day"), _column("pools", "已在培育库", width=24),
)


def write_members(
    out: BinaryIO | Path, pool: Pool, lines: Iterator[MemberLine], places: Mapping[int, tuple[str, str]], caption: Caption,
    steps: "StepsOf", by_town: bool,
) -> int:
    """Write the sheet; returns the number of rows. ``places``: town id -> (unit name, town name) on the day."""
    columns, written = (TOWNS if by_town else MEMBERS), 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal written
        for line in lines:
            written += 1
            yield {c.heading: value for c, value in zip(columns, _member(pool, line, places, steps(line.member_id), by_town), strict=True)}

    write_table(out, columns, records(), caption)
    return written


StepsOf = Any


def _member(pool: Pool, line: MemberLine, places: Mapping[int, tuple[str, str]], steps: list[PoolStep], by_town: bool) -> list[Any]:
    unit, town = places.get(line.town_id, ("", ""))
    day = _day_of(steps)
    entry = next((s.reason for s in steps if s.kind == "admitted"), None) or (steps[0].reason if steps else None)
    head = [line.credit_code, line.name] if line.visible else ["", "（已迁出本辖区）"]
    place = [unit] if by_town else [unit, town]
    return [
        *head, pool.label, *place, MEMBER_STATES[line.state], pool.stage_label(line.stage_code), line.since, line.owner or "", day("nominated"),
        day("admitted"), entry or "", day("released"), next((s.reason or "" for s in reversed(steps) if s.kind == "released"), ""),
    ]


def _day_of(steps: list[PoolStep]) -> Any:
    def day(kind: str) -> date | None:
        return next((s.happened_on for s in steps if s.kind == kind), None)

    return day


def write_near(
    out: BinaryIO | Path, batches: Iterator[Any], lines: Lines, places: Places, pool_labels: Mapping[str, str], caption: Caption,
    on_rows: Callable[[int], None] | None = None,
) -> int:
    """Write the screening list; returns the number of rows. ``on_rows(done)`` is called now and then."""
    bands = {band.code: band.label for band in lines.bands}
    tiers, written = {tier.pct: tier.label for tier in lines.tiers}, 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal written
        for rows in batches:
            inside = queries.open_spells([row.enterprise_id for row in rows])
            for row in rows:
                written += 1
                names = "、".join(pool_labels.get(spell.pool_code, spell.pool_code) for spell in inside.get(row.enterprise_id, []))
                values = [
                    row.credit_code, row.name, places.name(row.unit_id), places.full_name(row.town_id), industry.label(row.industry_code),
                    tiers.get(row.tier, ""), float(share_pct(row.amount_yuan, row.threshold_yuan)), float(row.amount_yuan / 10_000), METRICS[row.metric],
                    float(row.threshold_yuan / 10_000), bands.get(row.band, row.band), SOURCES.get(row.source, row.source), row.reported_on, names,
                ]
                yield {c.heading: value for c, value in zip(NEAR, values, strict=True)}
            if on_rows is not None:
                on_rows(written)

    write_table(out, NEAR, records(), caption)
    return written


def share_pct(amount: Any, threshold: Any) -> Any:
    """Percent of the line with one place, cut and not rounded: 79.96 must not read as 80.0."""
    from decimal import ROUND_DOWN, Decimal

    return (Decimal(amount) * 100 / Decimal(threshold)).quantize(Decimal("0.1"), ROUND_DOWN)
