"""The desk in the browser: each role, its steps, what it may not see, and that nothing typed is lost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.demands import actions
from app.demands.models import Demand
from app.infra import clock
from app.infra.db import db
from tests.factories.demands import LIAISON, belong, department, make_demand
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]


@pytest.fixture(autouse=True)
def _monday(app: Flask) -> None:
    clock.freeze(datetime(2026, 11, 16, 2, tzinfo=UTC))


def one() -> Demand:
    return db.session.query(Demand).order_by(Demand.id.desc()).first()  # type: ignore[return-value]


def test_an_officer_registers_routes_and_the_department_finishes(app: Flask, pages: Pages) -> None:
    firm, organisation = make_enterprise("聊城电缆有限公司"), belong("department", "development_reform")
    db.session.commit()
    pages("bureau").post("/demands/new", {"enterprise_id": firm.id, "text": "厂区经常停电，希望增容。", "domain": "energy", "consent": "y"})
    row = one()
    assert "电缆" not in pages("department").get("/demands/").text, "not routed yet"
    page = pages("bureau").get(f"/demands/{row.id}", statements=24)
    assert "市发展改革委" in page.text and "绿灯" in page.text
    pages("bureau").post(f"/demands/{row.id}/dispatch/dispatch", {"organisation_id": organisation, "ask": "请现场核实", "version": 1})
    assert "聊城电缆有限公司" in pages("department").get("/demands/").text
    pages("department").post(f"/demands/{row.id}/handle/accept", {"version": 2})
    pages("department").post(f"/demands/{row.id}/handle/contact", {"reached": "1", "text": "电话联系王经理。"})
    pages("department").post(f"/demands/{row.id}/handle/finish", {"outcome": "solved", "text": "已增容。", "version": 4})
    assert "已增容" in pages("bureau").get(f"/demands/{row.id}", statements=24).text
    assert "待评价 1" in pages("bureau").get("/demands/?tab=rating", statements=10).text


def test_a_department_sees_name_and_text_but_no_dossier_and_no_figures(app: Flask, pages: Pages, as_: Callable[..., object]) -> None:
    firm = make_enterprise("聊城电缆有限公司", figures={2025: {"revenue_yuan": 123456789}})
    row, organisation = make_demand(firm), belong("department", "development_reform")
    actions.dispatch_demand(demand=row, organisation_id=organisation, version=row.version, by=OFFICER)
    page = pages("department").get(f"/demands/{row.id}", statements=24)
    assert "聊城电缆有限公司" in page.text and f"/enterprises/{firm.id}" not in page.html and "12,345" not in page.text
    assert as_("department").get(f"/enterprises/{firm.id}").status_code == 403  # type: ignore[attr-defined]


def test_what_went_to_another_department_is_not_found(app: Flask, as_: Callable[..., object]) -> None:
    row = make_demand()
    belong("department", "industry")
    actions.dispatch_demand(demand=row, organisation_id=department("tax"), version=row.version, by=OFFICER)
    browser = as_("department")
    for address in (f"/demands/{row.id}", f"/demands/{row.id}/handle/accept", f"/demands/{row.id}/receipt"):
        assert browser.get(address).status_code == 404  # type: ignore[attr-defined]


@pytest.mark.parametrize(("persona", "status"), [
    ("county", 200), ("stranger", 404), ("stranger_city", 404), ("zone", 404), ("town", 403), ("provider", 403), ("trainer", 403), ("leader", 200),
    ("expert", 404), ("contact", 404), ("system", 403),
])
def test_who_opens_a_demand_of_dongchangfu(app: Flask, as_: Callable[..., object], persona: str, status: int) -> None:
    make_enterprise()  # number 1 is the firm of the contact
    row = make_demand(make_enterprise())
    assert as_(persona).get(f"/demands/{row.id}").status_code == status  # type: ignore[attr-defined]


def test_a_town_sees_counts_without_links(app: Flask, pages: Pages) -> None:
    make_demand(make_enterprise("聊城电缆有限公司"))
    page = pages("town").get("/demands/rates?first=2026-01-01&last=2026-12-31")
    assert "共 1 件" in page.text and "电缆" not in page.text and "/demands/?" not in page.html


def test_the_contact_of_an_enterprise_raises_follows_and_rates(app: Flask, pages: Pages) -> None:
    firm = make_enterprise("聊城电缆有限公司")
    assert firm.id == 1
    db.session.commit()
    pages("contact").post("/demands/new", {"text": "厂区经常停电，希望增容。", "domain": "", "consent": "y"})
    row = one()
    assert (row.source, row.enterprise_id) == ("enterprise", 1)
    actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.log_note(demand=row, text="内部：供电所意见不一", by=OFFICER)
    actions.finish_demand(demand=row, outcome="explained", text="明年纳入计划。", version=row.version, by=OFFICER)
    page = pages("contact").get(f"/demands/{row.id}", statements=24)
    assert "明年纳入计划" in page.text and "供电所意见" not in page.text
    pages("contact").post(f"/demands/{row.id}/own/rate", {"rating": "4", "text": "", "version": row.version})
    db.session.refresh(row)
    assert (row.rating, row.rated_via, row.state) == (4, "contact", "closed")


def test_a_like_text_of_the_same_firm_is_shown_before_it_is_registered_twice(app: Flask, pages: Pages) -> None:
    firm = make_enterprise()
    make_demand(firm, text="厂区经常停电，影响交货，希望协调增容。")
    db.session.commit()
    values = {"enterprise_id": firm.id, "text": "厂区经常停电影响交货，请协调增容！", "domain": "energy", "consent": "y"}
    answer = pages("bureau").browser.post("/demands/new", data=values)
    assert answer.status_code == 422 and "相似的诉求" in answer.text and "请协调增容！" in answer.text
    assert pages("bureau").browser.post("/demands/new", data=values | {"seen": "1"}).status_code == 303
    assert db.session.query(Demand).count() == 2


def test_who_comes_second_keeps_what_he_typed(app: Flask, pages: Pages) -> None:
    row = make_demand()
    department("industry")
    version = row.version
    actions.take_demand(demand=row, version=version, by=LIAISON)
    db.session.commit()
    answer = pages("bureau").browser.post(f"/demands/{row.id}/dispatch/reject", data={"text": "不属于本市职权，请向省里反映。", "version": version})
    assert answer.status_code == 409 and "不属于本市职权，请向省里反映。" in answer.text and "自行办理" in answer.text


def test_a_department_that_lost_the_demand_meanwhile_keeps_what_it_typed(app: Flask, pages: Pages) -> None:
    row, first = make_demand(), belong("department", "development_reform")
    actions.dispatch_demand(demand=row, organisation_id=first, version=row.version, by=OFFICER)
    browser = pages("department").browser
    version = row.version
    assert browser.get(f"/demands/{row.id}/handle/transfer").status_code == 200
    db.session.commit()
    assert browser.post(f"/demands/{row.id}/handle/transfer", data={"organisation_id": department("tax"), "text": "属于税务", "version": version}).status_code == 303
    assert browser.get(f"/demands/{row.id}").status_code == 404


def test_tabs_count_exactly_their_rows(app: Flask, pages: Pages) -> None:
    rows = [make_demand(text=f"第 {n} 件诉求，请协调处理。") for n in range(4)]
    actions.take_demand(demand=rows[0], version=rows[0].version, by=OFFICER)
    actions.take_demand(demand=rows[1], version=rows[1].version, by=OFFICER)
    actions.finish_demand(demand=rows[1], outcome="solved", text="已办。", version=rows[1].version, by=OFFICER)
    clock.freeze(datetime(2026, 11, 17, 9, tzinfo=UTC))
    page = pages("bureau").get("/demands/")
    for tab, label, count in (("intake", "待受理", 2), ("handling", "办理中", 1), ("rating", "待评价", 1), ("done", "办结", 0), ("overdue", "逾期", 3)):
        assert f"{label} {count}" in page.text
        listed = pages("bureau").get(f"/demands/?tab={tab}")
        assert listed.html.count('class="freeze-first row-title') == count


def test_the_sheet_holds_the_rows_of_the_list(app: Flask, pages: Pages) -> None:
    make_demand(make_enterprise("=cmd|'/c calc'!A1电缆有限公司"))
    db.session.commit()
    answer = pages("bureau").browser.post("/demands/export", data={"query": "tab=all"})
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    from io import BytesIO

    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert "填报单位（盖章）" in str(sheet[1][0]) and len(sheet) == 4 and sheet[3][2].startswith("=cmd")


def test_a_view_is_kept_and_opened_again(app: Flask, pages: Pages) -> None:
    pages("bureau").post("/demands/views", {"name": "红灯", "query": "tab=all&lamp=red"})
    assert "红灯" in pages("bureau").get("/demands/").text


def test_the_phone_is_shown_on_request_and_noted(app: Flask, pages: Pages) -> None:
    from app.infra.audit import AuditRow

    row = make_demand(contact_name="王经理", contact_phone="13806351234")
    assert "13806351234" not in pages("bureau").get(f"/demands/{row.id}", statements=24).text
    assert "13806351234" in pages("bureau").browser.post(f"/demands/{row.id}/phone").text
    assert db.session.query(AuditRow).filter_by(type="demand.phone_shown").count() == 1
    assert as_text(db.session.query(AuditRow).all()).find("13806351234") == -1


def as_text(rows: list[object]) -> str:
    return repr([(row.old, row.new) for row in rows])  # type: ignore[attr-defined]


def test_departments_of_another_county_are_offered_to_nobody_else(app: Flask, pages: Pages) -> None:
    from app.demands.actions import desk
    from app.kernel.actor import SYSTEM
    from app.kernel.errors import Invalid
    from tests.factories.demands import city_id
    from tests.factories.ladder import area

    row, other = make_demand(), desk.add_department(city_id=city_id(), area_id=area("371581").id, name="临清市工业和信息化局", by=SYSTEM)
    own = desk.add_department(city_id=city_id(), area_id=area("371502").id, name="东昌府区工业和信息化局", by=SYSTEM)
    with pytest.raises(Invalid, match="从列表中选择"):
        actions.dispatch_demand(demand=row, organisation_id=other.id, version=row.version, by=OFFICER)
    page = pages("county").get(f"/demands/{row.id}/dispatch/dispatch", statements=18)
    assert own.name in page.text and other.name not in page.text
    for address in ("/demands/", "/demands/departments/"):
        assert own.name in pages("county").get(address).text and other.name not in pages("county").get(address).text


def test_a_step_without_anything_to_fill_in_says_who_was_faster(app: Flask, pages: Pages) -> None:
    row = make_demand()
    version = row.version
    actions.take_demand(demand=row, version=version, by=LIAISON)
    db.session.commit()
    answer = pages("bureau").browser.post(f"/demands/{row.id}/dispatch/take", data={"version": version})
    assert answer.status_code == 409 and "发改联络员" in answer.text and "不能再" in answer.text


def test_a_liaison_without_a_department_is_told_what_is_missing(app: Flask, pages: Pages) -> None:
    assert "还没有设置所在单位" in pages("department").get("/demands/").text
    belong("department", "tax")
    assert "还没有设置所在单位" not in pages("department").get("/demands/").text


def test_a_team_does_not_rate_in_the_name_of_the_enterprise(app: Flask, as_: Callable[..., object]) -> None:
    from app.enterprises.models import EnterpriseAssignment

    firm = make_enterprise()
    db.session.add(EnterpriseAssignment(enterprise_id=firm.id, team_id=1, valid_from=clock.today()))
    row = make_demand(firm)
    actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.finish_demand(demand=row, outcome="solved", text="已办。", version=row.version, by=OFFICER)
    db.session.commit()
    browser = as_("expert")
    assert "代记评价" not in browser.get(f"/demands/{row.id}").text  # type: ignore[attr-defined]
    answer = browser.post(f"/demands/{row.id}/own/rate", data={"rating": "5", "text": "", "version": row.version})  # type: ignore[attr-defined]
    assert answer.status_code == 403 and "评价由企业作出" in answer.text
