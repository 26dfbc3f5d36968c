"""Keeps a handful of child processes running: restart with back-off, clean stop, no orphans, one instance per data directory.

Standard library only. Each child leads a process group of its own, so Ctrl-C reaches the supervisor first and a stop takes
grandchildren along. On Linux the kernel also stops the children when the supervisor itself is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

WINDOWS = sys.platform == "win32"
STEADY_SECONDS = 30.0  # a child that ran this long has recovered: the next crash starts from the shortest delay again
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
GRACE_SECONDS = 20.0
GIVE_UP_AFTER = 3  # crashes of the first child before it ever answered: a fault of the set-up, restarting cannot help
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another supervisor works on this data directory; ``args[0]`` is what it wrote about itself (address and process id)."""


@dataclass
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started: float = 0.0
    start_after: float = 0.0

    def delay(self) -> float:
        doublings = min(10, max(0, self.crashes - 1))
        return min(LONGEST_DELAY, FIRST_DELAY * (1 << doublings))


class InstanceLock:
    """Held as long as the process lives; the operating system releases it however the process ends."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._path = data_dir / "running.lock"
        self._note = data_dir / "running.txt"
        self._handle: IO[bytes] | None = None

    def take(self, note: str) -> None:
        """Raises ``AlreadyRunning``. ``note`` is shown to whoever comes second."""
        handle = self._path.open("ab")
        try:
            _lock(handle)
        except OSError:
            handle.close()
            raise AlreadyRunning(self._note.read_text(encoding="utf-8") if self._note.exists() else "") from None
        self._handle = handle
        self._note.write_text(note, encoding="utf-8")

    def release(self) -> None:
        if self._handle:
            self._note.unlink(missing_ok=True)
            self._handle.close()
            self._handle = None


def _lock(handle: IO[bytes]) -> None:
    if WINDOWS:
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def listen_problem(host: str, port: int) -> OSError | None:
    """Why a server cannot listen there; None when it can. A connection in TIME_WAIT does not count as taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if not WINDOWS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as problem:
        return problem
    return None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """In the child, before exec: when its parent is killed, the Linux kernel sends it ``number``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def start_process(command: Sequence[str], *, cwd: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """A child in a group of its own that does not outlive this process."""
    if WINDOWS:
        return subprocess.Popen(list(command), cwd=cwd, env=env, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)  # type: ignore[attr-defined,unused-ignore]
    return subprocess.Popen(list(command), cwd=cwd, env=env, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent)


def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the leader only: it stops its own children in order."""
    if process.poll() is None:
        process.send_signal(signal.CTRL_BREAK_EVENT if WINDOWS else signal.SIGTERM)  # type: ignore[attr-defined,unused-ignore]


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the child's group, also when the leader is gone already."""
    if WINDOWS:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class Supervisor:
    """Runs the children until a stop signal; the first one is the one whose answer counts as "started"."""

    children: list[Child]
    cwd: Path
    env: dict[str, str]
    is_ready: Callable[[], bool]
    on_ready: Callable[[], None]
    say: Callable[[str], None]
    stops_asked: int = 0
    ready: bool = False
    _last_probe: float = field(default=0.0, repr=False)

    def run(self) -> int:
        """0 after an ordered stop, 1 when the first child could not be started."""
        for number in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, number):
                signal.signal(getattr(signal, number), self._note_stop)
        try:
            while not self.stops_asked:
                if not self.step():
                    return 1
                time.sleep(0.1)
        finally:
            self._stop_all()
        return 0

    def step(self) -> bool:
        """One look at every child; false when starting makes no sense any more."""
        for child in self.children:
            self._look_at(child)
        if not self.ready:
            if self.children[0].crashes >= GIVE_UP_AFTER:
                self.say(f"{self.children[0].name} 启动失败，原因见上。 / {self.children[0].name} could not be started, see above.")
                return False
            self._probe()
        return True

    def _look_at(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_after:
                child.process, child.started = start_process(child.command, cwd=self.cwd, env=self.env), now
            return
        code = child.process.poll()
        if code is None:
            return
        kill_group(child.process)
        child.process = None
        child.crashes = 1 if now - child.started > STEADY_SECONDS else child.crashes + 1
        child.start_after = now + child.delay()
        self.say(f"{child.name} 意外退出（{code}），{child.delay():g} 秒后重启。 / {child.name} ended, restarting in {child.delay():g} s.")

    def _probe(self) -> None:
        now = time.monotonic()
        if now - self._last_probe < 0.2:
            return
        self._last_probe = now
        if self.is_ready():
            self.ready = True
            self.on_ready()

    def _note_stop(self, _number: int, _frame: object) -> None:
        self.stops_asked += 1

    def _stop_all(self) -> None:
        running = [child.process for child in self.children if child.process]
        for process in running:
            ask_to_stop(process)
        asked, end = self.stops_asked, time.monotonic() + GRACE_SECONDS
        while any(p.poll() is None for p in running) and time.monotonic() < end and self.stops_asked < asked + 1:
            time.sleep(0.05)  # a second Ctrl-C does not wait
        for process in running:
            kill_group(process)
