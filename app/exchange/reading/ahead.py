"""The file of an import command is read while the application is still being loaded: the reader works a second before it has the first row.

``begin`` gets the words of the command line before anything large is imported. It starts what the import would start, on a copy that nobody
else writes to. The import stores that very copy and takes the reading over (``copy_of``, ``hand_over``, ``taken``); what nobody takes is thrown
away when the process ends. Whatever is unusual is left to the import: it has the words for it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.exchange.reading.container import Limits, Refused
from app.exchange.reading.runner import Upload

STALE_SECONDS = 24 * 3600


class _Copied(Upload):
    """An upload whose file is ours and goes with it."""

    def __init__(self, copy: Path, filename: str, into: Path) -> None:
        self.copy = copy
        super().__init__(copy, filename, into)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.copy.unlink(missing_ok=True)


@dataclass
class _Begun:
    """``folder``: where the row files are, until somebody takes them over."""

    path: Path
    folder: Path
    upload: _Copied
    taken_over: bool = False


_begun: _Begun | None = None


def begin(words: Sequence[str], data_dir: Path) -> None:
    """Start reading the workbook of ``… import FILE.xlsx``, if these words say so."""
    global _begun
    after = words[list(words).index("import") + 1 :] if "import" in words else ()
    path = next((Path(word) for word in after if word.lower().endswith(".xlsx")), None)
    if path is None or os.name == "nt":  # a folder in use cannot be renamed there
        return
    home = data_dir / "imports" / "ahead"
    folder = home / secrets.token_hex(16)
    copy = folder.with_suffix(".xlsx")
    try:
        if path.stat().st_size > Limits().file_bytes:
            return
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        shutil.copyfile(path, copy)
        _begun = _Begun(path, folder, _Copied(copy, path.name, folder))
    except (OSError, Refused):
        copy.unlink(missing_ok=True)
        return
    atexit.register(_end)


def _sweep(home: Path) -> None:
    """What a process left that was killed."""
    for left in home.iterdir():
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def copy_of(path: Path) -> Path:
    """The file to store for ``path``: the copy that is being read, else itself."""
    return _begun.upload.copy if _begun is not None and _begun.path == path else path


def hand_over(copy: Path, into: Path) -> None:
    """Whoever asks for the rows in ``into`` gets those of this copy."""
    if _begun is not None and _begun.upload.copy == copy:
        with contextlib.suppress(OSError):
            _begun.upload.move(into)
            _begun.folder, _begun.taken_over = into, True


def taken(into: Path) -> Upload | None:
    """The reading that goes on in ``into``; once."""
    global _begun
    if _begun is None or not _begun.taken_over or _begun.folder != into:
        return None
    upload, _begun = _begun.upload, None
    return upload


def _end() -> None:
    if _begun is not None:
        _begun.upload.__exit__()
        shutil.rmtree(_begun.folder, ignore_errors=True)
