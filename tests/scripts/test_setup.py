"""The set-up works on a machine with nothing but Python, also where its pip was left out, and costs nothing the second time."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.append(str(SCRIPTS))

import _setup  # noqa: E402


@pytest.fixture(scope="module")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip, made once: making one takes seconds."""
    venv = tmp_path_factory.mktemp("ready") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    return venv


@pytest.fixture
def made(root: Path, ready_made: Path) -> Path:
    return Path(shutil.copytree(ready_made, root / "venv", symlinks=True))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that needs no packages, so that the set-up itself is what is tested, without the network."""
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    monkeypatch.setattr(_setup, "ROOT", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path


def test_the_environment_is_made_once_and_then_found(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    venv = root / "venv"
    python = _setup.ensure_environment("requirements.txt", venv=venv)
    assert subprocess.run([str(python), "-c", "import sys; sys.exit(sys.prefix == sys.base_prefix)"]).returncode == 0
    assert "虚拟环境" in capfd.readouterr().out
    assert _setup.ensure_environment("requirements.txt", venv=venv) == python
    assert capfd.readouterr().out == ""


def test_after_the_tests_environment_the_other_command_installs_nothing(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _setup.ensure_environment("requirements-dev.txt", venv=made)
    capfd.readouterr()
    _setup.ensure_environment("requirements.txt", venv=made)
    assert capfd.readouterr().out == ""


def test_changed_requirements_are_installed(root: Path, made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _setup.ensure_environment("requirements-dev.txt", venv=made)
    (root / "requirements.txt").write_text("# changed\n")
    capfd.readouterr()
    _setup.ensure_environment("requirements-dev.txt", venv=made)
    assert "安装依赖包" in capfd.readouterr().out


def test_a_failed_installation_says_what_to_do_and_the_next_run_goes_on(root: Path, made: Path) -> None:
    (root / "requirements.txt").write_text("there-is-no-such-package-for-certain==1\n")
    with pytest.raises(_setup.SetupFailed, match="PIP_INDEX_URL"):
        _setup.ensure_environment("requirements.txt", venv=made)
    (root / "requirements.txt").write_text("# repaired\n")
    assert _setup.ensure_environment("requirements.txt", venv=made).exists()


def test_without_ensurepip_a_pip_found_elsewhere_installs(root: Path) -> None:
    venv = root / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = _setup.venv_python(venv)
    assert subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode != 0
    assert _setup.ensure_environment("requirements.txt", venv=venv) == python


def test_a_copied_or_broken_environment_is_made_anew(root: Path, made: Path) -> None:
    _setup.venv_python(made).unlink()
    assert _setup.ensure_environment("requirements.txt", venv=made).exists()


def test_a_folder_that_is_no_environment_is_not_overwritten(root: Path) -> None:
    (root / "venv").mkdir()
    (root / "venv" / "letter.txt").write_text("dear")
    with pytest.raises(_setup.SetupFailed, match="移走"):
        _setup.ensure_environment("requirements.txt", venv=root / "venv")
    assert (root / "venv" / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize("script", ["run.py", "test.py"])
def test_the_commands_can_be_read_by_an_old_python_up_to_the_point_where_they_ask_for_a_newer_one(script: str) -> None:
    """Nothing before the version check is newer than Python 3.6 in syntax or imports."""
    import ast

    source = (SCRIPTS / script).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    kinds = [type(node).__name__ for node in tree.body[:3]]
    assert kinds == ["Expr", "Import", "If"]
    assert "sys.version_info < (3, 11)" in source


def test_every_requirement_is_pinned_and_says_why() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (SCRIPTS.parent / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert "==" in line.split("#")[0], line
                assert len(line.split("#", 1)[1].strip()) > 3, line
