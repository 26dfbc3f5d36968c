"""``flask indicators``: compute the register indicators of a data year; rebuild the stored counts."""

import json
import time
from datetime import date, datetime
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext

from app.exchange.foreground import import_command
from app.indicators import actions, queries
from app.indicators.actions.contest import open_round
from app.indicators.queries import contest
from app.indicators.queries.editions import find_edition
from app.indicators.rules.editions import faults
from app.indicators.rules.explain import number_plain, reference_plain
from app.indicators.rules.scheme import Method
from app.indicators.rules.scoring import Outcome, TownScore
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.ladder.queries import current_pack, data_years
from app.policies.queries import active_pack

group = AppGroup("indicators", help="强镇指标")



def _open_missing(year: int) -> None:
    """A file for a year without a round opens it, and that is said."""
    pack = current_pack()
    if contest.find_round(pack, year) is None:
        try:
            open_round(pack=pack, year=year, by=SYSTEM)
        except DomainError as error:
            raise click.ClickException(error.message_zh) from error
        db.session.commit()
        click.echo(f"{year} 年度的强镇评选还没有启动，已按默认计分方案启动。", err=True)
    db.session.rollback()


def _import_command() -> click.Command:
    """``import FILE --round YEAR``: the import of every other kind of file, in a round."""
    command = import_command(
        "contest", click.Option(["--round"], type=click.IntRange(1990, 2200), required=True, help="评选的数据年度"),
        click.Option(["--source"], type=click.Choice(["department", "town"]), help="数据来源，默认部门提供"),
    )
    run = command.callback

    def call(**options: Any) -> None:
        if not options["dry_run"]:
            _open_missing(options["round"])
        if run is not None:
            run(**{**options, "round": str(options["round"])})

    command.callback = with_appcontext(call)
    return command


group.add_command(_import_command())
DAY = click.DateTime(formats=["%Y-%m-%d"])


@group.command("compute")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="数据年度")
@click.option("--as-of", type=DAY, help="截止日，默认数据年度 12 月 31 日")
@click.option("--known-on", type=DAY, help="按该日（北京时间）结束时系统内已登记的数据计算")
@click.option("--city", help="城市的区划代码或政策包名称（默认 YUMIAO_CITY）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def compute(year: int, as_of: datetime | None, known_on: datetime | None, city: str | None, as_json: bool) -> None:
    """Compute the indicators that come from recognitions, town by town."""
    day, known = as_of.date() if as_of else queries.year_end(year), known_on.date() if known_on else None
    if day == queries.year_end(year) and known is None:
        actions.compute(year=year, by=SYSTEM)
        db.session.commit()
    answer = computed(year, day, known, city)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _say(answer)


def computed(year: int, day: date, known_on: date | None, city: str | None = None) -> dict[str, Any]:
    """The ranked towns of the data year with the values of the computed columns."""
    pack = current_pack() if city is None else active_pack(city)
    if not pack.indicators():
        raise click.ClickException(f"{pack.label}的政策包没有镇街指标体系，不能计算。")
    table = queries.city_table(pack, year, day, known_on)
    keys = [column.key for column in table.columns if column.kind is queries.ColumnKind.COMPUTED]
    rows = sorted(table.ranked, key=lambda row: row.place.code)
    towns = [{"code": row.place.code, "name": row.place.name, "values": {key: row.values[key] for key in keys if key in row.values}} for row in rows]
    return {"year": year, "as_of": day.isoformat(), "towns": towns}


def _say(answer: dict[str, Any]) -> None:
    click.echo(f"{answer['year']} 年度，数据截至 {answer['as_of']}，{len(answer['towns'])} 个乡镇（街道）。")
    totals: dict[str, int] = {}
    for town in answer["towns"]:
        for key, value in town["values"].items():
            totals[key] = totals.get(key, 0) + value
    for key, value in totals.items():
        click.echo(f"  第 {key} 号指标：{value} 家")


@group.command("score")
@click.option("--round", "year", type=click.IntRange(1990, 2200), required=True, help="评选的数据年度")
@click.option("--method", type=click.Choice([method.value for method in Method]), help="计分方法，默认按本轮方案")
@click.option("--towns", help="只输出这些镇街（区划代码，逗号或空格分隔），名次仍按全部镇街")
@click.option("--city", help="城市的区划代码或政策包名称（默认 YUMIAO_CITY）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def score(year: int, method: str | None, towns: str | None, city: str | None, as_json: bool) -> None:
    """Score and rank the towns of a round."""
    pack = current_pack() if city is None else active_pack(city)
    try:
        sheet = contest.sheet(pack, contest.get_round(pack, year))
        outcome = sheet.score(Method(method) if method else None)
    except DomainError as error:
        raise click.ClickException(error.message_zh) from error
    wanted = set((towns or "").replace(",", " ").replace("，", " ").split())
    if unknown := sorted(wanted - sheet.by_code.keys()):
        raise click.ClickException(f"本轮没有这些参评镇街：{'、'.join(unknown)}。请核对代码。")
    lines = [town for town in outcome.towns if not wanted or town.code in wanted]
    if as_json:
        plain = [_town_plain(outcome, town) for town in lines]
        click.echo(json.dumps({"round": str(year), "method": outcome.method.value, "towns": plain}, ensure_ascii=False))
        return
    for town in lines:
        place = sheet.by_code[town.code]
        click.echo(f"{town.rank or '—':>4}  {'—' if town.total is None else town.total:>6}  {town.code}  {place.unit_name}{place.name}  {town.status.label}")


def _town_plain(outcome: Outcome, town: TownScore) -> dict[str, Any]:
    items = {}
    for key, cell in town.cells.items():
        found = outcome.references.get(key)
        items[key] = {
            "raw": None if cell.raw is None else number_plain(cell.raw), "ref": reference_plain(found, outcome.scheme),
            "points": None if cell.shown_points is None else float(cell.shown_points),
        }
    total = None if town.total is None else float(town.total)
    return {"code": town.code, "total": total, "rank": town.rank, "status": town.status.value, "items": items}


@group.group("edition")
def edition() -> None:
    """评分版本."""


@edition.command("verify")
@click.argument("which", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify_edition(which: str, as_json: bool) -> None:
    """Check the hash of an edition (by id or printed code) and score it again from itself; exit 1 when it is not identical."""
    try:
        found = find_edition(which)
    except DomainError as error:
        raise click.ClickException(error.message_zh) from error
    said = faults(found.content, found.content_hash)
    if as_json:
        click.echo(json.dumps({"edition": found.id, "code": found.code, "hash": found.content_hash, "identical": not said, "faults": said}, ensure_ascii=False))
    else:
        click.echo(f"版本 {found.code}：{'；'.join(said) if said else '内容未被改动，重新计分结果一致'}。")
    if said:
        raise SystemExit(1)


@group.command("rebuild")
@click.option("--time", "timed", is_flag=True, help="显示耗时")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def rebuild(timed: bool, as_json: bool) -> None:
    """Count every stored year anew."""
    started = time.perf_counter()
    years = actions.rebuild()
    db.session.commit()
    seconds = time.perf_counter() - started
    if as_json:
        said: dict[str, Any] = {"years": years, "first_year": min(data_years()), "computed_at": clock.now().isoformat()}
        if timed:
            said |= {"seconds": seconds, "seconds_per_year": seconds / max(years, 1)}
        click.echo(json.dumps(said))
    else:
        click.echo(f"已重算 {years} 个年度。" + (f"用时 {seconds:.2f} 秒。" if timed else ""))
