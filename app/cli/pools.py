"""``flask pools``: import members, list pools, compute the screening and look-alikes in the foreground."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.exchange.foreground import import_command
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.kernel.scope import ALL

group = AppGroup("pools", help="培育库")
group.add_command(import_command("pools"))


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出到标准输出")
def list_pools(as_json: bool) -> None:
    """Pools of the city with their members today."""
    from app.infra import clock
    from app.ladder.models.pools import OPEN_STATES
    from app.ladder.queries import pools as queries
    from app.ladder.queries.counting import NO_FILTERS
    from app.policies.queries import current_pack

    pack = current_pack()
    counted = queries.counts(ALL, pack, queries.When(clock.today()), NO_FILTERS)
    rows = [
        {"pool": pool.code, "label": pool.label, **{
            state: sum(c.count for c in counted if c.pool_code == pool.code and c.state == state) for state in OPEN_STATES
        }} for pool in queries.kept_pools(pack)
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in [] if as_json else rows:
        click.echo(f"{row['label']}（{row['pool']}）：在库 {row['member']}，提名待审 {row['nominated']}")


@group.command("export")
@click.argument("pool_code")
@click.argument("path", type=click.Path(path_type=Path))
def export(pool_code: str, path: Path) -> None:
    """Write the members of one pool as a workbook that the import reads again."""
    from app.enterprises.exports import Caption
    from app.infra import clock
    from app.ladder.exports import pools as exports
    from app.ladder.queries import pools as queries
    from app.ladder.queries.counting import NO_FILTERS
    from app.ladder.queries.places import places
    from app.policies.queries import current_pack

    pack, today = current_pack(), clock.today()
    try:
        pool = queries.get_pool(pack, pool_code)
    except DomainError as error:
        raise click.ClickException(error.message_zh) from error
    lines = queries.each(ALL, pack, pool, queries.When(today), NO_FILTERS, queries.Narrow(queries.ALL_STATES))
    named = {p.town_id: (p.unit_name, p.name) for p in places(today).values()}
    rows = exports.write_members(path, pool, lines, named, Caption(pool.label, "全部", today, "系统"), queries.steps_of, pool.member == "town")
    click.echo(f"已导出 {rows} 条。", err=True)


@group.command("screen")
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出到标准输出")
def screen(as_json: bool) -> None:
    """Compute the 准四上 screening anew."""
    from app.ladder.actions.screening import refresh_all_near_scale
    from app.ladder.queries import screening as queries

    count = refresh_all_near_scale()
    db.session.commit()
    by_tier = queries.by_tier(ALL, queries.Asked())
    click.echo(json.dumps({"enterprises": count, "tiers": by_tier}) if as_json else f"接近或达到门槛的企业 {count} 家：" + "，".join(
        f"≥{tier}% {number} 家" for tier, number in sorted(by_tier.items(), reverse=True)
    ))


@group.command("lookalikes")
@click.argument("pool_code")
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出到标准输出")
def lookalikes(pool_code: str, as_json: bool) -> None:
    """Find enterprises outside a pool that resemble those promoted in the last three years."""
    from app.infra import jobs
    from app.ladder.queries import pools as queries
    from app.policies.queries import current_pack

    try:
        pool = queries.get_pool(current_pack(), pool_code)
        city_id = queries.city_id_of(current_pack())
    except DomainError as error:
        raise click.ClickException(error.message_zh) from error
    job = jobs.run_inline("ladder.lookalikes", {"pool": pool.code, "city_id": city_id}, label=f"相似企业推荐：{pool.label}", by=SYSTEM)
    if job.state != "done":
        raise click.ClickException(job.error_zh or "没有完成。")
    result = job.result or {}
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else f"比较了 {result['candidates']} 家，推荐 {result['rows']} 家。{result.get('note') or ''}")
