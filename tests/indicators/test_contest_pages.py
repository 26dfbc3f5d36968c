"""The contest as people see it: who sees which towns before and after publication, what a cell says, entering, locking, two people at once."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.areas.models import Organisation
from app.identity.models import User
from app.indicators.models.contest import ContestRound, ContestValue
from app.infra.db import db
from tests.factories import ladder as make
from tests.indicators.samples import YEAR, contest_round

Pages = Callable[[str], Any]
ROUND = f"/indicators/contest/{YEAR}/"
OWN, OTHER = "柳园街道", "古楼街道"


def test_the_bureau_sees_all_towns_with_ranks_and_what_is_missing(app: Flask, pages: Pages) -> None:
    contest_round()
    page = pages("bureau").get(ROUND, statements=24)
    assert len(page.all("tr")) >= 135 and OWN in page.text and "缺数据" in page.text and "未公示" in page.text
    assert re.search(r'class="heat heat-5"><a href="/indicators/contest/2023/371581107/1"', page.html)


def test_before_publication_others_are_a_mean_and_after_it_they_are_shown(app: Flask, pages: Pages) -> None:
    contest_round()
    for persona, own, other in (("town", OWN, OTHER), ("county", OTHER, "莘亭街道")):
        page = pages(persona).get(ROUND, statements=24)
        assert own in page.text and other not in page.text and "全市平均" in page.text and "公示后可见" in page.text
        assert not re.search(r'freeze-check num">\d', page.html)
    pages("town").get(f"{ROUND}371502001/", status=404, statements=30)
    pages("town").get(f"{ROUND}371502001/9", status=404, statements=30)
    pages("county").get(f"{ROUND}stability", status=403, statements=30)
    db.session.scalars(select(ContestRound)).one().stage = "publicity"
    db.session.commit()
    assert OTHER in pages("town").get(ROUND, statements=24).text
    assert "名次" in pages("town").get(f"{ROUND}371502001/", statements=24).text
    pages("stranger_city").get(ROUND, status=404, statements=30)


def test_a_cell_says_value_source_formula_and_history(app: Flask, pages: Pages) -> None:
    contest_round()
    page = pages("bureau").get(f"{ROUND}371502002/9", statements=30)
    assert "27 家" in page.text and "市统计局" in page.text and "市局经办甲" in page.text
    assert "其他来源：系统台账 0 家" in page.text and "与采用的数不同" in page.text
    assert "本轮采用" in page.text and re.search(r"100×27÷34|已达到|第 90 百分位", page.text)
    pages("bureau").get(f"{ROUND}371502002/99", status=404, statements=30)


@pytest.mark.parametrize("value, said", [
    ("abc", "应为数值"), ("-3", "不小于 0 的整数"), ("2.5", "不小于 0 的整数"), ("不适用", "只有增速"), ("", "请填写数值"),
])
def test_a_bad_value_is_answered_in_words_and_nothing_typed_is_lost(app: Flask, as_: Any, value: str, said: str) -> None:
    contest_round()
    before = db.session.query(ContestValue).count()
    answer = as_("bureau").post(f"{ROUND}371502002/9", data={"source": "department", "value": value, "note": "核对中的说明"})
    assert answer.status_code == 422 and said in answer.text and "核对中的说明" in answer.text
    assert db.session.query(ContestValue).count() == before


def _seen(town: str = "371502002", item: str = "9") -> dict[str, str]:
    query = select(ContestValue.id).where(ContestValue.town_id == make.area(town).id, ContestValue.item == item, ContestValue.superseded_at.is_(None))
    return {"seen_department": str(db.session.scalar(query) or 0)}


def test_two_people_at_once_and_a_double_click(app: Flask, as_: Any) -> None:
    contest_round()
    data = {"source": "department", "value": "31", "note": "更正"} | _seen()
    assert as_("bureau").post(f"{ROUND}371502002/9", data=data).status_code == 303
    assert as_("bureau").post(f"{ROUND}371502002/9", data=data).status_code == 303  # the same once more says nothing new
    late = as_("bureau").post(f"{ROUND}371502002/9", data=data | {"value": "32"})
    assert late.status_code == 422 and "被他人改过" in late.text
    assert db.session.query(ContestValue).filter_by(item="9", town_id=make.area("371502002").id).count() == 2


def test_a_town_enters_its_own_and_a_department_its_indicators(app: Flask, as_: Any) -> None:
    contest_round()
    assert as_("town").post(f"{ROUND}371502002/9", data={"source": "town", "value": "5"}).status_code == 303
    assert as_("town").post(f"{ROUND}371502001/9", data={"source": "town", "value": "5"}).status_code == 404
    assert as_("town").post(f"{ROUND}371502002/9", data={"source": "department", "value": "5"}).status_code == 403
    office = Organisation(name="市统计局", kind="department", area_id=make.area("371500").id)
    db.session.add(office)
    db.session.flush()
    db.session.scalars(select(User).where(User.login == "department")).one().organisation_id = office.id
    db.session.commit()
    assert as_("department").post(f"{ROUND}371502002/2", data={"source": "department", "value": "5"} | _seen(item="2")).status_code == 303
    assert as_("department").post(f"{ROUND}371502002/9", data={"source": "department", "value": "5"}).status_code == 403


def test_a_substitute_needs_its_grounds(app: Flask, as_: Any) -> None:
    as_("bureau").post("/indicators/contest/open", data={"year": str(YEAR)})
    refused = as_("bureau").post(f"{ROUND}371502002/1", data={"source": "substitute", "value": "5"})
    assert refused.status_code == 422 and "依据" in refused.text
    assert as_("bureau").post(f"{ROUND}371502002/1", data={"source": "substitute", "value": "5", "note": "市局会议纪要"}).status_code == 303


def test_a_round_is_opened_once_moved_step_by_step_and_back_with_a_reason(app: Flask, as_: Any) -> None:
    bureau = as_("bureau")
    assert bureau.post("/indicators/contest/open", data={"year": str(YEAR)}).status_code == 303
    assert bureau.post("/indicators/contest/open", data={"year": str(YEAR)}).status_code == 409
    assert bureau.post("/indicators/contest/open", data={"year": "12"}).status_code == 422
    assert bureau.post(f"{ROUND}move", data={"stage": "publicity", "version": "1"}).status_code == 422
    assert bureau.post(f"{ROUND}move", data={"stage": "county_check", "version": "1"}).status_code == 303
    assert bureau.post(f"{ROUND}move", data={"stage": "department_check", "version": "1"}).status_code == 409
    assert bureau.post(f"{ROUND}move", data={"stage": "filling", "version": "2"}).status_code == 422
    assert bureau.post(f"{ROUND}move", data={"stage": "filling", "version": "2", "reason": "三个镇漏报"}).status_code == 303
    assert "三个镇漏报" in bureau.get(ROUND).text


def test_locked_references_stay_when_values_change(app: Flask, as_: Any) -> None:
    version = contest_round()
    bureau = as_("bureau")
    assert bureau.post(f"{ROUND}freeze", data={"version": str(version)}).status_code == 303
    before = re.search(r"第 95 百分位 [\d.]+", bureau.get(f"{ROUND}371502001/1").text)
    assert bureau.post(f"{ROUND}371581107/1", data={"source": "department", "value": "9000"} | _seen("371581107", "1")).status_code == 303
    after = re.search(r"第 95 百分位 [\d.]+", bureau.get(f"{ROUND}371502001/1").text)
    assert before is not None and after is not None and before[0] == after[0]
    assert bureau.post(f"{ROUND}freeze", data={"version": str(version + 1)}).status_code == 422
    assert bureau.post(f"{ROUND}freeze", data={"version": str(version + 1), "reason": "更正统计数"}).status_code == 303


def test_the_workbook_holds_what_the_reader_sees(app: Flask, as_: Any) -> None:
    contest_round()
    for persona, towns in (("bureau", 135), ("town", 1)):
        book = CalamineWorkbook.from_filelike(BytesIO(as_(persona).post(f"{ROUND}export").data))
        assert book.sheet_names == ["评分表", "原值表", "指标与参照", "逐项说明"]
        rows = book.get_sheet_by_name("评分表").to_python(skip_empty_area=False)
        assert rows[2][:4] == ["名次", "县（市、区）", "乡镇（街道）", "总分"] and len(rows[3]) == 4 + 27 + 1
        assert sum(bool(row[2]) for row in rows[5:]) == towns
        assert len(book.get_sheet_by_name("逐项说明").to_python()) == 1 + 27 * towns


@pytest.mark.parametrize("query", ["method=guess", "method=target"])
def test_a_method_that_cannot_be_used_is_refused_in_words(app: Flask, as_: Any, query: str) -> None:
    contest_round()
    assert as_("bureau").get(f"{ROUND}?{query}").status_code == 422
    for good in ("method=rank&show=mean", "show=raw&kind=town", "show=points&unit=371502", "unit=%27%22&kind=x&show=y"):
        assert as_("bureau").get(f"{ROUND}?{good}").status_code == 200
