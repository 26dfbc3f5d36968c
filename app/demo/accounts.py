"""The demo accounts: one per role, at real places, all with the same printed password. Only outside production."""

from dataclasses import dataclass

from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise
from app.identity.models import Post, User
from app.identity.roles import INSTALLATION, PROVINCE, ROLES
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.teams.models import ServiceTeam

PASSWORD = "Yumiao-2026!"  # noqa: S105 (printed at every demo start)
TEAM = 1
"""Number of the team whose people have accounts."""


@dataclass(frozen=True)
class Account:
    """``area``: code of the place, None for posts held for a team or an enterprise; ``all``: every city."""

    login: str
    name: str
    role: str
    area: str | None = "371500"
    team: int | None = None
    enterprise: bool = False

    @property
    def role_label(self) -> str:
        place = INSTALLATION if self.area == EVERYWHERE else PROVINCE if (self.area or "").endswith("0000") else None
        return ROLES[self.role].label_at(place)


EVERYWHERE = "all"
CITY_ACCOUNTS = (
    Account("yantai", "姜科长", "bureau_officer", "370600"),
    Account("yantaicounty", "曲主任", "county_officer", "370602"),
    Account("yingkou", "佟科长", "bureau_officer", "210800"),
    Account("yingkoucounty", "关主任", "county_officer", "210882"),
    Account("shandong", "鲁处长", "bureau_officer", "370000"),
    Account("allcities", "金总", "bureau_officer", EVERYWHERE),
)
"""Made with the further cities (``flask demo cities``)."""
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


def existing() -> list[Account]:
    """Those that were made here."""
    known = set(db.session.scalars(select(User.login)))
    return [account for account in (*ACCOUNTS, *CITY_ACCOUNTS) if account.login in known]


def load(*, by: Actor) -> int:
    """Create the accounts that are missing; returns how many. Flushes, does not commit."""
    from app.identity import passwords

    known = set(db.session.scalars(select(User.login)))
    areas = dict(db.session.execute(select(Area.code, Area.id)).all())
    firm = db.session.scalar(select(Enterprise.id).order_by(Enterprise.id).limit(1))
    team_id = db.session.scalar(select(ServiceTeam.id).where(ServiceTeam.number == TEAM).order_by(ServiceTeam.id).limit(1)) or TEAM
    several = {"370600", "210800"} <= set(areas)
    hashed, now, added = passwords.make(PASSWORD), clock.now(), 0
    for account in (*ACCOUNTS, *CITY_ACCOUNTS):
        everywhere = account.area == EVERYWHERE
        if account.login in known or (account.area and not everywhere and account.area not in areas) or (account in CITY_ACCOUNTS and not several):
            continue
        area = areas[account.area] if account.area and not everywhere else None
        user = User(
            login=account.login, name=account.name, password_hash=hashed, password_changed_at=now, must_change_password=False,
            area_id=None if everywhere else area or areas["371500"], created_at=now,
        )
        db.session.add(user)
        db.session.flush()
        db.session.add(Post(
            user_id=user.id, role_code=account.role, area_id=area, team_id=team_id if account.team else None,
            enterprise_id=firm if account.enterprise else None,
            everywhere=everywhere,
        ))
        added += 1
    db.session.flush()
    return added
