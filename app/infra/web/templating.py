"""What every template may use beside its own variables: assets, icons, optional links, notices, page address with changes.

Filters stand in ``filters.py``, the menu in ``navigation.py``, macros in ``templates/_macros``; the guide is
``docs/howto/add-a-page.md``.
"""

import hashlib
import shutil
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, render_template, request, url_for
from flask.templating import Environment as FlaskEnvironment
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from markupsafe import Markup

from app.infra import clock
from app.infra.web import assets
from app.infra.web.navigation import address_of, carried_city

PRODUCT = "育苗"
PRODUCT_LONG = "企业梯度培育跟踪系统"
TEXT_SIZE_COOKIE = "yumiao_text"
KEPT_PARTS = 64


class Environment(FlaskEnvironment):
    """Templates share one dictionary of globals instead of a chain of two each: every look-up and every imported macro is quicker."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


@dataclass(frozen=True)
class Notice:
    """A line above every page. ``level``: ok, info, warn, bad. ``text``: what happened and what to do. ``url`` leads there."""

    level: str
    text: str
    url: str | None = None
    link: str = "查看"


NoticeSource = Callable[[], Iterable[Notice]]


def add_notice_source(app: Flask, source: NoticeSource) -> None:
    """Let a capability put lines above every page of a signed-in person (silent scheduler, old backup). Must be cheap."""
    app.extensions["yumiao_notices"].append(source)


def system_notices() -> list[Notice]:
    """Template global: the lines of all sources. A failing source is logged and left out: it must never take the page with it."""
    found: list[Notice] = []
    for source in current_app.extensions["yumiao_notices"]:
        try:
            found.extend(source())
        except Exception:
            current_app.logger.exception("notice source failed")
    return found


def url_if(endpoint: str, **values: Any) -> str | None:
    """Template global: the address of an endpoint, or None while that part is not installed."""
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **values) if values else address_of(endpoint)


def url_with(**changes: Any) -> str:
    """Template global: the present address with some query arguments changed; None takes one out. Lists are kept and allowed."""
    arguments: dict[str, list[Any]] = {key: list(values) for key, values in request.args.lists()}
    for key, value in changes.items():
        if value is None:
            arguments.pop(key, None)
        else:
            arguments[key] = list(value) if isinstance(value, (list, tuple)) else [value]
    query = urlencode(arguments, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def option_tags(options: Iterable[tuple[Any, Any]], chosen: Any = "") -> Markup:
    """Template global: the options of a select as (value, text); hundreds of them on a list page, so they are not drawn by the template."""
    return _option_tags(tuple(options), "" if chosen is None else str(chosen))


@lru_cache(maxsize=256)
def _option_tags(options: tuple[tuple[Any, Any], ...], chosen: str) -> Markup:
    lines = []
    for value, text in options:
        mark = " selected" if str(value) == chosen else ""
        lines.append(f'<option value="{escape(str(value))}"{mark}>{escape(str(text))}</option>')
    return Markup("\n".join(lines))  # noqa: S704  (every part is escaped)


def kept(key: tuple[Hashable, ...], draw: Callable[[], str]) -> Markup:
    """Markup drawn once for ``key`` at this address without its cursor and kept, the last ``KEPT_PARTS`` of them.

    ``key`` names everything the markup depends on: stored data by an object or stamp that changes with them, people by their scope.
    Never for tokens, names of persons or anything of one request.
    """
    built = assets.assets()
    built.manifest()  # a new build forgets what was kept
    parts: OrderedDict[Any, Markup] = built.kept.setdefault("parts", OrderedDict())
    arguments = tuple(pair for pair in request.args.items(multi=True) if pair[0] != "cursor")
    whole = (request.script_root, request.path, arguments, *carried_city().items(), *key)
    if whole in parts and not current_app.debug:
        parts.move_to_end(whole)
        return parts[whole]
    drawn = parts[whole] = Markup(draw())  # noqa: S704  (drawn by our own templates)
    while len(parts) > KEPT_PARTS:
        parts.popitem(last=False)
    return drawn


def kept_part(template: str, **values: Any) -> Markup:
    """Template global: a template that depends only on ``values`` (all hashable) and the address: filter forms, table heads. See ``kept``."""
    return kept((template, *values.items()), lambda: render_template(template, **values))


def query_pairs(*without: str) -> list[tuple[str, str]]:
    """Template global: query arguments as (name, value) pairs for hidden fields of a GET form, some left out."""
    return [(key, value) for key, values in request.args.lists() for value in values if key not in without]


def _context() -> dict[str, Any]:
    return {
        "request_id": g.get("request_id", "-"),
        "text_size": size if (size := request.cookies.get(TEXT_SIZE_COOKIE)) in ("large", "normal") else None,
    }


class _Compiled(FileSystemBytecodeCache):
    """Nothing is lost when a compiled template cannot be kept: a full disk must not take the page with it."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled(data_dir: Path) -> FileSystemBytecodeCache | None:
    """Compiled templates of this program, kept between starts: a web server compiles forty before its first answer. A template that was
    changed is compiled anew by itself; another version of the functions that templates call has a folder of its own. None where nothing
    can be written."""
    ours = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        ours.update(path.read_bytes())
    folder = data_dir / "compiled" / ours.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:
        return None
    return _Compiled(str(folder))


def init_app(app: Flask) -> None:
    """Make the globals above callable in templates."""
    app.extensions.setdefault("yumiao_notices", [])
    assets.init_app(app)
    app.jinja_env.bytecode_cache = _compiled(Path(app.config["DATA_DIR"])) if "DATA_DIR" in app.config else None
    app.jinja_env.globals.update(
        product=PRODUCT,
        product_long=PRODUCT_LONG,
        now=clock.now,
        today=clock.today,
        url_if=url_if,
        url_with=url_with,
        query_pairs=query_pairs,
        option_tags=option_tags,
        kept_part=kept_part,
        system_notices=system_notices,
    )
    app.context_processor(_context)
