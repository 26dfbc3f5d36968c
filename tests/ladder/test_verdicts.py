"""Stored verdicts equal the engine for everybody, follow every change in its transaction, and never pass for current when they are not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, true

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, Scope
from app.ladder import actions
from app.ladder.actions import verdicts as keep
from app.ladder.criteria import choose_version, diagnose, get_version
from app.ladder.criteria.mass import record_of, unpack
from app.ladder.criteria.mass.plan import COLUMNS
from app.ladder.models import EnterpriseVerdict, VerdictCandidate, VerdictState
from app.ladder.queries import verdicts
from app.ladder.queries.diagnoses import diagnose_known
from app.ladder.queries.facts import known_of
from app.packs import read_pack
from tests.factories import ladder as make
from tests.ladder import verdict_data

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = date(2026, 6, 1)
WAN = 10_000


@pytest.fixture(autouse=True)
def _now(app: Flask) -> Iterator[None]:
    clock.freeze(NOON)
    yield
    clock.freeze(None)


@pytest.fixture
def city(app: Flask) -> int:
    return int(make.area("371500").id)


def firms() -> list[int]:
    return list(db.session.scalars(select(Enterprise.id).order_by(Enterprise.id)))


def stored(id_: int) -> dict[str, int]:
    row = db.session.execute(select(*(getattr(EnterpriseVerdict, name) for name in COLUMNS)).where(EnterpriseVerdict.enterprise_id == id_)).one()
    return dict(zip(COLUMNS, row, strict=True))


def complete(**more: Any) -> Any:
    """A firm that meets every machine-checkable condition of the SRDI rule of 2026."""
    firm = make.firm(make.area("371502001"), industry_code="3484", founded_on=date(2012, 5, 1))
    for year in (2023, 2024, 2025):
        make.figures(
            firm, year, Decimal(2000 * WAN), main_revenue_yuan=Decimal(1900 * WAN), rd_expense_yuan=more.get("rd", Decimal(120 * WAN)),
            assets_yuan=Decimal(3000 * WAN), debt_yuan=Decimal(900 * WAN), ip_class1_count=2, niche_years=6, employee_count=80,
        )
    make.recognition(firm, "innovative_sme", valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31))
    say(firm, "lead_product_revenue_ratio", Decimal(80), year=2025)
    return firm


def say(firm: Any, field: str, value: Any, **more: Any) -> None:
    actions.record_answer(scope=ALL, enterprise_id=firm.id, field=field, value=value, by=SYSTEM, **more)


def listed(**asked: Any) -> list[int]:
    found = verdicts.candidates(ALL, asked.pop("title", "srdi"), **asked)
    return list(db.session.scalars(select(Enterprise.id).where(found.condition).order_by(Enterprise.id)))


# --- equal to the engine


@pytest.mark.parametrize("pack_code", ["liaocheng", "yantai", "yingkou"])
@pytest.mark.parametrize("day", [TODAY, date(2026, 3, 31), date(2025, 6, 1), date(2027, 2, 1)])
def test_the_statement_says_of_everybody_what_the_engine_says(app: Flask, pack_code: str, day: date) -> None:
    verdict_data.fill(60, day.toordinal(), [make.area("371502001"), make.area("371502002")])
    db.session.commit()
    pack = read_pack(pack_code)
    runner = verdicts.Runner(verdicts.slots_of(pack, day), true(), as_of=day, chunk=25)
    known, seen = known_of(firms(), as_of=day), 0
    assert not runner.plan.slow
    for low, high in runner.ranges():
        for id_, columns in runner.rows(low, high):
            one = known[id_]
            assert columns == record_of(runner.layout, one.facts, one.held, one.judgements), id_
            seen += 1
    assert seen == 60


@pytest.mark.parametrize("kind", ["new", "review"])
def test_unpacked_it_is_the_diagnosis_itself(app: Flask, city: int, kind: str) -> None:
    verdict_data.fill(25, 7, [make.area("371502001")])
    pack = read_pack("liaocheng")
    slots = [
        verdicts.Slot(title, title, *(choose_version(pack, title, application=one, on=TODAY) for one in ("new", "review")), kind)
        for title in ("srdi", "little_giant", "innovative_sme", "high_tech", "tech_sme", "scale_up", "gazelle")
    ]
    known = known_of(firms(), as_of=TODAY)
    for id_, columns, plan in verdicts.rows_of(slots, true(), as_of=TODAY):
        for layout in plan.layouts:
            version = layout.slot.version_for(kind)
            assert version is not None
            record, one = unpack(layout, columns), known[id_]
            found = diagnose(one.facts, version, application=kind, judgements=one.judgements_on(version.code))
            assert (record.verdict, record.open == 0, record.open == 1) == (found.verdict, found.all_met, found.one_short)
            assert record.lacking == (found.open_units[0] if found.one_short else None)
            codes = {leaf.id: {"met": 0, "manual": 1, "unknown": 3, "unmet": 7, "near": 7}[leaf.result] for leaf in found.leaves if leaf.decides}
            assert dict(record.leaves) == {leaf: code for leaf, code in codes.items() if code}
            if found.score is not None:
                assert record.score == (found.score.low, found.score.high)


def test_as_known_on_an_earlier_day_later_records_are_left_out(app: Flask, city: int) -> None:
    firm = complete()
    clock.freeze(NOON + timedelta(days=3))
    say(firm, "lead_product_revenue_ratio", Decimal(10), year=2025)
    db.session.commit()
    for known_on, open_ in ((None, 1), (TODAY, 0), (date(2026, 5, 1), 2)):
        [(_, record)] = verdicts.live_records(ALL, "srdi", city_id=city, as_of=TODAY, known_on=known_on)
        assert record.open == open_


# --- kept in step


def test_a_rebuild_stores_everybody_and_marks_the_day(app: Flask, city: int) -> None:
    verdict_data.fill(30, 3, [make.area("371502001")])
    assert verdicts.stamp(city).text.startswith("条件比对还没有计算") or not verdicts.stamp(city).current
    assert keep.rebuild_all() == 30
    stamp = verdicts.stamp(city)
    assert (stamp.current, stamp.day, stamp.enterprises, stamp.text) == (True, TODAY, 30, "")
    plan = verdicts.layout_of(read_pack("liaocheng"), TODAY)
    for id_, one in known_of(firms(), as_of=TODAY).items():
        assert stored(id_) == record_of(plan, one.facts, one.held, one.judgements)
        wanted = {
            (found.title, len(found.open_units), found.application == "review", found.open_units[0] if found.one_short else None)
            for found in diagnose_known(one) if found.all_met or found.one_short
        }
        rows = db.session.scalars(select(VerdictCandidate).where(VerdictCandidate.enterprise_id == id_))
        names = {layout.slot.title: {place: leaf for leaf, place in layout.places.items()} for layout in plan.layouts}
        assert {(row.title, row.open_count, bool(row.review), names[row.title].get(row.lacking)) for row in rows} == wanted


def test_a_change_is_followed_in_its_own_transaction(app: Flask, city: int) -> None:
    firm = complete()
    keep.rebuild_all()
    db.session.commit()
    assert listed(city_id=city, state="all_met") == [firm.id]
    say(firm, "lead_product_revenue_ratio", Decimal(50), year=2025)
    assert listed(city_id=city, state="one_short", missing="P11") == [firm.id] and verdicts.stamp(city).current
    db.session.rollback()
    assert listed(city_id=city, state="all_met") == [firm.id]
    enterprises.add_figures(
        scope=ALL, enterprise_id=firm.id, year=2025, source="department", values={"revenue_yuan": Decimal(100 * WAN)}, by=SYSTEM,
    )
    assert listed(city_id=city, state="all_met") == []


def test_a_recognition_turns_an_application_into_a_review(app: Flask, city: int) -> None:
    firm = complete()
    keep.rebuild_all()
    from app.ladder.rules import Draft

    draft = Draft("srdi", "province", 2024, "文号", date(2024, 7, 1), date(2024, 7, 1), date(2027, 6, 30))
    actions.grant(enterprise=firm, draft=draft, by=SYSTEM)
    assert listed(city_id=city, application="review") == [firm.id] and listed(city_id=city, application="new") == []


def test_rows_that_stay_equal_are_not_written_again_and_gone_firms_leave(app: Flask, city: int) -> None:
    verdict_data.fill(12, 5, [make.area("371502001")])
    keep.rebuild_all()
    before = {id_: stored(id_) for id_ in firms()}
    kept, merged = firms()[0], firms()[1]
    db.session.get_one(Enterprise, merged).merged_into_id = kept
    assert keep.rebuild_all() == 11
    assert merged not in set(db.session.scalars(select(EnterpriseVerdict.enterprise_id)))
    assert merged not in set(db.session.scalars(select(VerdictCandidate.enterprise_id)))
    assert all(stored(id_) == before[id_] for id_ in firms() if id_ != merged)


def test_another_day_is_not_shown_as_current(app: Flask, city: int) -> None:
    complete()
    keep.rebuild_all()
    clock.freeze(NOON + timedelta(days=1))
    stamp = verdicts.stamp(city)
    assert not stamp.current and "截至 2026-06-01" in stamp.text
    keep.follow_day(clock.today())
    assert verdicts.stamp(city).current


def test_a_large_import_marks_the_store_and_orders_one_job(app: Flask, city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    complete()
    keep.rebuild_all()
    monkeypatch.setattr(keep, "SMALL", 0)
    keep.follow_bulk("批量导入")
    keep.follow_bulk("批量导入")
    assert not verdicts.stamp(city).current and "批量导入" in verdicts.stamp(city).text
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.kind == keep.JOB)) == 1


def test_a_run_cut_off_is_not_current_and_a_change_meanwhile_is_not_lost(app: Flask, city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = complete()
    steps = keep.rebuild_steps()
    next(steps)
    assert not verdicts.stamp(city).current and "正在重新计算" in verdicts.stamp(city).text
    say(firm, "lead_product_revenue_ratio", Decimal(50), year=2025)
    assert listed(city_id=city, state="one_short", missing="P11") == [firm.id]
    monkeypatch.setattr(keep, "SMALL", 0)
    keep.follow_bulk("批量导入")
    for _ in steps:
        pass
    assert not verdicts.stamp(city).current  # the import came after this run had read
    keep.rebuild_all()
    assert verdicts.stamp(city).current


def test_a_firm_deleted_takes_its_rows_along(app: Flask, city: int) -> None:
    complete()
    extra = make.firm(make.area("371502001"))
    keep.rebuild_all()
    from sqlalchemy import delete

    from app.enterprises.models import EnterpriseSummary, EnterpriseTown

    for model in (EnterpriseSummary, EnterpriseTown):
        db.session.execute(delete(model).where(model.enterprise_id == extra.id))
    db.session.execute(delete(Enterprise).where(Enterprise.id == extra.id))
    assert extra.id not in set(db.session.scalars(select(EnterpriseVerdict.enterprise_id)))


# --- lists and counts


def test_every_count_equals_its_list_today_and_on_another_day(app: Flask, city: int) -> None:
    verdict_data.fill(60, 11, [make.area("371502001"), make.area("371502002")])
    keep.rebuild_all()
    town = Enterprise.town_id == make.area("371502002").id

    def check(title: str, most: int, **asked: Any) -> None:
        where = asked.get("where")
        for count in verdicts.missing_counts(ALL, title, city_id=city, **asked)[:most]:
            found = verdicts.candidates(ALL, title, city_id=city, missing=count.leaf, **asked)
            query = select(func.count()).select_from(Enterprise).where(found.condition, *([] if where is None else [where]))
            assert db.session.scalar(query) == count.firms > 0 and count.unknown <= count.firms

    for title in ("srdi", "innovative_sme", "scale_up", "gazelle"):
        for state in ("one_short", "reachable"):
            check(title, 100, state=state)
            check(title, 100, state=state, where=town)
    check("srdi", 2, state="one_short", as_of=date(2026, 3, 31))
    check("srdi", 2, state="reachable", known_on=TODAY, where=town)


def test_live_and_stored_say_the_same_of_today(app: Flask, city: int) -> None:
    verdict_data.fill(60, 13, [make.area("371502001")])
    keep.rebuild_all()
    for state in verdicts.STATES:
        for application in (None, "review"):
            live = verdicts.candidates(ALL, "srdi", city_id=city, state=state, application=application, known_on=TODAY)
            assert live.live and live.stamp is None
            ids = list(db.session.scalars(select(Enterprise.id).where(live.condition).order_by(Enterprise.id)))
            assert ids == listed(city_id=city, state=state, application=application)
    counts = verdicts.state_counts(ALL, "srdi", city_id=city)
    assert counts == {state: len(listed(city_id=city, state=state)) for state in counts}


def test_a_viewer_counts_only_his_own(app: Flask, city: int) -> None:
    complete()
    other = complete()
    other.town_id = make.area("371502002").id
    db.session.flush()
    for firm in (other,):
        say(firm, "lead_product_revenue_ratio", Decimal(50), year=2025)
    keep.rebuild_all()
    mine, theirs = Scope(town_ids=frozenset({make.area("371502001").id})), Scope(town_ids=frozenset({other.town_id}))
    assert verdicts.missing_counts(mine, "srdi", city_id=city) == []
    assert [(one.leaf, one.firms) for one in verdicts.missing_counts(theirs, "srdi", city_id=city)] == [("P11", 1)]
    assert verdicts.missing_counts(Scope(), "srdi", city_id=city) == []


def test_too_many_for_another_day_are_refused_in_words(app: Flask, city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    complete()
    monkeypatch.setattr(verdicts, "MOST_LIVE", 0)
    with pytest.raises(verdicts.Invalid, match="缩小范围"):
        verdicts.candidates(ALL, "srdi", city_id=city, as_of=date(2026, 3, 1))


def test_a_title_without_a_rule_is_refused(app: Flask, city: int) -> None:
    with pytest.raises(verdicts.Invalid, match="没有认定条件版本"):
        verdicts.candidates(ALL, "eaglet", city_id=city)


# --- two versions


def test_two_versions_beside_each_other_say_who_gains_and_who_loses(app: Flask, city: int) -> None:
    verdict_data.fill(40, 17, [make.area("371502001")])
    pack = read_pack("liaocheng")
    old, new = get_version(pack, "srdi_2022"), get_version(pack, "srdi_2026")
    known = known_of(firms(), as_of=TODAY)
    pairs = list(verdicts.evaluate_versions(old, new, ALL, as_of=TODAY))
    assert [pair.enterprise_id for pair in pairs] == firms()
    for pair in pairs:
        one = known[pair.enterprise_id]
        for version, said in ((old, pair.old), (new, pair.new)):
            assert said == diagnose(one.facts, version, judgements=one.judgements_on(version.code)).verdict
    assert list(verdicts.evaluate_versions(old, new, Scope(), as_of=TODAY)) == []


def test_the_state_of_a_city_without_firms_is_not_kept(app: Flask, city: int) -> None:
    complete()
    keep.rebuild_all()
    assert list(db.session.scalars(select(VerdictState.city_id))) == [city]
