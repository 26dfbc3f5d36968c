"""flask packs lint | diff | load."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.infra.db import db
from app.packs.reader import SHIPPED
from app.policies.models import PackVersion


@pytest.fixture
def run(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command over an own copy of the pack (YUMIAO_PACK_DIR) and an empty version table."""
    for name in ("liaocheng", "national", "shandong"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], pack_dir=str(tmp_path)))
    db.session.execute(PackVersion.__table__.delete())
    db.session.commit()

    def invoke(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=["packs", *words])

    return invoke


def test_lint_of_the_shipped_pack(run) -> None:  # type: ignore[no-untyped-def]
    result = run("lint", "liaocheng")
    assert result.exit_code == 0
    assert "没有错误" in result.output


def test_lint_names_the_fault_and_exits_2(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "liaocheng" / "indicators.yaml"
    path.write_text(path.read_text("utf-8").replace("  weight: 5\n", "  weight: 4\n", 1), "utf-8")
    result = run("lint", "liaocheng", "--json")
    assert result.exit_code == 2
    problem = json.loads(result.stdout)["problems"][0]
    assert (problem["file"], problem["entry"]) == ("indicators.yaml", "strong_town")
    assert "99" in problem["message"]
    assert run("load", "liaocheng").exit_code == 2
    assert db.session.query(PackVersion).count() == 0


def test_dry_run_then_load_then_nothing_more(run) -> None:  # type: ignore[no-untyped-def]
    dry = json.loads(run("load", "liaocheng", "--dry-run", "--json").stdout)
    assert dry["version"] is None and dry["added"] > 300
    assert db.session.query(PackVersion).count() == 0
    done = json.loads(run("load", "liaocheng", "--json").stdout)
    assert (done["version"], done["added"], done["unchanged"]) == (1, dry["added"], False)
    again = json.loads(run("load", "liaocheng", "--json").stdout)
    assert (again["version"], again["unchanged"], again["changes"]) == (1, True, [])


def test_diff_shows_field_old_and_new(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("load", "liaocheng")
    path = tmp_path / "national" / "settings.yaml"
    path.write_text(path.read_text("utf-8").replace("value: 20, unit: '%'", "value: 25, unit: '%'", 1), "utf-8")
    assert "near_pct" in run("diff", "liaocheng").output
    changes = json.loads(run("diff", "liaocheng", "--json").stdout)["changes"]
    assert [(change["code"], change["fields"]) for change in changes] == [("near_pct", {"value": {"old": 20, "new": 25}})]
    assert db.session.query(PackVersion).count() == 1


@pytest.mark.parametrize("word", ["lint", "diff", "load"])
def test_unknown_city(run, word: str) -> None:  # type: ignore[no-untyped-def]
    result = run(word, "atlantis")
    assert result.exit_code == 2
    assert "liaocheng" in result.stderr
