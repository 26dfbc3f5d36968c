"""The web server: granian with two workers of one thread each. Started by run.py: ``python scripts/_web.py HOST PORT``.

The application is loaded once, before the workers are forked: they share its memory, and a start costs one import instead of two.
Where processes cannot be forked (macOS, Windows) each worker loads it by itself, as granian always does.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

WORKERS = 2


def main(host: str, port: int) -> None:
    """Serve until a signal ends it."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    if sys.platform == "linux":
        import wsgi  # the workers find it loaded
        from app.infra.web import warming

        warming.warm(wsgi.app)
        gc.freeze()  # a collection in a worker would otherwise write into every shared page
    gc.enable()
    Granian(
        "wsgi:app", address=host, port=port, interface=Interfaces.WSGI, workers=WORKERS, blocking_threads=1, http=HTTPModes.http1,
        websockets=False, respawn_failed_workers=True, workers_kill_timeout=10, log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
