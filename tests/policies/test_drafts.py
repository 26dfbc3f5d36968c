"""A rule version is never changed once it decides: an administrator stands a draft beside it, changes that, and switches it on for a day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict
from app.ladder.criteria import choose_version, get_version
from app.packs import drafting, read_pack
from app.policies import actions, queries
from tests.personas import Browser

As = Callable[[str], Browser]


@pytest.fixture
def version_id(app: Any) -> int:
    actions.load_files(read_pack("liaocheng"), by=SYSTEM)
    db.session.commit()
    return latest()


def latest() -> int:
    version = queries.latest_version("liaocheng")
    assert version is not None
    return version.id


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def draft(browser: Browser, version: int, **changes: str) -> Any:
    form = {
        "code": "srdi_2027", "label": "专精特新认定条件（征求意见）", "document": "miit-2026-2", "clause": "附件1", "starts": "2026-12-01", "note": "",
        "reason": "省厅征求意见", "version_id": str(version), **changes,
    }
    return browser.post("/policies/liaocheng/criteria/srdi_2026/draft", data=form)


def pack() -> Any:
    return queries.pack_of_version(latest())


def test_a_draft_is_a_copy_that_decides_nothing(as_: As, version_id: int) -> None:
    before = choose_version(pack(), "srdi", application="new", on=clock.today())
    assert draft(as_("bureau"), version_id).status_code == 303
    copied = get_version(pack(), "srdi_2027")
    assert copied.criterion.rule == get_version(pack(), "srdi_2026").criterion.rule
    assert not copied.confirmed and copied.criterion.applies == ()
    now = choose_version(pack(), "srdi", application="new", on=clock.today())
    assert before is not None and now is not None and now.code == before.code


def test_a_changed_threshold_says_its_new_number(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    page = "/policies/liaocheng/criteria/srdi_2027/numbers"
    assert "上年营业收入1500万元以上" in text(browser.get(page))
    place = next(one.path for one in drafting.numbers(drafting.find(pack().content.plain(), "srdi_2027")) if one.id == "P3.revenue")
    assert browser.post(page, data={f"n.{place}": "1200", "reason": "征求意见稿", "version_id": str(latest())}).status_code == 303
    changed = text(browser.get(page))
    assert "上年营业收入1200万元以上" in changed and "1500万元" not in changed
    assert "上年营业收入1500万元以上" in text(browser.get("/policies/liaocheng/criteria/srdi_2026/numbers")), "the version in force stays"


@pytest.mark.parametrize("number", ["很多", "", "1e9999999", "-", "NaN", "１２００００００００００００００００００００"])
def test_what_is_no_number_is_refused_and_kept_on_the_page(as_: As, version_id: int, number: str) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    answer = browser.post(
        "/policies/liaocheng/criteria/srdi_2027/numbers", data={"n.rule.all.2.value": number, "reason": "改", "version_id": str(latest())},
    )
    assert answer.status_code == 422 and "尚未保存" in text(answer)
    assert get_version(pack(), "srdi_2027").criterion.rule == get_version(pack(), "srdi_2026").criterion.rule


def test_a_version_that_decides_cannot_be_changed(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    answer = browser.post(
        "/policies/liaocheng/criteria/srdi_2026/numbers", data={"n.rule.all.2.value": "9", "reason": "改", "version_id": str(version_id)},
    )
    assert answer.status_code == 422 and latest() == version_id
    assert "另立新版本" in text(answer)


def test_switching_on_ends_the_old_version_the_day_before(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    on = clock.today() + timedelta(days=40)
    form = {"on": on.isoformat(), "applications": "new", "reason": "正式发布", "version_id": str(latest())}
    assert browser.post("/policies/liaocheng/criteria/srdi_2027/switch", data=form).status_code == 303
    for day, code in ((on - timedelta(days=1), "srdi_2026"), (on, "srdi_2027")):
        found = choose_version(pack(), "srdi", application="new", on=day)
        assert found is not None and found.code == code
    review = choose_version(pack(), "srdi", application="review", on=on)
    assert review is not None and review.code == "srdi_2026", "only what was asked for changes"


def test_the_past_is_not_decided_anew(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    form = {"on": "2020-01-01", "applications": "new", "reason": "补", "version_id": str(latest())}
    answer = browser.post("/policies/liaocheng/criteria/srdi_2027/switch", data=form)
    assert answer.status_code == 422 and "不能早于今天" in text(answer)


def test_text_with_a_fault_names_the_line_and_changes_nothing(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    known = latest()
    for body, said in (
        ("rule: [", "YAML 写法有误"), ("rule: {field: revenue, op: '>=', value: '1e999999999', clause: 一}", "数字要写成"), ("rule:\n  all: &a []\n", "锚点"), ("rules: {}", "rules"), ("- 1", "rule"),
        ("rule: {all: [{id: X, label: 没有条款, field: revenue, period: last_year, op: '>=', value: 1, unit: 万元, clause: ''}]}", "条款"),
    ):
        answer = browser.post(
            "/policies/liaocheng/criteria/srdi_2027/text", data={"body": body, "reason": "改", "version_id": str(known)},
        )
        assert answer.status_code == 422 and said in text(answer), body
    assert latest() == known


def test_two_administrators_at_once(as_: As, version_id: int) -> None:
    draft(as_("bureau"), version_id)
    with pytest.raises(Conflict):
        actions.change_criteria(
            city="liaocheng", change=lambda plain: drafting.drop_draft(plain, "srdi_2027"), reason="晚了一步", version_id=version_id, what="删除", by=SYSTEM,
        )


def test_drafts_stay_when_the_files_are_loaded_again(as_: As, version_id: int) -> None:
    browser = as_("bureau")
    draft(browser, version_id)
    actions.load_files(read_pack("liaocheng"), by=SYSTEM)
    db.session.commit()
    assert get_version(pack(), "srdi_2027").code == "srdi_2027"
    assert browser.post("/policies/liaocheng/criteria/srdi_2027/drop", data={"version_id": str(latest()), "reason": "不用了"}).status_code == 303
    assert [one for one in pack().content.criteria if one.code == "srdi_2027"] == []


def test_only_who_may_change_the_pack_sees_these_pages(as_: As, version_id: int) -> None:
    for who, status in (("county", 403), ("expert", 403), ("leader", 403), ("bureau", 200)):
        assert as_(who).get("/policies/liaocheng/criteria/srdi_2026/draft").status_code == status
    assert as_("bureau").get("/policies/yantai/criteria/srdi_2026/draft").status_code == 404
    assert date(2026, 1, 1) < clock.today()
