"""``flask users``: first accounts and lost passwords from the server's own console."""

import sys
from datetime import date

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.areas.models import Area
from app.identity import actions, exports
from app.identity.actions import accounts
from app.identity.models import User
from app.identity.roles import ROLES
from app.identity.rules import SYSTEM_AUTHORITY, Authority
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError

group = AppGroup("users", help="账号")


EVERYWHERE = "all"


def _area(code: str) -> Area | None:
    """The area of a code; None for ``all``."""
    if code == EVERYWHERE:
        return None
    area = db.session.scalars(select(Area).where(Area.code == code)).first()
    if area is None:
        raise click.ClickException(f"没有代码为 {code} 的区划单位。请先执行 flask areas load。")
    return area


def _authority() -> Authority:
    separate = current_app.config["SETTINGS"].separate_admins
    return Authority(None, SYSTEM_AUTHORITY.reach, SYSTEM_AUTHORITY.assignable, separate)


def _secret(login: str, from_input: bool) -> accounts.Secret:
    """A one-time password, or the one given on standard input (first line), checked against the rules."""
    if not from_input:
        return accounts.new_secret()
    plain = sys.stdin.readline().rstrip("\r\n")
    profile = current_app.config["SETTINGS"].password_profile
    return accounts.Secret("", actions.hash_new(plain, user_id=None, login=login, profile=profile).hash)


@group.command("create")
@click.argument("login")
@click.option("--name", required=True, help="姓名")
@click.option("--role", "roles", multiple=True, type=click.Choice(list(ROLES)), help="角色代码，可重复")
@click.option("--area", "area_code", required=True, help="所在地区代码（省、市、县、镇街），也是职务的范围；all 表示全部城市")
@click.option("--enterprise", "credit_code", default="", help="企业联络员的企业信用代码")
@click.option("--team", "team_id", type=click.IntRange(1), help="专家服务队编号")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="职务止期")
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码，不生成初始密码")
def create(
    login: str, name: str, roles: tuple[str, ...], area_code: str, credit_code: str, team_id: int | None, until: date | None, password_stdin: bool
) -> None:
    """Create an account with its posts; prints the one-time password."""
    try:
        secret = _secret(login, password_stdin)
        area, authority = _area(area_code), _authority()
        user = accounts.create_account(
            login=login, name=name, area_id=area.id if area else None, secret=secret, authority=authority, by=SYSTEM, must_change=not password_stdin,
        )
        for role in roles:
            team = team_id if "team" in ROLES[role].places else None
            elsewhere = bool(team or credit_code)
            place = accounts.Place(area.id if area and not elsewhere else None, team, credit_code, everywhere=area is None and not elsewhere)
            accounts.add_post(
                user, role_code=role, place=place, valid_from=None, valid_to=until.date() if until else None,  # type: ignore[attr-defined]
                authority=authority, by=SYSTEM,
            )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(error.message_zh) from error
    click.echo(f"已新增账号 {user.login}（{user.name}）。" + (f"初始密码：{secret.plain}" if secret.plain else ""))


@group.command("reset")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码，不生成初始密码")
def reset(login: str, password_stdin: bool) -> None:
    """Give a new one-time password, end all sessions, unlock and enable the account."""
    try:
        secret = _secret(login, password_stdin)
        user = db.session.scalars(select(User).where(User.login == actions.normal_login(login)).with_for_update()).first()
        if user is None:
            raise click.ClickException(f"没有登录名为“{login}”的账号。")
        authority = _authority()
        accounts.enable(user, authority=authority, by=SYSTEM)
        actions.change_password(user.id, actions.NewPassword(secret.hash), must_change=not password_stdin, by=SYSTEM)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(error.message_zh) from error
    click.echo(f"账号 {user.login}（{user.name}）的密码已重置。" + (f"初始密码：{secret.plain}" if secret.plain else ""))


@group.command("permissions")
def permissions() -> None:
    """Print the table of roles and permissions (docs/permissions.md)."""
    click.echo(exports.permission_table(), nl=False)
