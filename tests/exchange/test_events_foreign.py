"""Files of events as other offices write them: titles above the table, two-level heads, no word for what happened, every form of date.

Every file goes through the command line twice: the second time changes nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseEvent
from app.infra.db import db
from app.ladder.models import Recognition, RecognitionEvent
from tests.exchange.foreign.codes import code, name
from tests.exchange.foreign.files import Sheet, book, lines, simple, text
from tests.factories import ladder as make
from tests.factories.enterprises import make_enterprise


@dataclass(frozen=True)
class Case:
    """``told``: created, updated, unchanged; ``refused``: sheet row -> code; ``firms``: number -> what is known of the firm afterwards."""

    label: str
    build: Callable[[Path], None]
    created: int
    refused: dict[int, str] = field(default_factory=dict)
    firms: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: int | None = None
    suffix: str = ".xlsx"
    unchanged: int = 0

    def __str__(self) -> str:
        return self.label


def firm(number: int) -> tuple[str, str]:
    return name(number), code(number)


def _two_level(workbook: Any) -> None:
    sheet = Sheet(workbook, "迁移情况")
    sheet.rows([("附件2",), ("2024年企业迁移情况统计表",), ("填报单位：东昌府区工业和信息化局",)])
    sheet.rows([("序号", "企业名称", "统一社会信用代码", "变更前", None, "变更后", None, "变更时间", "备注"), (None, None, None, "县区", "镇街", "县区", "镇街", None, None)], 3)
    sheet.ws.merge_range(3, 3, 3, 4, "变更前", sheet.style)
    sheet.ws.merge_range(3, 5, 3, 6, "变更后", sheet.style)
    sheet.rows([
        (1, *firm(1), "东昌府区", "柳园街道", "东昌府区", "古楼街道", "2024.3.15", "厂区搬迁"), (2, *firm(2), "东昌府", "柳园", "东昌府", "新区街道", date(2024, 5, 6), None),
        ("合计", None, None, None, None, None, None, 2, None), ("填表人：张三", None, None, "审核人：李四", None, None, None, None, None),
    ], 5)


def _merged_kind(workbook: Any) -> None:
    sheet = Sheet(workbook, "变动")
    sheet.rows([("事项", "企业名称", "统一社会信用代码", "日期")])
    sheet.ws.merge_range(1, 0, 2, 0, "注销", sheet.style)
    sheet.rows([(*firm(1), "2024-01-05"), (*firm(2), "2024-02-05")], 1, 1)
    sheet.rows([("升规", *firm(3), "2023-12-31")], 3)


DATES = ["2024.3.15", "2024年3月15日", 45366, "20240315", "二〇二四年三月十五日", "２０２４－０３－１５", "2024/3/15 0:00:00"]
MOVED = {"town": "371502001"}
CASES = [
    Case("two-level-head", lambda path: book(path, _two_level), 2, firms={1: MOVED, 2: {"town": "371502003"}}, events=2),
    Case("synonyms-reordered", simple([
        ("依据文件", "变动时间", "单位名称", "迁入乡镇", "变更类别", "信用代码", "迁出乡镇", "情况说明"),
        ("聊工信〔2024〕3号", "2024-03-15", name(1), "东昌府区古楼街道", "企业迁移（区内）", code(1), "柳园街道", "扩产"),
    ]), 1, firms={1: MOVED}, events=1),
    Case("revoked-without-a-kind", simple([
        ("关于撤销部分专精特新中小企业称号的公告",), ("序号", "企业名称", "称号名称", "撤销日期", "撤销文号", "撤销原因"),
        (1, name(1), "省级专精特新中小企业", "2024年5月20日", "鲁工信〔2024〕9号", "提供虚假材料"), (2, name(2), "专精特新", "2024.5.20", "鲁工信〔2024〕9号", None),
        (3, "没有这家企业有限公司", "省级专精特新中小企业", "2024.5.20", "鲁工信〔2024〕9号", None),
    ]), 2, {5: "enterprise_unknown"}, {1: {"revoked_on": date(2024, 5, 20), "revoked_reason": "提供虚假材料"}, 2: {"revoked_reason": "鲁工信〔2024〕9号"}}),
    Case("kind-from-the-title", simple([("2024年退库企业名单",), ("企业名称", "统一社会信用代码", "时间"), (*firm(1), "2024-11-30")]), 1, events=1),
    Case("every-form-of-date", simple([("企业名称", "事项", "日期"), *((name(n), "个转企", on) for n, on in enumerate(DATES, 1))]), len(DATES), events=len(DATES)),
    Case("csv-gbk", text(lines([("企业名称", "统一社会信用代码", "变更类型", "日期"), (*firm(1), "注销登记", "2024-01-05")], ";"), "gbk"), 1,
         firms={1: {"status": "cancelled"}}, suffix=".csv"),
    Case("before-and-after", simple([
        ("企业名称", "变更事项", "变更前内容", "变更后内容", "变更日期"), (name(1), "名称变更", name(1), "聊城新名装备有限公司", "2024-03-01"),
        (name(2), "地址变更", "柳园街道", "古楼街道", "2024-03-01"),
    ]), 2, firms={1: {"name": "聊城新名装备有限公司"}, 2: MOVED}),
    Case("names-as-written", simple([("企业名称", "事项", "日期"), (f" {name(1)[:4]} {name(1)[4:]}\n", "【停业】", "2024-03-01"), (name(2), "1、吊销营业执照", "2024-03-01")]), 2,
         firms={1: {"status": "suspended"}, 2: {"status": "revoked"}}),
    Case("units-of-towns", simple([
        ("镇街归属调整表",), ("镇街名称", "原归属", "现归属", "调整时间", "依据"), ("古楼街道", "东昌府区", "经开区", "2024-07-01", "聊政字〔2024〕8号"),
        ("没有镇", "东昌府区", "经开区", "2024-07-01", None), ("新区街道", "东昌府区", "没有区", "2024-07-01", None),
    ]), 1, {4: "town_unknown", 5: "unit_unknown"}),
    Case("merged-kind", lambda path: book(path, _merged_kind), 3, firms={1: {"status": "cancelled"}, 2: {"status": "cancelled"}}, events=3),
    Case("steps-side-by-side", simple([
        ("企业名称", "称号", "级别", "推荐日期", "公示日期", "公告日期", "文号", "有效期止"),
        (name(1), "瞪羚企业", "省级", "2024-08-01", "2024-10-08", "2024-11-01", "鲁工信〔2024〕7号", "2027-10-31"), (name(2), "瞪羚企业", "省级", "2024-08-01", "2024-10-08", None, None, None),
    ]), 2, firms={1: {"titles": {"srdi", "gazelle"}}, 2: {"titles": {"srdi"}}}, events=0),
    Case("status-list", simple([
        ("企业名称", "统一社会信用代码", "登记状态", "注销日期"), (*firm(1), "注销", "2024-01-05"), (*firm(2), "存续", None), (*firm(3), "在业", None),
    ]), 1, firms={1: {"status": "cancelled"}, 2: {"status": "active"}}, unchanged=2),
    Case("reviews", simple([
        ("企业名称", "称号", "复核结论", "复核日期", "新有效期至", "备注"), (name(1), "省级专精特新中小企业", "通过", "2026-05-20", "2029-06-30", None),
        (name(2), "省级专精特新中小企业", "未通过", "2026-05-20", None, "连续两年亏损"), (name(3), "省级专精特新中小企业", "待定", "2026-05-20", None, None),
    ]), 2, {4: "result_unknown"}, {1: {"valid_to": date(2029, 6, 30)}, 2: {"valid_to": date(2026, 6, 30)}}),
    Case("hostile-texts", simple([
        ("企业名称", "事项", "日期", "原因"), (name(1), "注销", "2024-01-05", "=HYPERLINK(\"x\")"), (name(2), "注销", "2024-01-05", "<script>alert(1)</script>\u202e"),
        (name(3), "' OR 1=1 --", "2024-01-05", None), (name(4), "注销", "2024年一季度", None), (name(5), "注销", "2024-02-30", None), ("x" * 5000, "注销", "2024-01-05", None),
        (name(6), "注" * 3000, "2024-01-05", None),
    ]), 2, {4: "event_unknown", 5: "date_invalid", 6: "date_impossible", 7: "too_long", 8: "too_long"}),
    Case("no-event-at-all", simple([("企业名称", "统一社会信用代码", "法定代表人"), (*firm(1), "张三")]), 0, {2: "event_missing"}),
    Case("wrong-codes", simple([
        ("企业名称", "统一社会信用代码", "事项", "日期"), (name(1), code(1)[:-1] + ("A" if code(1)[-1] != "A" else "B"), "注销", "2024-01-05"), (name(2), code(99), "注销", "2024-01-05"),
    ]), 0, {2: "credit_code_invalid", 3: "enterprise_unknown"}),
]


def run(app: Flask, path: Path, *more: str) -> dict[str, Any]:
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["events", "import", str(path), "--json", *more])
    assert result.exit_code == 0, f"{result.exception!r}\n{result.output}"
    db.session.rollback()
    db.session.expire_all()
    return dict(json.loads(result.stdout))


def known(number: int, key: str) -> Any:
    row = db.session.scalars(select(Enterprise).where(Enterprise.credit_code == code(number))).one()
    grants = db.session.scalars(select(Recognition).where(Recognition.enterprise_id == row.id, Recognition.superseded_at.is_(None))).all()
    if key == "town":
        return db.session.get_one(Area, row.town_id).code
    if key == "titles":
        return {g.title_code for g in grants}
    return getattr(row, key) if hasattr(row, key) else getattr(next(g for g in grants if g.title_code == "srdi"), key)


def size() -> tuple[int, ...]:
    return tuple(db.session.query(model).count() for model in (Enterprise, EnterpriseEvent, Recognition, RecognitionEvent))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_foreign_file_of_events_gets_the_right_plan(app: Flask, tmp_path: Path, case: Case) -> None:
    from app.infra import clock

    clock.freeze(clock.end_of_day(date(2026, 6, 1)))
    for number in range(1, 8):
        make.recognition(make_enterprise(name(number), code=code(number), since=date(2010, 1, 1)), "srdi", level="province")
    db.session.commit()
    path = tmp_path / f"外来 文件{case.suffix}"
    case.build(path)
    before = size()
    rehearsal = run(app, path, "--dry-run")
    assert size() == before, "a dry run writes nothing"
    told = run(app, path)
    assert told == rehearsal
    assert {r["row"]: r["code"] for r in told["rejected"]} == case.refused, json.dumps(told, ensure_ascii=False, indent=1)
    assert (told["created"], told["updated"], told["unchanged"]) == (case.created, 0, case.unchanged), json.dumps(told, ensure_ascii=False, indent=1)
    assert all(len(r["message"]) < 400 for r in told["rejected"])
    for number, wanted in case.firms.items():
        assert (number, {key: known(number, key) for key in wanted}) == (number, wanted)
    assert case.events in (None, db.session.query(EnterpriseEvent).count())
    after = size()
    again = run(app, path)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, case.created + case.unchanged), json.dumps(again, ensure_ascii=False, indent=1)
    assert size() == after
