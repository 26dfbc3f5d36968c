"""Pools: one open spell each, dated steps that are never overwritten, numbers that open exactly their rows."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import city, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, NotFound
from app.kernel.scope import ALL, Scope
from app.ladder.actions import Refused
from app.ladder.actions import pools as actions
from app.ladder.models import PoolMember, PoolStep
from app.ladder.queries import NO_FILTERS
from app.ladder.queries import pools as queries
from app.policies.queries import current_pack
from tests.factories import ladder as make

Pages = Callable[[str], Any]
BY = Actor(user_id=1, name="市局经办甲")
POOL = "above_scale_pipeline"


@pytest.fixture
def firms(app: Flask) -> list[Any]:
    """Four firms of Liaocheng (two in 东昌府, one in 临清, one in 经开区) and one of Yantai."""
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    city.forget()
    places = ("371502001", "371502001", "371581107", "3715Z1000", "370602001")
    rows = [make.firm(make.area(code), name=f"{name}机械有限公司") for code, name in zip(places, "甲乙丙丁戊", strict=True)]
    db.session.commit()
    return rows


def pool(code: str = POOL) -> Any:
    return queries.get_pool(current_pack(), code)


def nominate(firm: Any, on: date = date(2024, 3, 1), code: str = POOL) -> PoolMember:
    return actions.nominate(scope=ALL, pack=current_pack(), pool=pool(code), enterprise_id=firm.id, reason="收入接近入统门槛", on=on, by=BY)


def step(row: PoolMember, kind: str, on: date, **more: Any) -> PoolMember:
    member = queries.get_member(ALL, row.id)
    change = actions.Change(kind, on, more.pop("reason", "县级推荐"), **more)
    return actions.take_step(scope=ALL, pool=pool(row.pool_code), member=member, change=change, by=BY)


def in_pool(day: date, known_on: date | None = None, code: str = POOL) -> dict[str, int]:
    """Stage (or state) -> members on a day."""
    found: dict[str, int] = {}
    for row in queries.counts(ALL, current_pack(), queries.When(day, known_on), NO_FILTERS, pool(code)):
        key = row.stage_code if row.state == "member" and row.stage_code else row.state
        found[key] = found.get(key, 0) + row.count
    return found


def test_a_spell_from_nomination_to_release_keeps_every_step(firms: list[Any]) -> None:
    row = nominate(firms[0])
    step(row, "admitted", date(2024, 3, 10), stage="cultivating", owner="王主任")
    step(row, "stage", date(2024, 4, 1), stage="applying")
    step(row, "owner", date(2024, 4, 2), owner="李科长")
    step(row, "released", date(2024, 5, 1), reason="已纳统并稳定")
    assert (row.state, row.closed_on, row.owner, row.entered_on) == ("released", date(2024, 5, 1), "李科长", date(2024, 3, 10))
    assert [s.kind for s in queries.steps_of(row.id)] == ["nominated", "admitted", "stage", "owner", "released"]


@pytest.mark.parametrize(("day", "expected"), [
    (date(2024, 2, 29), {}), (date(2024, 3, 1), {"nominated": 1}), (date(2024, 3, 10), {"cultivating": 1}), (date(2024, 3, 31), {"cultivating": 1}),
    (date(2024, 4, 1), {"applying": 1}), (date(2024, 5, 1), {"released": 1}), (date(2024, 6, 1), {"released": 1}),
])
def test_any_day_can_be_asked(firms: list[Any], day: date, expected: dict[str, int]) -> None:
    row = nominate(firms[0])
    step(row, "admitted", date(2024, 3, 10), stage="cultivating")
    step(row, "stage", date(2024, 4, 1), stage="applying")
    step(row, "released", date(2024, 5, 1))
    assert in_pool(day) == expected


def test_what_was_recorded_late_is_unknown_on_the_earlier_day(firms: list[Any]) -> None:
    row = nominate(firms[0])
    clock.freeze(datetime(2024, 6, 20, 4, tzinfo=UTC))
    step(row, "admitted", date(2024, 3, 10), stage="cultivating")
    assert in_pool(date(2024, 5, 1)) == {"cultivating": 1}
    assert in_pool(date(2024, 5, 1), known_on=date(2024, 6, 10)) == {"nominated": 1}
    assert in_pool(date(2024, 6, 20)) == {"cultivating": 1}


def test_one_open_spell_per_pool_but_a_new_one_after_release(firms: list[Any]) -> None:
    row = nominate(firms[0])
    with pytest.raises(Conflict, match="已在"):
        nominate(firms[0])
    assert nominate(firms[0], code="key_cultivation").id != row.id
    step(row, "refused", date(2024, 3, 5), reason="收入不足")
    assert nominate(firms[0], date(2024, 4, 1)).id != row.id


def test_the_database_refuses_a_second_open_spell(firms: list[Any]) -> None:
    first = nominate(firms[0])
    db.session.commit()
    twin = PoolMember(
        pool_code=POOL, enterprise_id=firms[0].id, state="nominated", stage_on=date(2024, 3, 1), created_at=clock.now(), year=0, origin="person", version=1,
    )
    db.session.add(twin)
    with pytest.raises(Exception, match=r"(?i)unique"):
        db.session.flush()
    db.session.rollback()
    assert db.session.scalars(select(PoolMember.id)).all() == [first.id]


@pytest.mark.parametrize(("kind", "on", "more", "message"), [
    ("admitted", date(2024, 2, 1), {"stage": "cultivating"}, "不能早于上一步"), ("admitted", date(2024, 7, 1), {"stage": "cultivating"}, "不能晚于今天"),
    ("admitted", date(2024, 4, 1), {"stage": "nowhere"}, "请选择这个库的一个阶段"), ("admitted", date(2024, 4, 1), {"reason": " "}, "请写明入库的理由"),
    ("refused", date(2024, 4, 1), {"reason": ""}, "请写明不予入库的理由"),
])
def test_a_wrong_step_is_refused_in_words(firms: list[Any], kind: str, on: date, more: dict[str, Any], message: str) -> None:
    row = nominate(firms[0])
    with pytest.raises(Refused) as refused:
        step(row, kind, on, **more)
    assert message in str(refused.value.problems)


@pytest.mark.parametrize("kind", ["stage", "released"])
def test_a_step_that_does_not_fit_the_state_is_refused(firms: list[Any], kind: str) -> None:
    with pytest.raises(Conflict, match="还没有入库"):
        step(nominate(firms[0]), kind, date(2024, 4, 1), stage="applying")


def test_the_second_of_two_people_is_told(firms: list[Any]) -> None:
    row = nominate(firms[0])
    step(row, "admitted", date(2024, 3, 10), version=1)
    with pytest.raises(Conflict, match="刚刚被别人办理过"):
        step(row, "admitted", date(2024, 3, 11), version=1)


def test_a_slip_is_taken_back_and_stays_readable(firms: list[Any]) -> None:
    row = nominate(firms[0])
    step(row, "admitted", date(2024, 3, 10), stage="applying", owner="王主任")
    db.session.flush()
    clock.freeze(datetime(2024, 6, 5, 4, tzinfo=UTC))
    actions.take_back(scope=ALL, pool=pool(), member=queries.get_member(ALL, row.id), reason="选错企业", version=None, by=BY)
    assert (row.state, row.stage_code, row.owner, row.entered_on) == ("nominated", None, None, None)
    assert in_pool(date(2024, 4, 1)) == {"nominated": 1}
    assert in_pool(date(2024, 4, 1), known_on=date(2024, 6, 2)) == {"applying": 1}
    actions.take_back(scope=ALL, pool=pool(), member=queries.get_member(ALL, row.id), reason="选错企业", version=None, by=BY)
    assert row.state == "voided" and in_pool(date(2024, 6, 5)) == {} and len(queries.steps_of(row.id, taken_back=True)) == 2
    assert nominate(firms[0]).id != row.id


def test_who_holds_the_title_does_not_belong_in(firms: list[Any]) -> None:
    make.recognition(firms[0], "scale_up", valid_to=None, open_ended=True)
    with pytest.raises(Refused) as refused:
        nominate(firms[0])
    assert "已持有" in str(refused.value.problems)
    firms[1].status = "cancelled"
    with pytest.raises(Refused, match="不能入库"):
        nominate(firms[1])


def test_a_county_nominates_and_the_city_admits_towns(firms: list[Any]) -> None:
    county = Scope(unit_ids=frozenset({make.area("371502").id}))
    towns, town = pool("town_pipeline"), make.area("371502002")
    given = {"pack": current_pack(), "pool": towns, "reason": "县级推荐", "on": date(2024, 3, 1), "by": BY, "town_id": town.id}
    row = actions.nominate(scope=county, **given)
    assert row.year == 2024
    member = queries.get_member(county, row.id)
    with pytest.raises(Forbidden, match="市级"):
        actions.take_step(scope=county, pool=towns, member=member, change=actions.Change("admitted", date(2024, 3, 2), "县级推荐"), by=BY)
    with pytest.raises(Forbidden):
        actions.admit_directly(scope=county, stage=None, **{**given, "town_id": make.area("371502001").id})
    with pytest.raises(NotFound):
        actions.nominate(scope=county, **{**given, "town_id": make.area("371581107").id})
    actions.take_step(scope=ALL, pool=towns, member=member, change=actions.Change("admitted", date(2024, 3, 2), "县级推荐"), by=BY)
    assert in_pool(date(2024, 6, 1), code="town_pipeline") == {"cultivating": 1}


def test_another_city_is_not_mixed_in(firms: list[Any]) -> None:
    with pytest.raises(NotFound, match="不属于当前城市"):
        nominate(firms[4])


def test_many_at_once_skip_members_holders_and_strangers(firms: list[Any]) -> None:
    nominate(firms[0])
    make.recognition(firms[1], "scale_up", valid_to=None, open_ended=True)
    done = actions.enter_many(
        scope=ALL, pack=current_pack(), pool=pool(), enterprise_ids=[f.id for f in firms], reason="收入接近入统门槛", on=date(2024, 3, 1), admit=True, by=BY,
    )
    assert (done.added, done.present, done.left_out) == (2, 1, 1)
    assert in_pool(date(2024, 6, 1)) == {"nominated": 1, "cultivating": 2}
    again = actions.enter_many(
        scope=ALL, pack=current_pack(), pool=pool(), enterprise_ids=[f.id for f in firms], reason="再来一次", on=date(2024, 3, 1), admit=True, by=BY,
    )
    assert (again.added, again.present) == (0, 3)
    steps = db.session.scalars(select(PoolStep)).all()
    assert len(steps) == 3 and {s.kind for s in steps} == {"nominated", "admitted"}


def test_a_merge_takes_the_spell_along(firms: list[Any]) -> None:
    from app.enterprises import actions as enterprises

    row = nominate(firms[1])
    enterprises.merge(
        scope=ALL, kept_id=firms[0].id, merged_id=firms[1].id, kept_version=firms[0].version, merged_version=firms[1].version, reason="重复登记", by=BY,
    )
    db.session.expire_all()
    assert queries.get_member(ALL, row.id).name == firms[0].name and in_pool(date(2024, 6, 1)) == {"nominated": 1}


# --- pages


@pytest.fixture
def filled(firms: list[Any]) -> list[Any]:
    """甲 nominated, 乙 and 丙 members at two stages, 丁 released."""
    rows = [nominate(firm) for firm in firms[:4]]
    step(rows[1], "admitted", date(2024, 3, 10), stage="cultivating", owner="王主任")
    step(rows[2], "admitted", date(2024, 3, 10), stage="applying")
    step(rows[3], "admitted", date(2024, 3, 10), stage="cultivating")
    step(rows[3], "released", date(2024, 5, 1), reason="迁出")
    db.session.commit()
    return rows


def numbers(page: Any) -> list[tuple[int, str]]:
    """(number, address) of every count that opens members."""
    found = []
    for element in page.all("a"):
        href, text = element.attributes.get("href", ""), element.text.strip().replace(",", "")
        if re.search(r"/ladder/pools/\w+\?", href) and text.isdigit() and "cursor" not in href and "size=" not in href:
            found.append((int(text), href))
    return found


@pytest.mark.parametrize("persona", ["bureau", "county", "leader"])
@pytest.mark.parametrize("address", [
    "/ladder/pools/", f"/ladder/pools/{POOL}", f"/ladder/pools/{POOL}?layout=board", f"/ladder/pools/{POOL}?layout=places",
    f"/ladder/pools/{POOL}?layout=places&unit=371502", f"/ladder/pools/{POOL}?as_of=2024-04-01", "/ladder/pools/?as_of=2024-03-15&unit=371502",
    f"/ladder/pools/{POOL}?known_on=2024-05-31", f"/ladder/pools/{POOL}?industry=C&layout=places",
])
def test_every_number_opens_exactly_its_members(filled: list[Any], pages: Pages, persona: str, address: str) -> None:
    browser = pages(persona)
    for number, link in numbers(browser.get(address, statements=20)):
        opened = browser.get(link, statements=20)
        listed = re.search(r"共 ([\d,]+) (?:家|个)", opened.text)
        rows = list(opened.all("tr"))
        assert (number, number) == (int(listed[1]) if listed else 0, len(rows) - 1), link


def test_pages_say_what_happened(filled: list[Any], pages: Pages) -> None:
    page = pages("bureau").get(f"/ladder/pools/{POOL}", statements=20)
    assert "乙机械有限公司" in page.text and "提名待审" in page.text and "丁机械有限公司" not in page.text
    assert "丁机械有限公司" in pages("bureau").get(f"/ladder/pools/{POOL}?state=released").text
    member = pages("county").get(f"/ladder/pools/members/{filled[1].id}", statements=20)
    assert "王主任" in member.text and "入库培育" in member.text and "市局经办甲" in member.text
    dossier = pages("bureau").get(f"/enterprises/{filled[3].enterprise_id}", statements=40)
    assert "出库：“小升规”企业培育库" in dossier.text


def test_a_county_sees_only_its_own(filled: list[Any], pages: Pages, as_: Any) -> None:
    text = pages("county").get(f"/ladder/pools/{POOL}", statements=20).text
    assert "乙机械有限公司" in text and "丙机械有限公司" not in text
    assert as_("county").get(f"/ladder/pools/members/{filled[2].id}").status_code == 404
    assert as_("stranger").get(f"/ladder/pools/members/{filled[1].id}").status_code == 404
    assert as_("town").get(f"/ladder/pools/{POOL}").status_code == 403


def test_nominating_admitting_moving_and_releasing_in_the_browser(firms: list[Any], as_: Any) -> None:
    browser = as_("county")
    form = {"enterprise_id": str(firms[0].id), "what": "nominate", "on": "2024-05-01", "reason": "收入接近入统门槛"}
    made = browser.post(f"/ladder/pools/{POOL}/nominate", data=form)
    assert made.status_code == 303
    again = browser.post(f"/ladder/pools/{POOL}/nominate", data=form)
    assert again.status_code == 422 and "没有重复登记" in again.text
    home = made.location
    assert browser.post(f"{home}/admit", data={"version": "1", "on": "2024-05-02", "stage": "cultivating", "reason": "符合条件"}).status_code == 303
    twice = browser.post(f"{home}/admit", data={"version": "1", "on": "2024-05-02", "stage": "cultivating", "reason": "符合条件"})
    assert twice.status_code == 303
    stale = browser.post(f"{home}/stage", data={"version": "1", "on": "2024-05-03", "stage": "applying"})
    assert stale.status_code == 422 and "刚刚被别人办理过" in stale.text
    assert browser.post(f"{home}/stage", data={"version": "2", "on": "2024-05-03", "stage": "applying"}).status_code == 303
    assert browser.post(f"{home}/release", data={"version": "3", "on": "2024-05-20", "reason": "停产"}).status_code == 303
    assert "已出库" in browser.get(home).text
    assert db.session.scalar(select(PoolStep.id).where(PoolStep.kind == "admitted").limit(2)) is not None
    assert len(db.session.scalars(select(PoolStep)).all()) == 4


@pytest.mark.parametrize(("data", "message"), [
    ({"what": "nominate", "on": "2024-05-01", "reason": "x"}, "请选择企业"), ({"what": "admit", "on": "gestern", "reason": "x"}, "日期"),
    ({"what": "nominate", "on": "2024-05-01", "reason": ""}, "请写明理由"), ({"what": "nominate", "on": "2030-05-01", "reason": "x"}, "不能晚于今天"),
    ({"what": "drop", "on": "2024-05-01", "reason": "x"}, "is-invalid"), ({"what": "nominate", "on": "2024-05-01", "reason": "x", "credit_code": "nobody"}, "没有这个代码"),
    ({"what": "nominate", "on": "2024-05-01", "reason": "长" * 400}, "不能超过 300 字"),
])
def test_a_wrong_nomination_comes_back_in_words(firms: list[Any], as_: Any, data: dict[str, str], message: str) -> None:
    if "credit_code" not in data and message != "请选择企业":
        data = {"enterprise_id": str(firms[0].id), **data}
    answer = as_("bureau").post(f"/ladder/pools/{POOL}/nominate", data=data)
    assert answer.status_code == 422 and message in answer.text
    assert not db.session.scalars(select(PoolMember.id)).all()


def test_a_filtered_list_goes_into_a_pool(firms: list[Any], as_: Any) -> None:
    browser = as_("bureau")
    page = browser.get("/ladder/pools/collect?q=机械")
    assert page.status_code == 200 and "搜索“机械”" in page.text
    form = {"pool": "key_cultivation", "what": "admit", "on": "2024-05-01", "reason": "成长快"}
    assert browser.post(f"/ladder/pools/collect?unit={make.area('371502').id}", data=form).status_code == 303
    assert in_pool(date(2024, 6, 1), code="key_cultivation") == {"chosen": 2}
    chosen = browser.post("/ladder/pools/collect/chosen", data={"ids": [str(firms[2].id), "x", "-1"], "pool": "key_cultivation"})
    assert chosen.status_code == 303 and browser.post(chosen.location, data=form).status_code == 303
    assert in_pool(date(2024, 6, 1), code="key_cultivation") == {"chosen": 3}
    assert browser.post("/ladder/pools/collect/chosen", data={}).status_code == 422


def test_a_county_cannot_collect_what_it_does_not_see(firms: list[Any], as_: Any) -> None:
    form = {"pool": "key_cultivation", "what": "admit", "on": "2024-05-01", "reason": "成长快"}
    as_("county").post(f"/ladder/pools/collect?id={firms[2].id}&id={firms[0].id}", data=form)
    assert in_pool(date(2024, 6, 1), code="key_cultivation") == {"chosen": 1}


def test_paging_there_and_back(firms: list[Any], pages: Pages) -> None:
    more = [make.firm(make.area("371502002")) for _ in range(45)]
    actions.enter_many(
        scope=ALL, pack=current_pack(), pool=pool(), enterprise_ids=[f.id for f in more], reason="名单", on=date(2024, 3, 1), admit=True, by=BY,
    )
    browser, address, seen = pages("bureau"), f"/ladder/pools/{POOL}?size=20", []
    while address:
        page = browser.get(address, statements=20)
        seen.append(len(page.all("tr")) - 1)
        address = next((e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "next"), "")
    assert seen == [20, 20, 5]


@pytest.mark.parametrize("address", [
    "/ladder/pools/nothing", "/ladder/pools/enterprise_base", "/ladder/pools/members/0", "/ladder/pools/members/99999999999999999999",
    f"/ladder/pools/{POOL}?cursor=x", f"/ladder/pools/{POOL}?as_of=x",
])
def test_what_is_not_there_is_said_in_words(app: Flask, as_: Any, address: str) -> None:
    assert as_("bureau").get(address).status_code in (404, 422)
