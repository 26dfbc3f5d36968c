"""``flask demands import FILE``, ``flask demands tidy``, ``flask demands overdue [--json]``."""

import json

import click
from flask.cli import AppGroup

from app.demands import actions
from app.demands.queries.register import OVERDUE, DemandFilters, every_demand
from app.demands.rules.policy import policy_of
from app.exchange.foreground import import_command
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL
from app.policies.queries import current_pack

group = AppGroup("demands", help="企业诉求")
group.add_command(import_command("demands"))
MOST = 10_000


@group.command("tidy", help="到期的停表恢复计时，期满未评价的办结，逾期的逐级上报（后台每五分钟做一次）")
def tidy() -> None:
    """What the scheduler does, once."""
    count = actions.tidy_up()
    db.session.commit()
    click.echo(f"处理 {count} 件。", err=True)


@group.command("overdue", help="逾期的诉求，逾期最久的在前")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def overdue(as_json: bool) -> None:
    """Numbers, enterprises, deadlines."""
    rows = every_demand(ALL, DemandFilters(tab=OVERDUE), policy_of(current_pack()), now=clock.now(), limit=MOST)
    found = [
        {"number": row.number, "enterprise": row.name or row.claimed_name, "title": row.title, "due_at": row.due_at.isoformat(), "handler": row.handler_name}
        for row in sorted(rows, key=lambda row: row.due_at)
    ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        click.echo("\t".join(str(value or "") for value in one.values()))
