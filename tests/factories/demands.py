"""Demands for tests, written through the real actions."""

from typing import Any

from sqlalchemy import select

from app.demands.actions import ensure_departments, raise_demand
from app.demands.models import Demand, DemandDepartment
from app.enterprises.models import Enterprise
from app.identity.models import User
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.factories.ladder import area

LIAISON = Actor(user_id=901, name="发改联络员")


def city_id() -> int:
    return area("371500").id


def department(code: str) -> int:
    """Organisation of a department of the pack; all of them are made with the first one asked for."""
    ensure_departments(city_id(), by=SYSTEM)
    return db.session.scalars(select(DemandDepartment.organisation_id).where(DemandDepartment.city_id == city_id(), DemandDepartment.code == code)).one()


def belong(login: str, code: str) -> int:
    """Let a persona belong to a department."""
    organisation = department(code)
    user = db.session.scalars(select(User).where(User.login == login)).one()
    user.organisation_id = organisation
    db.session.flush()
    return organisation


def make_demand(enterprise: Enterprise | None = None, *, text: str = "厂区经常停电，影响交货，希望协调增容。", **values: Any) -> Demand:
    """One demand of an enterprise (a new one if none is given)."""
    said: dict[str, Any] = {"domain": "energy", "source": "officer", "by": OFFICER} | values
    return raise_demand(enterprise_id=(enterprise or make_enterprise()).id, text=text, **said)
