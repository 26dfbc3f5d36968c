"""The list: never a row outside the scope, every row exactly once on the way through the pages, unknown values last."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.areas.models import Area
from app.enterprises import actions
from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.enterprises.queries import Filters, Sort, count_enterprises, in_scope, list_enterprises
from app.enterprises.queries.listing import SORTS, each_row
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import Invalid
from app.kernel.scope import ALL, NOTHING, Scope
from tests.factories.enterprises import make_enterprise, town_id

TOWNS = ("371502002", "371502003", "371581001", "371522001", "3715Z1000", "370602001")
ORDERS = [Sort(key, down) for key in SORTS for down in (False, True)]


def ids(scope: Scope = ALL, filters: Filters = Filters(), sort: Sort = Sort("id")) -> list[int]:
    return [row.id for row in each_row(scope, filters, sort, 4)]


@pytest.fixture
def firms(prepared: Callable[..., list[int]]) -> list[Enterprise]:
    """Eighteen enterprises of two cities with equal, missing, zero and negative-growth figures."""
    made = prepared(_eighteen)
    return list(db.session.scalars(select(Enterprise).where(Enterprise.id.in_(made)).order_by(Enterprise.id)))


def _eighteen() -> list[int]:
    made = []
    for i in range(18):
        revenue = [None, Decimal(0), Decimal(100), Decimal(100), Decimal("55.55"), Decimal(10**9)][i % 6]
        figures = {2023: {"revenue_yuan": Decimal(100)}, 2024: {"revenue_yuan": revenue}} if i % 3 else {2024: {"revenue_yuan": revenue}}
        made.append(make_enterprise(f"企业{i % 5}号有限公司", town=TOWNS[i % len(TOWNS)], figures=figures, tags=("链主",) if i % 4 == 0 else ()).id)
    return made


def test_unknown_cities_do_not_disturb(firms: list[Enterprise]) -> None:
    assert ids() == [f.id for f in firms] and ids(NOTHING) == []


@pytest.mark.parametrize("sort", ORDERS, ids=lambda s: s.code)
def test_every_row_once_in_order_forwards_and_backwards(firms: list[Enterprise], sort: Sort) -> None:
    pages, cursor = [], None
    while True:
        page = list_enterprises(ALL, sort=sort, cursor=cursor, size=5)
        pages.append([r.id for r in page.rows])
        if page.next is None:
            break
        cursor = page.next
    walked = [i for page in pages for i in page]
    assert sorted(walked) == sorted(f.id for f in firms) and [len(p) for p in pages] == [5, 5, 5, 3]
    back, cursor = [pages[-1]], page.previous
    while cursor is not None:
        page = list_enterprises(ALL, sort=sort, cursor=cursor, size=5)
        back.insert(0, [r.id for r in page.rows])
        cursor = page.previous
    assert back == pages and page.next is not None


@pytest.mark.parametrize("key", ["revenue", "growth"])
def test_unknown_figures_come_last_in_both_directions(firms: list[Enterprise], key: str) -> None:
    field = {"revenue": "revenue_yuan", "growth": "growth_pct"}[key]
    for down in (False, True):
        values = [getattr(r, field) for r in each_row(ALL, Filters(), Sort(key, down), 7)]
        known = [v for v in values if v is not None]
        assert known == sorted(known, reverse=down) and values == known + [None] * (len(values) - len(known)) and None in values


def test_few_rows_are_sorted_alike(firms: list[Enterprise]) -> None:
    """A town's list sorts its rows instead of walking the index: same order, same paging."""
    town = town_id(TOWNS[0])
    for sort in ORDERS:
        everywhere = [r.id for r in each_row(ALL, Filters(), sort, 50) if r.town_id == town]
        assert ids(Scope(town_ids=frozenset({town})), sort=sort) == everywhere == ids(ALL, Filters(town_id=town), sort)


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WzAsIFsxXV0", "WzEsIFsiYSJdXQ", "e30", "WyJhIiwgW11d", "…", "AAAA" * 500])
def test_a_forged_cursor_is_refused(firms: list[Enterprise], cursor: str) -> None:
    with pytest.raises(Invalid):
        list_enterprises(ALL, cursor=cursor)


def test_a_cursor_of_another_order_is_refused(firms: list[Enterprise]) -> None:
    page = list_enterprises(ALL, sort=Sort("revenue"), size=5)
    with pytest.raises(Invalid):
        list_enterprises(ALL, sort=Sort("name"), cursor=page.next)


def test_filters(firms: list[Enterprise]) -> None:
    town = firms[0].town_id
    assert ids(filters=Filters(town_id=town)) == [f.id for f in firms if f.town_id == town]
    assert ids(filters=Filters(unit_id=firms[2].unit_id)) == [f.id for f in firms if f.unit_id == firms[2].unit_id]
    assert ids(filters=Filters(tag="链主")) == [f.id for i, f in enumerate(firms) if i % 4 == 0]
    assert ids(filters=Filters(revenue_min=Decimal(100))) == [f.id for i, f in enumerate(firms) if i % 6 in (2, 3, 5)]
    assert ids(filters=Filters(revenue_max=Decimal(0))) == [f.id for i, f in enumerate(firms) if i % 6 == 1]
    assert ids(filters=Filters(revenue_min=Decimal(55), revenue_max=Decimal("99.99"))) == [f.id for i, f in enumerate(firms) if i % 6 == 4]
    assert ids(filters=Filters(no_year=2023)) == [f.id for i, f in enumerate(firms) if i % 3 == 0]
    assert ids(filters=Filters(ids=(firms[3].id, firms[1].id))) == [firms[1].id, firms[3].id]
    assert ids(filters=Filters(ids=())) == []
    assert ids(filters=Filters(extra=Enterprise.name == "企业1号有限公司")) == [f.id for i, f in enumerate(firms) if i % 5 == 1]


def test_filters_on_kind_and_titles(app: Flask) -> None:
    steel = make_enterprise(industry_code="3110", control_type="state")
    shop = make_enterprise(industry_code="52", status="suspended")
    bank = make_enterprise(industry_code="6621", control_type="private")
    plain = make_enterprise()
    actions.set_titles({steel.id: actions.Titles(("srdi", "high_tech"), "srdi"), shop.id: actions.Titles(("high_tech_x",), None)})
    assert ids(filters=Filters(section="C")) == [steel.id] and ids(filters=Filters(section="J")) == [bank.id]
    assert ids(filters=Filters(division="52")) == [shop.id] and ids(filters=Filters(division="31")) == [steel.id]
    assert ids(filters=Filters(status="suspended")) == [shop.id]
    assert ids(filters=Filters(control="state")) == [steel.id] and ids(filters=Filters(control="unknown")) == [shop.id, plain.id]
    assert ids(filters=Filters(title="high_tech")) == [steel.id] and ids(filters=Filters(title="high%")) == [] == ids(filters=Filters(title="_"))
    assert ids(filters=Filters(rung="srdi")) == [steel.id] and ids(filters=Filters(rung="none")) == [shop.id, bank.id, plain.id]
    assert ids(filters=Filters(size="na")) == [bank.id] and plain.id in ids(filters=Filters(size="unknown"))


def test_counts_are_capped_and_say_so(firms: list[Enterprise]) -> None:
    assert count_enterprises(ALL) == 18 and count_enterprises(ALL, cap=5) == 6 and count_enterprises(ALL, cap=None) == 18
    page = list_enterprises(ALL, size=5)
    assert (page.total, page.more, page.total_label) == (18, False, "18")


def test_one_statement_a_page_and_one_for_the_count(firms: list[Enterprise]) -> None:
    from tests.pages import counted_statements

    with counted_statements() as seen:
        list_enterprises(ALL, Filters(revenue_min=Decimal(1)), Sort("revenue", True))
    assert len(seen) == 2
    with counted_statements() as seen:
        list_enterprises(ALL, Filters(text="企业"))
    assert len(seen) == 3


def test_merged_duplicates_are_in_no_list(firms: list[Enterprise]) -> None:
    db.session.execute(update(Enterprise).where(Enterprise.id == firms[0].id).values(merged_into_id=firms[1].id))
    assert firms[0].id not in ids()
    assert firms[0].id not in ids(Scope(enterprise_ids=frozenset({firms[0].id})))


def test_a_team_sees_what_it_serves_today(firms: list[Enterprise]) -> None:
    today = clock.today()
    for firm, start, end in ((firms[0], today, None), (firms[1], date(2020, 1, 1), today), (firms[2], date(2020, 1, 1), date(2020, 12, 31))):
        db.session.add(EnterpriseAssignment(enterprise_id=firm.id, team_id=7, valid_from=start, valid_to=end))
    db.session.flush()
    assert ids(Scope(team_ids=frozenset({7}))) == [firms[0].id, firms[1].id]


@st.composite
def scopes(draw: st.DrawFn, places: list[int], cities: list[int], own: list[int]) -> Scope:
    def some(values: list[int]) -> frozenset[int]:
        return frozenset(draw(st.lists(st.sampled_from(values), max_size=2)))

    return Scope(city_ids=some(cities), unit_ids=some(places), town_ids=some(places), enterprise_ids=some(own))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_list_stays_inside_any_scope(firms: list[Enterprise], data: st.DataObject) -> None:
    areas = list(db.session.scalars(select(Area.id)))
    cities = list(db.session.scalars(select(Area.id).where(Area.kind == "city")))
    scope = data.draw(scopes(areas, cities, [f.id for f in firms]))
    sort = data.draw(st.sampled_from(ORDERS))
    text = data.draw(st.sampled_from(["", "企业", "有限", "qy", "企业1"]))
    allowed = {
        f.id for f in firms
        if f.city_id in scope.city_ids or f.unit_id in scope.unit_ids or f.town_id in scope.town_ids or f.id in scope.enterprise_ids
    }
    shown = ids(scope, Filters(text=text), sort)
    expected = {f.id for f in firms if f.id in allowed and (text != "企业1" or "企业1" in f.name)}
    assert set(shown) == expected and len(shown) == len(expected) == count_enterprises(scope, Filters(text=text))
    assert set(db.session.scalars(select(Enterprise.id).where(in_scope(scope)))) == allowed


