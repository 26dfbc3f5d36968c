"""The plan of a list of enterprises: what is new, changed, equal, refused, and why (import rules of the enterprise base)."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseName, EnterpriseTown
from app.infra.db import db
from app.kernel.scope import Scope
from tests.exchange.importing import do, plan
from tests.factories.enterprises import make_credit_code, make_enterprise, town_id

HEAD = ["序号", "企业名称", "统一社会信用代码", "县区", "镇街", "行业代码", "成立日期", "法定代表人"]
A, B, C, D, E = (make_credit_code(n) for n in range(1, 6))


def table(*rows: list[object]) -> list[list[object]]:
    return [["2023年企业名单"], HEAD, *[[i, *row] for i, row in enumerate(rows, 1)]]


def county_scope(code: str) -> Scope:
    return Scope(unit_ids=frozenset({db.session.scalars(select(Area.id).where(Area.code == code)).one()}))


def test_a_messy_table_gives_the_right_plan(app: Flask, tmp_path: Path) -> None:
    rows = [
        ["东昌府区企业名单（2023年）"], [], HEAD,
        [1, "聊城启岳轴承有限公司", A, "东昌府区", "柳园", "C3451", "2015.3.12", "张三"],
        [2, "聊城明发(集团)有限公司", "'" + B, None, "东昌府区古楼街道", 3451, "2015年3月", None],
        [3, None, C, "东昌府区", "古楼", None, None, None],
        [4, "代码有误公司", "91371500123", "东昌府区", "古楼", None, None, None],
        [5, "镇街有误公司", D, "东昌府区", "不存在镇", None, None, None],
        [6, "没有镇街公司", E, None, None, None, None, None],
        [], ["合计", 6], ["制表人：李四", None, "2023年12月1日"],
    ]
    planned = plan(tmp_path, "enterprises", rows)
    assert planned.counts == {"rows": 6, "created": 2, "updated": 0, "unchanged": 0, "rejected": 4}
    assert planned.codes() == {6: "name_missing", 7: "credit_code_invalid", 8: "town_unknown", 9: "town_unknown"}
    assert "2015-03-01" in planned.notes(5)


def test_town_names_that_stand_twice_are_refused_with_the_candidates(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", table(["甲公司", A, None, "张庄", None, None, None], ["乙公司", B, None, "东昌府区", None, None, None]))
    assert planned.codes()[4] == "town_ambiguous"


def test_applying_writes_what_the_plan_said(app: Flask, tmp_path: Path) -> None:
    do(tmp_path, "enterprises", table(["聊城启岳轴承有限公司", A, "东昌府区", "柳园", "C3451", "2015.3.12", "张三"]), author="王五", on=date(2023, 12, 1))
    row = db.session.scalars(select(Enterprise)).one()
    assert (row.credit_code, row.name, row.industry_code, row.founded_on) == (A, "聊城启岳轴承有限公司", "3451", date(2015, 3, 12))
    assert (row.town_id, row.legal_person, row.status, row.initials) == (town_id(), "张三", "active", "lcqyzcyxgs")
    assert (row.source_author, row.source_on, row.created_by) == ("王五", date(2023, 12, 1), 1)
    history = db.session.scalars(select(EnterpriseTown)).one()
    assert history.valid_from <= date(2000, 1, 1) and history.valid_to is None


def test_the_same_file_twice_changes_nothing(app: Flask, tmp_path: Path) -> None:
    rows = table(["聊城启岳轴承有限公司", A, "东昌府区", "柳园", "C3451", "2015.3.12", "张三"], ["乙公司", B, "东昌府区", "古楼", None, None, None])
    do(tmp_path, "enterprises", rows)
    again = do(tmp_path, "enterprises", rows)
    assert again.counts == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    assert set(db.session.scalars(select(Enterprise.version))) == {1}


def test_a_blank_cell_never_clears_and_the_clearing_word_does(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A, legal_person="张三", address="某路1号")
    planned = do(tmp_path, "enterprises", [["统一社会信用代码", "法定代表人", "经营地址"], [A, None, "（清空）"]])
    row = db.session.scalars(select(Enterprise)).one()
    assert (row.legal_person, row.address) == ("张三", None)
    assert planned.changes(2) == {"address": ["某路1号", None]}


def test_a_new_name_on_a_known_code_is_a_dated_rename(app: Flask, tmp_path: Path) -> None:
    make_enterprise("聊城旧名有限公司", code=A)
    do(tmp_path, "enterprises", [["统一社会信用代码", "企业名称", "填报日期"], [A, "聊城新名有限公司", "2023-06-30"]])
    assert db.session.scalars(select(Enterprise.name)).one() == "聊城新名有限公司"
    former = db.session.scalars(select(EnterpriseName)).one()
    assert (former.name, former.valid_to) == ("聊城旧名有限公司", date(2023, 6, 29))


def test_a_former_name_in_an_old_table_does_not_rename_back(app: Flask, tmp_path: Path) -> None:
    make_enterprise("聊城旧名有限公司", code=A)
    do(tmp_path, "enterprises", [["统一社会信用代码", "企业名称"], [A, "聊城新名有限公司"]])
    planned = plan(tmp_path, "enterprises", [["统一社会信用代码", "企业名称"], [A, "聊城旧名有限公司"]])
    assert planned.outcomes() == {2: "unchanged"}
    assert "曾用名" in planned.notes(2)


def test_name_and_town_are_needed_only_for_a_new_firm(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    planned = plan(tmp_path, "enterprises", [["统一社会信用代码", "法定代表人"], [A, "李四"], [B, "李四"]])
    assert planned.outcomes() == {2: "updated", 3: "rejected"}
    assert planned.codes() == {3: "town_unknown"}


def test_twin_rows(app: Flask, tmp_path: Path) -> None:
    first = ["甲公司", A, "东昌府区", "柳园", "C3451", "2015-03-12", "张三"]
    same = ["甲公司", A, "东昌府区", "柳园", "C3451", "2015.3.12", "张三"]
    other = ["甲公司", A, "东昌府区", "柳园", "C3451", "2015-03-12", "李四"]
    planned = plan(tmp_path, "enterprises", table(first, same, other))
    assert planned.outcomes() == {3: "created", 4: "unchanged", 5: "rejected"}
    assert planned.codes() == {5: "duplicate_in_file"}


def test_a_refused_row_does_not_make_the_next_one_a_twin(app: Flask, tmp_path: Path) -> None:
    bad = ["甲公司", A, "东昌府区", "没有的镇", None, None, None]
    good = ["甲公司", A, "东昌府区", "柳园", None, None, None]
    assert plan(tmp_path, "enterprises", table(bad, good)).outcomes() == {3: "rejected", 4: "created"}


def test_firms_outside_the_scope_are_refused_without_any_detail(app: Flask, tmp_path: Path) -> None:
    make_enterprise("莘县秘密有限公司", code=A, town="371522001", legal_person="秘密人")
    scope = county_scope("371502")
    rows = table(["公开名", A, "东昌府区", "柳园", None, None, None], ["乙公司", B, "莘县", "莘亭街道", None, None, None])
    planned = plan(tmp_path, "enterprises", rows, scope=scope)
    assert planned.codes() == {3: "out_of_scope", 4: "out_of_scope"}
    text = "".join(f"{r.label}{r.problems}{r.content}{r.changes}" for r in planned.rows)
    assert "秘密" not in text


def test_a_move_keeps_the_history_of_towns(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "enterprises", [["统一社会信用代码", "镇街", "填报日期"], [A, "东昌府区古楼街道", date(2024, 5, 1)]])
    known = db.session.scalars(select(EnterpriseTown).where(EnterpriseTown.superseded_at.is_(None)).order_by(EnterpriseTown.valid_from)).all()
    assert [(t.town_id == town_id(), t.valid_to) for t in known] == [(True, date(2024, 4, 30)), (False, None)]
    assert known[1].valid_from == date(2024, 5, 1)


@pytest.mark.parametrize("cell", ["2023年2月30日", "#REF!", "昨天"])
def test_an_unreadable_cell_refuses_its_row_only(app: Flask, tmp_path: Path, cell: str) -> None:
    planned = plan(tmp_path, "enterprises", table(["甲公司", A, "东昌府区", "柳园", None, cell, None], ["乙公司", B, "东昌府区", "柳园", None, None, None]))
    assert planned.outcomes() == {3: "rejected", 4: "created"}


def test_a_table_without_a_code_column_asks_for_the_columns(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", [["企业名称", "镇街", "联系人"], ["甲公司", "柳园", "张三"]])
    assert planned.batch.state == "mapping"
    assert planned.rows == []


def test_an_unusable_file_is_refused_with_what_to_do(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", [[]])
    assert planned.batch.state == "refused"
    assert planned.batch.refused_zh
