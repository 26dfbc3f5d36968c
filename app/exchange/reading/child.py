"""The process that opens an upload. It limits itself, reads the file once, writes row files and ``result.json``, and ends.

Request (one JSON argument): ``{"kind", "path", "into", "limits": {...}}``. Answer: ``into/result.json`` with either ``{"sheets": [...], ...}`` or
``{"code", "message"}``. No answer means the process was stopped: the parent decides what to say. Only standard library and python-calamine.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from pathlib import Path
from typing import Any


class Stop(Exception):
    """The file cannot be used: ``args`` are the stable code and the Chinese message."""


def limit_self(limits: dict[str, int]) -> None:
    """Memory, processor time, size of written files; lower priority than the pages. Windows has no ``resource``: only the parent's clock holds."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["unpacked_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (value, value))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The result as a dictionary; failures as ``code`` and ``message``."""
    try:
        if request["kind"] == "csv":
            from app.exchange.reading.delimited import read_delimited

            return read_delimited(request)
        from app.exchange.reading.workbook import read_workbook

        return read_workbook(request)
    except Stop as stop:
        return {"code": stop.args[0], "message": stop.args[1]}
    except MemoryError:
        return {"code": "reading_memory", "message": ""}
    except OSError as error:
        return {"code": "storage_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "file_damaged", "message": ""}
    except Exception as error:  # a reader's complaint about the content: the parent has the words for it
        return {"code": _code_of(error), "message": "", "detail": f"{type(error).__name__}: {error}"[:300]}


def _code_of(error: Exception) -> str:
    return "file_encrypted" if type(error).__name__ == "PasswordError" else "file_damaged"


def main(argument: str) -> None:
    request = json.loads(argument)
    limit_self(request["limits"])
    result = answer(request)
    target = Path(request["into"]) / "result.json"
    target.write_text(json.dumps(result, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # skip tearing down millions of cells
