"""The two web workers share what one of them loaded, live and end together, and are replaced together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are divided on Linux only")


class Server:
    """The web server on a port of its own, over an empty database."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {**os.environ, "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(folder), "YUMIAO_LOG_LEVEL": "ERROR"}
        command = [sys.executable, str(ROOT / "scripts" / "_web.py"), "127.0.0.1", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    def answers(self, seconds: float = 60.0) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                return bool(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/static/src/icons.txt", timeout=10).status == 200)
            except OSError:
                time.sleep(0.05)
        return False

    def workers(self) -> tuple[int, int]:
        """Process ids of the first worker and of its copy."""
        [first] = _children(self.process.pid)
        [copy] = _children(first)
        return first, copy


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _gone(process: int, seconds: float = 15.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.wait()


@pytest.mark.parametrize("victim", [0, 1], ids=["the first", "the copy"])
def test_a_killed_worker_is_replaced_together_with_the_other(server: Server, victim: int) -> None:
    assert server.answers()
    before = server.workers()
    os.kill(before[victim], signal.SIGKILL)
    assert all(_gone(process) for process in before)
    assert server.answers()
    assert not set(before) & set(server.workers())


def test_both_end_when_the_server_is_asked_to(server: Server) -> None:
    assert server.answers()
    workers = server.workers()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    assert all(_gone(process) for process in workers)
