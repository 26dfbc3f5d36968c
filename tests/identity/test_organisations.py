"""An account belongs to a department or office: what was routed there is all a department liaison sees."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.areas.actions import save_organisation
from app.identity.models import User
from app.identity.rules import HeldPost, grants
from app.infra.db import db
from app.kernel.permission import Permission
from app.kernel.scope import NOTHING
from tests.factories.ladder import area
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]


def test_the_administrator_sets_and_clears_it(app: Flask, pages: Pages) -> None:
    row = save_organisation(name="市税务局", kind="department", area_id=area("371500").id)
    elsewhere = save_organisation(name="烟台市税务局", kind="department", area_id=area("370600").id)
    user = db.session.scalars(select(User).where(User.login == "department")).one()
    values = {"name": user.name, "area_id": user.area_id, "version": user.version}
    db.session.commit()
    page = pages("system").get(f"/users/{user.id}", statements=20)
    assert "市税务局" in page.text and "烟台市税务局" not in page.text
    pages("system").post(f"/users/{user.id}/edit", values | {"organisation_id": row.id})
    db.session.refresh(user)
    assert user.organisation_id == row.id
    refused = pages("system").browser.post(f"/users/{user.id}/edit", data=values | {"version": user.version, "organisation_id": elsewhere.id})
    db.session.refresh(user)
    assert refused.status_code == 422 and user.organisation_id == row.id


def test_what_is_routed_follows_the_organisation_and_not_the_area() -> None:
    held = grants([HeldPost("department_liaison", area_id=7, area_kind="city", city_id=7, organisation_id=3)])
    routed = held.scope_for(Permission.DEMAND_VIEW)
    assert routed.organisation_ids == {3} and not routed.city_ids
    assert held.scope_for(Permission.ENTERPRISE_COUNT).city_ids == {7} and not held.scope_for(Permission.ENTERPRISE_COUNT).organisation_ids
    nobody = grants([HeldPost("department_liaison", area_id=7, area_kind="city", city_id=7)])
    assert nobody.scope_for(Permission.DEMAND_VIEW) == NOTHING


def test_an_officer_of_a_department_sees_his_area_and_nothing_more() -> None:
    held = grants([HeldPost("county_officer", area_id=9, area_kind="county", city_id=7, organisation_id=3)])
    assert held.scope_for(Permission.DEMAND_VIEW).unit_ids == {9} and not held.scope_for(Permission.DEMAND_VIEW).organisation_ids
