"""The pre-visit brief says what was promised, what is lacking and what is known already; page, plain page and JSON say the same."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.infra import clock
from app.infra.db import db
from app.visits.rules.visit import FindingDraft, PromiseDraft
from tests.factories import ladder as make
from tests.factories.booking import ask, book, on_tuesday
from tests.factories.visits import assign, make_visit
from tests.pages import read
from tests.personas import Browser

As = Callable[[str], Browser]


def test_the_page_holds_what_must_be_known_before_the_door(app: Flask, as_: As) -> None:
    on_tuesday()
    firm = make.firm(make.area("371502001"), name="柳河机械有限公司")
    assign(firm, 1)
    make.figures(firm, 2025, 50_000_000)
    make.recognition(firm, "innovative_sme", level="province", valid_to=clock.today() + timedelta(days=60))
    make_visit(
        firm, visited_on=clock.today() - timedelta(days=30), promises=(PromiseDraft("联系银行谈贷款", "陈队长"),),
        findings=(FindingDraft("库存积压", "red"),),
    )
    book(firm, request=ask(firm, text="想了解技改贴息"))
    db.session.commit()
    browser = as_("expert")
    page = read(browser.get(f"/enterprises/{firm.id}/brief"))
    for words in ("联系银行谈贷款", "库存积压", "想了解技改贴息", "2025年", "营业收入", "还剩 60 天", "服务免费"):
        assert words in page.text, words
    plain = read(browser.get(f"/enterprises/{firm.id}/brief/plain"))
    assert "联系银行谈贷款" in plain.text and "主导航" not in plain.html
    data = browser.get(f"/enterprises/{firm.id}/brief.json").get_json()
    assert data["promises"] == [{"text": "联系银行谈贷款", "owner": "陈队长", "due_on": None}]
    assert data["next"]["on"] == "2026-03-11"


def test_a_team_that_does_not_serve_the_firm_gets_nothing(app: Flask, as_: As) -> None:
    firm = make.firm(make.area("371502001"))
    db.session.commit()
    assert as_("expert").get(f"/enterprises/{firm.id}/brief").status_code == 404
