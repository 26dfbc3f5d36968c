"""Changes of recognitions: versions, audit, summaries, stored counts and what others are told."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises.models import EnterpriseSummary
from app.infra import changes, clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict
from app.kernel.scope import ALL
from app.ladder import actions, queries
from app.ladder.models import Recognition
from app.ladder.rules import CountKind, Draft, any_level
from tests.factories import ladder as make

DRAFT = Draft("srdi", "province", 2023, "鲁工信〔2023〕1号", date(2023, 7, 1), date(2023, 7, 1), date(2026, 6, 30))
told: list[list[int]] = []


def _hear(ids: Collection[int]) -> None:
    told.append(list(ids))


@pytest.fixture(autouse=True)
def _listening(app: Flask) -> Iterator[None]:
    clock.freeze(datetime(2024, 6, 1, tzinfo=UTC))
    changes.listen("recognition.changed", _hear)
    told.clear()
    yield
    changes._listeners["recognition.changed"].remove(_hear)


@pytest.fixture
def firm(app: Flask) -> Any:
    return make.firm(make.area("371502001"))


def summary(firm: Any) -> tuple[str, str | None]:
    row = db.session.get_one(EnterpriseSummary, firm.id)
    return row.titles, row.rung


def later() -> None:
    clock.freeze(clock.now() + timedelta(minutes=1))


def test_a_grant_shows_in_the_summary_the_counts_and_the_audit(firm: Any) -> None:
    row = actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    assert summary(firm) == (",srdi,", "srdi") and told == [[firm.id]]
    stored = queries.stored_counts(ALL, queries.current_pack(), clock.today())
    assert stored == {"title:srdi": {firm.town_id: 1}, "rung:1": {firm.town_id: 1}, "all": {firm.town_id: 1}}
    make.recognition(firm, "high_tech", valid_to=None)
    actions.refresh_some([firm.id])
    stored = queries.stored_counts(ALL, queries.current_pack(), clock.today())
    assert stored is not None and stored["gaps"] == {firm.town_id: 1} and "title:high_tech" not in stored
    entry = db.session.scalars(select(AuditRow).where(AuditRow.type == "recognition.granted")).one()
    assert entry.subject_id == str(row.id) and entry.new["document"] == DRAFT.document


def test_a_title_without_a_term_is_open_ended_without_being_told(firm: Any) -> None:
    assert actions.grant(enterprise=firm, draft=Draft("unicorn", "province", valid_from=date(2023, 1, 1)), by=SYSTEM).open_ended
    assert not actions.grant(enterprise=firm, draft=Draft("srdi", "province", valid_from=date(2023, 1, 1)), by=SYSTEM).open_ended
    assert summary(firm) == (",unicorn,", "unicorn")


def test_the_same_grant_twice_is_refused(firm: Any) -> None:
    actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    with pytest.raises(Conflict, match="已有2023年"):
        actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)


def test_a_correction_keeps_the_former_version(firm: Any) -> None:
    row = actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    later()
    new = actions.correct(recognition=row, enterprise=firm, draft=Draft(**{**DRAFT.__dict__, "valid_to": date(2024, 5, 31)}), by=SYSTEM)
    assert row.superseded_at == new.recorded_at and summary(firm) == (",", None)
    assert [v.id for v in queries.versions_of(ALL, new)] == [new.id, row.id]
    assert actions.correct(recognition=new, enterprise=firm, draft=actions.draft_of(new), by=SYSTEM) is new, "nothing changed, nothing written"


def test_two_corrections_of_one_version_end_in_one(firm: Any) -> None:
    row = actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    later()
    actions.revoke(recognition=row, enterprise=firm, on=date(2024, 5, 1), reason="抽查不合格", by=SYSTEM)
    with pytest.raises(Conflict, match="刚刚被别人更正"):
        actions.void(recognition=row, enterprise=firm, reason="重复", by=SYSTEM)


def test_revoked_is_out_of_stock_and_stays_cumulative(firm: Any) -> None:
    row = actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    later()
    actions.revoke(recognition=row, enterprise=firm, on=date(2024, 5, 1), reason="抽查不合格", by=SYSTEM)
    counted = {kind: len(queries.members(ALL, any_level("srdi"), kind, clock.today(), window=(2023, 2023))) for kind in CountKind}
    assert counted == {CountKind.STOCK: 0, CountKind.NEW: 1, CountKind.CUMULATIVE: 1}


def test_voided_leaves_every_count_and_may_be_recorded_again(firm: Any) -> None:
    row = actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    later()
    gone = actions.void(recognition=row, enterprise=firm, reason="重复登记", by=SYSTEM)
    assert not any(queries.members(ALL, any_level("srdi"), kind, clock.today(), window=(2023, 2023)) for kind in CountKind)
    with pytest.raises(Conflict, match="不能更正"):
        actions.correct(recognition=gone, enterprise=firm, draft=DRAFT, by=SYSTEM)
    later()
    actions.grant(enterprise=firm, draft=DRAFT, by=SYSTEM)
    assert summary(firm) == (",srdi,", "srdi")
    assert db.session.scalar(select(func.count()).select_from(Recognition)) == 3


@pytest.mark.parametrize(("draft", "field"), [
    (Draft("nothing"), "title_code"), (Draft("srdi", "province"), "announced_on"), (Draft("srdi", "city", valid_from=date(2023, 1, 1)), "level"),
    (Draft("high_tech", "nation", valid_from=date(2023, 1, 1), valid_to=date(2022, 1, 1)), "valid_to"),
])
def test_what_breaks_a_rule_is_refused_at_its_field(firm: Any, draft: Draft, field: str) -> None:
    with pytest.raises(actions.Refused) as refused:
        actions.grant(enterprise=firm, draft=draft, by=SYSTEM)
    assert refused.value.problems[0][0] == field


def test_a_new_day_takes_out_what_ran_out_and_puts_in_what_begins(firm: Any) -> None:
    other = make.firm(make.area("371502001"))
    make.recognition(firm, "srdi", valid_to=date(2024, 6, 1))
    make.recognition(other, "gazelle", valid_from=date(2024, 6, 2), valid_to=date(2027, 6, 1))
    actions.refresh_all()
    assert (summary(firm), summary(other)) == ((",srdi,", "srdi"), (",", None))
    assert queries.stored_counts(ALL, queries.current_pack(), date(2024, 6, 2)) is None, "yesterday's counts are not today's"
    assert actions.refresh_day(date(2024, 6, 2)) == 2
    assert (summary(firm), summary(other)) == ((",", None), (",gazelle,", "gazelle"))
    assert actions.refresh_day(date(2024, 6, 2)) == 0


def test_stored_counts_equal_live_ones_after_moves(firm: Any) -> None:
    make.recognition(firm, "srdi")
    actions.refresh_all()
    make.move(firm, make.area("371581107"), clock.today())
    actions.refresh_some([firm.id])
    stored = queries.stored_counts(ALL, queries.current_pack(), clock.today())
    assert stored is not None and stored["title:srdi"] == queries.titles_by_town(ALL, ["srdi"], CountKind.STOCK, clock.today())["srdi"]
