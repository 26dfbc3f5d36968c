"""A department's file into a round and out as a score: what people really send, twice, again, undone; and the command's JSON."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.indicators.models.contest import ContestRound, ContestValue
from app.indicators.queries import city_places, contest, year_end
from app.indicators.rules.scheme import Method
from app.infra.db import db
from app.ladder.queries import current_pack
from tests.exchange.importing import sheet
from tests.indicators import by_hand
from tests.indicators.test_scoring_cases import scheme

YEAR = 2023
KEYS = [*(item.key for item in scheme().items), "26"]


def rows(changes: Mapping[tuple[int, str], Any] | None = None, keys: Sequence[str] = KEYS) -> list[list[Any]]:
    """All towns with plain numbers; ``changes``: (town, item) -> another cell."""
    places = [place for place in city_places(current_pack(), YEAR, year_end(YEAR)) if place.ranked]
    table: list[list[Any]] = [["镇街代码", *keys]]
    for n, place in enumerate(places):
        cells = {key: "无" if key == "26" else (n * 7 + place_ * 3) % 23 for place_, key in enumerate(KEYS)} | {
            key: 40 + (n * 11 + int(key)) % 60 for key in ("7", "8", "16", "18", "19", "23")
        }
        table.append([place.code, *((changes or {}).get((n, key), cells[key]) for key in keys)])
    return table


def run(app: Flask, *args: str, code: int = 0) -> Any:
    result = app.test_cli_runner().invoke(args=["indicators", *args])
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    return json.loads(result.stdout) if "--json" in args and code == 0 else result


def test_a_file_becomes_a_score(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "部门.xlsx", rows({(0, "3"): None, (1, "26"): "有", (2, "5b"): "不适用", (3, "7"): "优良良"}))
    said = run(app, "import", str(path), "--round", "2023", "--json", "--author", "市统计局")
    assert (said["rows"], said["created"], said["rejected"]) == (135, 135, [])
    again = run(app, "import", str(path), "--round", "2023", "--json")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 135)
    answer = run(app, "score", "--round", "2023", "--json")
    assert (answer["round"], answer["method"], len(answer["towns"])) == ("2023", "hybrid", 135)
    assert all(set(town) == {"code", "total", "rank", "status", "items"} for town in answer["towns"])
    by_code = {town["code"]: town for town in answer["towns"]}
    codes = [row[0] for row in rows()[1:]]
    missing, vetoed, moved, marked = (by_code[codes[n]] for n in range(4))
    assert (missing["total"], missing["rank"], missing["status"]) == (None, None, "unranked")
    assert vetoed["total"] is not None and (vetoed["rank"], vetoed["status"]) == (None, "vetoed")
    assert moved["items"]["5b"] == {"raw": None, "ref": moved["items"]["5b"]["ref"], "points": None} and moved["status"] == "ranked"
    assert marked["items"]["7"]["raw"] == pytest.approx(260 / 3) and marked["items"]["7"]["points"] == 3.47
    assert set(marked["items"]) == set(by_hand.WEIGHTS)
    assert sorted(town["rank"] for town in answer["towns"] if town["rank"])[0] == 1
    ref = marked["items"]["1"]["ref"]
    assert ref["n"] == 135 and ref["min"] <= ref["p5"] <= ref["p95"] <= ref["max"]


def test_the_command_scores_like_the_pure_engine_by_every_method(app: Flask, tmp_path: Path) -> None:
    run(app, "import", str(sheet(tmp_path / "部门.xlsx", rows())), "--round", "2023", "--json")
    found = contest.sheet(current_pack(), contest.get_round(current_pack(), YEAR))
    for method in scheme().methods:
        answer = run(app, "score", "--round", "2023", "--method", method.value, "--json")
        made = found.score(Method(method))
        assert [(t["code"], t["rank"], t["total"]) for t in answer["towns"]] == [(t.code, t.rank, float(t.total or 0)) for t in made.towns]
    some = run(app, "score", "--round", "2023", "--towns", "371502002, 371502001", "--json")
    assert {town["code"] for town in some["towns"]} == {"371502001", "371502002"}


def test_what_the_command_refuses(app: Flask, tmp_path: Path) -> None:
    assert "还没有启动" in run(app, "score", "--round", "2023", "--json", code=1).stderr
    run(app, "import", str(sheet(tmp_path / "部门.xlsx", rows())), "--round", "2023", "--json")
    assert "目标" in run(app, "score", "--round", "2023", "--method", "target", code=1).stderr
    assert "999999999" in run(app, "score", "--round", "2023", "--towns", "999999999", code=1).stderr
    run(app, "score", "--round", "2023", "--method", "guess", code=2)
    assert "没有找到必需的列" in run(app, "import", str(sheet(tmp_path / "坏.xlsx", [["甲", "乙"], [1, 2]])), "--round", "2023", code=2).stderr


def test_files_as_people_write_them(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "统计局.csv"
    with open(path, "w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([
            ["镇街代码", "乡镇（街道）", "5a", "5b", "20", "26"],
            ["371502001", "古楼街道", "1,234.5", "-3.25%", "38.5", "无"], ["371502002", "古楼街道", "", "不适用", "", "待核查"],
            ["371502003", "", "-1", "1", "30", "无"], ["999999999", "", "1", "1", "1", "无"], ["371502004", "", "不适用", "1", "30", "无"],
        ])
    said = run(app, "import", str(path), "--round", "2023", "--json")
    assert (said["created"], [(r["row"], r["column"], r["code"]) for r in said["rejected"]]) == (
        2, [(4, "5a", "value_invalid"), (5, "镇街代码", "town_unknown"), (6, "5a", "value_invalid")],
    )
    assert any("按代码计" in note["message"] for note in said["notes"])
    values = {(v.item, v.applies): v.value for v in db.session.scalars(select(ContestValue))}
    assert float(values["5a", True] or 0) == 1234.5 and float(values["5b", True] or 0) == -3.25 and ("5b", False) in values
    assert db.session.scalars(select(ContestValue.office).where(ContestValue.item == "20")).first() == "市生态环境局"


def test_a_change_keeps_the_earlier_version_and_undo_brings_it_back(app: Flask, tmp_path: Path) -> None:
    keys = ["1", "2"]
    run(app, "import", str(sheet(tmp_path / "一.xlsx", rows(keys=keys)[:3])), "--round", "2023", "--json")
    second = [["镇街代码", "1", "2"], [rows()[1][0], 999, None], [rows()[2][0], "（清空）", 77]]
    said = run(app, "import", str(sheet(tmp_path / "二.xlsx", second)), "--round", "2023", "--json")
    assert (said["created"], said["updated"]) == (0, 2)
    kept = db.session.scalars(select(ContestValue).where(ContestValue.superseded_at.is_not(None))).all()
    assert len(kept) == 3
    before = [(v.town_id, v.item, v.value) for v in kept]
    run_undo = app.test_cli_runner().invoke(args=["imports", "undo", "--last", "--yes"])
    assert run_undo.exit_code == 0, run_undo.stderr
    db.session.expire_all()
    standing = [(v.town_id, v.item, v.value) for v in db.session.scalars(select(ContestValue).where(ContestValue.superseded_at.is_(None)))]
    assert set(before) <= set(standing) and len(standing) == 4


def test_a_published_round_takes_no_more_values(app: Flask, tmp_path: Path) -> None:
    run(app, "import", str(sheet(tmp_path / "一.xlsx", rows()[:2])), "--round", "2023", "--json")
    db.session.scalars(select(ContestRound)).one().stage = "publicity"
    db.session.commit()
    said = run(app, "import", str(sheet(tmp_path / "二.xlsx", rows()[:3])), "--round", "2023", "--json")
    assert {r["code"] for r in said["rejected"]} == {"round_closed"}
