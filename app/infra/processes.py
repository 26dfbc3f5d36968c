"""Being one of several processes: who is alive, who has gone, and not outliving the one that started us."""

import ctypes
import os
import secrets
import signal
import socket
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Linux: the kernel sends ``number`` to this process when its parent ends. Elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def supervisor_is_gone() -> bool:
    """True when a supervisor started us and does not live any more (it tells its process id in ``YUMIAO_SUPERVISOR``)."""
    pid = os.environ.get("YUMIAO_SUPERVISOR", "")
    return pid.isdigit() and os.name == "posix" and os.getppid() != int(pid)


class Presence:
    """A locked file that says "this worker lives". However the process ends, the operating system lets go of the lock.

    Where files cannot be locked (Windows) nobody is ever found dead, and leases run out instead.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / f"{self.name}.alive"
        self._handle = self._path.open("wb")
        _lock(self._handle.fileno())

    def end(self) -> None:
        self._path.unlink(missing_ok=True)
        self._handle.close()


def is_dead(folder: Path, name: str) -> bool:
    """A worker of this data directory that does not live any more. Unknown names (other machines) are not dead."""
    path = folder / f"{name}.alive"
    try:
        with path.open("rb") as handle:
            return _lock(handle.fileno())
    except OSError:
        return False


def forget(folder: Path, name: str) -> None:
    """Remove what a dead worker left."""
    (folder / f"{name}.alive").unlink(missing_ok=True)


def _lock(descriptor: int) -> bool:
    """Take the lock without waiting; says whether it was free."""
    if os.name != "posix":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
