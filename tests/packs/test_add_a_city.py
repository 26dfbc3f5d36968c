"""A fourth city from nothing but docs/howto/add-a-city.md: its files and commands are taken from the page, word by word."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.areas.models import Area, AreaMembership
from app.identity.models import User
from app.infra.db import db
from app.policies.models import PackVersion
from tests.factories.enterprises import make_enterprise
from tests.factories.ladder import recognition
from tests.personas import Browser, sign_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "add-a-city.md"
FILES = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```", re.M | re.S)
COMMANDS = re.compile(r"^```sh run\n(.*?)^```", re.M | re.S)
Run = Callable[..., Result]


def page_files() -> dict[str, str]:
    return dict(FILES.findall(PAGE.read_text("utf-8")))


def page_commands() -> list[list[str]]:
    return [shlex.split(line) for block in COMMANDS.findall(PAGE.read_text("utf-8")) for line in block.splitlines() if line.strip()]


@pytest.fixture
def directory(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the page in a directory of their own, named by YUMIAO_PACK_DIR."""
    folder = tmp_path / "cities" / "sample"
    folder.mkdir(parents=True)
    for name, text in page_files().items():
        (folder / name).write_text(text, "utf-8")
    old = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", replace(old, pack_dir=str(folder.parent)))
    yield folder


@pytest.fixture
def flask(app: Flask) -> Run:
    def run(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=list(words))

    return run


def test_the_page_has_every_step() -> None:
    assert {"pack.yaml", "areas.csv", "zones.csv", "documents.yaml", "ladders.yaml"} <= page_files().keys()
    assert [words[:3] for words in page_commands()][:3] == [["flask", "packs", "lint"], ["flask", "areas", "load"], ["flask", "packs", "load"]]


def test_a_fourth_city_from_nothing_but_the_page(app: Flask, directory: Path, flask: Run) -> None:
    for words in page_commands():
        done = flask(*words[1:])
        assert done.exit_code == 0, (words, done.output)
    city = db.session.scalars(select(Area).where(Area.code == "410900")).one()
    kinds = dict(db.session.execute(select(Area.kind, func.count()).where(Area.city_id == city.id).group_by(Area.kind)).all())
    assert kinds == {"city": 1, "county": 2, "zone": 1, "direct": 1, "subdistrict": 3, "town": 1, "township": 1}
    zone = db.session.scalars(select(Area).where(Area.code == "4109Z1")).one()
    assert db.session.scalar(select(func.count()).select_from(AreaMembership).where(AreaMembership.unit_id == zone.id)) == 3
    assert db.session.scalars(select(Area.name).where(Area.code == "410000")).one() == "河南省"
    make_enterprise("示例机械有限公司", town="410922100")
    star = make_enterprise("示例之光有限公司", town="410902001")
    recognition(star, "local_star", level="city", valid_to=date(2099, 12, 31))
    make_enterprise("柳园机械有限公司", town="371502002")
    from app.infra import changes

    changes.tell("bulk", ())
    db.session.commit()
    _accounts_without_first_password()
    officer, henan = sign_in(app, "sample-officer"), sign_in(app, "henan")
    _sees_only_the_city(officer)
    _sees_only_the_city(henan)
    county = sign_in(app, "sample-county").get("/enterprises/").text
    assert "示例机械" in county and "示例之光" not in county


def _accounts_without_first_password() -> None:
    for user in db.session.scalars(select(User)):
        user.must_change_password = False
    db.session.commit()


def _sees_only_the_city(browser: Browser) -> None:
    home, board = browser.get("/").text, browser.get("/ladder/").text
    assert "示例市梯度" in home and "示例之星" in board and "育苗扶壮" not in home + board
    listed = browser.get("/enterprises/").text
    assert "示例机械" in listed and "示例之光" in listed and "柳园" not in listed
    assert "示例之星企业" in browser.get("/ladder/titles").text
    assert "示例市没有镇街指标体系" in browser.get("/indicators/").text
    assert "示例市企业梯度培育方案" in browser.get("/policies/sample/documents").text
    assert browser.get("/policies/liaocheng/documents").status_code == 404
    assert browser.get("/?city=371500").status_code == 404


def test_every_command_may_be_run_again(directory: Path, flask: Run) -> None:
    for words in page_commands()[:3] * 2:
        done = flask(*words[1:])
        assert done.exit_code == 0, done.output
    assert "已载入 0 个" in flask("areas", "load", "410900").output
    assert db.session.scalar(select(func.count()).select_from(PackVersion).where(PackVersion.city == "sample")) == 1


BAD_AREAS = {
    "no_county": ("410922,西河县,county,410900\n", "", "410922"),
    "twice": ("410902002,向阳街道", "410902001,向阳街道", "代码重复"),
    "foreign_town": ("410922200,柳林乡,township,410922", "410922200,柳林乡,township,410902", "前 6 位"),
    "unknown_kind": ("township", "village", "kind"),
    "short_code": ("410902001,中心街道", "41090,中心街道", "6 位，镇街 9 位"),
    "no_name": ("410922,西河县", "410922,", "名称"),
    "other_head": ("code,name,kind,parent_code", "代码,名称,类别,上级", "缺少列"),
    "second_city": ("410902,东城区,county,410900", "410901,东城市,city,410900", "城市"),
    "zone_of_nowhere": ("", "", "zones.csv 第 2 行"),
}


@pytest.mark.parametrize("fault", BAD_AREAS)
def test_a_faulty_list_of_areas_is_refused_with_its_line_and_nothing_is_loaded(directory: Path, flask: Run, fault: str) -> None:
    old, new, said = BAD_AREAS[fault]
    path = directory / ("zones.csv" if fault == "zone_of_nowhere" else "areas.csv")
    text = path.read_text("utf-8")
    path.write_text(text.replace("410902002", "410902999", 1) if fault == "zone_of_nowhere" else text.replace(old, new, 1), "utf-8")
    done = flask("areas", "load", "410900")
    assert done.exit_code == 2 and said in done.output, done.output
    assert db.session.scalars(select(Area).where(Area.code.startswith("41"))).all() == []


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"code,name\n", b"\x80\x81,\xff", b'code,name,kind,parent_code\n"410900,x\n'])
def test_a_file_that_is_no_list_is_refused_in_words(directory: Path, flask: Run, raw: bytes) -> None:
    (directory / "areas.csv").write_bytes(raw)
    done = flask("areas", "load", "410900", "--file", str(directory / "areas.csv"))
    assert done.exit_code == 2 and "Traceback" not in done.output, done.output


def test_a_list_saved_by_a_chinese_spreadsheet_is_read(directory: Path, flask: Run) -> None:
    path = directory / "areas.csv"
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode("gb18030"))
    (directory / "zones.csv").unlink()
    assert flask("areas", "load", "410900").exit_code == 0
    assert db.session.scalars(select(Area.name).where(Area.code == "410922200")).one() == "柳林乡"


def test_a_city_without_a_list_says_what_to_do(directory: Path, flask: Run) -> None:
    done = flask("areas", "load", "419900")
    assert done.exit_code == 2 and "areas.csv" in done.output
    assert flask("areas", "load", "abc").exit_code == 2


def test_a_faulty_pack_of_one_city_does_not_disturb_the_others(app: Flask, directory: Path, flask: Run) -> None:
    """Its areas may be loaded, its policy not; Liaocheng goes on, and people of the new city are told in words."""
    (directory / "ladders.yaml").write_text("ladders: 7\n", "utf-8")
    refused = flask("packs", "load", "sample")
    assert refused.exit_code == 2 and "ladders.yaml" in refused.output
    assert flask("areas", "load", "410900").exit_code == 0
    assert flask("users", "create", "sample-officer", "--name", "王经办", "--role", "bureau_officer", "--area", "410900").exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(PackVersion)) == 0
    _accounts_without_first_password()
    for name in ("bureau", "installation"):
        assert sign_in(app, name).get("/ladder/?city=371500").status_code == 200
        assert sign_in(app, name).get("/").status_code == 200
    officer = sign_in(app, "sample-officer")
    for path in ("/", "/ladder/", "/enterprises/", "/policies/", "/ladder/titles"):
        assert officer.get(path).status_code < 500, path


def test_a_load_killed_in_the_middle_leaves_nothing(app: Flask, directory: Path, flask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last statement fails: no version, no audit row, no area of it is left behind; the same commands work afterwards."""
    from app.areas import loading
    from app.infra import audit

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", killed)
        for words in (("areas", "load", "410900"), ("packs", "load", "sample")):
            assert flask(*words).exit_code != 0
            db.session.rollback()
        assert loading.audit.record is killed
    assert db.session.scalars(select(Area).where(Area.code.startswith("41"))).all() == []
    assert db.session.scalar(select(func.count()).select_from(PackVersion)) == 0
    assert [flask(*words[1:]).exit_code for words in page_commands()[:3]] == [0, 0, 0]
