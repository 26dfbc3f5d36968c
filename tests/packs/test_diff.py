"""What differs between two packs; local edits survive new files."""

from pathlib import Path
from typing import Any

import pytest

from app.packs import Pack, diff, read_pack
from app.packs.rebase import keep_used, rebase
from app.packs.schema import PackContent
from tests.packs.conftest import Plant


@pytest.fixture(scope="module")
def base() -> PackContent:
    return read_pack("liaocheng").content


def edited(content: PackContent, section: str, code: str, **fields: Any) -> PackContent:
    plain = content.plain()
    row = next(row for row in plain[section] if row["code"] == code)
    row.update(fields)
    return PackContent.model_validate(plain)


def without(content: PackContent, section: str, code: str) -> PackContent:
    plain = content.plain()
    plain[section] = [row for row in plain[section] if row["code"] != code]
    return PackContent.model_validate(plain)


def test_no_difference_with_itself_and_after_storing(base: PackContent) -> None:
    assert diff(base, base) == []
    stored = PackContent.model_validate(base.plain())
    assert diff(base, stored) == []
    assert stored.hash() == base.hash()


def test_comments_and_order_do_not_change_the_pack(plant: Plant, base: PackContent) -> None:
    reading = plant("titles.yaml", "titles:\n", "# a remark\ntitles:\n")
    assert reading.content is not None
    assert reading.content.hash() == base.hash()


def test_changed_field_is_named_with_both_values(base: PackContent) -> None:
    changes = diff(base, edited(base, "settings", "near_pct", value=25))
    assert [(change.kind, change.section, change.code) for change in changes] == [("changed", "settings", "near_pct")]
    assert [(field.field, field.old, field.new) for field in changes[0].fields] == [("value", 20, 25)]


def test_added_and_removed(base: PackContent) -> None:
    smaller = without(base, "pools", "alliance")
    assert [(change.kind, change.code) for change in diff(base, smaller)] == [("removed", "alliance")]
    assert [(change.kind, change.code) for change in diff(smaller, base)] == [("added", "alliance")]


def test_moved_start_is_a_change_not_a_replacement(base: PackContent) -> None:
    changes = diff(base, edited(base, "pools", "alliance", effective_from="2022-01-01"))
    assert [(change.kind, [field.field for field in change.fields]) for change in changes] == [("changed", ["effective_from"])]


def test_second_edition_is_an_addition(base: PackContent) -> None:
    plain = base.plain()
    row = next(row for row in plain["settings"] if row["code"] == "near_pct")
    plain["settings"].append({**row, "effective_from": "2027-01-01", "value": 10})
    row["effective_to"] = "2026-12-31"
    changes = diff(base, PackContent.model_validate(plain))
    assert sorted((change.kind, change.effective_from) for change in changes) == [("added", "2027-01-01"), ("changed", "2021-01-01")]


def test_local_edit_is_laid_over_the_new_files(base: PackContent) -> None:
    local = edited(base, "settings", "near_pct", value=25)
    new = edited(base, "settings", "search_count_cap", value=5)
    result = rebase(base, local, new)
    pack = Pack(result.content)
    assert (pack.setting("near_pct"), pack.setting("search_count_cap")) == (25, 5)
    assert [change.code for change in result.local] == ["near_pct"]
    assert result.conflicts == ()


def test_both_changed_the_local_value_stays_and_is_reported(base: PackContent) -> None:
    result = rebase(base, edited(base, "settings", "near_pct", value=25), edited(base, "settings", "near_pct", value=30))
    assert Pack(result.content).setting("near_pct") == 25
    assert [change.code for change in result.conflicts] == ["near_pct"]


def test_the_same_edit_on_both_sides_is_no_conflict(base: PackContent) -> None:
    same = edited(base, "settings", "near_pct", value=25)
    assert rebase(base, same, same).conflicts == ()


def test_edit_of_an_entry_the_files_dropped_is_kept(base: PackContent) -> None:
    result = rebase(base, edited(base, "pools", "alliance", note="本市改名"), without(base, "pools", "alliance"))
    assert Pack(result.content).entry("pools", "alliance").note == "本市改名"


def test_code_in_use_comes_back_disabled(base: PackContent) -> None:
    new = without(without(base, "pools", "alliance"), "pools", "results_db")
    content, kept = keep_used(base, new, {"pools": {"alliance"}})
    pack = Pack(content)
    assert [change.code for change in kept] == ["alliance"]
    assert pack.entry("pools", "alliance").disabled
    assert pack.find("pools", "results_db") is None
    assert "alliance" not in {entry.code for entry in pack.entries("pools")}


def test_untouched_city_copy_equals_the_shipped_pack(pack_dir: Path, base: PackContent) -> None:
    assert read_pack("liaocheng", pack_dir).hash == base.hash()
