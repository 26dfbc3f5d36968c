"""``flask tick NAME``: run one of the scheduler's chores by hand; without a name, list them."""

import click
from flask.cli import with_appcontext

from app.infra import ticks


@click.command("tick", help="手工执行一个定时任务；不带名称时列出全部")
@click.argument("name", required=False)
@with_appcontext
def group(name: str | None) -> None:
    """Exit code 1 when the chore failed, 2 when there is none of that name."""
    if name is None:
        for tick in ticks.all_ticks():
            click.echo(f"{tick.name:24} 每 {tick.every_seconds} 秒  {tick.label_zh}")
        return
    try:
        result = ticks.run(name)
    except KeyError:
        raise click.UsageError(f"没有名为 {name} 的定时任务；flask tick 列出全部。") from None
    click.echo(f"{result.name}: {result.error or f'完成 {result.done_count} 项'}")
    if result.error:
        raise click.exceptions.Exit(1)
