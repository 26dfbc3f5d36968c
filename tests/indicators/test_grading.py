"""Graders are blind to each other; reason and evidence are needed; three of them make a value, the latest mark of each counts."""

from fractions import Fraction
from typing import Any

import pytest
from flask import Flask

from app.identity.models import User
from app.indicators.actions.marks import grade
from app.indicators.models import ContestMark
from app.indicators.queries import contest as rounds
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.ladder.queries import current_pack
from tests.factories import ladder as make
from tests.indicators.samples import YEAR, contest_round

ROUND = f"/indicators/contest/{YEAR}/"
TOWN = "371502002"
GOOD = {"grade": "优", "reason": "有省级集群一个", "evidence": "省厅认定文件"}


@pytest.fixture
def reviewer(app: Flask, as_: Any) -> Any:
    contest_round()
    return as_("reviewer")


def other(name: str) -> Actor:
    user = User(login=name, name=name, password_hash="x", created_at=clock.now())
    db.session.add(user)
    db.session.flush()
    return Actor(user.id, name)


def value() -> tuple[Fraction | None, str]:
    pack = current_pack()
    given = rounds.sheet(pack, rounds.get_round(pack, YEAR)).counting(make.area(TOWN).id, "7")
    assert given is not None
    return given.value, given.source


def mark(by: Actor, grade_: str) -> None:
    grade(
        found=rounds.get_round(current_pack(), YEAR), town_id=make.area(TOWN).id, item="7", mark=grade_, reason="现场核实", evidence="台账", by=by,
    )
    db.session.commit()


def test_three_reviewers_make_a_value_and_the_latest_mark_counts(reviewer: Any) -> None:
    assert reviewer.post(f"{ROUND}{TOWN}/7/grade", data=GOOD).status_code == 303
    two, three = other("评审员乙"), other("评审员丙")
    mark(two, "良")
    assert value() == (27, "department")
    mark(three, "良")
    assert value() == (Fraction(260, 3), "panel")
    mark(three, "差")
    assert value() == (70, "panel") and db.session.query(ContestMark).count() == 4


def test_a_reviewer_sees_his_own_marks_only_and_no_values(reviewer: Any, as_: Any) -> None:
    mark(other("评审员乙"), "差")
    page = reviewer.get(f"{ROUND}{TOWN}/grading").text
    assert "现场核实" not in page and "已评" not in page and "有国家级或省级特色产业集群" in page
    assert "未评" in reviewer.get(f"{ROUND}grading").text
    assert "柳园街道" not in reviewer.get(ROUND).text and reviewer.get(f"{ROUND}{TOWN}/7").status_code == 404
    assert "1 人（还差 2 人）" in as_("bureau").get(f"{ROUND}grading").text


@pytest.mark.parametrize("change, said", [({"grade": "甲"}, "请选择等次"), ({"reason": " "}, "评定理由"), ({"evidence": ""}, "依据的材料")])
def test_reason_and_evidence_are_needed_and_nothing_typed_is_lost(reviewer: Any, change: dict[str, str], said: str) -> None:
    answer = reviewer.post(f"{ROUND}{TOWN}/7/grade", data={"grade": "良", "reason": "写了一半的理由", "evidence": "附件三"} | change)
    assert answer.status_code == 422 and said in answer.text
    assert ("写了一半的理由" in answer.text) == ("reason" not in change) and ("附件三" in answer.text) == ("evidence" not in change)


def test_only_graded_items_and_only_reviewers(reviewer: Any, as_: Any) -> None:
    assert reviewer.post(f"{ROUND}{TOWN}/9/grade", data=GOOD).status_code == 422
    assert as_("bureau").post(f"{ROUND}{TOWN}/7/grade", data=GOOD).status_code == 422
    assert as_("county").post(f"{ROUND}{TOWN}/7/grade", data=GOOD).status_code == 403
    with pytest.raises(Invalid, match="评审员本人"):
        mark(Actor(None, "系统"), "优")
