"""The web server: granian, two workers of one thread each. Started by run.py: ``python scripts/_web.py HOST PORT``.

On Linux the application is loaded once, by a worker that then divides into two. So the two share its memory, a start costs one import, and
the process that keeps them never loads it: what a process holds only as the original of others' copies is memory nobody uses. They live and
end together; when one is killed the other finishes what it does and granian starts a new pair, while new connections wait at the door.
Where processes cannot be divided (macOS, Windows) granian keeps two workers that load it each by themselves.
"""

from __future__ import annotations

import gc
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORKERS = 2
DIVIDED = sys.platform == "linux"
LAST_SECONDS = 9.0  # granian kills a worker that has not ended after ten


def load_and_divide(_target: str) -> Any:
    """The application, in both workers: called once in the first one, returns in the first one and in its copy."""
    app = load()
    watched, held = os.pipe()
    copy = os.fork()
    if copy:
        os.close(watched)
        threading.Thread(target=_follow, args=(copy,), daemon=True).start()
        multiprocessing.util.Finalize(None, _end, (copy,), exitpriority=0)
    else:
        os.close(held)
        threading.Thread(target=_follow_first, args=(watched,), daemon=True).start()
    return app


def load() -> Any:
    """Load the application and everything that can be read before the first request."""
    gc.disable()
    import wsgi
    from app.infra.web import warming

    warming.warm(wsgi.app)
    gc.freeze()  # a collection would otherwise write into every shared page
    gc.enable()
    return wsgi.app


def _follow(copy: int) -> None:
    """In the first worker: end when the copy has ended."""
    os.waitpid(copy, 0)
    os.kill(os.getpid(), signal.SIGTERM)


def _follow_first(watched: int) -> None:
    """In the copy: end when the first worker is gone, however it went (the pipe is closed by the kernel)."""
    os.read(watched, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(copy: int) -> None:
    """The first worker ends: so does the copy, after the request it is at."""
    try:
        os.kill(copy, signal.SIGTERM)
        until = time.monotonic() + LAST_SECONDS
        while time.monotonic() < until:
            os.kill(copy, 0)  # gone once the thread that follows it has been told
            time.sleep(0.02)
        os.kill(copy, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main(host: str, port: int) -> None:
    """Serve until a signal ends it."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    loader: Callable[[str], Any] | None = load_and_divide if DIVIDED else None
    Granian(
        "wsgi:app", address=host, port=port, interface=Interfaces.WSGI, workers=1 if DIVIDED else WORKERS, blocking_threads=1,
        http=HTTPModes.http1, websockets=False, respawn_failed_workers=True, workers_kill_timeout=10, log_level=LogLevels.warning,
    ).serve(target_loader=loader)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
