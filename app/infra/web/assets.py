"""The built front end: logical names to hashed files, icons, delivery with gzip, and one plain page while it is not built.

``scripts/build.py`` writes ``static/dist/manifest.json``:
``{"inputs": digest, "files": {"app.css": "app-1A2B3C.css", …}, "imports": {"app.js": ["chunk-4D5E.js"]}, "icons": [names]}``.
"""

import json
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request, send_from_directory, url_for
from markupsafe import Markup, escape

COMMAND = "python3 scripts/build.py"
TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json", ".txt": "text/plain",
    ".png": "image/png",
}


class NotBuilt(Exception):
    """``static/dist`` is missing or does not hold what a template asks for."""


class Assets:
    """The manifest, read once and read again when the file changes (a build beside a running server)."""

    def __init__(self, dist: Path) -> None:
        self.dist = dist
        self._stamp = -1
        self._manifest: dict[str, Any] = {}
        self.kept: dict[Any, Any] = {}
        """What was made of this manifest (addresses, icons): forgotten with it."""

    def manifest(self) -> dict[str, Any]:
        """The current manifest, looked at once a request. Raises ``NotBuilt`` when there is none."""
        if has_request_context() and bool(g.get("assets_looked_at") is self):
            return self._manifest
        path = self.dist / "manifest.json"
        try:
            stamp = path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._manifest, self._stamp = json.loads(path.read_text(encoding="utf-8")), stamp
                self.kept = {}
            if has_request_context():
                g.assets_looked_at = self
        except (OSError, ValueError) as error:
            raise NotBuilt(str(path)) from error
        return self._manifest

    def file(self, name: str) -> str:
        """Path under ``static`` of an asset given by its logical name (``app.css``)."""
        try:
            return f"dist/{self.manifest()['files'][name]}"
        except KeyError as error:
            raise NotBuilt(name) from error


def assets() -> Assets:
    """The assets of the current application."""
    found: Assets = current_app.extensions["yumiao_assets"]
    return found


def asset(name: str) -> str:
    """Template global: the address of a built file, with the hash of its content in the name."""
    found, key = assets(), ("asset", name, request.script_root)
    path = found.file(name)
    if key not in found.kept:
        found.kept[key] = url_for("static", filename=path)
    address: str = found.kept[key]
    return address


def asset_preloads(name: str) -> list[str]:
    """Template global: addresses of the modules that ``name`` imports at once (for ``modulepreload``)."""
    needed = assets().manifest().get("imports", {}).get(name, [])
    return [url_for("static", filename=f"dist/{path}") for path in needed]


def icon(name: str, label: str = "") -> Markup:
    """Template global: an icon of the sprite. Decoration unless ``label`` is given. Raises ``LookupError`` for an unknown name,
    so that a typing mistake is found by the first test that draws the page; names stand in ``static/src/icons.txt``.
    """
    found, key = assets(), ("icon", name, label, request.script_root)
    if name not in found.manifest()["icons"]:
        raise LookupError(f"icon {name!r} is not in static/src/icons.txt")
    if key in found.kept:
        kept: Markup = found.kept[key]
        return kept
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawing = Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"></use></svg>')
    drawn = drawing.format(meaning, asset("icons.svg"), name)
    if not label:  # labels are many, names are few
        found.kept[key] = drawn
    return drawn


def _serve(filename: str) -> Response:
    """Static files; built ones compressed when the browser takes gzip (the build leaves a ``.gz`` beside each)."""
    folder = Path(str(current_app.static_folder))
    zipped = filename.startswith("dist/") and request.accept_encodings["gzip"] > 0 and (folder / f"{filename}.gz").is_file()
    if not zipped:
        return send_from_directory(folder, filename, mimetype=TYPES.get(Path(filename).suffix))
    response = send_from_directory(folder, f"{filename}.gz", mimetype=_mimetype(filename))
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _mimetype(filename: str) -> str:
    """Type by our own table: the operating system's register may call a script text/plain, and browsers then refuse it."""
    return TYPES.get(Path(filename).suffix, "application/octet-stream")


def not_built(error: NotBuilt) -> Response:
    """One plain page without any asset, naming the command that builds them."""
    page = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>前端尚未构建</title></head><body>'
        "<h1>前端尚未构建</h1><p>服务已启动，但页面所需的样式和脚本还没有生成（缺少 {}）。</p>"
        "<p>请在项目目录执行下面的命令，完成后刷新本页：</p><pre>{}</pre></body></html>"
    )
    body = page.format(escape(Path(str(error)).name), escape(COMMAND))
    return Response(body, status=503, mimetype="text/html", headers={"Retry-After": "60"})


def init_app(app: Flask) -> None:
    """Make ``asset()``, ``asset_preloads()`` and ``icon()`` callable in templates and take over the static route."""
    app.extensions["yumiao_assets"] = Assets(Path(str(app.static_folder)) / "dist")
    app.jinja_env.globals.update(asset=asset, asset_preloads=asset_preloads, icon=icon)
    app.register_error_handler(NotBuilt, not_built)
    if "static" in app.view_functions:
        app.view_functions["static"] = _serve
