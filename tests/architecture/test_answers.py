"""The headers that protect a reader stand on every kind of answer, not only on pages (quality.md R12)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.personas import Browser

POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
As = Callable[[str], Browser]


def a_static_file(app: Flask) -> str:
    folder = Path(str(app.static_folder))
    found = next((p for p in sorted(folder.rglob("*.svg")) + sorted(folder.rglob("*.css"))), None)
    assert found is not None, "no static file at all"
    return f"/static/{found.relative_to(folder).as_posix()}"


def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> str:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "identity.profile", fails)


def answers(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, TestResponse]]:
    """Kind -> (expected status, answer)."""
    broken(app, monkeypatch)
    as_json, htmx = {"Accept": "application/json"}, {"HX-Request": "true"}
    return {
        "page": (200, browser.get("/")), "login page": (200, app.test_client().get("/login")), "to the login": (302, app.test_client().get("/enterprises/")),
        "to the login, part": (401, app.test_client().get("/enterprises/", headers=htmx)), "health": (200, app.test_client().get("/health")),
        "refused": (403, browser.get("/users/")), "nowhere": (404, browser.get("/nowhere")), "nowhere, part": (404, browser.get("/nowhere", headers=htmx)),
        "nowhere, json": (404, browser.get("/nowhere", headers=as_json)), "no record": (404, browser.get("/enterprises/999999")),
        "wrong method": (405, browser.post("/ladder/")), "no token": (400, browser.post("/enterprises/new", csrf=False)),
        "bad form": (422, browser.post("/enterprises/new", data={"name": ""})), "bad argument": (422, browser.get("/ladder/?as_of=x")),
        "broken": (500, browser.get("/account")), "broken, json": (500, browser.get("/account", headers=as_json)),
        "static": (200, browser.get(a_static_file(app))), "no static": (404, browser.get("/static/dist/nothing.js")),
        "download": (200, browser.get("/exchange/enterprises/template")), "export": (200, browser.post("/indicators/export", data={"year": "2023"})),
        "saved": (303, browser.post("/enterprises/views", data={"name": "甲", "query": ""})), "options": (200, browser.options("/ladder/")),
        "head": (200, browser.head("/ladder/")),
    }


def test_every_kind_of_answer_is_protected(app: Flask, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for kind, (status, response) in answers(app, as_("county"), monkeypatch).items():
        headers = response.headers
        policy = headers.get("Content-Security-Policy", "")
        facts = {
            f"status {response.status_code}, expected {status}": response.status_code == status,
            "policy": all(part in policy for part in POLICY),
            "unsafe": "unsafe" not in policy and "*" not in policy and "http:" not in policy and "data: " not in policy.split("script-src")[-1].split(";")[0],
            "nosniff": headers.get("X-Content-Type-Options") == "nosniff", "framing": headers.get("X-Frame-Options") == "DENY",
            "referrer": headers.get("Referrer-Policy") == "same-origin", "request id": bool(headers.get("X-Request-Id")),
            "not stored": kind == "static" or "no-store" in headers.get("Cache-Control", ""),
            "attachment": kind not in ("download", "export") or headers.get("Content-Disposition", "").startswith("attachment"),
            "charset": not response.mimetype.startswith("text/") or kind == "static" or "charset=utf-8" in headers["Content-Type"].lower(),
            "says nothing of the fault": "secret detail" not in response.get_data().decode("utf-8", "replace") and "Traceback" not in str(headers),
            "server": "Python" not in headers.get("Server", ""),
        }
        wrong += [f"{kind}: {name}" for name, holds in facts.items() if not holds]
    assert not wrong, "\n".join(wrong)
