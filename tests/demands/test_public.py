"""Without an account: a poster's form, the receipt and the enterprise's own page; robots, floods, closed links."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.demands import actions
from app.demands.actions import desk
from app.demands.models import Demand
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests.factories.demands import city_id, make_demand
from tests.factories.enterprises import OFFICER, make_credit_code, make_enterprise
from tests.factories.ladder import area
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]
SAID = {
    "name": "聊城电缆有限公司", "code": "", "text": "厂区经常停电，希望增容。", "domain": "", "contact_name": "王经理", "contact_phone": "13806351234", "consent": "y",
}


@pytest.fixture
def link(app: Flask) -> str:
    row = desk.add_link(city_id=city_id(), unit_id=None, label="政务大厅海报", valid_to=None, by=SYSTEM)
    db.session.commit()
    return f"/demands/public/{row.token}"


def form_of(client: FlaskClient, address: str) -> dict[str, str]:
    html = client.get(address).text
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)[1] for name in ("csrf_token", "opened")}  # type: ignore[index]


def send(client: FlaskClient, address: str, wait: int = 10, **more: str) -> object:
    now = clock.now()
    hidden = form_of(client, address)
    clock.freeze(now + timedelta(seconds=wait))
    return client.post(address, data=SAID | hidden | more)


def test_an_enterprise_sends_follows_adds_rates_and_reopens(app: Flask, client: FlaskClient, link: str, pages: Pages) -> None:
    answer = send(client, link)
    assert answer.status_code == 303 and "/demands/track/" in answer.location  # type: ignore[attr-defined]
    track, row = answer.location, db.session.query(Demand).one()  # type: ignore[attr-defined]
    page = client.get(track).text
    assert row.number in page and "13806351234" not in page and row.enterprise_id is None
    firm = make_enterprise("聊城电缆有限公司")
    db.session.commit()
    assert "未对应" in pages("bureau").get("/demands/").text
    pages("bureau").post(f"/demands/{row.id}/match", {"enterprise_id": firm.id, "version": 1})
    db.session.refresh(row)
    assert (row.enterprise_id, row.unit_id) == (firm.id, firm.unit_id)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(track).text)[1]  # type: ignore[index]
    assert client.post(f"{track}/supplement", data={"csrf_token": token, "text": "变压器是 315 的。"}).status_code == 303
    actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.log_note(demand=row, text="内部意见", by=OFFICER)
    actions.finish_demand(demand=row, outcome="solved", text="已增容。", version=row.version, by=OFFICER)
    db.session.commit()
    shown = client.get(track).text
    assert "已增容。" in shown and "变压器是 315 的。" in shown and "内部意见" not in shown
    bad = client.post(f"{track}/rate", data={"csrf_token": token, "rating": "1", "text": "", "version": row.version})
    assert bad.status_code == 422 and "评价说明" in bad.text
    assert client.post(f"{track}/rate", data={"csrf_token": token, "rating": "1", "text": "还停电", "version": row.version}).status_code == 303
    db.session.refresh(row)
    assert client.post(f"{track}/reopen", data={"csrf_token": token, "text": "还停电", "version": row.version}).status_code == 303
    db.session.refresh(row)
    assert (row.state, row.rating, row.reopen_count) == ("handling", 1, 1)


def test_two_clicks_are_one_demand(app: Flask, client: FlaskClient, link: str) -> None:
    first, second = send(client, link), send(client, link)
    assert first.location == second.location and db.session.query(Demand).count() == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("more", "wait", "words"), [
    ({"website": "http://spam"}, 10, "没有通过校验"), ({}, 1, "提交得太快"), ({"opened": "x"}, 10, "页面内容不完整"), ({"contact_phone": "123"}, 10, "电话号码不正确"),
    ({"consent": ""}, 10, "不同意转办就无法办理"), ({"text": "电"}, 10, "写具体一些"), ({}, 3 * 86400, "页面打开太久"),
])
def test_a_refusal_keeps_what_was_typed(app: Flask, client: FlaskClient, link: str, more: dict[str, str], wait: int, words: str) -> None:
    answer = send(client, link, wait, **more)
    assert answer.status_code == 422 and words in answer.text and "聊城电缆有限公司" in answer.text  # type: ignore[attr-defined]
    assert db.session.query(Demand).count() == 0


def test_one_address_cannot_flood_the_desk(app: Flask, client: FlaskClient, link: str) -> None:
    answers = [send(client, link, text=f"第 {n} 件不同的诉求，请协调。") for n in range(7)]
    assert [a.status_code for a in answers] == [303] * 6 + [429] and "内容没有丢" in answers[-1].text  # type: ignore[attr-defined]
    clock.freeze(clock.now() + timedelta(hours=1, minutes=5))
    assert send(client, link, text="一小时之后的诉求，请协调。").status_code == 303  # type: ignore[attr-defined]


def test_closed_and_unknown_addresses_say_what_to_do(app: Flask, client: FlaskClient, link: str) -> None:
    from app.demands.models import DemandLink

    desk.switch_link(db.session.query(DemandLink).one(), active=False, by=SYSTEM)
    db.session.commit()
    for address in (link, "/demands/public/nothing", "/demands/track/nothing-here-at-all-1234"):
        answer = client.get(address)
        assert answer.status_code == 404 and ("二维码" in answer.text or "核对链接" in answer.text)


def test_a_poster_of_a_county_brings_its_demands_to_that_county(app: Flask, client: FlaskClient, pages: Pages) -> None:
    row = desk.add_link(city_id=city_id(), unit_id=area("371502").id, label="东昌府企业群", valid_to=None, by=SYSTEM)
    db.session.commit()
    send(client, f"/demands/public/{row.token}")
    assert "聊城电缆" in pages("county").get("/demands/").text and "聊城电缆" not in pages("zone").get("/demands/").text


def test_the_code_finds_the_firm_and_the_clock_of_the_fast_track_counts_from_the_receipt(app: Flask, client: FlaskClient, link: str, pages: Pages) -> None:
    clock.freeze(datetime(2026, 11, 16, 2, tzinfo=UTC))
    firm = make_enterprise("聊城电缆有限公司", code=make_credit_code(77), tags=("链主企业",))
    db.session.commit()
    send(client, link, code=firm.credit_code)
    row = db.session.query(Demand).one()
    assert "代码相符" in pages("bureau").get(f"/demands/{row.id}/match").text
    pages("bureau").post(f"/demands/{row.id}/match", {"enterprise_id": firm.id, "version": row.version})
    db.session.refresh(row)
    assert row.fast and clock.local(row.solve_due_at).strftime("%m-%d") == "11-25"


def test_the_token_page_shows_no_paper_meant_for_the_office(app: Flask, client: FlaskClient) -> None:
    from io import BytesIO

    from app.infra import files

    row = make_demand()
    stored = files.save(BytesIO(b"%PDF-1.4"), name="内部纪要.pdf", purpose="demand", max_bytes=1000, by=None)
    actions.add_files(demand=row, files=[stored], told=False, by=OFFICER)
    db.session.commit()
    assert "内部纪要" not in client.get(f"/demands/track/{row.token}").text
    assert client.get(f"/demands/track/{row.token}/files/{stored.token}").status_code == 404
