"""A copy of the shipped Liaocheng pack in which a test may plant faults."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.packs.reader import SHIPPED, Reading, check_directory

Plant = Callable[..., Reading]


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    """Directory holding a writable copy of the shipped pack and its base packs (as YUMIAO_PACK_DIR would)."""
    for name in ("liaocheng", "national", "shandong"):
        shutil.copytree(SHIPPED / name, tmp_path / "packs" / name)
    return tmp_path / "packs"


@pytest.fixture
def plant(pack_dir: Path) -> Plant:
    """``plant(file, old, new)``: replace the first ``old`` in a file of the copy, then read and check it. A file of a base pack is
    written ``national/calendar.yaml``."""

    def change(file: str, old: str, new: str) -> Reading:
        path = pack_dir / (file if file.startswith(("national/", "shandong/")) else f"liaocheng/{file}")
        text = path.read_text("utf-8")
        assert old in text, f"nothing to replace in {file}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return check_directory(pack_dir / "liaocheng")

    return change
