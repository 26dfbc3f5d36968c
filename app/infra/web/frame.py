"""The frame of a signed-in page (menu, top tools, phone bar, dialogs): drawn once per set of permissions and menu entry, then kept.

It is the same for everybody with the same permissions but for name and form token, so drawing it each time would cost more
than the page itself. Both are put in afterwards; nothing of a request or of a person can get into what is kept.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from app.infra.web import assets
from app.infra.web.navigation import here, navigation, picked_city

KEPT = 128
_TOKEN, _NAME = Markup(secrets.token_hex(16)), Markup(secrets.token_hex(16))  # noqa: S704
"""Stand for the form token and the viewer's name in what is kept; random, so that no label can be taken for them."""


@dataclass(frozen=True)
class Frame:
    """Parts of the frame as ready markup."""

    side: Markup
    top_tools: Markup
    phone_bar: Markup
    dialogs: Markup


def frame(text_size: str | None = None) -> Frame:
    """Template global: the frame for this viewer and page. ``text_size``: the size chosen in this browser, if any."""
    found = _kept(text_size)
    tools = found.top_tools.replace(_TOKEN, escape(generate_csrf())).replace(_NAME, escape(current_user.name))
    return Frame(found.side, Markup(tools), found.phone_bar, found.dialogs)  # noqa: S704


def _kept(text_size: str | None) -> Frame:
    built = assets.assets()
    built.manifest()  # a new build forgets what was kept
    frames: OrderedDict[Any, Frame] = built.kept.setdefault("frames", OrderedDict())
    key = (current_user.permissions, here(), request.script_root, picked_city(), text_size)
    if key in frames and not current_app.debug:
        frames.move_to_end(key)
        return frames[key]
    menu = navigation()
    drawn = {
        part: Markup(render_template(f"_layout/{part}.html", menu=menu, text_size=text_size, form_token=_TOKEN, viewer_name=_NAME))  # noqa: S704
        for part in Frame.__annotations__
    }
    made = frames[key] = Frame(**drawn)
    while len(frames) > KEPT:
        frames.popitem(last=False)
    return made


def init_app(app: Flask) -> None:
    """Make ``frame()`` callable in templates."""
    app.jinja_env.globals["frame"] = frame
