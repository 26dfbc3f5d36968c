"""Signing in: what it promises to people, and what it refuses to attackers."""

from flask import Flask
from flask.testing import FlaskClient


def test_login_page_opens(client: FlaskClient) -> None:
    assert client.get("/login").status_code == 200


def test_signed_in(as_) -> None:
    response = as_("county").get("/account")
    assert response.status_code == 200
    assert "东昌府经办甲" in response.text
