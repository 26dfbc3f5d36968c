"""Records behind the area pages, for the general tests."""

from sqlalchemy import select

from app.areas.models import Area, AreaAlias, AreaMembership
from app.infra.db import db
from tests.pages_registry import sample


def area(code: str) -> Area:
    return db.session.scalars(select(Area).where(Area.code == code)).one()


def _post(name: str, extra: str = "") -> str:
    return f"/areas/{area('371502108').id}/{name}{extra}"


@sample("areas.show", viewers=("bureau", "town", "stranger", "system", "security"), strangers=("stranger_city",), refused=("contact", "audit"))
def town_page() -> str:
    return f"/areas/{area('371502108').id}"


@sample("areas.show", viewers=("bureau", "county"), strangers=("stranger_city",))
def unit_page() -> str:
    return f"/areas/{area('3715Z1').id}"


@sample("areas.move", method="POST", viewers=(), strangers=("stranger_city",), refused=("county", "stranger", "leader", "audit"))
def move() -> str:
    return _post("move")


@sample("areas.edit", method="POST", viewers=(), strangers=("stranger_city",), refused=("county", "town"))
def edit() -> str:
    return _post("edit")


@sample("areas.close", method="POST", viewers=(), strangers=("stranger_city",), refused=("county", "town"))
def close() -> str:
    return _post("close")


@sample("areas.add_alias", method="POST", data={"alias": "许营工业镇"}, strangers=("stranger_city",), refused=("county", "town"))
def add_alias() -> str:
    return _post("aliases")


@sample("areas.remove_alias", method="POST", strangers=("stranger_city",), refused=("county", "town"))
def remove_alias() -> str:
    alias = AreaAlias(area_id=area("371502108").id, alias="老许营")
    db.session.add(alias)
    db.session.flush()
    return _post("aliases", f"/{alias.id}/remove")


@sample("areas.confirm", method="POST", data={"document": "聊政字〔2020〕1号", "version": "1"}, strangers=("stranger_city",), refused=("county",))
def confirm() -> str:
    row = db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == area("371502108").id)).one()
    return _post("memberships", f"/{row.id}/confirm")
