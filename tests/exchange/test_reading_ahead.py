"""A file named on the command line is read while the application is loaded: the import then takes that over, or nothing is left of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.exchange.models import ImportBatch
from app.exchange.reading import ahead
from app.infra import files
from app.infra.db import db
from tests.exchange.importing import sheet
from tests.exchange.test_import_cli import ROWS, run


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ahead, "_begun", None)
    yield
    ahead._end()


def begin(app: Flask, *words: str) -> list[Path]:
    """What lies in the folder of readings begun ahead."""
    ahead.begin(words, Path(app.config["DATA_DIR"]))
    return sorted((Path(app.config["DATA_DIR"]) / "imports" / "ahead").glob("*"))


def test_the_import_takes_over_what_was_begun(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "a.xlsx", ROWS)
    folder, copy = begin(app, "enterprises", "import", str(path), "--json")
    monkeypatch.setattr("app.exchange.table.Upload", None)  # nobody reads a second time
    code, answer, _ = run(app, "enterprises", "import", str(path), "--json")
    assert (code, answer["created"], len(answer["rejected"])) == (0, 1, 2)
    batch = db.session.query(ImportBatch).one()
    stored = files.path_of(db.session.get_one(files.StoredFile, batch.file_id).sha256)
    assert stored.read_bytes() == path.read_bytes()
    assert not folder.exists() and not copy.exists()


def test_the_rows_are_those_of_the_stored_file_even_when_somebody_writes_to_it_meanwhile(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ROWS)
    before = path.read_bytes()
    begin(app, "enterprises", "import", str(path))
    sheet(path, [["企业名称", "统一社会信用代码", "镇街"]])
    assert run(app, "enterprises", "import", str(path), "--json")[1]["created"] == 1
    stored = db.session.query(files.StoredFile).filter_by(purpose="import").one()
    assert files.path_of(stored.sha256).read_bytes() == before


def test_another_file_than_the_one_begun_is_read_by_the_import_itself(app: Flask, tmp_path: Path) -> None:
    begun = begin(app, "enterprises", "import", "--author", str(sheet(tmp_path / "张三.xlsx", [["别的", "内容"], ["甲", "乙"]])), "a.xlsx")
    path = sheet(tmp_path / "a.xlsx", ROWS)
    assert run(app, "enterprises", "import", str(path), "--json")[1]["created"] == 1
    ahead._end()
    assert len(begun) == 2 and not any(left.exists() for left in begun)


@pytest.mark.parametrize("words", [("enterprises", "export", "a.xlsx"), ("enterprises", "import", "a.csv"), ("enterprises", "import", "没有.xlsx"), ("enterprises", "import", "text.xlsx")])
def test_nothing_is_begun_for_other_commands_and_files(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    sheet(tmp_path / "a.xlsx", ROWS)
    (tmp_path / "a.csv").write_text("企业名称\n甲\n")
    (tmp_path / "text.xlsx").write_text("no workbook")
    assert begin(app, *words) == []


def test_what_a_killed_process_left_is_swept(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(app.config["DATA_DIR"]) / "imports" / "ahead"
    (home / "old").mkdir(parents=True)
    (home / "old.xlsx").touch()
    monkeypatch.setattr(ahead, "STALE_SECONDS", -1)
    assert {left.stem for left in begin(app, "lists", "import", str(sheet(tmp_path / "a.xlsx", ROWS)))}.isdisjoint({"old"})
