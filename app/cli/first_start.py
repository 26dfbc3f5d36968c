"""``flask first-start``: migrate, then load what an empty database needs. Called by scripts/run.py at every start; quick when done."""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect, select, text

from app.infra import first_start
from app.infra.db import db
from app.infra.settings import pack_dir
from app.kernel.errors import DomainError
from app.packs import read_pack
from app.packs.reader import available, files_digest
from app.policies.models import PackVersion

CITY, AREA = "<city>", "<area>"  # stand for the configured one: pack name, area code
STEPS: dict[str, Sequence[str]] = {
    "areas": ("areas", "load", AREA),
    "packs": ("packs", "load", CITY), "demo": ("demo", "load"), "demo_cities": ("demo", "cities"),
}
CONTENT = ("area", "enterprise")


@click.command("first-start", help="建库并在空库中装入区划、政策包和演示数据（可重复执行）")
@click.option("--demo/--no-demo", default=True, help="是否装入演示数据和演示账号")
@with_appcontext
def group(demo: bool) -> None:
    """Load each step that is not done. A database that was filled by other means is left as it is."""
    upgrade()
    noted = first_start.states()
    if not noted and _has_rows(*CONTENT):
        return
    if noted.get("demo") is None and (not demo or _has_rows("enterprise")):
        first_start.note("demo", "declined")
    for name, pattern in STEPS.items():
        states = first_start.states()
        if states.get(name) not in ("done", "declined") and not (name.startswith("demo") and states.get("demo") == "declined"):
            words = [_said(word) for word in pattern]
            click.echo(f"首次启动：flask {' '.join(words)} …", err=True)
            first_start.note(name, "begun")
            _run(words)
            first_start.note(name, "done")
    _renew_packs()


def _renew_packs() -> None:
    """An upgrade may bring packs with entries its pages need: the stored packs of shipped cities take them over, once. Local edits stay
    (``flask packs load``); a pack with faults is reported and stays as it is stored."""
    step = f"packs:{files_digest(pack_dir())[:24]}"
    if step in first_start.states():
        return
    stored = set(db.session.scalars(select(PackVersion.city).distinct()))
    db.session.rollback()
    if not stored:
        return
    for name in sorted(stored & available(pack_dir()).keys()):
        try:
            _run(("packs", "load", name))
        except (click.ClickException, click.exceptions.Exit, SystemExit):
            click.echo(f"政策包 {name} 的新文件没有载入，仍用库中的版本；请运行 flask packs lint {name} 查看原因。", err=True)
            return
    first_start.note(step, "done")


def _said(word: str) -> str:
    """The configured city, or its area code, in place of the words that stand for them."""
    city = current_app.config["SETTINGS"].city
    return city if word == CITY else read_pack(city, pack_dir()).area_code if word == AREA else word


def _run(words: Sequence[str]) -> None:
    """A command of ours in this process; what it refuses ends this command too."""
    said = io.StringIO()  # hundreds of lines about what is new say little when everything is new
    try:
        with redirect_stdout(said):
            code = current_app.cli.main(args=list(words), prog_name="flask", standalone_mode=False)
    except DomainError as refusal:
        raise click.ClickException(refusal.message_zh) from refusal
    if isinstance(code, int) and code:
        click.echo(said.getvalue(), err=True)
        raise click.exceptions.Exit(code)
    for line in said.getvalue().strip().splitlines()[-1:]:
        click.echo(line, err=True)


def _has_rows(*tables: str) -> bool:
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        known = set(inspect(connection).get_table_names())
        return any(connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() for name in tables if name in known)
