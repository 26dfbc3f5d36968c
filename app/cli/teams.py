"""``flask registers providers FILE`` and its sisters: the alliance, the experts and the resource pool from workbooks."""

from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("registers", help="服务商联盟、专家库、服务资源池")
for kind in ("providers", "experts", "resources"):
    command = import_command(kind)
    command.name = kind
    group.add_command(command)
