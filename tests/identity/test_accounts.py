"""Account administration: each administrator in his area, nobody beyond his authority."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area
from app.identity.actions import accounts
from app.identity.models import Post, User, UserSession
from app.identity.queries.accounts import register_enterprise_lookup
from app.identity.roles import ROLES
from app.identity.rules import PROFILES, Authority, one_time_password, password_problem
from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.kernel.scope import Scope
from tests.identity.samples import user_id
from tests.identity.test_login import sign_in


def area(code: str) -> int:
    return db.session.scalars(select(Area.id).where(Area.code == code)).one()


def person(login: str) -> User:
    return db.session.scalars(select(User).where(User.login == login)).one()


def posts_of(login: str) -> list[Post]:
    return list(db.session.scalars(select(Post).join(User, User.id == Post.user_id).where(User.login == login).order_by(Post.id)))


def secret_on(html: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", html)
    assert found
    return found[1]


@pytest.fixture
def county_admin(app: Flask) -> str:
    """A system administrator of 东昌府区 only."""
    user = accounts.create_account(
        login="dcf_admin", name="东昌府管理员", area_id=area("371502"), secret=accounts.Secret("", "x"), must_change=False, by=SYSTEM,
        authority=Authority(None, Scope(everything=True), frozenset(ROLES)),
    )
    db.session.add(Post(user_id=user.id, role_code="system_admin", area_id=area("371502")))
    db.session.flush()
    return "dcf_admin"


def test_from_new_account_to_first_sign_in(app: Flask, pages) -> None:
    admin = pages("system")
    page = admin.post("/users/new", {"login": "Wang.Wu", "name": "王五", "area_id": area("371521")}, status=200)
    password = secret_on(page.html)
    assert "只显示这一次" in page.text
    new = person("wang.wu")
    admin.post(f"/users/{new.id}/posts", {"role_code": "county_officer", "area_id": area("371521"), "valid_to": "2099-12-31"})
    client = app.test_client()
    assert sign_in(client, "wang.wu", password).status_code == 303
    assert client.get("/account").location == "/account/password"
    assert password not in admin.get(f"/users/{new.id}").html
    kinds = set(db.session.scalars(select(AuditRow.type)))
    assert {"user.created", "post.added"} <= kinds
    assert not [r for r in db.session.scalars(select(AuditRow)) if password in str(r.new) + str(r.old)]


@pytest.mark.parametrize(
    ("login", "name", "words"),
    [
        ("county", "重名", "已被使用"), ("x", "甲", "登录名为 2 至 40"), ("a<b>", "甲", "登录名为 2 至 40"), ("", "甲", "请填写登录名"),
        ("good", "", "请填写姓名"),
    ],
)
def test_a_bad_account_is_refused_at_its_field(app: Flask, pages, login: str, name: str, words: str) -> None:
    page = pages("system").post("/users/new", {"login": login, "name": name, "area_id": area("371521")}, status=422)
    assert words in page.text


def test_an_area_outside_the_reach_is_no_choice(app: Flask, pages, county_admin: str) -> None:
    for code in ("371522", "371500", "370600"):
        pages(county_admin).post("/users/new", {"login": "new.one", "name": "新", "area_id": area(code)}, status=422)
    assert db.session.scalars(select(User).where(User.login == "new.one")).first() is None
    pages(county_admin).post("/users/new", {"login": "new.one", "name": "新", "area_id": area("371502002")}, status=200)


def test_a_county_administrator_sees_only_his_county(app: Flask, pages, county_admin: str) -> None:
    text = pages(county_admin).get("/users/").text
    assert "柳园填报员甲" in text
    assert "东昌府经办甲" in text
    assert not re.search("莘县经办甲|市局经办甲|经开区经办甲|烟台经办甲", text)
    for login in ("stranger", "bureau", "zone", "stranger_city"):
        assert pages(county_admin).browser.get(f"/users/{user_id(login)}").status_code == 404
        assert pages(county_admin).browser.post(f"/users/{user_id(login)}/reset").status_code == 404


def test_a_county_administrator_gives_no_post_outside_his_county(app: Flask, pages, county_admin: str) -> None:
    target = user_id("town")
    for role, code in (("bureau_officer", "371500"), ("county_officer", "371522"), ("town_reporter", "371522001"), ("city_leader", "371500")):
        pages(county_admin).post(f"/users/{target}/posts", {"role_code": role, "area_id": area(code)}, status=422)
    pages(county_admin).post(f"/users/{target}/posts", {"role_code": "expert", "area_id": "", "team_id": "1"}, status=422)
    assert len(posts_of("town")) == 1
    pages(county_admin).post(f"/users/{target}/posts", {"role_code": "county_officer", "area_id": area("371502")})
    assert [p.role_code for p in posts_of("town")] == ["town_reporter", "county_officer"]


@pytest.mark.parametrize("role", ["audit_admin", "security_admin"])
def test_a_system_administrator_appoints_no_security_or_audit_administrator(app: Flask, pages, role: str) -> None:
    pages("system").post(f"/users/{user_id('county')}/posts", {"role_code": role, "area_id": area("371500")}, status=422)
    assert len(posts_of("county")) == 1
    assert role not in pages("system").get(f"/users/{user_id('county')}").html


@pytest.mark.parametrize("action", ["reset", "disable", "unlock", "posts"])
@pytest.mark.parametrize("target", ["audit", "security", "system"])
def test_an_account_beyond_the_authority_cannot_be_touched(app: Flask, as_, action: str, target: str) -> None:
    """Resetting the password of the audit administrator, or changing oneself, would be a way round the separation."""
    before = person(target).password_hash
    data = {"role_code": "county_officer", "area_id": str(area("371502"))}
    assert as_("system").post(f"/users/{user_id(target)}/{action}", data=data).status_code == 403
    db.session.expire_all()
    assert person(target).password_hash == before
    assert person(target).disabled_at is None
    assert len(posts_of(target)) == 1


def test_an_account_with_a_future_post_beyond_is_beyond_today(app: Flask, as_) -> None:
    db.session.add(Post(user_id=user_id("county"), role_code="audit_admin", area_id=area("371500"), valid_from=clock.today() + timedelta(days=9)))
    assert as_("system").post(f"/users/{user_id('county')}/reset").status_code == 403


def test_nobody_holds_two_of_the_three_administrators(app: Flask, pages) -> None:
    page = pages("security").post(f"/users/{user_id('audit')}/posts", {"role_code": "system_admin", "area_id": area("371500")}, status=422)
    assert "三员分立" in page.text


def test_the_last_system_administrator_stays(app: Flask, pages) -> None:
    admin, target = pages("security"), user_id("system")
    (post,) = posts_of("system")
    assert "唯一的系统管理员" in admin.post(f"/users/{target}/disable", status=409).text
    assert "唯一的系统管理员" in admin.post(f"/users/{target}/posts/{post.id}/end", status=409).text
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    admin.post(f"/users/{target}/posts/{post.id}/dates", {"valid_to": tomorrow}, status=409)
    admin.post(f"/users/{user_id('county')}/posts", {"role_code": "system_admin", "area_id": area("371500")})
    admin.post(f"/users/{target}/disable")
    assert person("system").disabled_at is not None


def test_disabling_signs_out_at_once_and_enabling_lets_in_again(app: Flask, pages, as_) -> None:
    browser, target = as_("county"), user_id("county")
    pages("system").post(f"/users/{target}/disable")
    assert browser.get("/account").status_code == 302
    assert sign_in(app.test_client()).status_code == 401
    pages("system").post(f"/users/{target}/enable")
    assert sign_in(app.test_client()).status_code == 303


def test_a_reset_password_works_once_and_ends_all_sessions(app: Flask, pages, as_) -> None:
    browser, target = as_("county"), user_id("county")
    password = secret_on(pages("system").post(f"/users/{target}/reset", status=200).html)
    assert browser.get("/account").status_code == 302
    assert sign_in(app.test_client()).status_code == 401
    client = app.test_client()
    assert sign_in(client, password=password).status_code == 303
    assert client.get("/account").location == "/account/password"


def test_unlocking_lets_in_before_the_time(app: Flask, pages) -> None:
    for _ in range(5):
        sign_in(app.test_client(), password="wrong")
    assert sign_in(app.test_client()).status_code == 401
    assert "已锁定" in pages("system").get("/users/?state=locked").text
    pages("system").post(f"/users/{user_id('county')}/unlock")
    assert sign_in(app.test_client()).status_code == 303


def test_ending_a_post_takes_its_permissions_at_the_next_click(app: Flask, pages, as_) -> None:
    browser, (post,) = as_("county"), posts_of("county")
    assert browser.get("/areas/").status_code == 200
    pages("system").post(f"/users/{user_id('county')}/posts/{post.id}/end")
    assert browser.get("/areas/").status_code == 403


def test_dates_of_a_post_are_checked(app: Flask, pages) -> None:
    (post,) = posts_of("county")
    address = f"/users/{user_id('county')}/posts/{post.id}/dates"
    assert "止期不能早于起期" in pages("system").post(address, {"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, status=422).text
    for value in ("2026-02-30", "abc", "0001-01-01", "9999-12-31"):
        pages("system").post(address, {"valid_to": value}, status=422)
    pages("system").post(address, {"valid_from": "2026-01-01", "valid_to": "2099-02-28"})
    db.session.expire_all()
    assert (posts_of("county")[0].valid_from, posts_of("county")[0].valid_to) == (date(2026, 1, 1), date(2099, 2, 28))


def test_a_post_of_somebody_else_is_not_changed_through_another_account(app: Flask, as_) -> None:
    (foreign,) = posts_of("audit")
    assert as_("system").post(f"/users/{user_id('county')}/posts/{foreign.id}/end").status_code == 409
    assert person("audit") and posts_of("audit")[0].valid_to is None


def test_the_second_editor_is_told(app: Flask, pages) -> None:
    target = person("county")
    form = {"name": "新名", "area_id": target.area_id, "version": target.version}
    address = f"/users/{target.id}/edit"
    pages("system").post(address, form)
    assert "刚被别人修改过" in pages("system").post(address, {**form, "name": "另一名"}, status=409).text
    db.session.expire_all()
    assert person("county").name == "新名"


def test_unknown_fields_of_a_form_change_nothing(app: Flask, pages) -> None:
    target = person("county")
    pages("system").post(f"/users/{target.id}/edit", {
        "name": "甲", "area_id": target.area_id, "version": target.version, "login": "root", "password_hash": "x", "disabled_at": "2020-01-01",
        "must_change_password": "", "id": "1",
    })
    db.session.expire_all()
    same = db.session.get(User, target.id)
    assert (same.login, same.disabled_at) == ("county", None)
    assert same.password_hash != "x"


def test_a_contact_gets_exactly_one_enterprise_in_reach(app: Flask, pages) -> None:
    asked = []

    def lookup(reach: Scope, code: str) -> tuple[int, str] | None:
        asked.append(reach)
        return (42, "某公司") if code == "91371500MA3C000001" else None

    from app.identity.queries import accounts as module

    before = list(module._lookup)
    register_enterprise_lookup(lookup)
    try:
        address = f"/users/{user_id('county')}/posts"
        page = pages("system").post(address, {"role_code": "enterprise_contact", "area_id": "", "credit_code": "1"}, status=422)
        assert "没有找到这家企业" in page.text
        pages("system").post(address, {"role_code": "enterprise_contact", "area_id": "", "credit_code": "91371500MA3C000001"})
    finally:
        module._lookup[:] = before
    assert posts_of("county")[1].enterprise_id == 42
    assert asked[0].city_ids == {area("371500")}


def test_the_list_is_filtered_and_paged(app: Flask, pages) -> None:
    with_role = pages("system").get("/users/?role=town_reporter", statements=8)
    assert "柳园填报员甲" in with_role.text
    assert "市局经办甲" not in with_role.text
    assert "没有符合条件的账号" in pages("system").get("/users/?q=100%25_").text
    now = clock.now()
    home = area("371500")
    db.session.add_all([User(login=f"zz{n:03}", name=f"人{n}", password_hash="x", area_id=home, created_at=now) for n in range(60)])
    seen, address = set(), "/users/?size=20"
    while address:
        page = pages("system").get(address)
        found = set(re.findall(r">(zz\d{3})<", page.html))
        assert not found & seen
        seen |= found
        address = next((e.attributes["href"] for e in page.all("a", rel="next")), None)
    assert len(seen) == 60


def test_one_time_passwords_pass_every_profile() -> None:
    for _ in range(50):
        for profile in PROFILES.values():
            assert password_problem(one_time_password(), login="someone", profile=profile, common=frozenset()) is None


def test_the_command_line_creates_and_resets(app: Flask) -> None:
    db.session.commit()
    runner = app.test_cli_runner()
    result = runner.invoke(args=["users", "create", "boss", "--name", "主任", "--role", "system_admin", "--area", "371500"])
    assert result.exit_code == 0, result.output
    password = result.output.split("：")[-1].strip()
    assert sign_in(app.test_client(), "boss", password).status_code == 303
    again = runner.invoke(args=["users", "create", "boss", "--name", "主任", "--area", "371500"])
    assert again.exit_code == 1
    assert "已被使用" in again.output
    weak = runner.invoke(args=["users", "reset", "boss", "--password-stdin"], input="12345678\n")
    assert weak.exit_code == 1
    reset = runner.invoke(args=["users", "reset", "BOSS", "--password-stdin"], input="a long enough sentence\n")
    assert reset.exit_code == 0, reset.output
    assert sign_in(app.test_client(), "boss", "a long enough sentence").status_code == 303
    assert db.session.scalars(select(UserSession).where(UserSession.revoked_at.is_not(None))).first() is not None


def test_the_command_line_keeps_the_administrators_apart(app: Flask) -> None:
    db.session.commit()
    arguments = ["users", "create", "two", "--name", "二", "--area", "371500", "--role", "system_admin", "--role", "audit_admin"]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert db.session.scalars(select(User).where(User.login == "two")).first() is None


def test_actions_refuse_without_a_page_too(app: Flask) -> None:
    with pytest.raises(DomainError):
        accounts.disable(person("system"), authority=Authority(1, Scope(), frozenset()), by=SYSTEM)
