"""Roles, what posts grant, and the table people read."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.areas.models import KINDS, Area
from app.enterprises.queries import in_scope
from app.identity import queries
from app.identity.exports import permission_table
from app.identity.models import Post, User
from app.identity.roles import ADMINISTRATORS, ROLES
from app.identity.rules import HeldPost, grants, mixes_administrators, post_valid
from app.infra import clock
from app.infra.db import db
from app.kernel.permission import Permission as P
from app.kernel.scope import NOTHING
from tests.personas import PERSONAS

FIRM_DATA = {
    P.ENTERPRISE_COUNT, P.ENTERPRISE_VIEW, P.ENTERPRISE_EDIT, P.ENTERPRISE_MERGE, P.ENTERPRISE_EXPORT, P.CONTACT_REVEAL, P.FIGURES_VIEW,
    P.FIGURES_EDIT, P.RECOGNITION_EDIT, P.LADDER_VIEW, P.INDICATOR_VIEW, P.IMPORT_USE, P.SEARCH,
}


def test_the_table_in_the_manual_is_current() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert text == permission_table(), "run: flask users permissions > docs/permissions.md"


def test_every_permission_is_held_by_some_role_and_has_a_label() -> None:
    assert set().union(*(r.permissions for r in ROLES.values())) == set(P)
    assert all(p.label for p in P)


@pytest.mark.parametrize("code", sorted(ADMINISTRATORS))
def test_administrators_have_no_business_data(code: str) -> None:
    assert not ROLES[code].permissions & FIRM_DATA
    held = grants([HeldPost(code, 1, "city", 1)])
    assert held.scope == NOTHING
    assert held.scope_for(P.HOME_VIEW) == NOTHING


def test_town_users_see_counts_and_no_firms() -> None:
    assert P.ENTERPRISE_COUNT in ROLES["town_reporter"].permissions
    assert not ROLES["town_reporter"].permissions & {P.ENTERPRISE_VIEW, P.FIGURES_VIEW, P.LADDER_VIEW, P.SEARCH, P.CONTACT_REVEAL}


def test_only_readers_are_leaders() -> None:
    writing = {p for p in P if p.value.endswith((".edit", ".merge", ".compute", ".assign"))} | {P.IMPORT_USE}
    assert not ROLES["city_leader"].permissions & writing


def test_whoever_sees_firms_sees_their_count() -> None:
    assert all(P.ENTERPRISE_COUNT in r.permissions for r in ROLES.values() if P.ENTERPRISE_VIEW in r.permissions)


def test_business_roles_assign_nothing_and_administrators_only_known_roles() -> None:
    assert all(not r.assigns for r in ROLES.values() if r.business)
    assert all(r.assigns <= set(ROLES) for r in ROLES.values())
    assert "audit_admin" not in ROLES["system_admin"].assigns


def test_each_permission_reaches_only_where_its_own_posts_are() -> None:
    held = grants([HeldPost("county_officer", 10, "county", 1), HeldPost("town_reporter", 77, "town", 1)])
    assert held.scope_for(P.ENTERPRISE_VIEW).unit_ids == {10}
    assert held.scope_for(P.ENTERPRISE_VIEW).town_ids == frozenset()
    assert held.scope_for(P.ENTERPRISE_COUNT).town_ids == {77}
    assert held.scope.unit_ids == {10}
    assert held.scope.town_ids == {77}


@pytest.mark.parametrize(
    ("role", "kind"), [("town_reporter", "city"), ("bureau_officer", "town"), ("county_officer", "city"), ("nobody", "city"), ("expert", "city")]
)
def test_a_post_in_the_wrong_place_grants_nothing(role: str, kind: str) -> None:
    assert grants([HeldPost(role, 5, kind, 1)]).permissions == frozenset()


@given(st.lists(st.builds(HeldPost, st.sampled_from([*ROLES, "gone"]), st.integers(1, 9), st.sampled_from([*KINDS]))))
def test_a_union_never_holds_more_than_its_posts(posts: list[HeldPost]) -> None:
    together = grants(posts)
    assert together.permissions == frozenset().union(*(grants([p]).permissions for p in posts))
    assert not together.scope.everything
    for permission in P:
        reached = together.scope_for(permission)
        assert reached.city_ids <= {p.area_id for p in posts if p.area_kind == "city" and permission in grants([p]).permissions}


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_both_ends_of_a_post_count(first: date, last: date) -> None:
    if first <= last:
        assert post_valid(first, last, first)
        assert post_valid(first, last, last)
        assert not post_valid(first, last, last + timedelta(days=1))
        assert not post_valid(first, last, first - timedelta(days=1))


def test_two_administrators_in_one_person_are_found() -> None:
    assert mixes_administrators(["system_admin", "audit_admin"])
    assert not mixes_administrators(["system_admin", "system_admin", "town_reporter"])


@pytest.mark.parametrize(
    ("login", "field", "code"),
    [("bureau", "city_ids", "371500"), ("county", "unit_ids", "371502"), ("zone", "unit_ids", "3715Z1"), ("town", "town_ids", "371502002")],
)
def test_scope_follows_the_area_of_the_post(app: Flask, as_, login: str, field: str, code: str) -> None:
    scope = _principal(app, as_, login).scope
    area = db.session.scalars(select(Area.id).where(Area.code == code)).one()
    others = {"city_ids", "unit_ids", "town_ids", "team_ids", "enterprise_ids"} - {field}
    assert getattr(scope, field) == {area}
    assert not any(getattr(scope, other) for other in others)


def _principal(app: Flask, as_, login: str):
    from datetime import timedelta as delta

    from app.identity import actions

    user = db.session.scalars(select(User.id).where(User.login == login)).one()
    token = actions.open_session(user, browser=actions.Browser(None, None), lifetime=delta(hours=1))
    found = queries.find_principal(token, delta(minutes=30))
    assert found is not None
    return found


def test_a_post_outside_its_dates_gives_nothing(app: Flask, as_) -> None:
    post = db.session.scalars(select(Post).join(User, User.id == Post.user_id).where(User.login == "county")).one()
    today = clock.today()
    for first, last, held in ((None, today - timedelta(days=1), False), (today + timedelta(days=1), None, False), (today, today, True)):
        post.valid_from, post.valid_to = first, last
        db.session.flush()
        assert bool(_principal(app, as_, "county").permissions) is held


def test_the_signed_in_person_costs_one_statement(app: Flask, as_) -> None:
    from tests.pages import counted_statements

    browser = as_("bureau")
    with counted_statements() as seen:
        browser.get("/account/sessions")
    assert len([s for s in seen if "JOIN post" in s or "FROM user_session JOIN" in s]) == 1
    assert not [s for s in seen if s.startswith("UPDATE")]


def test_teams_and_contacts_reach_only_their_own(app: Flask, as_) -> None:
    assert _principal(app, as_, "expert").scope.team_ids == {1}
    assert _principal(app, as_, "contact").scope.enterprise_ids == {1}
    assert "enterprise_id" in str(in_scope(_principal(app, as_, "expert").scope)) and set(PERSONAS) >= {"expert"}
