"""``flask reminders``: one round by hand, what is due, who would be told."""

import dataclasses
import json
import os
from datetime import datetime

import click
from flask.cli import AppGroup

from app.infra import clock
from app.infra.settings import settings
from app.reminders import chores

group = AppGroup("reminders", help="提醒：手工执行一轮收集、提醒和发送")


@group.command("run-once")
@click.option("--now", "moment", help="按这个时间执行，如 2026-04-20T09:00（正式环境不允许）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def run_once(moment: str | None, as_json: bool) -> None:
    """Collect, tell, fire, summarise and deliver what is due now; what the scheduler does in its turns."""
    if moment is not None:
        if settings().production:
            raise click.UsageError("正式环境不允许改时钟执行，请去掉 --now。")
        try:
            datetime.fromisoformat(moment)
        except ValueError:
            raise click.UsageError(f"“{moment[:30]}”不是时间，应写成 2026-04-20T09:00。") from None
        os.environ["YUMIAO_NOW"] = moment
    done = dataclasses.asdict(chores.run_once())
    if as_json:
        click.echo(json.dumps({"at": clock.now().isoformat(), **done}))
        return
    words = {"collected": "更新事项", "told": "告知", "fired": "到点事项", "summaries": "汇总", "delivered": "发出"}
    click.echo("，".join(f"{words[name]} {count}" for name, count in done.items()))
