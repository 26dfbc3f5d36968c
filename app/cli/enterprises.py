"""``flask enterprises import FILE [--dry-run] [--json]``."""

from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("enterprises", help="企业基础信息库")
group.add_command(import_command("enterprises"))
