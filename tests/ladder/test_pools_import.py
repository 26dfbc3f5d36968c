"""Members of pools by workbook: new spells, steps on open ones, the same file twice, undo, round trip with the export, refusals in words."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import city, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL, Scope
from app.ladder.actions import pools as actions
from app.ladder.models import PoolMember, PoolStep
from app.ladder.queries import pools as queries
from app.policies.queries import current_pack
from tests.exchange import importing
from tests.factories import ladder as make
from tests.factories.enterprises import make_credit_code

BY = Actor(user_id=1, name="市局经办甲")
POOL, LABEL = "above_scale_pipeline", "“小升规”企业培育库"
HEAD = ["统一社会信用代码", "企业名称", "培育库", "状态", "阶段", "阶段日期", "责任人", "提名日期", "入库日期", "入库理由", "出库日期", "出库原因"]


@pytest.fixture
def firms(app: Flask) -> list[Any]:
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    city.forget()
    rows = [make.firm(make.area(c), name=f"{n}机械有限公司") for c, n in (("371502001", "甲"), ("371502001", "乙"), ("371581107", "丙"), ("3715Z1000", "丁"))]
    db.session.commit()
    return rows


def row(firm: Any, **said: Any) -> list[Any]:
    return [said.get(name, {"统一社会信用代码": firm.credit_code, "培育库": LABEL}.get(name)) for name in HEAD]


def stages() -> dict[str, tuple[str, str | None]]:
    """First character of the name -> (state, stage)."""
    db.session.expire_all()
    found = {}
    for member in db.session.scalars(select(PoolMember).order_by(PoolMember.id)):
        found[queries.get_member(ALL, member.id).name[0]] = (member.state, member.stage_code)
    return found


def table(firms: list[Any]) -> list[list[Any]]:
    day = date(2024, 3, 1)
    return [
        HEAD,
        row(firms[0], 入库日期=day, 入库理由="收入接近入统门槛", 责任人="王主任"),
        row(firms[1], 阶段="申报中", 入库日期=day, 阶段日期=date(2024, 4, 2), 入库理由="新建项目投产", 提名日期=date(2024, 2, 1)),
        row(firms[2], 状态="提名待审", 提名日期=day, 入库理由="县级推荐"),
        row(firms[3], 入库日期=day, 入库理由="招商落地", 出库日期=date(2024, 5, 1), 出库原因="迁出"),
    ]


def test_a_file_makes_spells_with_their_dated_steps(firms: list[Any], tmp_path: Path) -> None:
    done = importing.do(tmp_path, "pools", table(firms))
    assert done.counts == {"rows": 4, "created": 4, "updated": 0, "unchanged": 0, "rejected": 0}
    assert stages() == {
        "甲": ("member", "cultivating"), "乙": ("member", "applying"), "丙": ("nominated", None), "丁": ("released", "cultivating"),
    }
    member = db.session.scalars(select(PoolMember).where(PoolMember.enterprise_id == firms[1].id)).one()
    steps = [(s.kind, s.happened_on, s.stage_code) for s in queries.steps_of(member.id)]
    assert steps == [
        ("nominated", date(2024, 2, 1), None), ("admitted", date(2024, 3, 1), "cultivating"), ("stage", date(2024, 4, 2), "applying"),
    ]
    assert (member.nominated_on, member.entered_on, member.stage_on) == (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 2))


def test_the_same_file_twice_changes_nothing(firms: list[Any], tmp_path: Path) -> None:
    importing.do(tmp_path, "pools", table(firms))
    again = importing.plan(tmp_path, "pools", table(firms), name="again.xlsx")
    assert again.counts == {"rows": 4, "created": 0, "updated": 0, "unchanged": 4, "rejected": 0}


def test_what_goes_on_is_a_new_step(firms: list[Any], tmp_path: Path) -> None:
    importing.do(tmp_path, "pools", table(firms))
    day = date(2024, 3, 1)
    later = [
        HEAD, row(firms[0], 阶段="辅导", 阶段日期=date(2024, 5, 6), 入库日期=day, 责任人="李科长"),
        row(firms[1], 入库日期=day, 出库日期=date(2024, 5, 20), 出库原因="停产"), row(firms[2], 入库日期=date(2024, 4, 1), 入库理由="符合条件"),
    ]
    done = importing.do(tmp_path, "pools", later, name="later.xlsx")
    assert done.counts["updated"] == 3
    assert stages() == {"甲": ("member", "coaching"), "乙": ("released", "applying"), "丙": ("member", "cultivating"), "丁": ("released", "cultivating")}
    first = db.session.scalars(select(PoolMember).where(PoolMember.enterprise_id == firms[0].id)).one()
    assert first.owner == "李科长" and [s.kind for s in queries.steps_of(first.id)] == ["admitted", "stage"]
    importing.undo(done.batch)
    assert stages()["甲"] == ("member", "cultivating") and stages()["乙"] == ("member", "applying") and stages()["丙"] == ("nominated", None)
    db.session.expire_all()
    assert db.session.get_one(PoolMember, first.id).owner == "王主任"


def test_undo_takes_back_what_nobody_touched(firms: list[Any], tmp_path: Path) -> None:
    done = importing.do(tmp_path, "pools", table(firms))
    member = db.session.scalars(select(PoolMember).where(PoolMember.enterprise_id == firms[0].id)).one()
    pool = queries.get_pool(current_pack(), POOL)
    change = actions.Change("stage", date(2024, 5, 6), "", "coaching")
    actions.take_step(scope=ALL, pool=pool, member=queries.get_member(ALL, member.id), change=change, by=BY)
    db.session.commit()
    batch = importing.undo(done.batch)
    assert batch.undone_counts["undone"] == 3 and batch.undone_counts["kept"] == 1
    assert stages() == {"甲": ("member", "coaching"), "乙": ("voided", "applying"), "丙": ("voided", None), "丁": ("voided", "cultivating")}
    assert {s.superseded_at is None for s in db.session.scalars(select(PoolStep).where(PoolStep.member_id != member.id))} == {False}
    again = importing.do(tmp_path, "pools", table(firms)[:1] + table(firms)[2:], name="again.xlsx")
    assert again.counts["created"] == 3


@pytest.mark.parametrize(("said", "code"), [
    ({"培育库": "不存在的库"}, "pool_unknown"), ({"培育库": "强镇培育库"}, "pool_of_towns"), ({"阶段": "天上"}, "stage_unknown"), ({"状态": "在天上"}, "state_unknown"),
    ({"入库日期": date(2025, 1, 1)}, "date_in_future"), ({"入库日期": date(2024, 3, 1), "出库日期": date(2024, 2, 1)}, "dates_reversed"),
    ({"状态": "已出库"}, "date_missing"), ({"状态": "在库", "出库日期": date(2024, 2, 1)}, "state_conflict"), ({"入库日期": "昨天吧"}, "date_invalid"),
    ({"入库日期": date(1990, 1, 1)}, "date_too_early"), ({"统一社会信用代码": make_credit_code(987_654)}, "enterprise_unknown"),
])
def test_a_wrong_row_is_refused_with_its_reason(firms: list[Any], tmp_path: Path, said: dict[str, Any], code: str) -> None:
    planned = importing.plan(tmp_path, "pools", [HEAD, row(firms[0], **said)])
    assert list(planned.codes().values()) == [code]


def test_another_county_is_refused_without_a_name(firms: list[Any], tmp_path: Path) -> None:
    county = Scope(unit_ids=frozenset({make.area("371502").id}))
    planned = importing.plan(tmp_path, "pools", [HEAD, row(firms[2], 入库日期=date(2024, 3, 1))], scope=county)
    assert list(planned.codes().values()) == ["out_of_scope"] and planned.rows[0].label == ""


def test_twins_and_a_second_date_of_entry(firms: list[Any], tmp_path: Path) -> None:
    day = date(2024, 3, 1)
    rows = [HEAD, row(firms[0], 入库日期=day), row(firms[0], 入库日期=day), row(firms[0], 入库日期=day, 阶段="辅导")]
    planned = importing.plan(tmp_path, "pools", rows)
    assert planned.outcomes() == {2: "created", 3: "unchanged", 4: "rejected"} and planned.codes() == {4: "duplicate_in_file"}
    importing.apply(planned)
    other = importing.plan(tmp_path, "pools", [HEAD, row(firms[0], 入库日期=date(2024, 4, 1))], name="other.xlsx")
    assert list(other.codes().values()) == ["already_member"]
    earlier = row(firms[0], 入库日期=date(2022, 1, 5), 入库理由="早年", 出库日期=date(2023, 1, 5), 出库原因="停产")
    assert importing.do(tmp_path, "pools", [HEAD, earlier], name="earlier.xlsx").counts["created"] == 1


@pytest.mark.parametrize("word", ["小升规企业培育库", "小升规", "“小升规”企业培育库", "above_scale_pipeline"])
def test_names_of_pools_in_other_spellings(firms: list[Any], tmp_path: Path, word: str) -> None:
    assert importing.plan(tmp_path, "pools", [HEAD, row(firms[0], 培育库=word)]).counts["created"] == 1


def test_the_export_can_be_read_again(firms: list[Any], tmp_path: Path, as_: Any) -> None:
    importing.do(tmp_path, "pools", table(firms))
    answer = as_("bureau").post(f"/ladder/pools/{POOL}/export?state=all")
    assert answer.status_code == 200
    path = tmp_path / "export.xlsx"
    path.write_bytes(answer.data)
    from app.exchange import actions as exchange

    with open(path, "rb") as stream:
        batch = exchange.upload(
            kind="pools", stream=stream, filename="export.xlsx", options={}, author=None, on=None, scope=ALL, by=importing.OFFICER, background=False,
        )
    db.session.commit()
    planned = importing.outcome(importing.work("exchange.plan", batch.id))
    assert planned.counts == {"rows": 4, "created": 0, "updated": 0, "unchanged": 4, "rejected": 0}, planned.codes()


def test_the_command_line(firms: list[Any], tmp_path: Path, app: Flask) -> None:
    path = importing.sheet(tmp_path / "m.xlsx", [*table(firms), row(firms[0], 培育库="没有这个库")])
    def run(*words: str) -> tuple[int, Any]:
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=list(words))
        db.session.rollback()
        return result.exit_code, json.loads(result.stdout) if result.stdout[:1] in ("{", "[") else result.stdout

    code, tried = run("pools", "import", str(path), "--dry-run", "--json")
    assert code == 0 and tried["created"] == 4 and not db.session.scalars(select(PoolMember.id)).all()
    _, done = run("pools", "import", str(path), "--json")
    assert (done["rows"], done["created"], [r["code"] for r in done["rejected"]]) == (5, 4, ["pool_unknown"])
    _, listed = run("pools", "list", "--json")
    assert next(p for p in listed if p["pool"] == POOL) == {"pool": POOL, "label": LABEL, "nominated": 1, "member": 2}
    assert run("pools", "export", POOL, str(tmp_path / "o.xlsx"))[0] == 0 and (tmp_path / "o.xlsx").stat().st_size > 1000
    assert run("pools", "screen", "--json")[1]["enterprises"] == 0
    assert run("pools", "lookalikes", "key_cultivation", "--json")[1]["rows"] == 0
    assert run("pools", "lookalikes", "nothing")[0] == 1
