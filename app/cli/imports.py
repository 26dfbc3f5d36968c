"""``flask imports undo --last``: take back the last import, the same work as the button on its page."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.infra.db import db
from app.kernel.actor import SYSTEM

group = AppGroup("imports", help="导入批次")


@group.command("undo")
@click.option("--last", is_flag=True, required=True, help="最近一次完成的导入")
@click.option("--yes", is_flag=True, help="不再询问")
def undo(last: bool, yes: bool) -> None:
    """Take back the last applied import; records changed since stay as they are and are counted."""
    from app.exchange import queries
    from app.exchange.models import ImportBatch
    from app.infra import jobs

    query = select(ImportBatch).where(ImportBatch.state.in_(("applied", "undoing"))).order_by(ImportBatch.applied_at.desc(), ImportBatch.id.desc())
    batch = db.session.scalars(query.limit(1)).first()
    if batch is None:
        raise click.ClickException("没有可以撤回的导入。")
    if not queries.has_journal(batch.id):
        raise click.ClickException(f"导入“{batch.file_name}”没有写入任何数据，或已超过可撤回的期限。")
    if not yes:
        click.confirm(f"撤回 {batch.created_name} 导入的“{batch.file_name}”？", abort=True)
    batch.state = "undoing"
    db.session.commit()
    job = jobs.run_inline("exchange.undo", {"batch_id": batch.id}, label=f"撤回导入：{batch.file_name}", by=SYSTEM)
    if job.state != "done":
        raise click.ClickException(job.error_zh or "撤回没有完成，数据没有改动。")
    done = db.session.get_one(ImportBatch, batch.id).undone_counts
    click.echo(f"已撤回 {done['undone']} 条，保留 {done['kept']} 条（导入后又有改动）。", err=True)
