"""Look-alikes: the nearest to those promoted, reasons in words, honest when few, rejected ones not again this year."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import city, clock, jobs
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL
from app.ladder.actions import Refused
from app.ladder.actions import lookalikes as actions
from app.ladder.models import LookalikeAnswer, LookalikeRow, LookalikeRun, PoolMember
from app.ladder.queries import lookalikes as queries
from app.ladder.queries import pools as pool_queries
from app.ladder.rules import lookalikes as rules
from app.policies.queries import current_pack
from tests.factories import ladder as make

BY = Actor(user_id=1, name="市局经办甲")
POOL = "key_cultivation"


def firm(name: str, revenue: int, growth: float, *, code: str = "3451", town: str = "371502001", rd: float = 0.04, year: int = 2025, **more: Any) -> Any:
    """A firm with figures of a year and the year before; ``revenue`` in 万元."""
    row = make.firm(make.area(town), name=f"{name}有限公司", industry_code=code, founded_on=date(2012, 1, 1), **more)
    now = revenue * 10_000
    make.figures(row, year, now, rd_expense_yuan=int(now * rd), employee_count=max(2, revenue // 50), ip_class1_count=2)
    make.figures(row, year - 1, int(now / (1 + growth)))
    return row


@pytest.fixture
def world(app: Flask) -> dict[str, Any]:
    """Six 轴承 makers promoted to srdi; outside: a near twin, one of another trade, a tiny one, one without figures."""
    clock.freeze(datetime(2026, 6, 1, 4, tzinfo=UTC))
    city.forget()
    for number in range(6):
        row = firm(f"晋级{number}", 3000 + 200 * number, 0.2 + 0.01 * number, year=2024)
        make.recognition(row, "srdi", level="province", batch_year=2025, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    rows = {
        "twin": firm("孪生", 3400, 0.23), "trade": firm("异业", 3400, 0.23, code="5162", rd=0.04), "tiny": firm("微小", 30, -0.3, rd=0.0),
        "far": firm("外县", 3350, 0.22, town="371581107"), "blank": make.firm(make.area("371502001"), industry_code="3451"),
    }
    db.session.commit()
    return rows


def search() -> LookalikeRun:
    pack = current_pack()
    run = actions.search(pool=pool_queries.get_pool(pack, POOL), city_id=pool_queries.city_id_of(pack), by=BY)
    db.session.commit()
    return run


def proposed(run: LookalikeRun) -> list[int]:
    rows = select(LookalikeRow.enterprise_id).where(LookalikeRow.run_id == run.id).order_by(LookalikeRow.score.desc(), LookalikeRow.enterprise_id)
    return list(db.session.scalars(rows))


def test_the_nearest_come_first_and_say_why(world: dict[str, Any]) -> None:
    run = search()
    found = proposed(run)
    assert set(found[:2]) == {world["twin"].id, world["far"].id} and found[-1] == world["tiny"].id and world["blank"].id not in found
    assert (run.promoted, run.samples, run.candidates) == (6, 6, 4)
    row = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["twin"].id)).one()
    text = "".join(row.reasons)
    assert "与近三年晋级的 5 家最接近，其中 5 家同行业" in text and "营业收入 3,400万元" in text and "营收增速" in text and "同一镇街" in text
    other = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["trade"].id)).one()
    assert "行业不同" in "".join(other.reasons) and other.score < row.score
    assert "概率" not in text and 0 < row.score <= 100


def test_members_holders_and_cancelled_ones_are_not_proposed(world: dict[str, Any]) -> None:
    from app.ladder.actions import pools

    pack = current_pack()
    pools.nominate(
        scope=ALL, pack=pack, pool=pool_queries.get_pool(pack, POOL), enterprise_id=world["twin"].id, reason="县级推荐", on=date(2026, 5, 1), by=BY,
    )
    make.recognition(world["far"], "gazelle", valid_from=date(2018, 1, 1), valid_to=date(2029, 1, 1), batch_year=2018)
    world["trade"].status = "cancelled"
    db.session.commit()
    assert proposed(search()) == [world["tiny"].id]


@pytest.mark.parametrize(("promoted", "samples", "said"), [
    (0, 0, "只有 0 家"), (4, 4, "只有 4 家"), (9, 4, "其中有上年数据可比的 4 家"), (5, 5, "样本少"), (19, 19, "样本少"),
])
def test_few_promoted_ones_are_said_honestly(promoted: int, samples: int, said: str) -> None:
    assert said in (rules.note_of(promoted, samples) or "")


def test_enough_need_no_note() -> None:
    assert rules.note_of(20, 20) is None


def test_below_five_nothing_is_proposed(app: Flask) -> None:
    clock.freeze(datetime(2026, 6, 1, 4, tzinfo=UTC))
    city.forget()
    firm("旁观", 3400, 0.2)
    row = firm("独苗", 3000, 0.2, year=2024)
    make.recognition(row, "srdi", level="province", batch_year=2025, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    run = search()
    assert run.samples == 1 and "至少 5 家才比较" in (run.note or "") and proposed(run) == []


def test_grants_before_the_last_three_years_and_renewals_do_not_count(world: dict[str, Any]) -> None:
    old = firm("旧榜", 3300, 0.2, year=2024)
    make.recognition(old, "srdi", level="province", batch_year=2019, valid_from=date(2019, 7, 1), valid_to=date(2022, 6, 30))
    make.recognition(old, "srdi", level="province", batch_year=2025, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    db.session.commit()
    assert search().promoted == 6


def test_rejected_is_not_proposed_again_this_year_but_next(world: dict[str, Any]) -> None:
    run = search()
    row = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["twin"].id)).one()
    with pytest.raises(Refused, match="请写明拒绝的理由"):
        actions.reject(row=row, run=run, name="孪生", reason=" ", by=BY)
    actions.reject(row=row, run=run, name="孪生", reason="集团内部调整", by=BY)
    actions.reject(row=row, run=run, name="孪生", reason="再点一次", by=BY)
    db.session.commit()
    assert world["twin"].id not in proposed(search())
    assert len(db.session.scalars(select(LookalikeAnswer)).all()) == 1
    clock.freeze(datetime(2027, 6, 1, 4, tzinfo=UTC))
    make.figures(world["twin"], 2026, 34_000_000, employee_count=60)
    db.session.commit()
    assert world["twin"].id in proposed(search())


@pytest.mark.parametrize(("mine", "other", "step"), [
    ("3451", "3451", 0.0), ("3451", "3460", rules.OTHER_CLASS), ("3451", "5162", rules.OTHER_DIVISION), (None, "3451", rules.OTHER_DIVISION),
])
def test_another_industry_is_farther(mine: str | None, other: str, step: float) -> None:
    assert rules.industry_step(mine, other) == step


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_unknown_values_are_no_zeros(value: float | None) -> None:
    assert math.isnan(rules.transformed(rules.FEATURES[0], value))


def test_who_shares_too_few_figures_is_not_compared() -> None:
    import numpy as np

    nan = math.nan
    mine = np.array([[1.0, nan, nan, nan, nan, 3.0], [1.0, 2.0, 3.0, nan, nan, nan]])
    theirs = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]] * 5)
    _, distance = rules.nearest(mine, theirs, np.array([3451, 3451]), np.array([3451] * 5), np.ones(6))
    assert np.isinf(distance[0]).all() and (distance[1] == 0).all()


# --- pages


def test_search_read_accept_and_reject_in_the_browser(world: dict[str, Any], as_: Any, pages: Any) -> None:
    browser, home = as_("bureau"), f"/ladder/pools/{POOL}/lookalikes"
    assert "还没有比较过" in browser.get(home).text
    assert browser.post(home).status_code == 303 and browser.post(home).status_code == 303
    waiting = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == "ladder.lookalikes")).all()
    assert len(waiting) == 1
    part = browser.get(f"{home}/progress", headers={"HX-Request": "true"})
    assert part.status_code == 200 and "排队" in part.text
    job = jobs.claim("test")
    assert job is not None
    jobs.run_claimed(job, "test")
    page = pages("bureau").get(home, statements=20)
    assert "孪生有限公司" in page.text and "待答复：共 4 家" in page.text and "概率" in page.text
    row = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["twin"].id)).one()
    form = browser.get(f"/ladder/pools/lookalikes/{row.id}/accept").text
    assert "与近三年晋级的" in form
    done = browser.post(f"/ladder/pools/lookalikes/{row.id}/accept", data={"on": "2026-05-30", "reason": "同行业、增速相近"})
    assert done.status_code == 303 and "/pools/members/" in done.location
    member = db.session.scalars(select(PoolMember)).one()
    assert (member.origin, member.state) == ("lookalike", "nominated")
    other = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["trade"].id)).one()
    assert browser.post(f"/ladder/pools/lookalikes/{other.id}/reject", data={"on": "2026-05-30", "reason": ""}).status_code == 422
    assert browser.post(f"/ladder/pools/lookalikes/{other.id}/reject", data={"on": "2026-05-30", "reason": "不在重点产业"}).status_code == 303
    assert "共 2 家" in browser.get(home).text and "不在重点产业" in browser.get(f"{home}?answer=rejected").text


def test_a_county_sees_its_own_proposals_and_no_foreign_names(world: dict[str, Any], pages: Any, as_: Any) -> None:
    search()
    text = pages("stranger").get(f"/ladder/pools/{POOL}/lookalikes", statements=20).text
    assert "孪生有限公司" not in text and "晋级0有限公司" not in text
    county = pages("county").get(f"/ladder/pools/{POOL}/lookalikes", statements=20).text
    assert "孪生有限公司" in county and "外县有限公司" not in county
    foreign = db.session.scalars(select(LookalikeRow).where(LookalikeRow.enterprise_id == world["far"].id)).one()
    assert as_("county").get(f"/ladder/pools/lookalikes/{foreign.id}/accept").status_code == 404
    assert as_("county").post(f"/ladder/pools/lookalikes/{foreign.id}/reject", data={"reason": "x"}).status_code == 404


def test_a_pool_of_towns_has_none(app: Flask, as_: Any) -> None:
    assert as_("bureau").get("/ladder/pools/town_pipeline/lookalikes").status_code == 404


def test_unknown_answers_narrow_nothing(world: dict[str, Any], as_: Any) -> None:
    search()
    assert as_("bureau").get(f"/ladder/pools/{POOL}/lookalikes?answer=x&unit=abc&town=-1").status_code == 200
    assert queries.ANSWERS["open"] in as_("bureau").get(f"/ladder/pools/{POOL}/lookalikes?answer=x").text
