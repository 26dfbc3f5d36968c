"""The settings of the running application, for code that must not know the web framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from config import Settings


def settings() -> Settings:
    """What was read from the environment at start."""
    value: Settings = current_app.config["SETTINGS"]
    return value


def pack_dir() -> Path | None:
    """Directory of the city's own policy packs (YUMIAO_PACK_DIR), or None."""
    text = settings().pack_dir
    return Path(text) if text else None
