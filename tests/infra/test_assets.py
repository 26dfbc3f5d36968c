"""The built front end: names, delivery, the page while it is not built, what the build puts out and what it costs the reader."""

import gzip
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask, render_template_string

from app.infra.web import assets, templating

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "static" / "dist"


@pytest.fixture
def site(tmp_path: Path) -> Flask:
    """An application with a small built front end of its own; one page uses it."""
    dist = tmp_path / "static" / "dist"
    dist.mkdir(parents=True)
    (dist / "app-1.css").write_text("a{}")
    (dist / "app-1.css.gz").write_bytes(gzip.compress(b"a{}"))
    (dist / "app-1.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    manifest = {"files": {"app.css": "app-1.css", "app.js": "app-1.js", "icons.svg": "icons-1.svg"}, "icons": ["home"]}
    (dist / "manifest.json").write_text(json.dumps({**manifest, "imports": {"app.js": ["chunk-1.js"]}}))
    app = Flask(__name__, root_path=str(tmp_path), static_folder="static", static_url_path="/static")
    templating.init_app(app)
    app.add_url_rule("/", "page", lambda: render_template_string("{{ asset('app.css') }} {{ icon('home') }}"))
    return app


def test_a_page_names_files_by_the_hash_of_their_content(site: Flask) -> None:
    page = site.test_client().get("/").text
    assert page.startswith("/static/dist/app-1.css ")
    assert 'aria-hidden="true"' in page and "/static/dist/icons-1.svg#home" in page


def test_an_icon_with_a_meaning_says_it_and_cannot_break_out(site: Flask) -> None:
    with site.test_request_context():
        drawn = assets.icon("home", 'a"><script>')
    assert 'role="img"' in drawn and "<script>" not in drawn


def test_an_unknown_icon_is_an_error_and_not_an_empty_square(site: Flask) -> None:
    with site.test_request_context(), pytest.raises(LookupError, match=r"icons\.txt"):
        assets.icon("no-such-icon")


def test_modules_that_are_needed_at_once_are_known(site: Flask) -> None:
    with site.test_request_context():
        assert assets.asset_preloads("app.js") == ["/static/dist/chunk-1.js"]
        assert assets.asset_preloads("app.css") == []


@pytest.mark.parametrize("damage", ["missing", "cut", "name"])
def test_without_a_build_the_page_names_the_command(site: Flask, damage: str) -> None:
    manifest = Path(site.static_folder) / "dist" / "manifest.json"
    if damage == "missing":
        manifest.unlink()
    elif damage == "cut":
        manifest.write_text('{"files": {"app')
    else:
        manifest.write_text('{"files": {}, "icons": []}')
    answer = site.test_client().get("/")
    assert answer.status_code == 503
    assert "python3 scripts/build.py" in answer.text and "前端尚未构建" in answer.text


def test_a_build_beside_a_running_server_is_seen(site: Flask) -> None:
    client = site.test_client()
    assert "app-1.css" in client.get("/").text
    manifest = Path(site.static_folder) / "dist" / "manifest.json"
    new = manifest.with_name("new.json")
    new.write_text(manifest.read_text().replace("app-1.css", "app-2.css"))
    new.replace(manifest)
    assert "app-2.css" in client.get("/").text


def test_browsers_that_take_gzip_get_it(site: Flask) -> None:
    client = site.test_client()
    zipped = client.get("/static/dist/app-1.css", headers={"Accept-Encoding": "gzip, br"})
    assert zipped.headers["Content-Encoding"] == "gzip" and gzip.decompress(zipped.data) == b"a{}"
    assert zipped.mimetype == "text/css" and "Accept-Encoding" in zipped.headers["Vary"]
    for refusal in ("", "br", "gzip;q=0"):
        plain = client.get("/static/dist/app-1.css", headers={"Accept-Encoding": refusal})
        assert plain.data == b"a{}" and "Content-Encoding" not in plain.headers


def test_scripts_are_scripts_whatever_the_operating_system_thinks(site: Flask) -> None:
    assert site.test_client().get("/static/dist/app-1.js").mimetype == "text/javascript"


@pytest.mark.parametrize("path", ["../secret.txt", "dist/../../secret.txt", "dist/%2e%2e/%2e%2e/secret.txt", "dist/none.css", "dist/\x00.css"])
def test_nothing_outside_the_static_folder_is_served(site: Flask, path: str) -> None:
    answer = site.test_client().get(f"/static/{path}")
    assert answer.status_code in (400, 404) and b"secret" not in answer.data


def test_a_failing_notice_does_not_take_the_page_with_it(site: Flask) -> None:
    def broken() -> list[templating.Notice]:
        raise RuntimeError

    templating.add_notice_source(site, broken)
    templating.add_notice_source(site, lambda: [templating.Notice("warn", "提醒程序没有运行")])
    with site.app_context():
        assert [notice.text for notice in templating.system_notices()] == ["提醒程序没有运行"]


def test_the_address_with_changes_keeps_the_rest(site: Flask) -> None:
    with site.test_request_context("/list?q=轴承&col=a&col=b&cursor=x"):
        assert templating.url_with(cursor=None, sort="-name") == "/list?q=%E8%BD%B4%E6%89%BF&col=a&col=b&sort=-name"
        assert templating.url_with(q=None, col=None, cursor=None) == "/list"
        assert templating.query_pairs("cursor", "q") == [("col", "a"), ("col", "b")]
        assert templating.url_if("no.such.endpoint") is None


# --- the build ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """scripts/build.py as a module."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec = importlib.util.spec_from_file_location("yumiao_build", ROOT / "scripts" / "build.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture
def built(build: ModuleType) -> dict:
    if not build.up_to_date(build.inputs_digest()):
        pytest.skip("the front end is not built from the present sources: python3 scripts/build.py")
    return json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def test_unchanged_inputs_are_not_built_again(build: ModuleType, built: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["build.py"])
    monkeypatch.setattr(build, "find_node", lambda: pytest.fail("asked for Node.js although nothing changed"))
    assert build.main() == 0


def test_a_missing_output_or_other_inputs_mean_building(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "DIST", tmp_path)
    assert not build.up_to_date("1")
    (tmp_path / "app-1.css").touch()
    (tmp_path / "manifest.json").write_text('{"inputs": "1", "files": {"app.css": "app-1.css"}}')
    assert build.up_to_date("1") and not build.up_to_date("2")
    (tmp_path / "app-1.css").unlink()
    assert not build.up_to_date("1")


def test_an_old_or_broken_node_is_not_used(build: ModuleType, tmp_path: Path) -> None:
    for said, major in (("v18.20.1", 18), ("v22.1.0", 22), ("nonsense", 0)):
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho {said}\n")
        node.chmod(0o755)
        assert build.node_major(str(node)) == major
    assert build.node_major(str(tmp_path / "none")) == 0


def test_the_front_end_builds_from_the_lock(build: ModuleType, built: dict, tmp_path: Path) -> None:
    """The same sources give the same files, byte for byte (the installed packages are used, nothing is fetched)."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("no Node.js on this machine")
    files, imports = build.bundle(build.Node(node, [npm]), tmp_path)
    assert imports == built["imports"]
    assert {name: built["files"][name] for name in files} == files
    assert all((tmp_path / name).read_bytes() == (DIST / name).read_bytes() for name in files.values())


def test_first_visit_stays_small_and_charts_come_only_where_used(built: dict) -> None:
    at_once = [built["files"][name] for name in ("app.js", "app.css", "icons.svg", "favicon.svg")] + built["imports"].get("app.js", [])
    weight = sum((DIST / f"{name}.gz").stat().st_size for name in at_once)
    assert weight < 95_000  # with the page itself below 100 kB
    assert built["files"]["charts.js"] not in at_once
    assert (DIST / f"{built['files']['charts.js']}.gz").stat().st_size < 250_000


def test_licences_of_everything_delivered_are_delivered(built: dict) -> None:
    text = (DIST / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("bootstrap", "htmx.org", "echarts", "zrender", "tom-select", "@tabler/icons", "@popperjs/core"):
        assert re.search(rf"^{re.escape(package)} \d", text, re.M), package
    assert "axe-core" not in text and (DIST / f"{built['files']['app.js']}.LEGAL.txt").is_file()


def test_the_bundles_evaluate_no_text_and_call_no_other_host(built: dict) -> None:
    own = (DIST / built["files"]["app.css"]).read_text(encoding="utf-8")
    assert not re.search(r"url\(\s*[\"']?(https?:)?//", own)
    assert "sourceMappingURL" not in (DIST / built["files"]["app.js"]).read_text(encoding="utf-8")


def test_the_lock_holds_hashes_and_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {place: package for place, package in lock["packages"].items() if place}
    assert packages and all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for versions in (declared["dependencies"], declared["devDependencies"]):
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values()), "pin exactly"


def test_every_icon_named_in_a_template_is_in_the_sprite(build: ModuleType) -> None:
    known = set(build.icon_names())
    for template in sorted((ROOT / "templates").rglob("*.html")):
        named = set(re.findall(r"\bicon\('([a-z0-9-]+)'", template.read_text(encoding="utf-8")))
        assert named <= known, f"{template.name}: add {sorted(named - known)} to static/src/icons.txt"


def test_every_class_of_bootstrap_in_use_is_in_the_style_sheet(build: ModuleType) -> None:
    whole = (ROOT / "node_modules" / build.BOOTSTRAP).read_text(encoding="utf-8")
    known = set(re.findall(r"\.([A-Za-z_][\w-]*)", whole)) - set(build.listed("bootstrap.txt"))
    for template in sorted((ROOT / "templates").rglob("*.html")):
        named = {word for said in re.findall(r'class="([^"]*)"', template.read_text(encoding="utf-8")) for word in re.findall(r"[\w-]+", said)}
        assert not named & known, f"{template.name}: add {sorted(named & known)} to static/src/bootstrap.txt and run scripts/build.py"


def test_rules_of_unlisted_classes_are_left_out(build: ModuleType) -> None:
    css = "a{b:c}.btn,.carousel .btn{d:e}.nav:not(.x){f:g}@media (x){.y{h:i}.btn{j:k}}@media (z){.y{h:i}}@keyframes s{0%{l:m}}"
    assert build.used_rules(css, {"btn", "nav"}).split() == ["a{b:c}", ".btn{d:e}", ".nav:not(.x){f:g}", "@media", "(x){.btn{j:k}", "}"]


def test_the_build_runs_alone(built: dict) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "build.py")], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0 and "最新" in done.stdout
