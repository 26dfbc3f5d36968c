"""``flask doctor``: scheduler, jobs, mail, messages, holidays, packs, disk. Exit code 1 when something is broken."""

import dataclasses
import json

import click
from flask.cli import with_appcontext

from app.reminders import checkup


@click.command("doctor", help="检查定时进程、后台任务、邮件、外发消息、节假日、政策包和磁盘")
@click.option("--mail", "try_mail", is_flag=True, help="试连邮件服务器")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@with_appcontext
def group(try_mail: bool, as_json: bool) -> None:
    """One line per finding."""
    found = list(checkup.examine(try_mail=try_mail))
    for one in found:
        click.echo(json.dumps(dataclasses.asdict(one), ensure_ascii=False) if as_json else f"[{one.level}] {one.subject}：{one.text}")
    if any(one.level == checkup.BAD for one in found):
        raise click.exceptions.Exit(1)
