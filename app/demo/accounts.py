"""The demo accounts: one per role, at real places, all with the same printed password. Only outside production."""

from dataclasses import dataclass

from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise
from app.identity.models import Post, User
from app.identity.roles import ROLES
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor

PASSWORD = "Yumiao-2026!"  # noqa: S105 (printed at every demo start)
TEAM = 1


@dataclass(frozen=True)
class Account:
    """``area``: code of the place, None for posts held for a team or an enterprise."""

    login: str
    name: str
    role: str
    area: str | None = "371500"
    team: int | None = None
    enterprise: bool = False

    @property
    def role_label(self) -> str:
        return ROLES[self.role].label


ACCOUNTS = (
    Account("bureau", "李科长", "bureau_officer"),
    Account("leader", "周市长", "city_leader"),
    Account("county", "王主任", "county_officer", "371502"),
    Account("zone", "孙主任", "county_officer", "3715Z1"),
    Account("town", "赵干事", "town_reporter", "371502002"),
    Account("teamlead", "陈队长", "team_leader", None, team=TEAM),
    Account("expert", "吴专家", "expert", None, team=TEAM),
    Account("liaison", "郑专员", "liaison", None, team=TEAM),
    Account("department", "冯联络", "department_liaison"),
    Account("trainer", "褚老师", "training_organiser"),
    Account("provider", "卫经理", "provider"),
    Account("enterprise", "蒋经理", "enterprise_contact", None, enterprise=True),
    Account("reviewer", "沈教授", "reviewer"),
    Account("sysadmin", "韩管理", "system_admin"),
    Account("secadmin", "杨管理", "security_admin"),
    Account("auditor", "朱审计", "audit_admin"),
)


def load(*, by: Actor) -> int:
    """Create the accounts that are missing; returns how many. Flushes, does not commit."""
    from app.identity import passwords

    known = set(db.session.scalars(select(User.login)))
    areas = dict(db.session.execute(select(Area.code, Area.id)).all())
    firm = db.session.scalar(select(Enterprise.id).order_by(Enterprise.id).limit(1))
    hashed, now, added = passwords.make(PASSWORD), clock.now(), 0
    for account in ACCOUNTS:
        if account.login in known:
            continue
        area = areas[account.area] if account.area else None
        user = User(
            login=account.login, name=account.name, password_hash=hashed, password_changed_at=now, must_change_password=False,
            area_id=area or areas["371500"], created_at=now,
        )
        db.session.add(user)
        db.session.flush()
        db.session.add(Post(
            user_id=user.id, role_code=account.role, area_id=area, team_id=account.team, enterprise_id=firm if account.enterprise else None,
        ))
        added += 1
    db.session.flush()
    return added
