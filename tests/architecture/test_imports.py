"""Who may import whom (pyproject.toml, docs/adr/0001), checked with import-linter itself; a planted breach must be found."""

import configparser
from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

configuration.configure()

ROOT = Path(__file__).resolve().parents[2]


def test_the_contracts_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    held = lint_imports(config_filename="pyproject.toml", cache_dir=None, no_logo=True)
    assert held, capsys.readouterr().out


def test_a_breach_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a contract that the code does break must be reported as broken."""
    config = configparser.ConfigParser()
    config["importlinter"] = {"root_package": "app"}
    config["importlinter:contract:planted"] = {
        "name": "planted", "type": "forbidden", "source_modules": "app.areas", "forbidden_modules": "app.infra",
    }
    path = tmp_path / "planted.ini"
    with path.open("w") as handle:
        config.write(handle)
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(path), cache_dir=None, no_logo=True) is False
    assert "planted BROKEN" in capsys.readouterr().out
