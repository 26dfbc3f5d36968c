"""``flask areas``: load the list of a city's counties and towns."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.areas import actions
from app.infra.db import db
from app.infra.settings import pack_dir
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.packs import available

group = AppGroup("areas", help="行政区划")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED = 2


@group.command("load")
@click.argument("city_code", default="371500")
@click.option("--file", "areas_file", type=FILE, help="区划清单 areas.csv（默认用政策包目录里的，再默认用随系统提供的）")
@click.option("--zones", "zones_file", type=FILE, help="开发区代管清单 zones.csv（可省略）")
def load(city_code: str, areas_file: Path | None, zones_file: Path | None) -> None:
    """Load a city (default 聊城 371500); running it again adds only what is missing."""
    places = [(areas_file, zones_file or areas_file.with_name("zones.csv"))] if areas_file else _of_packs()
    try:
        added = actions.load_city(city_code, by=SYSTEM, places=places)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        click.echo(error.message_zh, err=True)
        raise SystemExit(REFUSED) from error
    click.echo(f"已载入 {added} 个区划单位。")


def _of_packs() -> list[tuple[Path, Path]]:
    """Lists that lie beside the policy files of a city."""
    return [(path / "areas.csv", path / "zones.csv") for path in available(pack_dir()).values() if (path / "areas.csv").is_file()]
