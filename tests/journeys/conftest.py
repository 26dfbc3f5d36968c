"""A running installation for browser journeys: real server, real worker, demo data, headless Chromium.

The server runs as scripts/run.py starts it (granian, two workers) on a free port of the loopback address.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.demo.accounts import PASSWORD
from tests.browsers import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine; scripts/test.py says so in its last line"))


@dataclass(frozen=True)
class Site:
    """A running installation."""

    url: str
    data: Path
    env: dict[str, str]

    def flask(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "flask", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Demo installation of 300 enterprises with web server and worker."""
    data = tmp_path_factory.mktemp("site")
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("YUMIAO_")}, "YUMIAO_MODE": "demo", "YUMIAO_DATA_DIR": str(data), "FLASK_APP": "wsgi",
        "YUMIAO_LOG_LEVEL": "WARNING", "YUMIAO_RATE_PER_MINUTE": "100000",
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(f"http://127.0.0.1:{port}", data, env)
    for command in (["db", "upgrade"], ["areas", "load"], ["packs", "load", "liaocheng"], ["demo", "load", "--enterprises", "300"]):
        site.flask(*command)
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1", "--no-ws", "--log-level", "warning",
           "--host", "127.0.0.1", "--port", str(port), "wsgi:app"]
    children = [subprocess.Popen(c, cwd=ROOT, env=env, start_new_session=True) for c in (web, [sys.executable, "-m", "app.worker"])]
    try:
        _wait(site.url)
        yield site
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
        for child in children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url + "/health", timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")


@pytest.fixture
def sign_in(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``sign_in("bureau", viewport=PHONE)`` -> a page of a fresh browser profile, signed in; every script error fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def go(login: str, viewport: dict[str, int] | None = None, *, axe: bool = False) -> Page:
        context = chromium.new_context(viewport=viewport or DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=axe)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: problems.append(request.url) if not request.url.startswith((site.url, "data:", "blob:")) else None)
        page.goto(site.url + "/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("form:has(input[name=password]) button[type=submit]")
        page.wait_for_url(re.compile(r"^(?!.*/login).*$"))
        return page

    yield go
    for context in contexts:
        context.close()
    assert not problems, problems


def axe_violations(page: Page) -> list[str]:
    """Violations of WCAG A and AA on the page as it stands (the context must be opened with ``axe=True``)."""
    page.add_script_tag(path=str(AXE))
    result = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [f"{v['id']} ({v['impact']}): {[n['target'] for n in v['nodes']][:5]}" for v in result["violations"]]
