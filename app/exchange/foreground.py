"""The import of one file in the foreground: the same jobs as the worker's, one after the other, and their outcome as a plain dict.

Used by the commands ``flask enterprises|recognitions|figures import``; acts as the system itself over the whole installation.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete

from app.exchange import actions, queries, registry, table
from app.exchange.models import ImportBatch
from app.exchange.reading import Refused, ahead
from app.infra import clock, files, jobs
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.kernel.scope import ALL

ATTEMPTS = 3
"""How often the plan is made again because somebody changed the data between plan and apply."""
MOST_NOTES = 1000
COUNTS = ("created", "updated", "unchanged")


class Failed(DomainError):
    """The work itself did not succeed; nothing was changed."""


def run(
    kind: str, path: Path, *, dry_run: bool = False, options: Mapping[str, str] | None = None, author: str | None = None, on: date | None = None,
) -> dict[str, Any]:
    """Import ``path``; answers ``{"rows", "created", "updated", "unchanged", "rejected": [{"row", "column", "code", "message"}]}`` and
    what the preview page would say: ``remarks`` (``code``, ``message``) of the file, such as sheets, columns or units that were left out or
    assumed, and ``notes`` (``row``, ``message``) of the first rows that were accepted after cleaning or with a warning.

    Raises ``Refused`` when the whole file is no use and ``Failed`` when the work did not succeed; either way nothing was changed.
    """
    batch_id = _upload(kind, path, options or {}, author, on)
    try:
        for _ in range(ATTEMPTS):
            batch = _plan(batch_id)
            if dry_run:
                return _outcome(batch)
            batch.state = "applying"
            batch.applied_by = None
            db.session.commit()
            _work("exchange.apply", batch_id)
            batch = db.session.get_one(ImportBatch, batch_id)
            if batch.state == "applied":
                return _outcome(batch)
        raise Failed("data_busy", "导入期间数据一直有变化，没有写入任何内容；请稍后再试。")
    finally:
        _tidy(batch_id, dry_run=dry_run)


def _upload(kind: str, path: Path, options: Mapping[str, str], author: str | None, on: date | None) -> int:
    content = ahead.copy_of(path)
    try:
        with open(content, "rb") as stream:
            batch = actions.upload(
                kind=kind, stream=stream, filename=path.name, options=options, author=author, on=on, scope=ALL, by=SYSTEM, background=False
            )
    except OSError as error:
        raise Refused("file_unreadable", f"打不开文件 {path}：{error.strerror or error}。请检查路径和权限。") from error
    except DomainError as error:
        db.session.rollback()
        raise Refused(error.code, error.message_zh) from error
    db.session.commit()
    ahead.hand_over(content, table.folder_of(batch))
    return batch.id


def _plan(batch_id: int) -> ImportBatch:
    _work("exchange.plan", batch_id)
    batch = db.session.get_one(ImportBatch, batch_id)
    if batch.state == "refused":
        raise Refused(batch.refused_code or "file_refused", batch.refused_zh or "")
    if batch.state == "mapping":
        raise Refused("columns_missing", _missing_zh(batch))
    if batch.state != "planned":
        raise Failed("import_failed", "核对没有完成，数据没有改动。")
    return batch


def _missing_zh(batch: ImportBatch) -> str:
    importer = registry.get(batch.kind)
    read = table.read(batch, files.path_of(db.session.get_one(files.StoredFile, batch.file_id).sha256))
    found = table.find(read, importer.fields)
    lacking = "、".join(f"“{name}”" for name in table.lacking(importer, found.header))
    seen = "、".join(text for _, text in found.headers())[:200]
    return f"没有找到必需的列{lacking}；表头为：{seen or '（空）'}。请修改表头，或在导入中心上传后手工对应列。"


def _work(kind: str, batch_id: int) -> None:
    job = jobs.run_inline(kind, {"batch_id": batch_id}, label=f"命令行：{kind}", by=SYSTEM)
    if job.state != "done":
        raise Failed("import_failed", job.error_zh or "处理没有完成，数据没有改动。")
    db.session.rollback()
    db.session.expire_all()


def _outcome(batch: ImportBatch) -> dict[str, Any]:
    counts = batch.counts
    rejected = [
        {"row": row, "column": reasons[0][0], "code": reasons[0][1], "message": "；".join(reason[2].rstrip("。") for reason in reasons) + "。"}
        for row, reasons in queries.rejected(db.session(), batch.id)
    ]
    noted = queries.noted(db.session(), batch.id)
    notes = [{"row": row, "message": "；".join(said)} for row, said in islice(noted, MOST_NOTES)]
    remarks = [{"code": remark[0], "message": remark[1]} for remark in batch.remarks or () if remark[0] != "data_changed"]
    if batch.state == "applied" and (left := registry.afterwards(registry.get(batch.kind), db.session())):
        remarks.append({"code": "afterwards", "message": left})
    return {"rows": counts["rows"], **{name: counts[name] for name in COUNTS}, "rejected": rejected, "notes": notes, "remarks": remarks}


def _tidy(batch_id: int, *, dry_run: bool) -> None:
    """A dry run and an import that came to nothing leave nothing behind; staging of an applied one goes with the tick."""
    db.session.rollback()
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.state in ("applied", "undone"):
        return
    actions.clear_staging(db.session(), batch)
    if dry_run:
        db.session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))
        db.session.execute(delete(files.StoredFile).where(files.StoredFile.id == batch.file_id))
    elif batch.state != "refused":
        batch.state, batch.forgotten_at = "cancelled", clock.now()
    db.session.commit()


def command(kind: str, path: Path, *, dry_run: bool, as_json: bool, options: Mapping[str, str] | None = None, author: str | None, on: date | None) -> None:
    """Body of the three commands: prints the outcome, exits 2 for a refused file and 1 when the work failed."""
    try:
        outcome = run(kind, path, dry_run=dry_run, options=options, author=author, on=on)
    except Refused as refused:
        _say_refused(refused, as_json)
        sys.exit(2)
    except Failed as failed:
        click.echo(failed.message_zh, err=True)
        sys.exit(1)
    click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _words(kind, outcome, dry_run))


def _say_refused(refused: Refused, as_json: bool) -> None:
    click.echo(f"文件没有导入：{refused.message_zh}", err=True)
    if as_json:
        empty: dict[str, Any] = {"rows": 0, **dict.fromkeys(COUNTS, 0), "rejected": []}
        click.echo(json.dumps(empty | {"refused": {"code": refused.code, "message": refused.message_zh}}, ensure_ascii=False))


def _words(kind: str, outcome: Mapping[str, Any], dry_run: bool) -> str:
    label = registry.get(kind).label
    counted = "，".join(f"{word} {outcome[name]}" for name, word in zip(COUNTS, ("新增", "更新", "无变化"), strict=True))
    head = f"{label}：共 {outcome['rows']} 行，{counted}，退回 {len(outcome['rejected'])}。"
    lines = [f"  第 {r['row']} 行 {r['column']}：{r['message']}（{r['code']}）" for r in outcome["rejected"]]
    said = [f"  提示：{r['message']}" for r in outcome["remarks"]]
    return "\n".join([head + ("（试运行，没有写入）" if dry_run else ""), *said, *lines])


def import_command(kind: str, *extra: click.Option) -> click.Command:
    """The ``import`` command of one group. ``extra``: options passed on under their names."""

    def call(path: Path, dry_run: bool, as_json: bool, author: str | None, on: Any, **more: str | None) -> None:
        with current_app.app_context():
            command(
                kind, path, dry_run=dry_run, as_json=as_json, options={k: v for k, v in more.items() if v}, author=author,
                on=on.date() if on else None,
            )

    params: list[click.Parameter] = [
        click.Argument(["path"], metavar="FILE", type=click.Path(path_type=Path)),
        click.Option(["--dry-run"], is_flag=True, help="只核对，不写入"),
        click.Option(["--json", "as_json"], is_flag=True, help="结果以 JSON 输出到标准输出"),
        click.Option(["--author"], help="原始填报人（文件里有“填报人”列时以文件为准）"),
        click.Option(["--on"], type=click.DateTime(["%Y-%m-%d"]), help="原始填报日期，如 2023-12-31"),
        *extra,
    ]
    return click.Command("import", callback=with_appcontext(call), params=params, help=f"导入{LABELS[kind]}（.xlsx 或 .csv）")


LABELS = {
    "pools": "培育库成员", "enterprises": "企业名单", "recognitions": "称号认定", "figures": "年度经营数据", "events": "企业与称号动态", "lists": "公布名单",
    "contest": "强镇评选数据", "demands": "历史诉求台账", "providers": "服务商", "experts": "专家",
    "resources": "服务资源",
}
