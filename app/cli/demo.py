"""``flask demo``: believable demo data and the demo accounts."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.demo import accounts
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder.actions.verdicts import rebuild_steps

group = AppGroup("demo", help="演示数据与演示账号")


def _refuse_production() -> None:
    if current_app.config["SETTINGS"].production:
        raise click.ClickException("正式环境不能载入演示数据。")


@group.command("load")
@click.option("--enterprises", "count", default=3000, show_default=True, help="企业数量")
@click.option("--seed", default=20231, show_default=True, help="随机种子：相同种子得到相同数据")
@click.option("--city", "city_code", default="371500", show_default=True)
def load(count: int, seed: int, city_code: str) -> None:
    """Load demo firms (deterministic; resumes after an interruption) and the demo accounts."""
    from app.demo import answers, batches, boards, contest, demands, lifecycle, pools, reminders, requests, teams, visits
    from app.demo import load as loading  # pinyin tables: only when needed

    _refuse_production()
    added = loading.load(count, seed, city_code=city_code, by=SYSTEM)
    lifecycle.load(city_code, by=SYSTEM)
    batches.load(city_code, by=SYSTEM)
    answers.load(city_code, by=SYSTEM)
    pools.load()
    boards.load(city_code)
    teams.load(city_code)
    accounts.load(by=SYSTEM)
    teams.join_accounts()
    demands.load(city_code)
    visits.load(city_code)
    requests.load(city_code)
    teams.score(city_code)
    contest.load(by=SYSTEM)
    for _ in rebuild_steps():
        db.session.commit()
    db.session.commit()
    reminders.load(city_code)
    click.echo(f"已载入 {added} 家演示企业。", err=True)


@group.command("cities")
@click.option("--enterprises", "count", default=120, show_default=True, help="每个城市的企业数量")
@click.option("--seed", default=20231, show_default=True, help="随机种子：相同种子得到相同数据")
def load_cities(count: int, seed: int) -> None:
    """Add Yantai and Yingkou: areas, packs, a few firms each, accounts of county, city, province and the whole installation."""
    from app.demo import cities

    _refuse_production()
    added = cities.load_cities(count, seed, by=SYSTEM)
    click.echo(f"已载入烟台、营口，共 {added} 家演示企业。", err=True)


@group.command("accounts")
def show_accounts() -> None:
    """Print the demo accounts: one per role, and those of the further cities where they are loaded."""
    _refuse_production()
    for account in accounts.existing():
        click.echo(f"{account.login}\t{accounts.PASSWORD}\t{account.role_label}\t{account.name}")
