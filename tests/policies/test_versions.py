"""Stored packs: loading is a dry run first, idempotent, and never loses what the bureau changed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.packs import Pack, PackInvalid, read_pack
from app.policies import actions, queries
from app.policies.models import PackVersion

OFFICER = Actor(7, "王科长")
NEAR = date(2021, 1, 1)


@pytest.fixture
def files(app: Flask) -> Pack:
    """The shipped files; nothing of Liaocheng is stored yet."""
    db.session.execute(PackVersion.__table__.delete())
    db.session.commit()
    return read_pack("liaocheng")


@pytest.fixture
def loaded(files: Pack) -> Pack:
    actions.load_files(files, by=OFFICER)
    db.session.commit()
    return files


def other_files(base: Pack, change: Callable[[dict[str, Any]], None]) -> Pack:
    """The files as a later delivery would hold them."""
    plain = base.content.plain()
    change(plain)
    return Pack(type(base.content).model_validate(plain))


def entry(plain: dict[str, Any], section: str, code: str) -> dict[str, Any]:
    return next(row for row in plain[section] if row["code"] == code)


def edit(value: Any, code: str = "near_pct", field: str = "value", **more: Any) -> PackVersion:
    current = queries.latest_version("liaocheng")
    assert current is not None
    wanted: dict[str, Any] = {
        "city": "liaocheng", "section": "settings", "code": code, "effective_from": NEAR, "values": {field: value}, "reason": "市局研究确定",
        "version_id": current.id, "by": OFFICER, **more,
    }
    version = actions.edit_entry(**wanted)
    db.session.commit()
    return version


def test_before_the_first_load_the_shipped_files_answer(files: Pack) -> None:
    assert queries.active_pack("liaocheng").hash == files.hash
    assert queries.version_in_force("liaocheng") is None


def test_dry_run_writes_nothing(files: Pack) -> None:
    plan = actions.plan_files(files)
    assert len(plan.changes) == sum(1 for _ in files.content.entries())
    assert db.session.query(PackVersion).count() == 0


def test_load_stores_a_version_that_says_what_the_files_say(loaded: Pack) -> None:
    version = queries.version_in_force("liaocheng")
    assert version is not None
    assert (version.number, version.origin, version.content_hash, version.loaded_by) == (1, "shipped", loaded.hash, 7)
    assert queries.active_pack("liaocheng").hash == loaded.hash
    assert db.session.query(AuditRow).filter_by(type="policies.pack_loaded").count() == 1


def test_same_files_twice_change_nothing(loaded: Pack) -> None:
    plan = actions.load_files(loaded, by=OFFICER)
    assert plan.unchanged
    assert db.session.query(PackVersion).count() == 1
    assert db.session.query(AuditRow).filter_by(type="policies.pack_loaded").count() == 1


def test_city_is_found_by_name_and_by_area_code(loaded: Pack) -> None:
    assert queries.active_pack("371500") is queries.active_pack("liaocheng")
    with pytest.raises(NotFound):
        queries.active_pack("999999")
    with pytest.raises(NotFound):
        queries.active_pack("atlantis")


def test_edit_in_the_pages_is_a_new_local_version_with_reason_and_audit(loaded: Pack) -> None:
    version = edit(25)
    assert (version.number, version.origin) == (2, "local")
    assert "市局研究确定" in (version.note or "")
    assert queries.active_pack("liaocheng").setting("near_pct") == 25
    row = db.session.query(AuditRow).filter_by(type="policies.entry_edited").one()
    assert (row.old, row.new["settings/near_pct"]) == ({"settings/near_pct": {"value": 20}}, {"value": 25})


def test_what_was_decided_under_a_version_keeps_pointing_to_it(loaded: Pack) -> None:
    first = queries.version_in_force("liaocheng")
    assert first is not None
    edit(25)
    assert queries.pack_of_version(first.id).setting("near_pct") == 20
    assert first.superseded_at is not None


def test_load_never_overwrites_a_local_edit_and_lists_it(loaded: Pack) -> None:
    edit(25)
    newer = other_files(loaded, lambda plain: entry(plain, "settings", "search_count_cap").update(value=5))
    plan = actions.load_files(newer, by=OFFICER)
    db.session.commit()
    pack = queries.active_pack("liaocheng")
    assert (pack.setting("near_pct"), pack.setting("search_count_cap")) == (25, 5)
    assert [change.code for change in plan.changes] == ["search_count_cap"]
    assert [change.code for change in plan.local] == ["near_pct"]
    assert plan.conflicts == ()
    assert [row.origin for row in queries.list_versions("liaocheng")] == ["local", "shipped", "local", "shipped"]


def test_files_and_bureau_changed_the_same_field(loaded: Pack) -> None:
    edit(25)
    newer = other_files(loaded, lambda plain: entry(plain, "settings", "near_pct").update(value=30))
    plan = actions.load_files(newer, by=OFFICER)
    assert queries.active_pack("liaocheng").setting("near_pct") == 25
    assert [change.code for change in plan.conflicts] == ["near_pct"]
    assert actions.load_files(newer, by=OFFICER).unchanged


def test_local_edits_can_be_dropped(loaded: Pack) -> None:
    version = edit(25)
    actions.restore_files(city="liaocheng", version_id=version.id, reason="改回省里口径", by=OFFICER)
    assert queries.active_pack("liaocheng").hash == loaded.hash


def test_code_in_use_is_disabled_not_deleted(loaded: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_usage", {})
    queries.register_usage("pools", lambda: {"alliance"})

    def drop(plain: dict[str, Any]) -> None:
        plain["pools"] = [row for row in plain["pools"] if row["code"] not in ("alliance", "results_db")]

    plan = actions.load_files(other_files(loaded, drop), by=OFFICER)
    pack = queries.active_pack("liaocheng")
    assert [change.code for change in plan.kept] == ["alliance"]
    assert pack.entry("pools", "alliance").disabled
    assert "alliance" not in {row.code for row in pack.entries("pools")}
    assert pack.find("pools", "results_db") is None


def test_version_that_starts_later_waits_for_its_day(loaded: Pack) -> None:
    newer = other_files(loaded, lambda plain: entry(plain, "settings", "near_pct").update(value=30))
    start = date(2030, 1, 1)
    actions.load_files(newer, active_from=start, by=OFFICER)
    db.session.commit()
    clock.freeze(datetime(2029, 12, 31, 15, 59, tzinfo=UTC))
    assert queries.active_pack("liaocheng").setting("near_pct") == 20
    clock.freeze(datetime(2029, 12, 31, 16, 0, tzinfo=UTC))
    assert queries.active_pack("liaocheng").setting("near_pct") == 30
    assert queries.active_pack("liaocheng", date(2029, 6, 1)).setting("near_pct") == 20


def test_two_editors_the_second_is_told(loaded: Pack) -> None:
    first = queries.latest_version("liaocheng")
    assert first is not None
    edit(25)
    with pytest.raises(Conflict, match="第 2 版"):
        edit(26, version_id=first.id)


@pytest.mark.parametrize(("code", "field", "value", "word"), [
    ("near_pct", "colour", "red", "colour"),
    ("near_pct", "confidence", "大概", "大概"),
    ("near_pct", "clause", None, "clause"),
    ("near_pct", "document", "nowhere", "nowhere"),
    ("near_pct", "effective_to", "2020-01-01", "早于"),
    ("near_pct", "code", "far_pct", "代码不能改"),
])
def test_faulty_edit_is_refused_in_words(loaded: Pack, code: str, field: str, value: Any, word: str) -> None:
    with pytest.raises(Invalid, match=word):
        edit(value, code=code, field=field)
    assert queries.active_pack("liaocheng").hash == loaded.hash


def test_edit_without_reason_or_of_an_unknown_entry_is_refused(loaded: Pack) -> None:
    with pytest.raises(Invalid, match="原因"):
        edit(25, reason=" ")
    with pytest.raises(NotFound):
        edit(25, code="nowhere")
    with pytest.raises(NotFound):
        edit(25, section="nonsense")


def test_edit_that_changes_nothing_makes_no_version(loaded: Pack) -> None:
    assert edit(20).number == 1


def test_local_edit_that_breaks_with_new_files_is_refused_before_writing(loaded: Pack) -> None:
    current = queries.latest_version("liaocheng")
    assert current is not None
    edit("2021-12-31", code="near_pct", field="effective_to")

    def later(plain: dict[str, Any]) -> None:
        entry(plain, "settings", "near_pct")["effective_from"] = "2022-06-01"

    newer = other_files(loaded, later)
    with pytest.raises(PackInvalid, match="near_pct"):
        actions.load_files(newer, by=OFFICER)


def test_own_pack_directory_is_used(loaded: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "pack_dir", lambda: tmp_path)
    assert queries.cities()[0] == "liaocheng"
