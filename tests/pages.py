"""A browser that checks on every page what must hold on every page.

    def test_board(pages):
        page = pages("county").get("/ladder/board", statements=8)
        assert "专精特新" in page.text

Checked each time: status, one h1, title, language, unique ids, labelled inputs, named buttons and links, no residue of Python or Jinja,
no inline style, script or handler, no address of another host, number of SQL statements, and that every link leads to a route
this persona may open.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from app.identity.models import Post, User
from app.identity.roles import ROLES
from app.infra.db import db
from app.kernel.permission import Permission
from tests.personas import Browser

STATEMENTS = 12
"""Most statements of an ordinary page, sign-in included; pages with a tighter budget say so."""
RESIDUE = re.compile(r"\bNone\b|\bnan\b|\bNaN\b|\{\{|\}\}|\{%|%\}|<bound |object at 0x|\bUndefined\b|Decimal\(|datetime\.")
URL_ATTRIBUTES = ("href", "src", "action", "formaction", "poster", "data", "hx-get", "hx-post", "data-url", "data-picker-url")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass
class Element:
    """One tag with its attributes and the text inside it."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        doubled = [name for name, count in Counter(n for n, _ in attrs).items() if count > 1]
        self.problems += [f"<{tag}> has attribute {name} twice" for name in doubled]
        element = Element(tag, {n: v or "" for n, v in attrs}, tuple(e.tag for e in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1].tag != tag:
            opened = self.open[-1].tag if self.open else "nothing"
            self.problems.append(f"</{tag}> closes <{opened}>")
            while self.open and self.open[-1].tag != tag:
                self.open.pop()
        if self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


@dataclass
class Page:
    """A checked answer. ``text`` is what a person reads, ``html`` the source."""

    response: TestResponse
    html: str
    elements: list[Element] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        body = next((e.text for e in self.elements if e.tag == "body"), "")
        return re.sub(r"\s+", " ", body)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of a tag whose attributes have these values (``class_`` for class, ``_`` for -)."""
        wanted = {k.rstrip("_").replace("_", "-"): v for k, v in attributes.items()}
        return [e for e in self.elements if e.tag == tag and all(e.attributes.get(k) == v for k, v in wanted.items())]

    @property
    def h1(self) -> str:
        return next((e.text.strip() for e in self.elements if e.tag == "h1"), "")

    @property
    def links(self) -> list[str]:
        """Addresses of all links, as written."""
        return [e.attributes["href"] for e in self.elements if e.tag == "a" and "href" in e.attributes]


def read(response: TestResponse) -> Page:
    """Parse an answer without judging it."""
    html = response.get_data(as_text=True)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(response, html, reader.elements)


def problems_of(page: Page, *, fragment: bool = False) -> list[str]:
    """Everything that is wrong with the markup of any page; empty when it is sound."""
    reader = _Reader()
    reader.feed(page.html)
    found = list(reader.problems)
    if not fragment:
        found += _document(page)
    ids = Counter(e.attributes["id"] for e in page.elements if "id" in e.attributes)
    found += [f"id {name!r} occurs {count} times" for name, count in ids.items() if count > 1]
    found += [] if fragment else _references(page, set(ids))
    found += _controls(page)
    for element in page.elements:
        found += _element(element)
    found += [f"residue: …{t}…" for t in _residue(page)]
    return found


def _document(page: Page) -> list[str]:
    found = []
    if len(page.all("h1")) != 1 or not page.h1:
        found.append(f"{len(page.all('h1'))} h1, text {page.h1!r}")
    if [e.attributes.get("lang") for e in page.all("html")] != ["zh-CN"]:
        found.append("html without lang=zh-CN")
    titles = [e.text.strip() for e in page.elements if e.tag == "title" and "svg" not in e.inside]
    if len(titles) != 1 or not titles[0]:
        found.append(f"titles {titles}")
    return found


def _references(page: Page, ids: set[str]) -> list[str]:
    found = []
    for element in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for target in element.attributes.get(name, "").split():
                if target not in ids:
                    found.append(f"<{element.tag} {name}={target!r}> points to no element")
        href = element.attributes.get("href", "")
        if element.tag == "a" and href.startswith("#") and len(href) > 1 and href[1:] not in ids:
            found.append(f"link to missing anchor {href}")
    return found


def _controls(page: Page) -> list[str]:
    labelled = {e.attributes.get("for") for e in page.all("label") if e.text.strip()}
    found = []
    for element in page.elements:
        named = any(element.attributes.get(a, "").strip() for a in ("aria-label", "aria-labelledby", "title"))
        control = element.tag in ("input", "select", "textarea") and element.attributes.get("type") not in ("hidden", "submit", "button")
        if control and not named and element.attributes.get("id") not in labelled and "label" not in element.inside:
            found.append(f"<{element.tag} name={element.attributes.get('name')!r}> without label")
        if element.tag in ("a", "button") and not named and not element.text.strip():
            found.append(f"<{element.tag}> without words: {element.attributes}")
        if element.tag == "img" and "alt" not in element.attributes:
            found.append(f"<img> without alt: {element.attributes.get('src')}")
    return found


def _element(element: Element) -> list[str]:
    found = [f"<{element.tag} {name}>" for name in element.attributes if name.startswith(("on", "hx-on")) or name == "style"]
    if element.tag == "style":
        found.append("<style>")
    if element.tag == "script" and "src" not in element.attributes and element.attributes.get("type") != "application/json":
        found.append("inline <script>")
    for name in URL_ATTRIBUTES:
        value = element.attributes.get(name, "")
        if re.match(r"(?i)(https?:)?//", value) or value.lower().startswith("javascript:"):
            found.append(f"<{element.tag} {name}={value!r}> leads to another host")
    return found


def _residue(page: Page) -> Iterator[str]:
    texts = [e.text for e in page.elements if e.tag in ("body", "title")]
    texts += [v for e in page.elements for n, v in e.attributes.items() if n not in ("content", "d", "class", "nonce")]
    for text in texts:
        for match in RESIDUE.finditer(text):
            yield text[max(match.start() - 30, 0) : match.end() + 30].replace("\n", " ")


def _permissions(login: str | None) -> frozenset[Permission]:
    """What the posts of this person allow; the posts of a test may differ from the persona's."""
    held = db.session.scalars(select(Post.role_code).join(User, User.id == Post.user_id).where(User.login == login))
    return frozenset().union(*(ROLES[code].permissions for code in held if code in ROLES))


def forbidden_links(app: Flask, page: Page, persona: str | None) -> list[str]:
    """Links and forms of the page that lead nowhere, or to what this persona may not open."""
    permissions = _permissions(persona)
    adapter, found = app.url_map.bind("localhost"), []
    for element in page.elements:
        for name, method in (("href", "GET"), ("action", element.attributes.get("method", "get").upper()), ("hx-get", "GET"), ("hx-post", "POST")):
            address = element.attributes.get(name)
            if address is None or element.tag in ("link", "use") or address.startswith(("#", "mailto:", "tel:")):
                continue
            path = urlsplit(urljoin(page.response.request.path, address)).path
            problem = _reachable(app, adapter, path, method, permissions, persona)
            if problem:
                found.append(f"{name}={address}: {problem}")
    return found


def _reachable(app: Flask, adapter: Any, path: str, method: str, permissions: Any, persona: str | None) -> str | None:
    try:
        endpoint, _ = adapter.match(path, method=method)
    except RequestRedirect:
        return None
    except HTTPException as error:
        return None if path == "/" else f"no route ({error.code})"
    access = getattr(app.view_functions[endpoint], "access", "public" if endpoint == "static" else None)
    if access == "public" or (access == "signed_in" and persona) or access in permissions:
        return None
    return f"{endpoint} needs {access}"


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """SQL statements sent inside the block; settings of the connection and transaction marks are not counted."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SET ", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class PageBrowser:
    """Opens pages as one persona and checks each."""

    def __init__(self, app: Flask, browser: Browser) -> None:
        self.app, self.browser = app, browser

    def get(
        self, path: str, *, status: int = 200, statements: int = STATEMENTS, fragment: bool = False, follow: bool = False, **kwargs: Any
    ) -> Page:
        """GET a page. ``fragment``: asked for by htmx. ``statements``: most SQL statements allowed."""
        headers = {**dict(kwargs.pop("headers", {})), **({"HX-Request": "true"} if fragment else {})}
        with counted_statements() as seen:
            response = self.browser.get(path, headers=headers, follow_redirects=follow, **kwargs)
        return self._check(response, seen, status=status, statements=statements, fragment=fragment)

    def post(self, path: str, data: Any = None, *, status: int = 303, **kwargs: Any) -> Page:
        """POST a form; pages that come back with errors (422) are checked like any other."""
        response = self.browser.post(path, data=data, **kwargs)
        return self._check(response, [], status=status, statements=STATEMENTS, fragment=False)

    def _check(self, response: TestResponse, seen: list[str], *, status: int, statements: int, fragment: bool) -> Page:
        page = read(response)
        page.statements = seen
        where = f"{response.request.method} {response.request.path} as {self.browser.persona}"
        assert response.status_code == status, f"{where}: {response.status_code}, expected {status}\n{page.text[:600]}"
        if response.mimetype != "text/html" or 300 <= status < 400:
            return page
        problems = problems_of(page, fragment=fragment) + forbidden_links(self.app, page, self.browser.persona)
        assert not problems, f"{where}:\n  " + "\n  ".join(problems[:20])
        assert len(seen) <= statements, f"{where}: {len(seen)} statements, allowed {statements}\n  " + "\n  ".join(s[:160] for s in seen)
        return page


@pytest.fixture
def pages(app: Flask, as_: Callable[[str], Browser]) -> Callable[[str | None], PageBrowser]:
    """``pages("county").get(path)``; ``pages(None)`` is nobody."""

    def open_as(persona: str | None) -> PageBrowser:
        return PageBrowser(app, as_(persona) if persona else app.test_client())  # type: ignore[arg-type]

    return open_as
