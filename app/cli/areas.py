"""``flask areas``: load the official list of a city."""

import click
from flask.cli import AppGroup

from app.areas import actions
from app.infra.db import db
from app.kernel.actor import SYSTEM

group = AppGroup("areas", help="行政区划")


@group.command("load")
@click.argument("city_code", default="371500")
def load(city_code: str) -> None:
    """Load a city (default 聊城 371500); running it again adds only what is missing."""
    added = actions.load_city(city_code, by=SYSTEM)
    db.session.commit()
    click.echo(f"已载入 {added} 个区划单位。")
