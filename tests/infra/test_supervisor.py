"""The supervisor: crashed children come back, a stop leaves nobody behind, a second one on the same data is turned away."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.append(str(SCRIPTS))

from _supervisor import AlreadyRunning, Child, InstanceLock, listen_problem  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")

# A supervisor over two children. Each child has a child of its own and appends "name pid child's-pid" to the log.
PROGRAM = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    import _supervisor
    _supervisor.FIRST_DELAY, _supervisor.GRACE_SECONDS = 0.2, 3.0
    folder, kind = Path(sys.argv[2]), sys.argv[3]
    child = [sys.executable, str(folder / "child.py"), str(folder / "log"), kind]
    children = [_supervisor.Child("first", [*child, "first"]), _supervisor.Child("second", [*child, "second"])]
    sys.exit(_supervisor.Supervisor(
        children, cwd=folder, env=dict(__import__("os").environ), say=lambda text: print(text, flush=True),
        is_ready=lambda: kind != "broken" and (folder / "log").exists(), on_ready=lambda: print("ready", flush=True),
    ).run())
    """
)
CHILD = textwrap.dedent(
    """
    import os, signal, subprocess, sys, time
    log, kind, name = sys.argv[1:]
    if kind == "broken":
        sys.exit(3)
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    with open(log, "a") as handle:
        handle.write(f"{name} {os.getpid()} {grandchild.pid}\\n")
    time.sleep(120)
    """
)


class Supervised:
    """A supervisor in a process of its own, and what its children wrote."""

    def __init__(self, folder: Path, kind: str = "normal") -> None:
        self.log = folder / "log"
        (folder / "child.py").write_text(CHILD)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(SCRIPTS), str(folder), kind], stdout=subprocess.PIPE, start_new_session=True, text=True
        )

    def started(self, name: str) -> list[tuple[int, int]]:
        """(pid, grandchild's pid) of every start of that child so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(int(w[1]), int(w[2])) for w in map(str.split, lines) if w[0] == name and len(w) == 3]

    def everybody(self) -> list[int]:
        return [pid for name in ("first", "second") for pair in self.started(name) for pid in pair]


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(kind: str = "normal") -> Supervised:
        made.append(Supervised(tmp_path, kind))
        return made[-1]

    yield start
    for one in made:
        for pid in [one.process.pid, *one.everybody()]:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        one.process.wait()
        assert one.process.stdout
        one.process.stdout.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def both_started(one: Supervised) -> Callable[[], bool]:
    return lambda: bool(one.started("first") and one.started("second"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_children_and_grandchildren_and_counts_as_success(supervised: Callable[..., Supervised], number: int) -> None:
    one = supervised()
    wait_for(both_started(one))
    everybody = one.everybody()
    assert len(everybody) == 4
    one.process.send_signal(number)
    assert one.process.wait(10) == 0
    assert [pid for pid in everybody if alive(pid)] == []


def test_a_child_that_ignores_the_request_is_ended_after_the_grace_time(supervised: Callable[..., Supervised]) -> None:
    one = supervised("stubborn")
    wait_for(both_started(one))
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(15) == 0
    assert [pid for pid in one.everybody() if alive(pid)] == []


def test_a_second_ctrl_c_does_not_wait(supervised: Callable[..., Supervised]) -> None:
    one = supervised("stubborn")
    wait_for(both_started(one))
    one.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    asked = time.monotonic()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(10) == 0
    assert time.monotonic() - asked < 2
    assert [pid for pid in one.everybody() if alive(pid)] == []


def test_a_killed_child_comes_back_alone_and_its_own_children_do_not_linger(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    wait_for(both_started(one))
    (pid, grandchild), second = one.started("first")[0], one.started("second")[0]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(one.started("first")) == 2)
    assert not alive(grandchild)
    assert alive(one.started("first")[1][0])
    assert one.started("second") == [second]
    assert alive(second[0])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_when_the_supervisor_itself_is_killed_its_children_stop(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    wait_for(both_started(one))
    children = [one.started(name)[0][0] for name in ("first", "second")]
    one.process.kill()
    wait_for(lambda: not any(alive(pid) for pid in children), 5)


def test_a_web_server_that_never_starts_ends_the_attempt_with_an_error(supervised: Callable[..., Supervised]) -> None:
    one = supervised("broken")
    assert one.process.wait(20) == 1
    assert one.process.stdout
    assert "启动失败" in one.process.stdout.read()


def test_readiness_is_told_once(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    wait_for(both_started(one))
    time.sleep(0.6)
    one.process.send_signal(signal.SIGTERM)
    one.process.wait(10)
    assert one.process.stdout
    assert one.process.stdout.read().count("ready") == 1


def test_delays_between_restarts_grow_up_to_half_a_minute() -> None:
    delays = [Child("x", [], crashes=crashes).delay() for crashes in (1, 2, 3, 4, 5, 6, 7, 8, 1000)]
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_second_instance_on_the_same_data_is_turned_away_and_told_where_the_first_is(tmp_path: Path) -> None:
    first, second = InstanceLock(tmp_path), InstanceLock(tmp_path)
    first.take("http://127.0.0.1:8000")
    with pytest.raises(AlreadyRunning, match="8000"):
        second.take("http://127.0.0.1:8001")
    InstanceLock(tmp_path / "another").take("http://127.0.0.1:8001")
    first.release()
    second.take("http://127.0.0.1:8001")
    second.release()


def test_the_lock_of_a_killed_instance_is_free(tmp_path: Path) -> None:
    code = f"import sys, time; sys.path.insert(0, {str(SCRIPTS)!r}); from pathlib import Path; import _supervisor\n"
    code += f"lock = _supervisor.InstanceLock(Path({str(tmp_path)!r})); lock.take('first'); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(AlreadyRunning):
        InstanceLock(tmp_path).take("second")
    holder.kill()
    holder.wait()
    holder.stdout.close()
    lock = InstanceLock(tmp_path)
    lock.take("second")
    lock.release()


def test_a_taken_port_is_recognised_and_a_free_one_too() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert listen_problem("127.0.0.1", port) is not None
    assert listen_problem("127.0.0.1", port) is None
    assert listen_problem("203.0.113.7", port) is not None
