"""An old ledger comes in as it was noted: ended, open, rated; twice changes nothing; taken back whole; wrong lines say what to do."""

from pathlib import Path

from flask import Flask

from app.demands import actions
from app.demands.models import Demand, DemandEvent
from app.infra.db import db
from app.kernel.scope import Scope
from tests.exchange.importing import apply, do, plan, undo
from tests.factories.demands import department
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.factories.ladder import area

HEAD = ["诉求编号", "企业名称", "诉求内容", "类别", "提出日期", "承办单位", "办理状态", "办结日期", "解决情况", "办理结果", "满意度"]


def ledger(name: str) -> list[list[object]]:
    return [
        ["2023年企业诉求台账"], HEAD,
        ["2023-001", name, "厂区经常停电，希望增容", "供电", "2023.5.10", "市发改委", "已办结", "2023年5月20日", "已解决", "已增容", "满意"],
        ["2023-002", name, "招不到数控车工，希望组织招聘", "", "2023-06-01", "市人社局", "办理中", None, "", "", ""],
        ["2023-003", name, "希望减免道路维修费用", "道路", "2023-07-01", "某某中心", "办结", None, "无法解决", "没有政策依据", "2"],
    ]


def test_a_ledger_comes_in_as_it_was_noted(app: Flask, tmp_path: Path) -> None:
    organisation = department("development_reform")
    make_enterprise("聊城电缆有限公司")
    db.session.commit()
    found = do(tmp_path, "demands", ledger("聊城电缆有限公司"))
    assert found.counts == {"rows": 3, "created": 3, "updated": 0, "unchanged": 0, "rejected": 0}
    rows = {row.legacy_number: row for row in db.session.query(Demand)}
    one, two, three = (rows[f"2023-00{n}"] for n in (1, 2, 3))
    assert (one.state, one.outcome, one.rating, one.organisation_id, one.domain) == ("closed", "solved", 4, organisation, "energy")
    assert (two.state, two.tab, two.due_at, two.domain) == ("new", "intake", None, "labour")
    assert (three.outcome, three.rating, three.organisation_id) == ("cannot", 2, None) and "不在承办部门名单中" in found.notes(5)
    assert one.number.startswith("SQ20230510") and one.contact_due_at is None and one.solve_due_at is None
    actions.take_demand(demand=two, version=two.version, by=OFFICER)
    assert two.state == "handling"


def test_the_same_file_twice_changes_nothing_and_it_can_be_taken_back(app: Flask, tmp_path: Path) -> None:
    make_enterprise("聊城电缆有限公司")
    db.session.commit()
    planned = plan(tmp_path, "demands", ledger("聊城电缆有限公司"))
    batch = apply(planned)
    assert plan(tmp_path, "demands", ledger("聊城电缆有限公司"), name="again.xlsx").counts["unchanged"] == 3
    worked = db.session.query(Demand).filter_by(legacy_number="2023-002").one()
    actions.take_demand(demand=worked, version=worked.version, by=OFFICER)
    db.session.commit()
    undo(batch)
    assert [row.legacy_number for row in db.session.query(Demand)] == ["2023-002"], "what was worked on since stays"
    assert db.session.query(DemandEvent).filter(DemandEvent.demand_id != worked.id).count() == 0


def test_wrong_lines_are_refused_with_column_and_reason(app: Flask, tmp_path: Path) -> None:
    make_enterprise("聊城电缆有限公司")
    db.session.commit()
    name = "聊城电缆有限公司"
    rows = [
        HEAD, ["1", "没有这家公司", "厂区经常停电", "", "2023-05-10"], ["2", name, "停电", "", "2023-05-10"], ["3", name, "厂区经常停电", "", "2099-05-10"],
        ["4", name, "厂区经常停电", "", "2023-05-10", "", "", "2023-05-01"], ["5", name, "厂区经常停电", "", "2023-05-10", "", "不知道"],
        ["6", name, "厂区经常停电", "", "2023-05-10", "", "办结", "", "", "", "还行吧"], ["7", name, "厂区经常停电一", "", "2023-05-10"],
        ["7", name, "完全不同的另一件事", "", "2023-05-10"], ["8", name, "厂区经常停电", "", ""],
    ]
    assert plan(tmp_path, "demands", rows).codes() == {
        2: "enterprise_unknown", 3: "text_short", 4: "date_in_future", 5: "date_invalid", 6: "state_unknown", 7: "rating_unknown", 9: "duplicate_in_file",
        10: "date_missing",
    }


def test_a_firm_of_another_county_is_refused_without_detail(app: Flask, tmp_path: Path) -> None:
    firm = make_enterprise("临清轴承有限公司", town="371581002")
    db.session.commit()
    head = ["统一社会信用代码", "诉求内容", "提出日期"]
    scope = Scope(unit_ids=frozenset({area("371502").id}))
    found = plan(tmp_path, "demands", [head, [firm.credit_code, "厂区经常停电", "2023-05-10"]], scope=scope)
    assert found.codes() == {2: "out_of_scope"} and "临清" not in str([(row.label, row.problems) for row in found.rows])
