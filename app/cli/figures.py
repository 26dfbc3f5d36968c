"""``flask figures import FILE [--year Y] [--source S] [--dry-run] [--json]``."""

import click
from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("figures", help="年度经营数据")
group.add_command(
    import_command(
        "figures",
        click.Option(["--year"], help="数据年度（文件里没有年度时）"),
        click.Option(["--source"], help="数据来源：enterprise 企业填报（默认）、department 部门提供、platform 平台导出、visit 走访"),
    )
)
