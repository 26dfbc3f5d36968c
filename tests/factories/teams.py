"""Teams, members and registers for tests, through the actions of the house."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select

from app.areas.actions import save_organisation
from app.areas.models import Area
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.teams.actions import teams as actions
from app.teams.actions.teams import MemberDraft, TeamDraft
from app.teams.models import ServiceTeam, TeamMember

_number = count(1)


def city(code: str = "371500") -> Area:
    return db.session.scalars(select(Area).where(Area.code == code)).one()


def user_id(login: str) -> int:
    return db.session.scalars(select(User.id).where(User.login == login)).one()


def team(number: int = 1, *, id: int | None = None, name: str | None = None, city_code: str = "371500", **more: Any) -> ServiceTeam:
    """A team; ``id`` 1 is the one the personas belong to."""
    place, label = city(city_code), name or f"第{number}专家服务队"
    if id is not None:
        save_organisation(name=label, kind="team", area_id=place.id, organisation_id=id)
        row = ServiceTeam(id=id, city_id=place.id, number=number, name=label, formed_on=date(2022, 1, 1), version=1, **more)
        db.session.add(row)
        db.session.flush()
        return row
    from app.infra import city as chosen

    with chosen.within(city_code):
        return actions.save_team(scope=ALL, draft=TeamDraft(number, label, formed_on=date(2022, 1, 1), **more), by=SYSTEM)


def member(of: ServiceTeam, name: str = "张专家", role: str = "expert", **more: Any) -> TeamMember:
    """A member since 2022."""
    said = {"valid_from": date(2022, 1, 1), "unit": "机械设计研究院"} | more
    if role == "liaison":
        said = {"valid_to": date(clock.today().year + 1, 12, 31)} | said
    return actions.add_member(scope=ALL, team_id=of.id, draft=MemberDraft(role, name, **said), by=SYSTEM)


def entry(register: str = "provider", *, name: str | None = None, admitted: bool = True, city_code: str = "371500", **values: Any) -> Any:
    """An entry of a register, admitted unless said otherwise."""
    from app.infra import city as chosen
    from app.teams.actions import registers

    number = next(_number)
    known: dict[str, dict[str, Any]] = {
        "provider": {"name": f"鲁西精益管理咨询{number}有限公司", "phone": "13800001234"},
        "expert": {"name": f"王建国{number}", "employer": "聊城大学", "phone": "13800001234"},
        "resource": {"name": f"6S现场管理导入{number}", "kind": "product", "owner": "鲁西精益管理咨询有限公司", "free": True},
    }
    said = {**known[register], "domains": ",legal," if city_code == "371500" else ",", **({"name": name} if name else {}), **values}
    with chosen.within(city_code):
        row = registers.save_entry(scope=ALL, register=register, values=said, on=date(2024, 1, 5), reason="申请", by=SYSTEM)
        if admitted:
            registers.take_step(
                scope=ALL, register=register, entry_id=row.id, kind="admitted", on=date(2024, 1, 20), reason="评审通过",
                valid_to=date(clock.today().year + 1, 12, 31), version=None, by=SYSTEM,
            )
    return row
