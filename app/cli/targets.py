"""``flask targets progress [--as-of D] [--known-on D] [--city CODE] [--json]``: where every target of a city stands."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from flask.cli import AppGroup

from app.infra import clock
from app.infra.settings import settings
from app.policies.queries import CityPack, packs_by_city
from app.targets import queries

group = AppGroup("targets", help="目标任务")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@group.command("progress")
@click.option("--as-of", type=DAY, help="截止日（默认今天）")
@click.option("--known-on", type=DAY, help="按该日（北京时间）结束时系统内已登记的数据")
@click.option("--city", help="城市的区划代码或政策包名称（默认 YUMIAO_CITY）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def progress(as_of: datetime | None, known_on: datetime | None, city: str | None, as_json: bool) -> None:
    """Every target with goal, what is known, attainment, pace and status."""
    day, known = _day(as_of) or clock.today(), _day(known_on)
    chosen = _city(city or settings().city)
    found = queries.lines(chosen, day, known)
    if as_json:
        said = {"city": chosen.code, "as_of": day.isoformat(), "known_on": known.isoformat() if known else None, "targets": [_plain(line) for line in found]}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for line in found:
        actual = line.fact.state or _number(line.fact.value) or "待报"
        goal = line.goal.state or f"{line.goal.comparison} {_number(line.goal.value)}"
        click.echo(f"{line.target.code}  {line.target.label}：{actual} / {goal} {line.unit}，{line.progress.label}")


def _plain(line: queries.Line) -> dict[str, Any]:
    target, p = line.target, line.progress
    return {
        "code": target.code, "label": target.label, "document": target.document, "clause": target.clause, "metric": target.metric, "basis": target.basis,
        "comparison": target.comparison, "value": _number(target.value), "value_max": _number(target.value_max), "state": target.state, "unit": target.unit,
        "from": line.period.begins.isoformat(), "to": line.period.ends.isoformat() if line.period.ends else None,
        "source": "register" if line.counted else "entered", "actual": _number(line.fact.value), "actual_state": line.fact.state,
        "entered_on": line.entered.on_day.isoformat() if line.entered else None, "attainment_pct": _number(p.attainment_pct), "pace_pct": _number(p.pace_pct),
        "expected": _number(p.expected), "lacking": _number(p.lacking), "reached": p.reached, "status": p.status,
        "years": [{"year": one.year, "value": _number(one.value), "reached": one.reached} for one in line.years],
        "conflicts_with": target.conflicts_with, "governing": target.governing, "confirmed": target.confirmed,
    }


def _number(value: Decimal | None) -> str | None:
    """Exact, as text: a reader may round, we do not."""
    return None if value is None else format(value.normalize() if value else Decimal(0), "f")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _city(text: str) -> CityPack:
    for city in packs_by_city():
        if city.pack is not None and text in (city.code, city.pack.code):
            return city
    raise click.UsageError(f"没有城市 {text}，或者它还没有政策包。")
