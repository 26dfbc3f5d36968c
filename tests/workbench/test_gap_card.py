"""The gap card: what an enterprise lacks in words and numbers, who may see it, entering the unknown, undo, conflict, as-of, keeping."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises.models import Enterprise, EnterpriseYear
from app.identity.models import Post, User
from app.infra import clock
from app.infra.db import db
from app.ladder.models import DiagnosisSnapshot, EnterpriseAnswer
from tests.factories import ladder as make
from tests.pages import PageBrowser
from tests.personas import Browser

Pages = Callable[[str | None], PageBrowser]
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    """An innovative SME of 古楼街道 with 1,380 万元 revenue: 120 万元 short of the 1,500 of 专精特新."""
    clock.freeze(NOW)
    row = make.firm(make.area("371502001"), name="柳河机械有限公司", industry_code="3451", founded_on=date(2015, 3, 2))
    make.recognition(row, "innovative_sme", level="province", batch_year=2025, valid_from=date(2025, 6, 1), valid_to=date(2028, 5, 31))
    make.figures(
        row, 2025, Decimal(13_800_000), "department", main_revenue_yuan=Decimal(13_000_000), employee_count=80, reported_on=date(2026, 3, 1),
        evidence="审计报告",
    )
    make.figures(row, 2024, Decimal(12_000_000), "department", main_revenue_yuan=Decimal(11_000_000))
    db.session.commit()
    return row


def url(firm: Enterprise, rest: str = "") -> str:
    return f"/enterprises/{firm.id}/gaps{rest}"


def test_every_reachable_title_says_what_is_lacking(pages: Pages, firm: Enterprise) -> None:
    page = pages("county").get(url(firm), statements=30)
    text = page.text
    assert "省级专精特新中小企业" in text and "还差 120.00 万元" in text and "不低于 1,500 万元" in text
    assert "部门提供，2026-03-01，审计报告" in text
    assert "接近" in text and "缺数据" in text and "待人工核验" in text
    assert "不作为认定依据" in text and "待核" in text
    assert "srdi_2026" in text and "下一级" in text


def test_a_held_title_is_shown_for_its_review_and_lower_ones_not_at_all(pages: Pages, firm: Enterprise) -> None:
    make.recognition(firm, "srdi", level="province", batch_year=2025, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    page = pages("county").get(url(firm), statements=30)
    assert "省级专精特新中小企业（复核）" in page.text
    assert not page.all("details", id="title-innovative_sme") or "复核" in page.text
    assert page.all("details", id="title-little_giant")


def test_measures_that_close_the_gap_name_clause_and_amount(pages: Pages, firm: Enterprise) -> None:
    text = pages("county").get(url(firm), statements=30).text
    assert "企业融资能力提升行动" in text and "三(四)" in text
    assert "新增规上企业奖励，最高 10 万元" in text


@pytest.mark.parametrize("persona", ["bureau", "county", "leader"])
def test_who_sees_the_firm_sees_the_card(pages: Pages, firm: Enterprise, persona: str) -> None:
    for rest in ("", "/print", "/summary"):
        pages(persona).get(url(firm, rest), statements=30)


@pytest.mark.parametrize(("persona", "status"), [("stranger", 404), ("stranger_city", 404), ("town", 403), ("department", 403), ("trainer", 403)])
def test_others_do_not(pages: Pages, firm: Enterprise, persona: str, status: int) -> None:
    for rest in ("", "/print", "/summary"):
        pages(persona).get(url(firm, rest), status=status)


def test_the_contact_of_the_enterprise_sees_its_own_card_without_entering(pages: Pages, firm: Enterprise) -> None:
    user = db.session.scalars(select(User).where(User.login == "contact")).one()
    db.session.scalars(select(Post).where(Post.user_id == user.id)).one().enterprise_id = firm.id
    db.session.commit()
    page = pages("contact").get(url(firm), statements=30)
    assert "还差 120.00 万元" in page.text and not page.all("form", class_="question-form")
    assert "留存本次诊断" not in page.text


def answer_url(firm: Enterprise, **arguments: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in arguments.items())
    return f"/ladder/enterprises/{firm.id}/answers/new?{query}"


def test_entering_a_figure_changes_the_card_and_says_so(pages: Pages, firm: Enterprise) -> None:
    browser = pages("county")
    present = db.session.scalars(select(EnterpriseYear).where(EnterpriseYear.enterprise_id == firm.id, EnterpriseYear.year == 2025)).one()
    address = answer_url(firm, field="rd_expense", year=2025)
    browser.get(address, statements=30)
    browser.post(address, {"value": "120", "source": "department", "seen": str(present.id), "opened_source": "department", "evidence": "研发辅助账"})
    text = browser.get(url(firm), statements=30).text
    assert "已录入“柳河机械有限公司”的2025年研发费用：120.00 万元。" in text
    assert "120.00 万元" in text and "8.7%" in text
    row = db.session.scalars(select(EnterpriseYear).where(
        EnterpriseYear.enterprise_id == firm.id, EnterpriseYear.year == 2025, EnterpriseYear.superseded_at.is_(None))).one()
    assert (row.rd_expense_yuan, row.revenue_yuan) == (Decimal(1_200_000), Decimal(13_800_000))


def test_a_platform_score_needs_evidence_and_is_never_estimated(pages: Pages, firm: Enterprise) -> None:
    browser, address = pages("county"), answer_url(firm, field="platform_score", year=2026)
    page = browser.post(address, {"value": "58", "source": "platform", "seen": ""}, status=422)
    assert "平台评分须写明佐证" in page.text
    browser.post(address, {"value": "58", "source": "platform", "seen": "", "evidence": "截图-2026-05.png"})
    assert "截图-2026-05.png" in browser.get(url(firm), statements=30).text


def test_a_human_judgement_has_name_date_and_evidence_and_can_be_undone(pages: Pages, firm: Enterprise) -> None:
    browser = pages("bureau")
    link = next(one for one in browser.get(url(firm), statements=30).links if "rule=srdi_2026" in one)
    browser.post(link, {"value": "1", "source": "visit", "seen": "", "evidence": "现场核验记录"})
    page = browser.get(f"/ladder/enterprises/{firm.id}/answers", statements=20)
    assert "符合" in page.text and "市局经办甲" in page.text and "现场核验记录" in page.text
    assert "人工核验符合" in browser.get(url(firm), statements=30).text
    row = db.session.scalars(select(EnterpriseAnswer)).one()
    browser.post(f"/ladder/answers/{row.id}/undo")
    assert "已撤回" in browser.get(f"/ladder/enterprises/{firm.id}/answers", statements=20).text
    assert "人工核验符合" not in browser.get(url(firm), statements=30).text
    assert db.session.scalars(select(EnterpriseAnswer)).one().superseded_at is not None


def test_undo_brings_the_version_before_back(pages: Pages, firm: Enterprise) -> None:
    browser, address = pages("county"), answer_url(firm, field="credit_score")
    browser.post(address, {"value": "70", "source": "department", "seen": ""})
    first = db.session.scalars(select(EnterpriseAnswer)).one()
    browser.post(address, {"value": "80", "source": "department", "seen": str(first.id)})
    second = db.session.scalars(select(EnterpriseAnswer).where(EnterpriseAnswer.superseded_at.is_(None))).one()
    browser.post(f"/ladder/answers/{second.id}/undo")
    now = db.session.scalars(select(EnterpriseAnswer).where(EnterpriseAnswer.superseded_at.is_(None))).one()
    assert now.number == 70 and now.id not in (first.id, second.id)
    browser.post(f"/ladder/answers/{second.id}/undo", status=404)


def test_two_windows_conflict_in_words(pages: Pages, firm: Enterprise) -> None:
    browser, address = pages("county"), answer_url(firm, field="credit_score")
    browser.post(address, {"value": "70", "source": "department", "seen": ""})
    page = browser.post(address, {"value": "85", "source": "department", "seen": ""}, status=409)
    assert "70 分（部门提供）" in page.text and "85 分" in page.text and "尚未保存" in page.text
    assert db.session.scalars(select(EnterpriseAnswer)).one().number == 70
    browser.post(address, {"value": "70", "source": "department", "seen": ""})  # the same answer twice (double click) is no conflict
    assert len(db.session.scalars(select(EnterpriseAnswer)).all()) == 1


@pytest.mark.parametrize("data", [
    {"value": "", "source": "department"}, {"value": "abc", "source": "department"}, {"value": "-5", "source": "department"},
    {"value": "1e400", "source": "department"}, {"value": "9" * 400, "source": "department"}, {"value": "5", "source": "nobody"},
    {"value": "—", "source": "department"}, {"value": "5", "source": "department", "evidence": "x" * 500}, {"value": "<script>", "source": "visit"}, {},
])  # fmt: skip
def test_bad_input_is_refused_with_a_sentence(pages: Pages, firm: Enterprise, data: dict[str, str]) -> None:
    page = pages("county").post(answer_url(firm, field="credit_score"), data | {"seen": ""}, status=422)
    assert page.all("div", id="error-summary") and "<script>" not in page.html.replace("<script src", "")
    assert not db.session.scalars(select(EnterpriseAnswer)).all()


@pytest.mark.parametrize("query", ["field=nothing", "", "field=title.srdi", "field=industry", "rule=srdi_2026&field=nothing", "rule=nothing&field=a", "field=rd_expense&year=1800"])
def test_what_cannot_be_answered_is_not_found(pages: Pages, firm: Enterprise, query: str) -> None:
    pages("county").get(f"/ladder/enterprises/{firm.id}/answers/new?{query}", status=404)


def test_strangers_cannot_enter_or_undo(as_: Callable[[str], Browser], firm: Enterprise) -> None:
    as_("county").post(answer_url(firm, field="credit_score"), data={"value": "70", "source": "department", "seen": ""})
    row = db.session.scalars(select(EnterpriseAnswer)).one()
    for persona, status in (("stranger", 404), ("stranger_city", 404), ("town", 403), ("leader", 403)):
        assert as_(persona).post(answer_url(firm, field="credit_score"), data={"value": "1"}).status_code == status
        assert as_(persona).post(f"/ladder/answers/{row.id}/undo").status_code == status


def test_as_of_and_as_known_on(pages: Pages, firm: Enterprise) -> None:
    page = pages("county").get(url(firm, "?as_of=2023-06-01"), statements=30)
    assert "srdi_2022" in page.text and "srdi_2026" not in page.text and "历史视图不能录入" in page.text
    assert not page.all("form", class_="question-form") and "answers/new" not in page.html
    known = pages("county").get(url(firm, "?known_on=2026-05-01"), statements=30)
    assert "120.00 万元" not in known.text  # the figures were recorded on 1 June
    assert "还差 120.00 万元" in pages("county").get(url(firm, "/print?known_on=2026-06-01"), statements=30).text
    pages("county").get(url(firm, "?as_of=soon"), status=422)


def test_print_has_firm_date_version_and_no_forms(pages: Pages, firm: Enterprise) -> None:
    page = pages("county").get(url(firm, "/print?title=srdi"), statements=30)
    assert firm.credit_code in page.text and "2026-06-01" in page.text and "srdi_2026" in page.text and "不作为认定依据" in page.text
    assert "answers/new" not in page.html and all("open" in one.attributes for one in page.all("details", class_="basis"))
    assert "小升规" not in "".join(e.text for e in page.all("section"))


def test_a_kept_diagnosis_never_changes_and_is_compared_in_words(pages: Pages, firm: Enterprise) -> None:
    browser = pages("county")
    browser.post(f"/ladder/enterprises/{firm.id}/snapshots", {})
    browser.post(f"/ladder/enterprises/{firm.id}/snapshots", {})
    row = db.session.scalars(select(DiagnosisSnapshot)).one()  # nothing changed: kept once
    before = browser.get(f"/ladder/snapshots/{row.id}", statements=20).text
    assert "没有变化" in browser.get(f"/ladder/snapshots/{row.id}/compare", statements=30).text
    make.figures(firm, 2025, Decimal(21_000_000), "platform", main_revenue_yuan=Decimal(20_500_000))
    current = db.session.scalars(select(EnterpriseYear).where(EnterpriseYear.source == "department", EnterpriseYear.year == 2025)).one()
    current.superseded_at = clock.now()
    db.session.commit()
    compared = browser.get(f"/ladder/snapshots/{row.id}/compare", statements=30).text
    assert "由“暂不满足”变为“初步符合”" in compared and "现值由 1,380 万元 变为 2,100 万元" in compared

    def body(text: str) -> str:
        return text.split("留存信息")[1].split("事件编号")[0]

    assert body(browser.get(f"/ladder/snapshots/{row.id}", statements=20).text) == body(before)
    assert "留存诊断" in browser.get(f"/enterprises/{firm.id}", statements=40).text
    for persona, status in (("stranger", 404), ("town", 403)):
        pages(persona).get(f"/ladder/snapshots/{row.id}", status=status)


def test_a_changed_snapshot_is_noticed(pages: Pages, firm: Enterprise) -> None:
    browser = pages("county")
    browser.post(f"/ladder/enterprises/{firm.id}/snapshots", {})
    row = db.session.scalars(select(DiagnosisSnapshot)).one()
    row.content = row.content | {"held": ["unicorn"]}
    db.session.commit()
    assert "可能被改动过" in browser.get(f"/ladder/snapshots/{row.id}", statements=20).text


def test_an_empty_record_is_data_missing_with_a_question(pages: Pages, app: Flask) -> None:
    clock.freeze(NOW)
    row = make.firm(make.area("371502001"))
    page = pages("county").get(url(row), statements=30)
    assert "待补数据" in page.text and "最值得先补的一项" in page.text


def test_the_dossier_fetches_the_summary(pages: Pages, firm: Enterprise) -> None:
    page = pages("county").get(f"/enterprises/{firm.id}", statements=40)
    assert any(url(firm, "/summary") in e.attributes.get("hx-get", "") for e in page.all("div"))
    part = pages("county").get(url(firm, "/summary"), fragment=True, statements=30)
    assert "升级还差什么" in part.html and not part.all("h1")
