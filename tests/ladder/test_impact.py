"""影响预览: two rule versions on the same facts. Every number equals the engine asked firm by firm, opens its enterprises, and stays in its scope."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import clock, jobs
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Invalid
from app.kernel.scope import ALL, Scope
from app.ladder.actions.impact import compare
from app.ladder.criteria import Verdict, diagnose, get_version
from app.ladder.models import ImpactRow, ImpactRun
from app.ladder.queries import impact as queries
from app.ladder.queries.facts import known_of
from app.ladder.rules import impact as rules
from app.packs import Pack, read_pack
from tests.factories import ladder as make
from tests.ladder import verdict_data
from tests.personas import Browser

As = Callable[[str], Browser]
TODAY, WAN = date(2026, 6, 1), 10_000
LABELS = {Verdict.LIKELY: 0, Verdict.BY_PERSON: 1, Verdict.DATA_MISSING: 3, Verdict.NOT_YET: 7}


@pytest.fixture(autouse=True)
def _now(app: Flask) -> Iterator[None]:
    clock.freeze(datetime(2026, 6, 1, 4, tzinfo=UTC))
    yield
    clock.freeze(None)


@pytest.fixture
def pack() -> Pack:
    return read_pack("liaocheng")


def run_of(pack: Pack, *, old: str = "srdi_2022", new: str = "srdi_2026", application: str = "new") -> ImpactRun:
    asked = queries.question(pack, title=get_version(pack, new).criterion.title, old=old, new=new, application=application, day=TODAY)
    run = compare(city_id=make.area("371500").id, pack=pack, question=asked, by=SYSTEM)
    db.session.commit()
    return run


def firm(revenue_wan: int, town: str = "371502001", **more: Any) -> Enterprise:
    """Meets everything else of both versions but what ``revenue_wan`` decides; R&D 8 % of it."""
    row = make.firm(make.area(town), industry_code="3484", founded_on=date(2012, 5, 1))
    for year in (2024, 2025):
        revenue = Decimal(revenue_wan * WAN)
        make.figures(
            row, year, revenue, main_revenue_yuan=revenue * Decimal("0.95"), rd_expense_yuan=more.get("rd", revenue * Decimal("0.12")),
            assets_yuan=revenue, debt_yuan=revenue * Decimal("0.3"), ip_class1_count=2, niche_years=6, employee_count=80,
            equity_financing_yuan=Decimal(0),
        )
    return row


@pytest.mark.parametrize(("old", "new", "application"), [("srdi_2022", "srdi_2026", "new"), ("lg_2022", "lg_2026", "new"), ("lg_2022", "lg_2026", "review")])
def test_every_pair_is_what_the_engine_says_of_that_firm(app: Flask, pack: Pack, old: str, new: str, application: str) -> None:
    verdict_data.fill(80, 7, [make.area("371502001"), make.area("371502002")])
    db.session.commit()
    run = run_of(pack, old=old, new=new, application=application)
    stored = {row.enterprise_id: (row.old, row.new) for row in db.session.scalars(select(ImpactRow).where(ImpactRow.run_id == run.id))}
    versions, title, differing, asked = [get_version(pack, old), get_version(pack, new)], run.title, 0, 0
    for id_, one in known_of(list(db.session.scalars(select(Enterprise.id))), as_of=TODAY).items():
        if (title in one.held) != (application == "review"):
            assert id_ not in stored
            continue
        asked += 1
        said = tuple(
            LABELS[diagnose(one.facts, version, application=application, judgements=one.judgements.get(version.code, {})).verdict] for version in versions
        )
        differing += said[0] != said[1]
        assert stored.get(id_, (said[0], said[0])) == said
    assert (run.asked, len(stored)) == (asked, differing) and differing > 0


def test_a_rise_of_the_line_is_a_loss_and_names_the_firm(app: Flask, pack: Pack, as_: As) -> None:
    low = firm(1200)
    make.recognition(low, "innovative_sme", valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31))
    db.session.commit()
    run = run_of(pack)
    pair = db.session.execute(select(ImpactRow.old, ImpactRow.new).where(ImpactRow.enterprise_id == low.id)).one()
    assert pair.new == LABELS[Verdict.NOT_YET] and rules.kind_of(*pair) in (rules.LOSS, rules.OTHER)
    page = as_("bureau").get(f"/ladder/impact/{run.id}")
    assert page.status_code == 200 and low.name in page.get_data(as_text=True)


def test_every_number_opens_exactly_its_firms_in_every_scope(app: Flask, pack: Pack) -> None:
    verdict_data.fill(60, 11, [make.area("371502001"), make.area("371503001")])
    db.session.commit()
    run = run_of(pack)
    county = Scope(unit_ids=frozenset({make.area("371502").id}))
    for scope in (ALL, county, Scope(town_ids=frozenset({make.area("371503001").id}))):
        found = queries.cells(scope, run)
        for pair, firms in found.items():
            page = queries.page(scope, run, kind=None, pair=pair, unit_id=None, cursor=None, size=200)
            assert (page.total, len(page.rows)) == (firms, firms)
        for kind in rules.KINDS:
            total = sum(firms for pair, firms in found.items() if rules.kind_of(*pair) == kind)
            assert queries.page(scope, run, kind=kind, pair=None, unit_id=None, cursor=None, size=200).total == total
    assert sum(queries.cells(county, run).values()) < sum(queries.cells(ALL, run).values())


def test_each_pair_of_answers_is_of_exactly_one_kind() -> None:
    every = [(old, new) for old in rules.CODES.values() for new in rules.CODES.values() if old != new]
    assert sorted(pair for kind in rules.KINDS for pair in rules.pairs_of(kind)) == sorted(every)
    assert rules.kind_of(7, 0) == rules.GAIN and rules.kind_of(1, 7) == rules.LOSS and rules.kind_of(0, 3) == rules.UNKNOWN
    assert rules.kind_of(3, 7) == rules.OTHER and rules.kind_of(0, 1) == rules.OTHER and rules.kind_of(7, 7) is None


def test_the_button_starts_one_job_and_its_result_is_listed(app: Flask, pack: Pack, as_: As) -> None:
    from app.policies import actions

    actions.load_files(pack, by=SYSTEM)
    firm(1200)
    db.session.commit()
    browser = as_("bureau")
    form = {"title": "srdi", "old": "srdi_2022", "new": "srdi_2026", "application": "new", "as_of": "2026-06-01"}
    assert [browser.post("/ladder/impact", data=form).status_code for _ in range(2)] == [303, 303]
    waiting = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == "ladder.impact")).all()
    assert len(waiting) == 1, "a double click starts nothing twice"
    job = jobs.claim("test")
    while job is not None and job.id != waiting[0].id:
        jobs.run_claimed(job, "test")
        job = jobs.claim("test")
    assert job is not None
    jobs.run_claimed(job, "test")
    page = browser.get("/ladder/impact").get_data(as_text=True)
    found = re.search(r"/ladder/impact/(\d+)", page)
    assert found and "srdi_2022 → srdi_2026" in page
    export = browser.post(f"/ladder/impact/{found[1]}/export")
    assert export.status_code == 200 and export.get_data()[:2] == b"PK"


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"new": "srdi_2022"}, "相同"), ({"new": "lg_2026"}, "不是称号"), ({"new": "nichts"}, "没有认定条件版本"), ({"as_of": "2026-13-01"}, "日期"),
     ({"as_of": "0001-01-01"}, "日期"), ({"title": "'; --"}, "不是称号")],
)  # fmt: skip
def test_questions_that_make_no_sense_are_refused_in_words(app: Flask, as_: As, changed: dict[str, str], said: str) -> None:
    form = {"title": "srdi", "old": "srdi_2022", "new": "srdi_2026", "application": "new", "as_of": "2026-06-01"} | changed
    answer = as_("bureau").post("/ladder/impact", data=form)
    assert answer.status_code in (400, 404, 422) and said in answer.get_data(as_text=True)
    assert db.session.scalar(select(jobs.Job.id).where(jobs.Job.kind == "ladder.impact")) is None


def test_who_may_do_what(app: Flask, pack: Pack, as_: As) -> None:
    verdict_data.fill(20, 3, [make.area("371502001")])
    db.session.commit()
    run = run_of(pack)
    for who, status in (("county", 200), ("leader", 200), ("expert", 200), ("town", 403), ("system", 403), ("stranger_city", 404)):
        assert as_(who).get(f"/ladder/impact/{run.id}").status_code == status, who
    assert as_("county").post("/ladder/impact", data={}).status_code == 403
    names = set(db.session.scalars(select(Enterprise.name)))
    other = as_("stranger").get(f"/ladder/impact/{run.id}").get_data(as_text=True)
    assert not any(name in other for name in names)


def test_the_command_counts_the_same_without_storing(app: Flask, pack: Pack, tmp_path: Any) -> None:
    verdict_data.fill(40, 5, [make.area("371502001")])
    db.session.commit()
    out = tmp_path / "changed.csv"
    said = app.test_cli_runner().invoke(args=["ladder", "impact", "--title", "srdi", "--old", "srdi_2022", "--new", "srdi_2026", "--json", "--out", str(out)])
    answer = json.loads(said.stdout)
    found = queries.cells(ALL, run_of(pack))
    assert {kind: answer[kind] for kind in rules.KINDS} == {
        kind: sum(firms for pair, firms in found.items() if rules.kind_of(*pair) == kind) for kind in rules.KINDS
    }
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 1 + sum(found.values())
    assert app.test_cli_runner().invoke(args=["ladder", "impact", "--title", "srdi", "--new", "nichts"]).exit_code == 2


def test_there_must_be_something_to_compare(app: Flask, pack: Pack) -> None:
    with pytest.raises(Invalid, match="没有适用"):
        queries.question(pack, title="srdi", old=None, new="srdi_2026", application="new", day=date(2020, 1, 1))
