"""企业与称号动态: one file says what happened to firms, recognitions and towns; the counts follow from the day it happened."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import AreaMembership
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseName, EnterpriseTown
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.models import Recognition, RecognitionEvent
from app.ladder.rules import CountKind, any_level
from tests.exchange.importing import apply, plan, sheet, undo
from tests.factories import ladder as make

HEAD = ("企业名称", "统一社会信用代码", "事项", "日期", "原镇街", "新镇街", "称号", "级别", "批次年度", "文号", "原因", "结果", "有效期止")
SRDI = any_level("srdi")


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    row = make.firm(make.area("371502001"), name="柳河机械有限公司", since=date(2015, 1, 1))
    make.recognition(row, "srdi", level="province")
    db.session.commit()
    return row


def line(firm: Enterprise, kind: str, on: Any, **more: Any) -> tuple[Any, ...]:
    values = {"企业名称": firm.name, "统一社会信用代码": firm.credit_code, "事项": kind, "日期": on} | more
    return tuple(values.get(name) for name in HEAD)


def run(tmp_path: Path, *rows: tuple[Any, ...], **more: Any) -> Any:
    planned = plan(tmp_path, "events", [HEAD, *rows], **more)
    assert not planned.codes(), planned.codes()
    return apply(planned)


def again(tmp_path: Path, *rows: tuple[Any, ...]) -> dict[str, int]:
    return plan(tmp_path, "events", [HEAD, *rows]).counts


def stock(day: date, known_on: date | None = None) -> dict[int, int]:
    return queries.count_by_town(ALL, SRDI, CountKind.STOCK, day, known_on=known_on)


def test_a_move_counts_from_its_day(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    rows = [line(firm, "迁移", "2024-03-15", 原镇街="古楼街道", 新镇街="东昌府区柳园街道", 文号="聊工信〔2024〕3号")]
    old, new = make.area("371502001").id, make.area("371502002").id
    batch = run(tmp_path, *rows)
    assert stock(date(2024, 3, 14)) == {old: 1} and stock(date(2024, 3, 15)) == {new: 1}
    assert db.session.get_one(Enterprise, firm.id).town_id == new
    event = db.session.scalars(select(EnterpriseEvent)).one()
    assert (event.kind, event.happened_on, event.document) == ("moved", date(2024, 3, 15), "聊工信〔2024〕3号")
    assert again(tmp_path, *rows) == {"rows": 1, "created": 0, "updated": 0, "unchanged": 1, "rejected": 0}
    undo(batch)
    assert stock(date(2024, 3, 15)) == {old: 1} and db.session.get_one(Enterprise, firm.id).town_id == old
    assert db.session.scalars(select(EnterpriseEvent)).all() == []


def test_an_earlier_move_recorded_later_keeps_the_later_one(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    first, second, third = (make.area(f"37150200{n}").id for n in (1, 2, 3))
    run(tmp_path, line(firm, "迁移", "2025-01-10", 新镇街="371502003"), line(firm, "迁移", "2023-11-01", 新镇街="371502002"))
    assert [next(iter(stock(day))) for day in (date(2023, 10, 31), date(2023, 11, 1), date(2025, 1, 9), date(2025, 1, 10))] == [first, second, second, third]
    assert db.session.get_one(Enterprise, firm.id).town_id == third


def test_a_revocation_needs_a_reason_and_leaves_the_stock_from_its_day(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    bare = plan(tmp_path, "events", [HEAD, line(firm, "撤销", "2024-05-20", 称号="专精特新中小企业", 级别="省级")])
    assert bare.codes() == {2: "reason_missing"}
    rows = [line(firm, "撤销称号", "2024-05-20", 称号="省级专精特新", 原因="虚假申报", 文号="鲁工信〔2024〕9号")]
    batch = run(tmp_path, *rows)
    assert stock(date(2024, 5, 19)) and not stock(date(2024, 5, 20))
    assert queries.count_by_town(ALL, SRDI, CountKind.CUMULATIVE, date(2024, 12, 31))
    row = db.session.scalars(select(Recognition).where(Recognition.superseded_at.is_(None))).one()
    assert (row.revoked_on, row.revoked_reason, row.batch_year) == (date(2024, 5, 20), "虚假申报", 2023)
    step = db.session.scalars(select(RecognitionEvent)).one()
    assert (step.kind, step.batch_year, step.document) == ("revoked", 2023, "鲁工信〔2024〕9号")
    assert again(tmp_path, *rows)["unchanged"] == 1
    undo(batch)
    assert stock(date(2024, 5, 20))
    assert db.session.scalars(select(RecognitionEvent).where(RecognitionEvent.superseded_at.is_(None))).all() == []


def test_a_void_leaves_all_three_counts(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    rows = [line(firm, "作废", None, 称号="省级专精特新", 原因="重复登记")]
    run(tmp_path, *rows)
    for kind in CountKind:
        assert not queries.count_by_town(ALL, SRDI, kind, date(2023, 12, 31))
    assert again(tmp_path, *rows)["unchanged"] == 1


def test_status_follows_its_day(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    rows = [line(firm, "注销", "2024-08-01")]
    batch = run(tmp_path, *rows)
    assert db.session.get_one(Enterprise, firm.id).status == "cancelled"
    assert stock(date(2024, 7, 31)) and not stock(date(2024, 8, 1))
    assert again(tmp_path, *rows)["unchanged"] == 1
    undo(batch)
    assert db.session.get_one(Enterprise, firm.id).status == "active" and stock(date(2024, 8, 1))


def test_scale_up_and_down_follow_in_the_title(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    scale = any_level("scale_up")
    run(tmp_path, line(firm, "升规", "2023-12-31"), line(firm, "退库", "2024-11-30", 原因="连续两年不达标"), line(firm, "个转企", "2016-05-01"))
    counted = {day: sum(queries.count_by_town(ALL, scale, CountKind.STOCK, day).values()) for day in (date(2023, 12, 30), date(2023, 12, 31), date(2024, 11, 30))}
    assert list(counted.values()) == [0, 1, 0]
    assert {e.kind for e in db.session.scalars(select(EnterpriseEvent))} == {"above_scale", "below_scale", "from_individual"}


def test_a_rename_keeps_the_identity_and_the_former_name(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    head = ("原企业名称", "新企业名称", "变动类型", "变动日期")
    rows = [head, ("柳河机械有限公司", "山东柳河智能装备有限公司", "名称变更", "2024年3月1日")]
    batch = apply(plan(tmp_path, "events", rows))
    row = db.session.get_one(Enterprise, firm.id)
    assert row.name == "山东柳河智能装备有限公司" and stock(date(2024, 6, 1))
    assert db.session.scalars(select(EnterpriseName.name)).all() == ["柳河机械有限公司"]
    assert plan(tmp_path, "events", rows).counts["unchanged"] == 1
    undo(batch)
    assert db.session.get_one(Enterprise, firm.id).name == "柳河机械有限公司"


def test_public_notice_counts_nowhere(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    head = ("企业名称", "称号", "级别", "推荐日期", "公示日期", "公示截止日期", "文号")
    rows = [head, (firm.name, "瞪羚企业", "省级", "2024-09-01", "2024-10-08", "2024-10-14", "鲁工信公示〔2024〕5号")]
    planned = plan(tmp_path, "events", rows)
    assert planned.counts["created"] == 1 and len(planned.rows) == 2
    apply(planned)
    steps = db.session.scalars(select(RecognitionEvent).order_by(RecognitionEvent.happened_on)).all()
    assert [(s.kind, s.title_code, s.batch_year) for s in steps] == [("recommended", "gazelle", 2024), ("noticed", "gazelle", 2024)]
    for kind in CountKind:
        assert not queries.count_by_town(ALL, any_level("gazelle"), kind, date(2024, 12, 31))
    assert plan(tmp_path, "events", rows).counts["unchanged"] == 1


def test_a_passed_review_extends_and_is_never_new(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    rows = [line(firm, "复核", "2026-05-20", 称号="省级专精特新", 结果="通过", 有效期止="2029-06-30", 文号="鲁工信〔2026〕1号")]
    clock.freeze(clock.end_of_day(date(2026, 8, 1)))
    run(tmp_path, *rows)
    assert stock(date(2028, 1, 1))
    assert not queries.count_by_town(ALL, SRDI, CountKind.NEW, date(2026, 12, 31), window=(2026, 2026))
    assert again(tmp_path, *rows)["unchanged"] == 1


def test_a_late_review_leaves_the_gap(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    clock.freeze(clock.end_of_day(date(2027, 3, 1)))
    run(tmp_path, line(firm, "复核通过", "2026-10-20", 称号="省级专精特新", 有效期止="2029-10-19"))
    assert not stock(date(2026, 8, 1)) and stock(date(2026, 10, 20))
    assert not queries.count_by_town(ALL, SRDI, CountKind.NEW, date(2026, 12, 31), window=(2026, 2026))


def test_a_town_comes_under_another_unit(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    head = ("事项", "乡镇（街道）", "原管理单位", "新管理单位", "生效日期", "文号")
    rows = [head, ("管理单位调整", "古楼街道", "东昌府区", "经开区", "2024-07-01", "聊政字〔2024〕8号")]
    batch = apply(plan(tmp_path, "events", rows))
    zone = make.area("3715Z1").id
    assert db.session.get_one(Enterprise, firm.id).unit_id == zone
    places = [queries.places(day)[firm.town_id].unit_id for day in (date(2024, 6, 30), date(2024, 7, 1))]
    assert places == [make.area("371502").id, zone]
    assert plan(tmp_path, "events", rows).counts["unchanged"] == 1
    undo(batch)
    assert queries.places(date(2024, 7, 1))[firm.town_id].unit_id == make.area("371502").id
    assert db.session.get_one(Enterprise, firm.id).unit_id == make.area("371502").id
    assert db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == firm.town_id, AreaMembership.superseded_at.is_(None))).one()


def test_what_was_known_before_stays_known(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    before = clock.today()
    db.session.scalars(select(Recognition)).one().recorded_at = clock.start_of_day(date(2023, 8, 1))
    db.session.scalars(select(EnterpriseTown)).one().recorded_at = clock.start_of_day(date(2023, 8, 1))
    db.session.commit()
    run(tmp_path, line(firm, "撤销", "2024-05-20", 称号="省级专精特新", 原因="虚假申报"))
    assert stock(date(2024, 5, 20), known_on=date(before.year - 1, 12, 31)) and not stock(date(2024, 5, 20))


@pytest.mark.parametrize(("more", "code"), [
    ({"事项": "开会"}, "event_unknown"), ({"事项": None, "新镇街": None}, "event_missing"), ({"日期": None}, "date_missing"), ({"日期": "2099-01-01"}, "date_in_future"),
    ({"新镇街": "没有这个镇"}, "town_unknown"), ({"新镇街": None}, "town_missing"), ({"日期": "2001-01-01"}, "date_too_early"),
    ({"事项": "撤销", "称号": "瞪羚企业", "级别": "省级", "原因": "x"}, "recognition_unknown"), ({"事项": "撤销", "称号": "文明单位", "原因": "x"}, "title_unknown"),
    ({"事项": "撤销", "原因": "x"}, "title_blank"), ({"事项": "更名"}, "name_missing"), ({"新镇街": "古楼街道"}, "same_town"),
    ({"统一社会信用代码": "91379999MA00000000"}, "credit_code_invalid"), ({"事项": "复核", "称号": "省级专精特新"}, "result_missing"),
])
def test_a_bad_row_is_refused_with_its_reason(app: Flask, firm: Enterprise, tmp_path: Path, more: dict[str, Any], code: str) -> None:
    rows = line(firm, "迁移", "2024-03-15", **({"新镇街": "柳园街道"} | more))
    planned = plan(tmp_path, "events", [HEAD, rows])
    assert planned.codes() == {2: code}, planned.counts


def test_another_countys_firm_is_refused_without_a_word_about_it(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    scope = Scope(unit_ids=frozenset({make.area("371522").id}))
    planned = plan(tmp_path, "events", [HEAD, line(firm, "注销", "2024-08-01"), ("柳河机械有限公司", None, "注销", "2024-08-01")], scope=scope)
    assert planned.codes() == {2: "out_of_scope", 3: "enterprise_unknown"}
    own = Scope(unit_ids=frozenset({make.area("371502").id}))
    away = plan(tmp_path, "events", [HEAD, line(firm, "迁移", "2024-03-15", 新镇街="371581107")], scope=own)
    assert away.codes() == {2: "out_of_scope"}


def test_twins_in_one_file(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    one, other = line(firm, "迁移", "2024-03-15", 新镇街="柳园街道"), line(firm, "迁移", "2024-03-15", 新镇街="371502003")
    planned = plan(tmp_path, "events", [HEAD, one, one, other])
    assert planned.outcomes() == {2: "created", 3: "unchanged", 4: "rejected"} and planned.codes() == {4: "duplicate_in_file"}


def test_undo_keeps_what_changed_since(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    batch = run(tmp_path, line(firm, "撤销", "2024-05-20", 称号="省级专精特新", 原因="虚假申报"), line(firm, "注销", "2024-08-01"))
    run(tmp_path, line(firm, "撤销", "2024-05-20", 称号="省级专精特新", 原因="更正：连续两年亏损"))
    done = undo(batch)
    assert done.undone_counts == {"undone": 1, "kept": 1}
    assert db.session.get_one(Enterprise, firm.id).status == "active"


def test_the_command_answers_like_the_other_imports(app: Flask, firm: Enterprise, tmp_path: Path) -> None:
    path = sheet(tmp_path / "动态.xlsx", [HEAD, line(firm, "注销", "2024-08-01"), line(firm, "开会", "2024-08-01")])
    db.session.rollback()
    dry = app.test_cli_runner().invoke(args=["events", "import", str(path), "--dry-run", "--json"])
    told = json.loads(dry.stdout)
    assert {k: told[k] for k in ("rows", "created", "updated", "unchanged")} == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0}
    assert [(r["row"], r["column"], r["code"]) for r in told["rejected"]] == [(3, "事项", "event_unknown")]
    db.session.expire_all()
    assert db.session.get_one(Enterprise, firm.id).status == "active"
    db.session.rollback()
    assert json.loads(app.test_cli_runner().invoke(args=["events", "import", str(path), "--json"]).stdout) == told
    db.session.expire_all()
    assert db.session.get_one(Enterprise, firm.id).status == "cancelled"
