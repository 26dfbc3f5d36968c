"""``flask board``: who went from which rung to which, how long it took, and why a number changed, for one city."""

import json
from datetime import date, datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.areas.models import Area
from app.infra import clock
from app.infra.city import within
from app.infra.db import db
from app.infra.settings import settings
from app.kernel.scope import Scope
from app.ladder import queries
from app.ladder.queries import NO_FILTERS, durations, explain, transitions
from app.ladder.queries.explain import Change, RungCount, Side, TitleCount
from app.ladder.queries.transitions import Between
from app.ladder.rules import CountKind, any_level
from app.ladder.rules.explain import sums
from app.ladder.rules.transitions import CODES, LABELS
from app.packs import Pack
from app.packs.schema import Ladder

group = AppGroup("board", help="梯度看板：升降去向、升级用时、为什么变了")
DAY = click.DateTime(formats=["%Y-%m-%d"])
CITY = click.option("--city", help="城市的区划代码或政策包名称（默认 YUMIAO_CITY）")
LADDER = click.option("--ladder", "ladder_code", help="梯度代码，如 yumiao（默认本市第一个梯度）")
AS_OF = click.option("--as-of", type=DAY, help="截止日（默认今天）")
KNOWN_ON = click.option("--known-on", type=DAY, help="按该日（北京时间）结束时系统内已登记的数据")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON")


@group.command("transitions")
@click.option("--since", type=DAY, required=True, help="起始日")
@LADDER
@AS_OF
@KNOWN_ON
@CITY
@AS_JSON
def transitions_command(since: datetime, ladder_code: str | None, as_of: datetime | None, known_on: datetime | None, city: str | None, as_json: bool) -> None:
    """From rung to rung between two days."""
    with within(city or settings().city):
        day, known = _day(as_of) or clock.today(), _day(known_on)
        if since.date() >= day:
            raise click.ClickException("起始日应早于截止日，请修改后重试。")
        pack = queries.pack_known(known)
        ladder, scope = _ladder(pack, ladder_code), _scope(pack)
        found = transitions.flows(scope, [rung.titles for rung in ladder.rungs], Between(since.date(), day, known, NO_FILTERS, NO_FILTERS))
        rows = [{"from": _name(ladder, a), "to": _name(ladder, b), "count": n} for (a, b), n in sorted(found.items())]
    said = {"ladder": ladder.code, "since": since.date().isoformat(), "as_of": day.isoformat(), "flows": rows}
    _say(said, as_json, [f"{row['from']['label']} → {row['to']['label']}：{row['count']} 家" for row in rows] or ["两个日期都没有企业在这个梯度上。"])


@group.command("durations")
@LADDER
@AS_OF
@KNOWN_ON
@CITY
@AS_JSON
def durations_command(ladder_code: str | None, as_of: datetime | None, known_on: datetime | None, city: str | None, as_json: bool) -> None:
    """Months between the first grants of two rungs."""
    with within(city or settings().city):
        day, known = _day(as_of) or clock.today(), _day(known_on)
        pack = queries.pack_known(known)
        ladder, least = _ladder(pack, ladder_code), int(pack.setting(durations.SETTING))
        found = durations.durations(_scope(pack), [rung.titles for rung in ladder.rungs], day, known, NO_FILTERS)
    rows = [
        {"from": _name(ladder, low), "to": _name(ladder, high), "count": one.count, "reversed": one.reversed_count,
         "median_months": round(one.median, 1) if one.median is not None and one.enough(least) else None}
        for (low, high), one in found.items()
    ]  # fmt: skip
    lines = [f"{r['from']['label']} → {r['to']['label']}：{_months(r['median_months'])}（{r['count']} 家）" for r in rows]
    _say({"ladder": ladder.code, "as_of": day.isoformat(), "min_sample": least, "durations": rows}, as_json, lines)


@group.command("explain")
@click.option("--title", "title_code", help="称号代码，如 srdi")
@click.option("--count", "kind", type=click.Choice([kind.value for kind in CountKind]), default="stock", help="存量、新增或累计")
@click.option("--year", type=click.IntRange(1990, 2200), help="新增的统计年度")
@click.option("--rung", help="层级代码（不写 --title 时）")
@LADDER
@click.option("--before-as-of", type=DAY, required=True, help="甲：截止日")
@click.option("--before-known-on", type=DAY, help="甲：按何日已登记的数据")
@AS_OF
@KNOWN_ON
@CITY
@AS_JSON
def explain_command(
    title_code: str | None, kind: str, year: int | None, rung: str | None, ladder_code: str | None, before_as_of: datetime,
    before_known_on: datetime | None, as_of: datetime | None, known_on: datetime | None, city: str | None, as_json: bool,
) -> None:
    """Why a number changed between two settings: reasons with the enterprises that came in and left."""
    with within(city or settings().city):
        points = [(before_as_of.date(), _day(before_known_on)), (_day(as_of) or clock.today(), _day(known_on))]
        scope = _scope(queries.current_pack())
        sides = []
        for day, known in points:
            pack = queries.pack_known(known)
            count = _title(pack, title_code, kind, year or points[1][0].year) if title_code else _rung(pack, ladder_code, rung)
            sides.append(Side(count, day, known, NO_FILTERS, explain.counted_towns(scope, day, known, NO_FILTERS)))
        between = explain.counted_towns(scope, points[0][0], points[1][1], NO_FILTERS)
        numbers = [explain.total(scope, side) for side in sides]
        changes = explain.changes(scope, sides[0], sides[1], between)
        said = {
            "before": numbers[0], "after": numbers[1],
            "reasons": [{"reason": r.value, "label": r.label, "came": a, "left": b} for r, (a, b) in sums((c.cause.reason, c.came) for c in changes).items()],
            "enterprises": [_enterprise(row) for row in explain.change_rows(scope, changes)],
        }
    lines = [f"甲 {numbers[0]} 家，乙 {numbers[1]} 家，相差 {numbers[1] - numbers[0]:+d}"]
    _say(said, as_json, [*lines, *(f"  {r['label']}：增加 {r['came']}，减少 {r['left']}" for r in said["reasons"])])  # type: ignore[attr-defined]


def _enterprise(row: explain.ChangeRow) -> dict[str, Any]:
    change: Change = row.change
    on = change.cause.on.isoformat() if change.cause.on else None
    return {"credit_code": row.credit_code, "name": row.name, "came": change.came, "reason": change.cause.reason.value, "on": on}


def _title(pack: Pack, code: str, kind: str, year: int) -> TitleCount:
    if pack.find_title(code) is None:
        raise click.ClickException(f"政策包里没有称号 {code}，请核对代码。")
    return TitleCount(any_level(code), CountKind(kind), (year, year) if kind == "new" else None)


def _rung(pack: Pack, ladder_code: str | None, code: str | None) -> RungCount:
    ladder = _ladder(pack, ladder_code)
    place = next((n for n, rung in enumerate(ladder.rungs) if rung.code == code), None)
    if place is None:
        raise click.ClickException(f"请用 --title 写明称号，或用 --rung 写明层级：{'、'.join(rung.code for rung in ladder.rungs)}。")
    return RungCount(tuple(frozenset(rung.titles) for rung in ladder.rungs), place)


def _ladder(pack: Pack, code: str | None) -> Ladder:
    found = next((one for one in pack.ladders() if code is None or one.code == code), None)
    if found is None:
        raise click.ClickException(f"政策包里没有梯度 {code}，可选：{'、'.join(one.code for one in pack.ladders())}。")
    return found


def _scope(pack: Pack) -> Scope:
    """The city of the pack; before its areas are loaded there is nobody to count."""
    return Scope(city_ids=frozenset(db.session.scalars(select(Area.id).where(Area.code == pack.area_code))))


def _name(ladder: Ladder, state: int) -> dict[str, str]:
    if state < 0:
        return {"code": CODES[state], "label": LABELS[state]}
    return {"code": ladder.rungs[state].code, "label": ladder.rungs[state].label}


def _day(value: datetime | None) -> date | None:
    if value is not None and not date(1949, 10, 1) <= value.date() <= date(2200, 12, 31):
        raise click.ClickException("日期超出范围，请写成 2023-12-31 的形式。")
    return value.date() if value is not None else None


def _months(value: Any) -> str:
    return "样本不足" if value is None else f"中位数 {value} 个月"


def _say(said: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(lines))
