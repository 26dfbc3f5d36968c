"""到期与复核: counts are the rows they open, in the reader's reach, on the day asked for."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from app.infra import clock
from app.infra.db import db
from tests.factories import ladder as make

Pages = Callable[[str], Any]


@pytest.fixture
def firms(app: Flask) -> dict[str, Any]:
    """2026-11-20: firms whose titles run out in 10, 60 and 150 days, one lapsed, one renewed, one cancelled, one elsewhere."""
    clock.freeze(datetime(2026, 11, 20, 4, tzinfo=UTC))
    ends = {"十天": (2026, 11, 30), "六十天": (2027, 1, 19), "百五十天": (2027, 4, 19), "已失效": (2026, 6, 30), "续期": (2026, 12, 1), "注销": (2026, 12, 2)}
    rows = {}
    for name, end in ends.items():
        rows[name] = make.firm(make.area("371502001"), name=f"{name}有限公司")
        make.recognition(rows[name], "srdi", level="province", batch_year=2023, valid_from=date(2023, 12, 1), valid_to=date(*end))
    make.recognition(rows["续期"], "srdi", level="province", batch_year=2026, valid_from=date(2026, 11, 1), valid_to=date(2029, 12, 31))
    make.cancelled(rows["注销"], date(2026, 3, 1))
    rows["莘县"] = make.firm(make.area("371522001"), name="莘县十天有限公司")
    make.recognition(rows["莘县"], "gazelle", level="province", valid_to=date(2026, 11, 30))
    db.session.commit()
    return rows


def shown(page: Any) -> list[str]:
    """Names in the first column (the place stands below each)."""
    return [re.split("(?<=公司)", e.text.strip())[0] for e in page.all("th", scope="row")]


@pytest.mark.parametrize(("tab", "names"), [
    ("30", {"十天有限公司", "莘县十天有限公司"}), ("90", {"十天有限公司", "六十天有限公司", "莘县十天有限公司"}),
    ("180", {"十天有限公司", "六十天有限公司", "百五十天有限公司", "莘县十天有限公司"}), ("lapsed", {"已失效有限公司"}),
])
def test_a_tab_counts_exactly_its_rows(firms: Any, pages: Pages, tab: str, names: set[str]) -> None:
    page = pages("bureau").get(f"/ladder/lifecycle/?tab={tab}", statements=24)
    assert set(shown(page)) == names
    label = {"lapsed": "已失效"}.get(tab, f"{tab} 天内")
    assert f"{label} {len(names)}" in page.text


def test_a_county_sees_its_own(firms: Any, pages: Pages) -> None:
    page = pages("stranger").get("/ladder/lifecycle/", statements=24)
    assert shown(page) == ["莘县十天有限公司"] and "十天有限公司" not in page.text.replace("莘县十天有限公司", "")


def test_as_of_and_as_known_on(firms: Any, pages: Pages) -> None:
    page = pages("bureau").get("/ladder/lifecycle/?tab=30&as_of=2026-06-10", statements=24)
    assert shown(page) == ["已失效有限公司"]
    assert not shown(pages("bureau").get("/ladder/lifecycle/?tab=180&known_on=2026-11-19", statements=24))


def test_readiness_names_the_version_that_will_decide(firms: Any, pages: Pages) -> None:
    page = pages("bureau").get("/ladder/lifecycle/readiness?title=srdi", statements=24)
    assert "2号办法" in page.text and re.search("待补数据|暂不满足", page.text)


def test_the_forecast_falls_by_what_runs_out_and_opens_it(firms: Any, pages: Pages) -> None:
    page = pages("bureau").get("/ladder/lifecycle/forecast", statements=24)
    links = [e for e in page.all("a") if "/leaving" in e.attributes.get("href", "")]
    assert links
    for link in links:
        opened = pages("bureau").get(link.attributes["href"], statements=24)
        assert len(shown(opened)) == int(link.text)


def test_yearly_updates_are_recorded_with_day_and_evidence(firms: Any, pages: Pages, as_: Any) -> None:
    page = pages("county").get("/ladder/lifecycle/duties", statements=24)
    assert "逾期未登记 4" in page.text or "逾期未登记" in page.text
    firm = firms["十天"]
    data = {"title_code": "srdi", "duty_year": "2026", "outcome": "done", "done_on": "2026-05-20", "evidence": "平台导出名单", "ids": f"{firm.id}:srdi"}
    assert as_("county").post("/ladder/lifecycle/duties/record", data=data).status_code == 303
    page = pages("county").get("/ladder/lifecycle/duties?state=done", statements=24)
    assert shown(page) == ["十天有限公司"] and "平台导出名单" in page.text


def test_two_misses_in_a_validity_warn_with_their_source(firms: Any, pages: Pages, as_: Any) -> None:
    firm = firms["百五十天"]
    for year in ("2025", "2026"):
        data = {"title_code": "srdi", "duty_year": year, "outcome": "missed", "evidence": "平台名单", "ids": f"{firm.id}:srdi"}
        assert as_("county").post("/ladder/lifecycle/duties/record", data=data).status_code == 303
    page = pages("county").get("/ladder/lifecycle/?tab=180", statements=24)
    assert "有效期内已确认 2 次未更新" in page.text and "待核" in page.text and "浙经信企业" in page.text


def test_another_county_records_nothing(firms: Any, as_: Any) -> None:
    firm = firms["十天"]
    data = {"title_code": "srdi", "duty_year": "2026", "outcome": "done", "done_on": "2026-05-20", "evidence": "x", "ids": f"{firm.id}:srdi"}
    assert as_("stranger").post("/ladder/lifecycle/duties/record", data=data).status_code == 422
    assert as_("leader").post("/ladder/lifecycle/duties/record", data=data).status_code == 403


def test_the_review_window_of_the_pack_decides_the_day(app: Flask) -> None:
    """Seen in one year and to be checked in every other (待核); a title that ends before its window goes by its own last day."""
    from app.ladder.models import Recognition
    from app.ladder.queries.readiness import review_day
    from app.packs import read_pack

    def day(city: str, title: str, end: date) -> tuple[date, bool]:
        return review_day(read_pack(city), Recognition(title_code=title, level="", valid_to=end))

    assert day("liaocheng", "little_giant", date(2027, 6, 30)) == (date(2027, 5, 25), True)
    assert day("yingkou", "little_giant", date(2027, 5, 24)) == (date(2027, 5, 24), False)
    assert day("yantai", "gazelle", date(2027, 12, 31)) == (date(2027, 9, 30), True)
    assert day("yingkou", "gazelle", date(2027, 12, 31)) == (date(2027, 12, 31), False)
    assert day("liaocheng", "srdi", date(2027, 6, 30)) == (date(2027, 6, 30), False)
    windows = [entry for entry in read_pack("liaocheng").entries("calendar") if getattr(entry, "application", None) == "review"]
    assert len(windows) == 2 and not any(entry.confirmed for entry in windows)
