"""``flask events import FILE [--dry-run] [--json]``: moves, revocations, voids, unit changes, status of firms and steps of recognitions."""

from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("events", help="企业与称号动态")
group.add_command(import_command("events"))
