"""Signing in: what it promises to people, and what it refuses to attackers."""

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.identity import actions, passwords
from app.identity.models import LoginLog, Post, User, UserSession
from app.identity.queries import token_hash
from app.identity.rules import PROFILES, password_problem, safe_next
from app.identity.views.login import REFUSED
from app.infra import clock
from app.infra.db import db
from tests.personas import PASSWORD, Browser


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found
    return found[1]


def sign_in(client: FlaskClient, login: str = "county", password: str = PASSWORD, **more: str):
    page = client.get("/login")
    return client.post("/login", data={"login": login, "password": password, "csrf_token": token_of(page.text), **more})


def user(login: str = "county") -> User:
    return db.session.scalars(select(User).where(User.login == login)).one()


def outcomes() -> list[str]:
    return list(db.session.scalars(select(LoginLog.outcome).order_by(LoginLog.id)))


def test_right_password_opens_the_system(app: Flask, client: FlaskClient) -> None:
    response = sign_in(client)
    assert (response.status_code, response.location) == (303, "/")
    assert "东昌府经办甲" in client.get("/account").text
    assert outcomes() == ["ok"]
    assert user().last_login_at is not None


@pytest.mark.parametrize("login", ["COUNTY", " county ", "ｃｏｕｎｔｙ", "county\u200b"])
def test_the_login_is_compared_without_case_width_and_blanks(app: Flask, client: FlaskClient, login: str) -> None:
    assert sign_in(client, login).status_code == 303


def test_every_failure_gets_the_same_answer(app: Flask, client: FlaskClient) -> None:
    user("leader").disabled_at = clock.now()
    user("zone").locked_until = clock.now() + timedelta(minutes=5)
    answers = []
    for login, password in (("county", "wrong-password"), ("nobody", PASSWORD), ("leader", PASSWORD), ("zone", PASSWORD)):
        response = sign_in(client, login, password)
        assert response.status_code == 401
        assert REFUSED in response.text
        answers.append(re.sub(r'value="[^"]*"|事件编号 \w+|request \w+|content="[^"]*"', "", response.text))
    assert len(set(answers)) == 1
    assert outcomes() == ["wrong", "unknown", "disabled", "locked"]


def test_a_password_typed_into_the_login_field_is_not_written_down(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "My-Secret-Password", "x")
    assert db.session.scalars(select(LoginLog.login)).all() == ["my…"]


def test_five_failures_lock_for_a_quarter_of_an_hour(app: Flask, client: FlaskClient) -> None:
    start = clock.now()
    clock.freeze(start)
    for _ in range(5):
        sign_in(client, password="wrong")
    assert sign_in(client).status_code == 401
    clock.freeze(start + timedelta(minutes=14, seconds=59))
    assert sign_in(client).status_code == 401
    clock.freeze(start + timedelta(minutes=15, seconds=1))
    assert sign_in(client).status_code == 303
    assert user().failed_count == 0


def test_four_failures_and_a_success_start_anew(app: Flask, client: FlaskClient) -> None:
    for _ in range(4):
        sign_in(client, password="wrong")
    assert sign_in(app.test_client()).status_code == 303
    for _ in range(4):
        sign_in(client, password="wrong")
    assert sign_in(client).status_code == 303


def test_parallel_guesses_do_not_outrun_the_lock(app: Flask) -> None:
    db.session.commit()
    checked = []

    def guess() -> None:
        with app.app_context():
            found = actions.check_login("county", "wrong")
            checked.append(actions.sign_in(found, browser=actions.Browser("10.0.0.9", None), lifetime=timedelta(hours=1)))
            db.session.commit()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    assert checked == [None] * 8
    assert sorted(outcomes()) == ["locked"] * 3 + ["wrong"] * 5
    assert user().locked_until is not None


def test_one_address_trying_many_logins_is_stopped(app: Flask, client: FlaskClient) -> None:
    now = clock.now()
    db.session.add_all([LoginLog(at=now, login=f"u{n}", outcome="unknown", ip="127.0.0.1") for n in range(60)])
    assert sign_in(client).status_code == 429
    db.session.execute(update(LoginLog).values(at=now - timedelta(minutes=16)))
    assert sign_in(client).status_code == 303


def test_hashing_holds_no_database_lock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a password is compared another connection can write at once."""
    written = []

    def slow(password: str, stored: str | None) -> bool:
        with db.engine.begin() as connection:
            connection.execute(update(User).where(User.login == "town").values(large_type=True))
        written.append(True)
        return True

    monkeypatch.setattr(passwords, "matches", slow)
    response = sign_in(app.test_client())
    assert (response.status_code, written) == (303, [True])


def test_the_cookie_is_a_new_one_after_sign_in_and_worthless_after_sign_out(app: Flask, client: FlaskClient) -> None:
    client.get("/login")
    before = client.get_cookie("yumiao").value
    sign_in(client)
    inside = client.get_cookie("yumiao").value
    assert before != inside
    thief = app.test_client()
    thief.set_cookie("yumiao", inside)
    assert thief.get("/account").status_code == 200
    client.post("/logout", data={"csrf_token": token_of(client.get("/account").text)})
    assert client.get("/account").status_code == 302
    assert thief.get("/account").status_code == 302
    assert outcomes() == ["ok", "logout"]


def test_a_session_planted_before_sign_in_is_thrown_away(app: Flask, client: FlaskClient) -> None:
    """Fixation: what an attacker put into the browser's session does not survive, nor does it come alive."""
    with client.session_transaction() as planted:
        planted["_user_id"] = "a" * 43
        planted["marker"] = "attacker"
    sign_in(client)
    with client.session_transaction() as mine:
        assert "marker" not in mine
        assert mine["_user_id"] != "a" * 43
        assert len(mine["_user_id"]) == 43


def test_only_the_hash_of_the_token_is_stored(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    with client.session_transaction() as mine:
        token = mine["_user_id"]
    stored = db.session.scalars(select(UserSession)).one()
    assert stored.token_hash == token_hash(token) != token


def test_the_cookie_is_http_only_and_same_site(client: FlaskClient) -> None:
    header = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_idle_and_absolute_time_end_a_session(app: Flask, client: FlaskClient) -> None:
    start = clock.now()
    clock.freeze(start)
    sign_in(client)
    for minutes in (29, 58):
        clock.freeze(start + timedelta(minutes=minutes))
        assert client.get("/account").status_code == 200
    clock.freeze(start + timedelta(minutes=58 + 31))
    response = client.get("/account?x=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/account?x%3D1"
    assert "登录已过期" in client.get("/login").text
    clock.freeze(start)
    sign_in(client)
    for hours in range(1, 25):
        clock.freeze(start + timedelta(hours=hours / 2))
        last = client.get("/account").status_code
    assert last == 302


def test_last_use_is_written_at_most_once_a_minute_and_by_nothing_else(app: Flask, as_) -> None:
    start = clock.now()
    clock.freeze(start)
    browser = as_("county")
    seen = lambda: db.session.scalars(select(UserSession.last_seen_at)).one()  # noqa: E731
    clock.freeze(start + timedelta(seconds=59))
    browser.get("/account")
    assert seen() == start
    clock.freeze(start + timedelta(seconds=61))
    browser.get("/account")
    assert seen() == start + timedelta(seconds=61)


def test_a_busy_database_does_not_hold_up_a_page(app: Flask, as_) -> None:
    """Somebody imports for minutes: pages still open, the last use is written another time."""
    browser = as_("county")
    start = clock.now()
    clock.freeze(start + timedelta(minutes=5))
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as writer:
            writer.execute(update(User).where(User.login == "town").values(large_type=True))
            assert browser.get("/account").status_code == 200


def test_disabling_or_a_new_password_ends_all_sessions(app: Flask, as_) -> None:
    browser = as_("county")
    user().disabled_at = clock.now()
    assert browser.get("/account").status_code == 302


def test_signed_in_elsewhere_can_be_ended(app: Flask, as_) -> None:
    here, there = as_("county"), as_("county")
    rows = db.session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    assert here.post(f"/account/sessions/{rows[1]}/revoke").status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def change(browser: Browser, new: str, current: str = PASSWORD, again: str | None = None):
    return browser.post("/account/password", data={"current": current, "new": new, "again": new if again is None else again})


def test_changing_the_password_signs_out_everywhere_else(app: Flask, as_) -> None:
    here, there = as_("county"), as_("county")
    assert change(here, "a quite different sentence").status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert sign_in(app.test_client(), password="a quite different sentence").status_code == 303
    assert sign_in(app.test_client()).status_code == 401


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("short7!", "密码太短"), ("12345678", "太常见"), ("aaaaaaaaaa", "太常见"), ("my-county-2026", "不能包含登录名"),
        ("x" * 200, "密码太长"), (PASSWORD, "不能与正在使用"),
    ],
)
def test_a_weak_password_is_refused_in_words(app: Flask, as_, new: str, words: str) -> None:
    browser = as_("county")
    response = change(browser, new)
    assert response.status_code == 422
    assert words in response.text
    assert sign_in(app.test_client()).status_code == 303


def test_the_present_password_is_needed_and_guessing_it_locks(app: Flask, as_) -> None:
    browser = as_("county")
    for _ in range(5):
        response = change(browser, "a quite different sentence", current="wrong")
        assert "现用密码不正确" in response.text
    assert user().locked_until is not None


def test_two_different_new_passwords_are_refused(app: Flask, as_) -> None:
    assert "两次输入的新密码不一致" in change(as_("county"), "a quite different sentence", again="another").text


def test_an_initial_password_opens_only_the_page_to_change_it(app: Flask, client: FlaskClient) -> None:
    user().must_change_password = True
    sign_in(client)
    assert client.get("/account").location == "/account/password"
    assert client.get("/areas/").location == "/account/password"
    assert client.post("/account/display", data={"csrf_token": token_of(client.get("/account/password").text)}).status_code == 403
    page = client.get("/account/password")
    assert "初始密码" in page.text
    data = {"current": PASSWORD, "new": "a quite different sentence", "again": "a quite different sentence", "csrf_token": token_of(page.text)}
    assert client.post("/account/password", data=data).status_code == 303
    assert client.get("/account").status_code == 200


def test_an_initial_password_not_used_in_14_days_is_worthless(app: Flask, client: FlaskClient) -> None:
    person = user()
    person.must_change_password, person.password_changed_at = True, clock.now() - timedelta(days=15)
    assert sign_in(client).status_code == 401
    assert outcomes() == ["stale"]


def test_long_and_odd_input_is_refused_without_an_error(app: Flask, client: FlaskClient) -> None:
    for login, password in (("x" * 5000, "y"), ("县\x00", "y"), ("'; DROP TABLE user; --", "y"), ("a", "y" * 100_000), ("\ud83d\ude00", "y")):
        try:
            assert sign_in(client, login.encode("utf-8", "replace").decode(), password).status_code in (400, 401, 422)
        except UnicodeEncodeError:
            continue
    assert sign_in(client, "", "").status_code == 422


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "http:evil", " //evil",
     "/\t/evil.example", "/login", "/logout", "account", "", "/" + "a" * 2000],
)
def test_after_sign_in_nobody_is_led_to_another_site(app: Flask, client: FlaskClient, target: str) -> None:
    assert safe_next(target) is None
    assert sign_in(client, next=target).location == "/"


def test_after_sign_in_the_wanted_page_opens(app: Flask, client: FlaskClient) -> None:
    response = client.get("/areas/?year=2023")
    page = client.get(response.location)
    data = {"login": "county", "password": PASSWORD, "csrf_token": token_of(page.text)}
    data["next"] = re.search(r'name="next"[^>]*value="([^"]*)"', page.text)[1].replace("&amp;", "&")
    assert client.post("/login", data=data).location == "/areas/?year=2023"


def test_a_fragment_asked_for_after_the_end_leads_to_the_login_page(app: Flask, client: FlaskClient) -> None:
    response = client.get("/account", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login")


def test_a_form_sent_after_the_end_says_that_nothing_was_saved(app: Flask, as_) -> None:
    browser = as_("county")
    db.session.execute(update(UserSession).values(revoked_at=clock.now()))
    response = browser.post("/account/display", data={"large": "1"})
    assert response.status_code == 401
    assert "没有提交" in response.text


def test_without_posts_one_signs_in_and_learns_what_is_missing(app: Flask, as_) -> None:
    browser = as_("county")
    for post in db.session.scalars(select(Post).where(Post.user_id == user().id)):
        db.session.delete(post)
    assert "还没有分配职务" in browser.get("/account").text
    assert browser.get("/areas/").status_code == 403


def test_old_hashes_are_renewed_at_sign_in(app: Flask, client: FlaskClient) -> None:
    from argon2 import PasswordHasher

    user().password_hash = old = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash(PASSWORD)
    assert sign_in(client).status_code == 303
    db.session.expire_all()
    assert user().password_hash != old
    assert sign_in(app.test_client()).status_code == 303


def test_outside_tests_hashing_is_argon2id_with_strong_parameters() -> None:
    assert passwords._strong.hash("x").startswith("$argon2id$")
    assert (passwords._strong.memory_cost, passwords._strong.time_cost) >= (19456, 2)


@pytest.mark.parametrize(
    ("password", "good"), [("Abcdefgh12", True), ("abcdefgh12", False), ("Abc12", False), ("Abcdefghij", False), ("abc-defg-12", True)]
)
def test_the_dengbao_profile_asks_for_three_classes_and_ten_characters(password: str, good: bool) -> None:
    problem = password_problem(password, login="someone", profile=PROFILES["dengbao"], common=frozenset())
    assert (problem is None) is good


def test_the_default_profile_asks_for_no_classes() -> None:
    for password in ("correct horse battery", "这是一句很长的密码啊", "zxqwvbnmkjh"):
        assert password_problem(password, login="someone", profile=PROFILES["asvs"], common=passwords.common()) is None
