"""``flask enterprises import FILE [--dry-run] [--json]``, ``flask enterprises export TARGET [--limit N]``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.exchange.foreground import import_command

group = AppGroup("enterprises", help="企业基础信息库")
group.add_command(import_command("enterprises"))


@group.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--limit", type=click.IntRange(1), help="最多导出多少家（默认全部）")
def export(target: Path, limit: int | None) -> None:
    """Write the list of enterprises with all its columns as a workbook (.xlsx)."""
    from app.enterprises import columns, exports
    from app.enterprises.queries import hooks, places
    from app.enterprises.queries.listing import Filters, Sort, each_value
    from app.infra import audit, clock
    from app.infra.audit import Subject
    from app.infra.db import begin_reading, db
    from app.kernel.actor import SYSTEM
    from app.kernel.scope import ALL

    shown = exports.columns_of([c.code for c in columns.allowed(figures=True)])
    conditions = f"前 {limit} 家" if limit else "全部"
    caption = exports.Caption("企业名单", conditions, clock.today(), SYSTEM.name)
    begin_reading()
    words = columns.Words(places.places(), hooks.ladder_words())
    raw = [columns.raw(db.session(), column, cities=bool(words.ladder.cities)) for column in shown]
    count = [0]
    batches = _first(limit, each_value(ALL, Filters(), Sort("id"), raw), count)
    exports.write_table(target, shown, exports.records(shown, batches, words), caption)
    db.session.rollback()
    audit.record("enterprise.exported", Subject("enterprise", None, "企业名单"), None, {"conditions": conditions, "rows": count[0]}, by=SYSTEM)
    db.session.commit()
    click.echo(f"已导出 {count[0]} 家企业到 {target}。", err=True)


def _first(limit: int | None, batches: Iterator[Sequence[Any]], count: list[int]) -> Iterator[Sequence[Any]]:
    """At most ``limit`` rows; ``count[0]`` holds how many were handed out."""
    for rows in batches:
        part = rows if limit is None else rows[: limit - count[0]]
        count[0] += len(part)
        yield part
        if limit is not None and count[0] >= limit:
            return
