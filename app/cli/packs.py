"""``flask packs``: check, compare and load policy packs."""

import json
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from app.infra.db import db
from app.infra.settings import pack_dir
from app.kernel.actor import SYSTEM
from app.packs import EntryChange, Pack, PackInvalid, available, read_pack
from app.packs.lint_cases import lint_cases
from app.packs.reader import PackNotFound, check_directory, locate
from app.policies import actions, queries
from app.policies.rules import LoadPlan

group = AppGroup("packs", help="政策包：检查、比较、载入")
REFUSED = 2
as_json = click.option("--json", "as_json", is_flag=True, help="只输出 JSON")


@group.command("list")
def list_() -> None:
    """Names and directories of all packs."""
    for name, path in available(pack_dir()).items():
        click.echo(f"{name}\t{path}")


@group.command("lint")
@click.argument("city")
@click.option("--cases", type=click.Path(exists=True, file_okay=False, path_type=Path), help="案例目录：认定条件的每个边界都要有两侧的案例")
@as_json
def lint(city: str, cases: Path | None, as_json: bool) -> None:
    """Check the files of a pack; exit status 2 when there is a fault."""
    try:
        reading = check_directory(locate(city, pack_dir()), pack_dir())
    except PackNotFound as error:
        _refuse(error.message_zh, as_json)
    if cases is not None and reading.content is not None:
        reading.problems = [*reading.problems, *lint_cases(reading.content, cases)]
    count = 0 if reading.content is None else sum(1 for _ in reading.content.entries())
    if as_json:
        problems = [
            {"code": one.code, "file": one.file, "line": one.line, "entry": one.entry, "message": one.message_zh} for one in reading.problems
        ]
        click.echo(json.dumps({"city": city, "entries": count, "problems": problems}, ensure_ascii=False))
    else:
        for problem in reading.problems:
            click.echo(str(problem))
        click.echo(f"政策包 {city}：" + (f"{len(reading.problems)} 处错误。" if reading.problems else f"{count} 个条目，没有错误。"))
    if reading.problems:
        raise SystemExit(REFUSED)


@group.command("diff")
@click.argument("city")
@as_json
def diff(city: str, as_json: bool) -> None:
    """What loading the files would change in the pack in force; writes nothing."""
    _print(city, actions.plan_files(_read(city, as_json)), as_json, "将要")


@group.command("load")
@click.argument("city")
@click.option("--dry-run", is_flag=True, help="只看会改变什么，不写入")
@click.option("--active-from", type=click.DateTime(["%Y-%m-%d"]), help="从这一天起生效（默认立即）")
@as_json
def load(city: str, dry_run: bool, active_from: datetime | None, as_json: bool) -> None:
    """Load the files of a pack; local edits stay and are listed. The same files twice change nothing."""
    pack = _read(city, as_json)
    if dry_run:
        _print(city, actions.plan_files(pack), as_json, "将要")
        return
    try:
        plan = actions.load_files(pack, active_from=active_from.date() if active_from else None, by=SYSTEM)
    except PackInvalid as error:
        db.session.rollback()
        _refuse(error.message_zh, as_json)
    db.session.commit()
    _print(city, plan, as_json, "已")


def _read(city: str, as_json: bool) -> Pack:
    try:
        return read_pack(city, pack_dir())
    except (PackNotFound, PackInvalid) as error:
        _refuse(error.message_zh, as_json)


def _refuse(message: str, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": message}, ensure_ascii=False))
    else:
        click.echo(message, err=True)
    raise SystemExit(REFUSED)


def _print(city: str, plan: LoadPlan, as_json: bool, tense: str) -> None:
    version = queries.version_in_force(city)
    if as_json:
        head = {"city": city, "version": None if version is None else version.number}
        click.echo(json.dumps({**head, **plan.as_json()}, ensure_ascii=False))
        return
    for title, changes in (("", plan.changes), ("本地修改，保留", plan.local), ("文件也改了同一处，以本地为准", plan.conflicts)):
        if title and changes:
            click.echo(f"{title}：")
        for change in changes:
            click.echo(_line(change))
    if plan.kept:
        click.echo("文件中已没有、但记录仍在使用，转为停用：" + "、".join(change.code for change in plan.kept))
    for problem in plan.problems:
        click.echo(str(problem), err=True)
    counts = {kind: sum(change.kind == kind for change in plan.changes) for kind in ("added", "changed", "removed")}
    click.echo(f"政策包 {city}：" + (
        "与已载入的文件相同，没有变化。" if plan.unchanged
        else f"{tense}新增 {counts['added']} 条、修改 {counts['changed']} 条、删除 {counts['removed']} 条。"
    ))


def _line(change: EntryChange) -> str:
    fields = "；".join(f"{field.field}：{field.old} → {field.new}" for field in change.fields)
    return f"  {change.kind_label} {change.section_label} {change.code} {change.label}" + (f"（{fields}）" if fields else "")
