"""A throw-away PostgreSQL cluster for the tests: made in a temporary directory, reached by a socket there, gone afterwards.

PostgreSQL refuses to run as root; then it runs as an unprivileged user the machine already has.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from _setup import wait_until
from _supervisor import die_with_parent

DURABLE = ("shared_buffers=512MB", "maintenance_work_mem=256MB", "max_wal_size=4GB", "max_connections=60", "listen_addresses=")
"""Commits survive a power cut, as in a real installation: what the benchmark writes to."""
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB", "max_connections=60", "listen_addresses=")


class ClusterFailed(Exception):
    """The cluster did not come up; the message is PostgreSQL's own."""


def programs() -> Path | None:
    """Where initdb and postgres are; None when this machine has no PostgreSQL server."""
    candidates = []
    with contextlib.suppress(OSError):
        candidates.append(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip())
    if found := shutil.which("initdb"):
        candidates.append(str(Path(found).resolve().parent))
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0)
    for folder in [Path(c) for c in candidates if c] + debian[::-1]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


class Cluster:
    """``with Cluster(programs()) as cluster:`` -> ``cluster.url``, an SQLAlchemy address of its maintenance database."""

    def __init__(self, folder: Path, settings: Sequence[str] = FAST, home: Path | None = None) -> None:
        """``home``: keep the data there and use it again; the path must be short (a socket lies in it)."""
        self._programs, self._settings, self._kept = folder, tuple(settings), home is not None
        self._home = home or Path(tempfile.mkdtemp(prefix="yumiao-pg-", dir="/tmp"))  # a socket's path must be short
        self._home.mkdir(exist_ok=True)
        self._server: subprocess.Popen[bytes] | None = None
        self._account = _unprivileged()
        if self._account:
            os.chown(self._home, *self._account)
        self.url = f"postgresql+psycopg://yumiao@/postgres?host={self._home}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # "fast": do not wait for clients
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(10)
            if self._server.poll() is None:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait()
        if not self._kept:
            shutil.rmtree(self._home, ignore_errors=True)

    def _start(self) -> None:
        data, log = self._home / "data", self._home / "log"
        if not (data / "PG_VERSION").exists():
            self._make(data)
        settings = [word for setting in (*self._settings, f"unix_socket_directories={self._home}") for word in ("-c", setting)]
        with log.open("wb") as output:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(data), *settings], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self._home, start_new_session=True, preexec_fn=_die_at_once, **self._as(),
            )
        ready = [str(self._programs / "pg_isready"), "-h", str(self._home), "-q"]
        if not wait_until(lambda: self._ended() or subprocess.run(ready).returncode == 0, 30) or self._ended():
            raise ClusterFailed(log.read_text(errors="replace").strip()[-2000:])

    def _make(self, data: Path) -> None:
        made = subprocess.run(
            [str(self._programs / "initdb"), "-D", str(data), "-U", "yumiao", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            capture_output=True, text=True, cwd=self._home, **self._as(),
        )
        if made.returncode:
            raise ClusterFailed(made.stderr.strip())

    def _ended(self) -> bool:
        return self._server is None or self._server.poll() is not None

    def _as(self) -> dict[str, object]:
        return {} if self._account is None else {"user": self._account[0], "group": self._account[1], "extra_groups": []}


def _die_at_once() -> None:
    die_with_parent(signal.SIGQUIT)


def _unprivileged() -> tuple[int, int] | None:
    """User and group to run as when we are root; None = as ourselves."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise ClusterFailed("running as root, and there is neither a user postgres nor nobody to run PostgreSQL as")
