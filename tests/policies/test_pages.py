"""Browsing and editing the pack: who sees it, what stands there, what a wrong input answers."""

from collections.abc import Callable
from typing import Any

import pytest

from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.packs import read_pack
from app.packs.schema import SECTIONS
from app.policies import actions, queries
from tests.personas import Browser

As = Callable[[str], Browser]


@pytest.fixture
def loaded(prepared: Callable[..., int]) -> int:
    """The shipped pack is stored; its version id."""
    return prepared(_stored)


def _stored() -> int:
    actions.load_files(read_pack("liaocheng"), by=SYSTEM)
    db.session.commit()
    version = queries.latest_version("liaocheng")
    assert version is not None
    return version.id


def body(page: Any) -> str:
    text: str = page.get_data(as_text=True)
    return text


def fields(version: int, /, **changes: str) -> dict[str, str]:
    return {
        "label": "“只差一点”的距离", "clause": "诊断", "effective_to": "", "confidence": "confirmed", "note": "", "value": "25",
        "reason": "市局研究确定", "version_id": str(version), **changes,
    }


EDIT = "/policies/liaocheng/settings/near_pct/edit"


@pytest.mark.parametrize("persona", ["bureau", "leader", "county", "zone", "town", "expert", "contact", "provider", "system"])
def test_everybody_of_the_city_reads_its_pack(as_: As, loaded: int, persona: str) -> None:
    page = as_(persona).get("/policies/")
    assert page.status_code == 200
    assert "聊政办字〔2022〕44号" in body(page)


def test_another_city_does_not_see_it(as_: As, loaded: int) -> None:
    browser = as_("stranger_city")
    assert "聊政办字〔2022〕44号" not in body(browser.get("/policies/"))
    assert browser.get("/policies/liaocheng/titles").status_code == 404
    assert browser.get(EDIT).status_code == 404
    assert browser.post(EDIT, data=fields(loaded)).status_code == 404
    assert queries.active_pack("liaocheng").setting("near_pct") == 20


@pytest.mark.parametrize("persona", ["county", "town", "leader", "expert", "contact", "system"])
def test_only_the_bureau_edits(as_: As, loaded: int, persona: str) -> None:
    browser = as_(persona)
    assert browser.post(EDIT, data=fields(loaded)).status_code == 403
    assert "修改</a>" not in body(browser.get("/policies/liaocheng/settings/near_pct"))


@pytest.mark.parametrize("section", [section.key for section in SECTIONS])
def test_every_section_and_every_entry_opens(as_: As, loaded: int, section: str) -> None:
    browser = as_("bureau")
    page = browser.get(f"/policies/liaocheng/{section}")
    assert page.status_code == 200
    for entry in queries.active_pack("liaocheng").entries(section)[:3]:
        assert entry.label.split("“")[0] in body(page)
        detail = body(browser.get(f"/policies/liaocheng/{section}/{entry.code}"))
        assert entry.clause in detail
        assert "None" not in detail


def test_indicators_show_document_clause_weight_and_what_is_not_confirmed(as_: As, loaded: int) -> None:
    page = body(as_("county").get("/policies/liaocheng/indicators"))
    assert page.count("附件 第") >= 26
    assert "PM2.5 平均浓度同比改善率" in page
    detail = body(as_("county").get("/policies/liaocheng/indicators/ST-I10"))
    assert "待核" in detail and "市工业和信息化局" in detail


def test_pending_list_holds_only_unconfirmed_entries(as_: As, loaded: int) -> None:
    page = body(as_("bureau").get("/policies/liaocheng/titles?pending=1"))
    assert "创新型中小企业" in page
    assert "高新技术企业" not in page


def test_both_editions_of_a_date_are_shown(as_: As, loaded: int) -> None:
    page = body(as_("bureau").get("/policies/liaocheng/calendar/quality_sme_update"))
    assert "04-30" in page and "05-31" in page


def test_bureau_changes_a_setting(as_: As, loaded: int) -> None:
    browser = as_("bureau")
    assert browser.get(EDIT).status_code == 200
    answer = browser.post(EDIT, data=fields(loaded))
    assert answer.status_code == 303
    assert queries.active_pack("liaocheng").setting("near_pct") == 25
    assert "第 2 版" in body(browser.get(answer.headers["Location"]))
    history = body(browser.get("/policies/liaocheng/versions"))
    assert "市局研究确定" in history and "20 → 25" in history


@pytest.mark.parametrize(("change", "word"), [
    ({"reason": ""}, "请写明修改原因"),
    ({"label": ""}, "请填写名称"),
    ({"value": "二十"}, "写法不对"),
    ({"value": "[" * 100_000}, "太长"),
    ({"effective_to": "2020-01-01"}, "早于"),
    ({"effective_to": "昨天"}, "失效日"),
    ({"confidence": "大概"}, "核实情况"),
    ({"version_id": "999999"}, "没有写入"),
    ({"version_id": "x"}, "处需要修改"),
    ({"note": "<script>alert(1)</script>" * 50}, "1000 字"),
])
def test_wrong_input_is_kept_and_explained(as_: As, loaded: int, change: dict[str, str], word: str) -> None:
    page = as_("bureau").post(EDIT, data=fields(loaded, **change))
    assert page.status_code == 422
    assert word in body(page)
    assert "<script>alert" not in body(page)
    assert queries.active_pack("liaocheng").setting("near_pct") == 20


def test_second_tab_is_told_that_the_pack_changed(as_: As, loaded: int) -> None:
    browser = as_("bureau")
    browser.post(EDIT, data=fields(loaded))
    page = browser.post(EDIT, data=fields(loaded, value="30"))
    assert page.status_code == 422
    assert "第 2 版" in body(page)
    assert queries.active_pack("liaocheng").setting("near_pct") == 25


def test_back_to_the_files(as_: As, loaded: int) -> None:
    browser = as_("bureau")
    browser.post(EDIT, data=fields(loaded))
    latest = queries.latest_version("liaocheng")
    assert latest is not None
    restore = "/policies/liaocheng/restore"
    assert browser.post(restore, data={"version_id": latest.id, "reason": ""}).status_code == 422
    assert browser.post(restore, data={"version_id": "x", "reason": "改回"}).status_code == 422
    assert browser.post(restore, data={"version_id": latest.id, "reason": "改回"}).status_code == 303
    assert queries.active_pack("liaocheng").setting("near_pct") == 20


@pytest.mark.parametrize("address", [
    "/policies/atlantis/titles", "/policies/liaocheng/nonsense", "/policies/liaocheng/titles/nowhere", "/policies/liaocheng/manifest/x",
    "/policies/?city=atlantis", "/policies/liaocheng/__class__/x", "/policies/liaocheng/settings/nowhere/edit",
])
def test_unknown_addresses_are_not_found(as_: As, loaded: int, address: str) -> None:
    assert as_("bureau").get(address).status_code == 404


def test_before_the_first_load_the_pages_show_the_shipped_pack(as_: As) -> None:
    if queries.latest_version("liaocheng") is None:
        browser = as_("bureau")
        assert "尚未载入" in body(browser.get("/policies/"))
        assert "flask packs load" in body(browser.get("/policies/liaocheng/versions"))
        assert browser.get(EDIT).status_code == 404


def test_nobody_signed_in_reads_nothing(client: Any, loaded: int) -> None:
    assert client.get("/policies/").status_code in (302, 401)
