"""The closed list of routes: who may open what, decided by the roles and proven by opening it."""

import hashlib
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule

from app.identity.roles import ROLES
from app.infra.db import Base, db
from app.kernel.permission import Permission
from tests.pages import PageBrowser, read
from tests.pages_registry import QUERIES, Sample, samples
from tests.personas import PERSONAS, UNSAFE, Browser

WRITTEN_BY_GET = {"user_session": {"last_seen_at"}, "access_log": None, "hall_hit": None}
"""What a GET may leave behind: these columns, or the whole table (None)."""
As = Callable[[str], Browser]


def rules(app: Flask) -> Iterator[Rule]:
    yield from (r for r in app.url_map.iter_rules() if r.endpoint != "static")


def plain_pages(app: Flask) -> list[tuple[str, str]]:
    """(endpoint, address) of every GET route without arguments in its path."""
    return [(r.endpoint, r.rule + QUERIES.get(r.endpoint, "")) for r in rules(app) if "GET" in (r.methods or ()) and not r.arguments]


def access_of(app: Flask, endpoint: str) -> str | Permission | None:
    return getattr(app.view_functions[endpoint], "access", None)


def may(persona: str, access: str | Permission | None) -> bool:
    return access in ("public", "signed_in") or access in ROLES[PERSONAS[persona].role].permissions


def filled(app: Flask, rule: Rule) -> str:
    """The address of a route with some value for each argument."""
    values = {name: 1 if isinstance(converter, IntegerConverter) else "x" for name, converter in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def test_every_route_is_marked(app: Flask) -> None:
    unmarked = [r.endpoint for r in rules(app) if access_of(app, r.endpoint) is None]
    assert not unmarked, f"without @requires, @signed_in or @public: {unmarked}"


def test_writing_routes_commit_in_one_place(app: Flask) -> None:
    loose = [r.endpoint for r in rules(app) if set(UNSAFE) & (r.methods or set()) and not getattr(app.view_functions[r.endpoint], "commits", False)]
    assert not loose, f"POST without @commits: {loose}"


def test_few_routes_are_public(app: Flask) -> None:
    open_ones = {r.endpoint for r in rules(app) if access_of(app, r.endpoint) == "public"}
    known = {
        "identity.login", "identity.health", "workbench.offline", "workbench.root", "workbench.web_manifest", "workbench.service_worker", "visits.phone",
        "demands.public", "demands.track", "demands.track_do", "demands.track_file", "visits.answer", "reminders.subscription",
    }
    assert open_ones <= known, open_ones


def test_every_page_with_a_record_has_a_sample(app: Flask) -> None:
    known = {s.endpoint for s in samples()}
    missing = sorted({r.endpoint for r in rules(app) if r.arguments} - known)
    assert not missing, f"no sample in tests/<capability>/samples.py: {missing}"


def test_nobody_gets_in_without_signing_in(app: Flask) -> None:
    browser = app.test_client()
    for rule in rules(app):
        if "GET" in (rule.methods or ()) and access_of(app, rule.endpoint) != "public":
            response = browser.get(filled(app, rule))
            assert response.status_code in (302, 401), (rule.rule, response.status_code)
            if response.status_code == 302:
                assert response.location.startswith("/login"), rule.rule


def test_every_unsafe_route_needs_the_csrf_token(app: Flask, as_: As) -> None:
    browser = as_("bureau")
    for rule in rules(app):
        for method in set(UNSAFE) & (rule.methods or set()):
            response = browser.open(filled(app, rule), method=method, csrf=False)
            assert response.status_code == 400, (method, rule.rule, response.status_code)
            assert "安全校验" in response.text or response.is_json


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_role_opens_exactly_what_its_permissions_say(app: Flask, as_: As, persona: str) -> None:
    browser, before = as_(persona), _fingerprints()
    wrong = []
    for endpoint, address in plain_pages(app):
        status = browser.get(address).status_code
        expected = (200, 302, 303) if may(persona, access_of(app, endpoint)) else (403,)
        if status not in expected:
            wrong.append(f"{endpoint} {address}: {status}, expected {expected}")
    assert not wrong, "\n".join(wrong)
    assert _changed(before) == set()


@pytest.mark.parametrize("persona", ("bureau", "county", "town", "contact", "expert", "system", "audit", "security"))
def test_every_plain_page_is_sound(app: Flask, as_: As, persona: str) -> None:
    browser = PageBrowser(app, as_(persona))
    for endpoint, address in plain_pages(app):
        if not may(persona, access_of(app, endpoint)):
            continue
        response = browser.browser.get(address)
        if response.status_code == 200 and response.mimetype == "text/html":
            browser.get(address, statements=20)


@pytest.mark.parametrize("entry", samples(), ids=lambda s: f"{s.method}-{s.endpoint}")
def test_a_record_is_shown_to_its_viewers_and_to_no_stranger(app: Flask, as_: As, entry: Sample) -> None:
    address = entry.make()
    browsers = {name: as_(name) for name in (*entry.strangers, *entry.refused, *entry.viewers)}
    db.session.commit()
    before = _fingerprints() if entry.method == "GET" else {}
    for names, expected in ((entry.strangers, (404,)), (entry.refused, (403,)), (entry.viewers, (200, 302) if entry.method == "GET" else (200, 303))):
        for name in names:
            browser = browsers[name]
            response = browser.open(address, method=entry.method, data=entry.data)
            assert response.status_code in expected, (name, address, response.status_code, read(response).text[:300])
            if entry.method == "GET" and response.status_code == 200 and response.mimetype == "text/html":
                fragment = not response.text.lstrip().lower().startswith("<!doctype")  # a part of a page, fetched after it
                PageBrowser(app, browser).get(address, statements=entry.statements, fragment=fragment)
    assert _changed(before) == set()


@pytest.mark.parametrize("number", (0, 2**31, 2**63 - 1, 2**63, 10**30))
def test_a_number_no_row_has_is_not_found(app: Flask, as_: As, number: int) -> None:
    """Huge ids in the path are answered like any unknown one, never by an error of the database driver."""
    browsers = {name: as_(name) for name in ("bureau", "system")}
    wrong = []
    for rule in rules(app):
        ids = [n for n, c in rule._converters.items() if isinstance(c, IntegerConverter)]
        if ids and "GET" in (rule.methods or ()):
            address = rule.rule
            for name in rule.arguments:
                address = re.sub(rf"<[^<>]*{name}>", str(number) if name in ids else "x", address)
            wrong += [f"{address}: {status}" for b in browsers.values() if (status := b.get(address).status_code) not in (403, 404, 422)]
    assert not wrong, wrong


@pytest.mark.parametrize("text", ("'", "%", "\u202e甲", "a" * 3000, "<script>alert(1)</script>", "{{7*7}}", "-1", "1e999", "0001-01-01", "9999-12-31"))
def test_odd_query_arguments_are_never_an_error(app: Flask, as_: As, text: str) -> None:
    """Every page with the arguments its own filters send, filled with nonsense: an answer in words, nothing echoed alive."""
    browser = as_("bureau")
    for endpoint, address in plain_pages(app):
        if not may("bureau", access_of(app, endpoint)):
            continue
        page = read(browser.get(address))
        names = {e.attributes["name"] for e in page.elements if e.tag in ("input", "select") and "name" in e.attributes} | {"cursor", "sort", "size", "page"}
        response = browser.get(address.partition("?")[0], query_string=dict.fromkeys(names - {"csrf_token"}, text))
        assert response.status_code < 500, (address, text)
        assert "<script>alert(1)" not in response.text, address


def _fingerprints() -> dict[str, str]:
    """Hash of the content of every table, without what a GET may write."""
    found = {}
    db.session.commit()  # the test's own transaction would lock the file
    with db.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            if name in WRITTEN_BY_GET and WRITTEN_BY_GET[name] is None:
                continue
            columns = [c for c in table.columns if c.name not in (WRITTEN_BY_GET.get(name) or ())]
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def _changed(before: dict[str, str]) -> set[str]:
    """Tables that differ from what they were."""
    after = _fingerprints()
    return {name for name in before if before[name] != after.get(name)}


def test_a_get_changes_nothing(app: Flask, as_: As) -> None:
    addresses = [(as_("bureau"), a) for _, a in plain_pages(app)] + [(as_("audit"), a) for _, a in plain_pages(app)]
    for entry in samples():
        if entry.method == "GET":
            addresses.append((as_(entry.viewers[0]), entry.make()))
    db.session.commit()
    before = _fingerprints()
    for browser, address in addresses:
        browser.get(address)
    assert _changed(before) == set()


@pytest.mark.parametrize("persona", ("town", "contact", "stranger", "provider"))
def test_a_walk_over_all_links_meets_no_closed_door(app: Flask, as_: As, persona: str) -> None:
    """Every link a person is shown opens, up to 60 pages deep into the site."""
    browser, seen, waiting = PageBrowser(app, as_(persona)), set(), ["/account"]
    while waiting and len(seen) < 60:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = browser.browser.get(address, follow_redirects=True)
        assert response.status_code == 200 or (address == "/" and response.status_code == 404), (address, response.status_code)
        if response.mimetype == "text/html":
            waiting += [link for link in read(response).links if link.startswith("/") and not link.startswith(("/static", "//"))]
