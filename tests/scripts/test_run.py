"""Starting: what run.py tells its children, and when it refuses."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.areas.models import Area
from app.cli import first_start as command
from app.infra import first_start
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.packs import Pack, read_pack
from app.policies.actions import load_files
from app.policies.queries import active_pack

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.append(str(SCRIPTS))

import run  # noqa: E402
from _setup import SetupFailed  # noqa: E402
from _supervisor import InstanceLock  # noqa: E402


def test_demo_mode_and_an_absolute_data_directory_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YUMIAO_MODE", "YUMIAO_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    env = run.environment(None)
    assert env["YUMIAO_MODE"] == "demo"
    assert Path(env["YUMIAO_DATA_DIR"]) == SCRIPTS.parent / "var"
    assert env["YUMIAO_SUPERVISOR"] == str(os.getpid())


def test_the_operators_word_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YUMIAO_MODE", "production")
    monkeypatch.setenv("YUMIAO_DATA_DIR", str(tmp_path / "a"))
    assert run.environment(None)["YUMIAO_MODE"] == "production"
    assert run.environment(None)["YUMIAO_DATA_DIR"] == str(tmp_path / "a")
    assert run.environment(tmp_path / "b")["YUMIAO_DATA_DIR"] == str(tmp_path / "b")


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000"), ("::1", "http://[::1]:8000"),
     ("10.0.0.5", "http://10.0.0.5:8000")],
)
def test_the_printed_address_can_be_opened(host: str, shown: str) -> None:
    assert run.address(host, 8000) == shown


def test_a_taken_port_is_told_with_another_one_to_try() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(SetupFailed, match=f"{port} 已被.*--port {port + 1}"):
            run.check_port("127.0.0.1", port)


def test_a_second_start_on_the_same_data_is_turned_away_in_words(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    lock.take("http://127.0.0.1:8000（进程 / process 42）")
    try:
        command = [sys.executable, str(SCRIPTS / "run.py"), "--data-dir", str(tmp_path), "--port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    finally:
        lock.release()
    assert done.returncode == 1
    assert "已有一个育苗在运行" in done.stderr
    assert "http://127.0.0.1:8000" in done.stderr


@pytest.fixture
def steps(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """First-start steps that are quick: the real command without arguments that load much."""
    monkeypatch.setattr(command, "upgrade", lambda: None)  # the test database is made from the models
    monkeypatch.setattr(command, "STEPS", {"areas": ("areas", "load"), "demo": ("tick", "audit.seal")})


def start(app: Flask, *words: str) -> int:
    return app.test_cli_runner().invoke(args=["first-start", *words]).exit_code


def test_a_database_with_content_of_its_own_is_left_alone(app: Flask, steps: None) -> None:
    assert db.session.scalar(select(func.count()).select_from(Area))
    assert start(app) == 0
    assert first_start.states() == {}


def test_an_interrupted_first_start_goes_on_where_it_was(app: Flask, steps: None) -> None:
    first_start.note("areas", "begun")
    assert start(app) == 0
    assert first_start.states() == {"areas": "done", "demo": "done"}
    assert start(app) == 0


def test_a_failed_step_is_tried_again(app: Flask, steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first_start.note("areas", "done")
    monkeypatch.setitem(command.STEPS, "demo", ("tick", "no.such"))  # type: ignore[arg-type]
    assert start(app) != 0
    assert first_start.states() == {"areas": "done", "demo": "begun"}
    monkeypatch.setitem(command.STEPS, "demo", ("tick", "audit.seal"))  # type: ignore[arg-type]
    assert start(app) == 0
    assert first_start.states()["demo"] == "done"


def test_demo_data_once_declined_is_never_loaded_by_a_later_start(app: Flask, steps: None) -> None:
    first_start.note("areas", "done")
    assert start(app, "--no-demo") == 0
    assert first_start.states()["demo"] == "declined"
    assert start(app, "--demo") == 0
    assert first_start.states()["demo"] == "declined"


def test_an_upgrade_takes_over_the_shipped_packs_once(app: Flask, steps: None) -> None:
    """An older version of the pack lacks what pages of the new program ask for."""
    shipped = read_pack("liaocheng")
    plain = shipped.content.plain()
    plain["settings"] = [row for row in plain["settings"] if row["code"] != "target_near_pct"]
    load_files(Pack(type(shipped.content).model_validate(plain)), by=SYSTEM)
    for step in ("areas", "demo"):
        first_start.note(step, "done")
    assert active_pack("liaocheng").find("settings", "target_near_pct") is None
    assert start(app) == 0
    assert active_pack("liaocheng").setting("target_near_pct") == 90
    assert [step for step in first_start.states() if step.startswith("packs:")]
