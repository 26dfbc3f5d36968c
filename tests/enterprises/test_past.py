"""The list as of a day and as known on a day: towns, names, titles and figures of then; links, pages and the export keep both days."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from python_calamine import load_workbook
from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseMerge, EnterpriseName, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import Filters, Sort, past
from app.enterprises.rules.figures import effective
from app.enterprises.rules.size_class import classify
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.histories import Histories
from tests.pages import PageBrowser
from tests.personas import Browser

Pages = Callable[[str], PageBrowser]
OLD = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_firm_stands_where_and_as_it_was(app: Flask, pages: Pages) -> None:
    here, there = make.area("371502001"), make.area("371581107")
    firm = make.firm(here, name="现名有限公司", recorded_at=OLD)
    db.session.add(EnterpriseName(enterprise_id=firm.id, name="原名有限公司", valid_from=None, valid_to=date(2023, 12, 31)))
    make.recognition(firm, "srdi", level="province", valid_from=date(2022, 1, 1), valid_to=date(2024, 12, 31), recorded_at=OLD)
    make.figures(firm, 2022, Decimal(12_345_600))
    make.move(firm, there, date(2024, 6, 1))
    db.session.commit()
    past = pages("bureau").get("/enterprises/?as_of=2023-06-30", statements=16)
    assert "原名有限公司" in past.text and "现名有限公司" not in past.text and "古楼街道" in past.text and "专精特新" in past.text and "1,234.56" in past.text
    assert "回到今天" in past.text and f"/enterprises/{firm.id}?as_of=2023-06-30" in past.html
    county = pages("county").get("/enterprises/?as_of=2023-06-30", statements=16)
    assert "已迁出本辖区" in county.text and "原名有限公司" not in county.html and firm.credit_code not in county.html
    assert "没有符合条件" in pages("county").get("/enterprises/?as_of=2024-06-01", statements=16).text


def test_what_was_recorded_later_was_not_known(app: Flask, pages: Pages) -> None:
    make.firm(make.area("371502001"), name="后来登记有限公司", recorded_at=datetime(2025, 5, 1, tzinfo=UTC))
    db.session.commit()
    assert "没有符合条件" in pages("bureau").get("/enterprises/?known_on=2025-04-30", statements=16).text
    assert "后来登记有限公司" in pages("bureau").get("/enterprises/?known_on=2025-05-01", statements=16).text


def test_today_is_the_usual_list_and_impossible_days_get_words(app: Flask, pages: Pages) -> None:
    make.firm(make.area("371502001"), name="今天有限公司")
    db.session.commit()
    usual = pages("bureau").get(f"/enterprises/?as_of={clock.today()}")
    assert "今天有限公司" in usual.text and "回到今天" not in usual.text
    for query in ("as_of=2023-02-30", "known_on=2999-01-01", "as_of=1200-01-01"):
        assert pages("bureau").get(f"/enterprises/?{query}", status=422).text


@pytest.mark.parametrize(("day", "known_on"), [(date(2024, 6, 30), None), (date(2025, 12, 31), date(2025, 6, 30))])
def test_filters_of_a_past_day_equal_plain_counts(app: Flask, pages: Pages, day: date, known_on: date | None) -> None:
    clock.freeze(histories.NOW)
    Histories(4).fill()
    db.session.commit()
    browser, query = pages("bureau"), f"as_of={day}" + (f"&known_on={known_on}" if known_on else "")
    towns = {id_ for code, id_ in raw_counts.town_codes().items() if code.startswith("3715")}
    held = sum(n for town, n in raw_counts.stock(("high_tech",), day, known_on).items() if town in towns)
    assert f"{held} 家" in browser.get(f"/enterprises/?title=high_tech&{query}", statements=16).text
    rungs = raw_counts.rungs([["scale_up"], ["srdi_city", "srdi", "little_giant"], ["gazelle"], ["single_champion_province", "single_champion"], ["unicorn"]],
                             day, known_on)  # fmt: skip
    on_rung = sum(n for town, n in rungs[1].items() if town in towns)
    assert f"{on_rung} 家" in browser.get(f"/enterprises/?rung=srdi&{query}", statements=16).text
    seen, address = 0, f"/enterprises/?size=20&{query}"
    while address:
        page = browser.get(address, statements=16)
        seen += len(page.all("th", class_="freeze-first row-title"))
        address = next((e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "next"), "")
        assert not address or f"as_of={day}" in address
    assert f"{seen} 家" in page.text


def test_the_export_is_of_the_same_day(app: Flask, as_: Callable[[str], Browser]) -> None:
    firm = make.firm(make.area("371502001"), name="=HYPERLINK(1)", recorded_at=OLD)
    make.recognition(firm, "srdi", level="province", valid_from=date(2022, 1, 1), valid_to=date(2024, 12, 31), recorded_at=OLD)
    db.session.commit()
    answer = as_("bureau").post("/enterprises/export", data={"query": "as_of=2023-06-30&known_on=2023-06-30"})
    rows = load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert answer.status_code == 200 and "2023-06-30" in str(rows[1]) and rows[-1][1] == "=HYPERLINK(1)" and "专精特新" in str(rows[-1])
    assert as_("bureau").post("/enterprises/export", data={"query": "as_of=x"}).status_code == 422


# --- figures, size and status of the day; orders


def plain_rows(day: date, known_on: date | None) -> dict[int, dict[str, object]]:
    """What each firm was, worked out row by row."""
    moment = clock.end_of_day(known_on) if known_on else None

    def known(row: object) -> bool:
        if moment is None:
            return row.superseded_at is None  # type: ignore[attr-defined]
        return row.recorded_at <= moment and (row.superseded_at is None or row.superseded_at > moment)  # type: ignore[attr-defined]

    gone = {m.merged_id for m in db.session.scalars(select(EnterpriseMerge)) if m.undone_at is None and (moment is None or m.merged_at <= moment)}
    found: dict[int, dict[str, object]] = {}
    for firm in db.session.scalars(select(Enterprise)):
        stays = db.session.scalars(select(EnterpriseTown).where(EnterpriseTown.enterprise_id == firm.id))
        towns = [s.town_id for s in stays if known(s) and s.valid_from <= day and (s.valid_to is None or s.valid_to >= day)]
        if firm.id in gone or not any(db.session.get_one(Area, town).city_id == liaocheng() for town in towns):
            continue
        rows = [y for y in db.session.scalars(select(EnterpriseYear).where(EnterpriseYear.enterprise_id == firm.id)) if known(y) and y.year <= day.year]
        by_year = {y.year: effective([{c.key: getattr(r, c.key) for c in EnterpriseYear.__table__.c} for r in rows if r.year == y.year]) for y in rows}
        told = {year: {c: values[c].value if c in values else None for c in FIELDS} for year, values in by_year.items()}
        year = max((y for y, v in told.items() if v["revenue_yuan"] is not None), default=max(told, default=None))
        own = told.get(year, dict.fromkeys(FIELDS))
        size = classify(firm.industry_code, employees=own["employee_count"], revenue_yuan=own["revenue_yuan"], assets_yuan=own["assets_yuan"]).code
        found[firm.id] = {"revenue": own["revenue_yuan"], "size": size}
    return found


FIELDS = ("revenue_yuan", "employee_count", "assets_yuan")


def liaocheng() -> int:
    return make.area("371500").id


@pytest.mark.parametrize(("day", "known_on"), [(date(2024, 6, 30), None), (date(2025, 12, 31), date(2024, 6, 30)), (date(2026, 1, 1), date(2025, 6, 30))])
def test_revenue_size_and_order_of_a_past_day_equal_row_by_row(app: Flask, day: date, known_on: date | None) -> None:
    clock.freeze(histories.NOW)
    Histories(4).fill()
    for number, firm in enumerate(db.session.scalars(select(Enterprise).order_by(Enterprise.id))):
        firm.industry_code = ("3311", "6510", "6610", "51", None)[number % 5]
    db.session.commit()
    rows, scope = plain_rows(day, known_on), Scope(city_ids=frozenset({liaocheng()}))

    def ids(filters: Filters = Filters(), sort: str = "id") -> list[int]:
        asked, cursor, found = past.PastAsked(filters, day, known_on, Sort.parse(sort), True), None, []
        while True:
            page = past.past_page(scope, asked, cursor, 7)
            found += [row.enterprise_id for row in page.rows]
            if page.next is None:
                assert [row.enterprise_id for row in past.each_past(scope, asked, 5)] == found
                return found
            cursor = page.next

    assert ids() == sorted(rows)
    line = Decimal(100_000_000)
    assert ids(Filters(revenue_min=line)) == sorted(i for i, r in rows.items() if r["revenue"] is not None and r["revenue"] >= line)
    assert ids(Filters(revenue_max=line)) == sorted(i for i, r in rows.items() if r["revenue"] is not None and r["revenue"] <= line)
    for size in ("micro", "small", "medium", "large", "na"):
        assert ids(Filters(size=size)) == sorted(i for i, r in rows.items() if r["size"] == size)
    assert ids(Filters(size="unknown")) == sorted(i for i, r in rows.items() if r["size"] is None)
    far = Decimal(10) ** 15
    assert ids(sort="revenue") == [i for _, i in sorted((far if r["revenue"] is None else r["revenue"], i) for i, r in rows.items())]
    assert ids(sort="-revenue") == [i for _, i in sorted(((-far if r["revenue"] is None else r["revenue"], i) for i, r in rows.items()), reverse=True)]
    assert sorted(ids(sort="-growth")) == sorted(ids(sort="name")) == sorted(rows)


def test_status_is_that_of_the_day(app: Flask, pages: Pages) -> None:
    gone, always = make.firm(make.area("371502001"), name="后注销有限公司", recorded_at=OLD), make.firm(make.area("371502001"), name="早停业有限公司", recorded_at=OLD)
    make.cancelled(gone, date(2024, 5, 1))
    gone.status, always.status = "cancelled", "suspended"
    db.session.commit()
    browser = pages("bureau")
    before, after = "as_of=2024-04-30", "as_of=2024-05-01"
    assert "后注销有限公司" in browser.get(f"/enterprises/?status=active&{before}", statements=16).text
    assert "后注销有限公司" in browser.get(f"/enterprises/?status=cancelled&{after}", statements=16).text
    assert "后注销有限公司" not in browser.get(f"/enterprises/?status=active&{after}", statements=16).text
    assert "早停业有限公司" in browser.get(f"/enterprises/?status=suspended&{before}", statements=16).text
