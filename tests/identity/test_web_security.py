"""Headers, host check, cookies, method override, rate limit, health: the shell around every page."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.identity.guard import Brake
from app.infra.db import db


def test_every_answer_carries_the_security_headers(app: Flask, client: FlaskClient, as_) -> None:
    for response in (client.get("/login"), as_("county").get("/account"), client.get("/nowhere"), client.post("/login")):
        headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        for part in ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Request-Id"] not in ("", "-")
        assert "HX-Request" in headers["Vary"]


def test_each_answer_has_its_own_nonce(client: FlaskClient) -> None:
    assert len({client.get("/login").headers["Content-Security-Policy"] for _ in range(3)}) == 3


def test_a_refused_form_names_its_request(client: FlaskClient) -> None:
    response = client.post("/login", data={"login": "a", "password": "b"})
    assert response.status_code == 400
    assert response.headers["X-Request-Id"] in response.text


def test_the_method_cannot_be_overridden(app: Flask, as_) -> None:
    browser = as_("county")
    assert browser.get("/logout?_method=POST", headers={"X-HTTP-Method-Override": "POST"}).status_code == 405
    assert browser.get("/account").status_code == 200


def test_a_token_of_another_session_is_refused(app: Flask, as_) -> None:
    from tests.personas import csrf_token

    browser = as_("county")
    with browser.session_transaction() as session:
        session["csrf_token"] = "b" * 40
    assert browser.post("/account/display", csrf=False, headers={"X-CSRFToken": csrf_token(app)}).status_code == 400


def test_health_says_nothing_but_ok(client: FlaskClient) -> None:
    response = client.get("/health")
    assert response.get_json() == {"status": "ok"}
    assert "Set-Cookie" not in response.headers


@pytest.fixture
def strict(app: Flask) -> Iterator[Flask]:
    """The same database behind a production-like configuration: one trusted host, HTTPS cookies, few anonymous requests."""
    settings = dataclasses.replace(app.config["SETTINGS"], trusted_hosts=("yumiao.example.gov.cn",), https=True, web_rps=5)
    other = create_app(settings)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()  # an open connection to a file that the next test replaces would harm that test


def test_another_host_is_refused(strict: Flask) -> None:
    client = strict.test_client()
    assert client.get("/login", base_url="https://evil.example/").status_code == 400
    assert client.get("/login", base_url="https://yumiao.example.gov.cn/").status_code == 200


def test_over_https_cookies_are_secure_and_browsers_stay_there(strict: Flask) -> None:
    response = strict.test_client().get("/login", base_url="https://yumiao.example.gov.cn/")
    assert "Secure" in response.headers["Set-Cookie"]
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_too_many_requests_of_strangers_are_refused_but_health_is_not(strict: Flask) -> None:
    client, base = strict.test_client(), "https://yumiao.example.gov.cn/"
    answers = [client.get("/login", base_url=base).status_code for _ in range(7)]
    assert answers[:5] == [200] * 5
    assert answers[-1] == 429
    assert client.get("/health", base_url=base).status_code == 200


def test_the_brake_counts_each_address_by_itself() -> None:
    brake = Brake()
    assert [brake.exceeded("a", 2) for _ in range(3)] == [False, False, True]
    assert not brake.exceeded("b", 2)
