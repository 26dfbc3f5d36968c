"""Files of somebody who works for several cities: every row goes by the policy of its own firm's city, in the background, too; templates
speak of the reader's place."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import load_workbook
from sqlalchemy import select

from app.infra import city, clock
from app.infra.db import db
from app.kernel.credit_code import is_valid
from app.kernel.scope import ALL
from app.ladder.actions import lists as list_actions
from app.ladder.models import OfficialList, OfficialListRow, PoolMember, Recognition, RecognitionEvent
from tests.exchange import importing
from tests.factories import ladder as make
from tests.factories.enterprises import OFFICER
from tests.personas import Browser


@pytest.fixture
def firms(app: Flask) -> tuple[Any, Any]:
    """One of Liaocheng and one of Yingkou; nobody chose a city, as in a worker."""
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    city.forget()
    rows = make.firm(make.area("371502001"), name="聊城甲机械有限公司"), make.firm(make.area("210882100"), name="营口乙机械有限公司")
    db.session.commit()
    return rows


def test_events_know_the_titles_of_each_city(firms: tuple[Any, Any], tmp_path: Path) -> None:
    head = ["统一社会信用代码", "企业名称", "事项", "日期", "称号", "级别", "批次年度"]
    rows = [[firm.credit_code, firm.name, "认定", date(2024, 3, 1), "隐形冠军", "省级", 2024] for firm in firms]
    importing.do(tmp_path, "events", [head, *rows])
    held = list(db.session.execute(select(Recognition.enterprise_id, Recognition.title_code)))
    assert held == [(firms[1].id, "hidden_champion")]
    assert [event.enterprise_id for event in db.session.scalars(select(RecognitionEvent))] == [firms[1].id]


def test_pools_are_those_of_each_city(firms: tuple[Any, Any], tmp_path: Path) -> None:
    head = ["统一社会信用代码", "培育库", "入库日期", "入库理由"]
    pools = ("“小升规”企业培育库", "重点培育民营企业上市资源库")
    rows = [[firm.credit_code, pool, date(2024, 3, 1), "县级推荐"] for firm in firms for pool in pools]
    importing.do(tmp_path, "pools", [head, *rows])
    members = sorted((row.enterprise_id, row.pool_code) for row in db.session.scalars(select(PoolMember)))
    assert members == [(firms[0].id, "above_scale_pipeline"), (firms[1].id, "listing_pipeline")]


def test_a_list_finds_its_title_in_any_city_of_the_scope(firms: tuple[Any, Any], tmp_path: Path) -> None:
    importing.do(tmp_path, "lists", [
        ["关于公布2023年度隐形冠军企业名单的通知"], ["序号", "企业名称", "所在地"], [1, "营口乙机械有限公司", "大石桥市"], [2, "聊城甲机械有限公司", "东昌府区"],
    ])
    listed = db.session.scalars(select(OfficialList)).one()
    assert (listed.title_code, listed.batch_year) == ("hidden_champion", 2023)
    for row in db.session.scalars(select(OfficialListRow)):
        row.decision, row.enterprise_id = "confirmed", next(f.id for f in firms if f.name == row.name)
    listed.level, listed.announced_on = "province", date(2023, 5, 1)
    counts = list_actions.record(listed=listed, scope=ALL, by=OFFICER)
    assert (counts["new"], counts["refused"]) == (1, 1)
    assert [r.enterprise_id for r in db.session.scalars(select(Recognition))] == [firms[1].id]


SEEN = {"bureau": ("371502", "聊城"), "county": ("371502", "聊城"), "yingkou": ("210882", "营口"), "province": ("370602", "烟台")}


@pytest.mark.parametrize("role", SEEN)
@pytest.mark.parametrize("kind", ["enterprises", "recognitions", "events", "pools", "lists"])
def test_the_sample_row_is_of_the_readers_own_place(app: Flask, as_: Callable[[str], Browser], role: str, kind: str) -> None:
    answer = as_(role).get(f"/exchange/{kind}/template")
    code, name = SEEN[role]
    book = load_workbook(io.BytesIO(answer.data))
    head, sample = book.get_sheet_by_index(0).to_python()[:2]
    said = dict(zip(head, sample, strict=False))
    number = next(str(value) for label, value in said.items() if "信用代码" in label)
    assert is_valid(number) and number[2:8] == code
    assert name in next(str(value) for label, value in said.items() if "企业名称" in label)
    text = str(book.get_sheet_by_index(0).to_python()) + str(book.get_sheet_by_index(1).to_python())
    assert name == "聊城" or not any(word in text for word in ("聊城", "东昌府", "柳园", "古楼", "371502"))
    if kind == "pools":
        assert said["*培育库"] in {"聊城": "“小升规”企业培育库", "烟台": "“准四上”企业培育库", "营口": "重点培育民营企业上市资源库"}[name]
