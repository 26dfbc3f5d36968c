"""``flask recognitions import FILE [--dry-run] [--json]``."""

from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("recognitions", help="称号认定")
group.add_command(import_command("recognitions"))
