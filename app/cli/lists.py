"""``flask lists import FILE``: an announced list of names for the officers to confirm; ``flask lists compare ID --json``: beside our records."""

import dataclasses
import json

import click
from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("lists", help="公布名单")
group.add_command(import_command(
    "lists", click.Option(["--title"], help="称号代码或名称"), click.Option(["--year"], help="批次年度"),
    click.Option(["--purpose"], type=click.Choice(["announced", "stock"]), help="announced 公布名单（默认），stock 有效名单"),
))


@group.command("compare")
@click.argument("list_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出到标准输出")
def compare(list_id: int, as_json: bool) -> None:
    """Differences between a list and our records, firm by firm, with their reason codes."""
    from app.infra.db import begin_reading, db
    from app.kernel.errors import DomainError
    from app.kernel.scope import ALL
    from app.ladder.queries.lists import get_list
    from app.ladder.queries.reconciliation import compare_list
    from app.ladder.rules.reconciliation import REASONS

    begin_reading()
    try:
        found = compare_list(ALL, get_list(ALL, None, list_id))
    except DomainError as error:
        raise click.ClickException(error.message_zh) from error
    finally:
        db.session.rollback()
    if as_json:
        rows = [{**dataclasses.asdict(d), "reason": REASONS[d.code]} for d in found.differences]
        click.echo(json.dumps({"same": found.same, "outside": found.outside, "differences": rows}, ensure_ascii=False))
        return
    click.echo(f"一致 {found.same} 行，辖区外 {found.outside} 行，差异 {len(found.differences)} 条。")
    for d in found.differences:
        click.echo(f"  {f'第 {d.row} 行 ' if d.row else ''}{d.name}：{REASONS[d.code]}（{d.code}）{d.theirs}{' / ' if d.theirs and d.ours else ''}{d.ours}")
