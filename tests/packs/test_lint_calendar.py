"""Faults in yearly duties, windows, materials and holidays are refused with file and entry."""

from pathlib import Path

import pytest

from app.packs.reader import check_directory
from tests.packs.conftest import Plant

FAULTS = {
    "window_without_titles": ("national/calendar.yaml", "  titles: [little_giant]\n", "", "bad_value", "little_giant_window", "titles"),
    "window_of_unknown_title": ("national/calendar.yaml", "[little_giant]", "[little_gaint]", "bad_reference", "little_giant_window", "little_gaint"),
    "deadline_of_no_window": (
        "national/calendar.yaml", "window: little_giant_window", "window: annual_report", "bad_calendar", "little_giant_province", "申报窗口",
    ),
    "window_reversed": ("national/calendar.yaml", "starts_on: '04-25'", "starts_on: '06-25'", "bad_calendar", "little_giant_window", "晚于"),
    "31_april": ("national/calendar.yaml", "ends_on: '04-30'", "ends_on: '04-31'", "bad_calendar", "quality_sme_update", "不存在"),
    "29_february": ("national/calendar.yaml", "ends_on: '04-15'", "ends_on: '02-29'", "bad_calendar", "green_factory_table", "02-29"),
    "duty_is_no_duty": ("titles.yaml", "renewal_due: quality_sme_update", "renewal_due: annual_report", "bad_calendar", "innovative_sme", "renewal_due"),
    "consequence_of_a_window": (
        "national/calendar.yaml", "  titles: [little_giant]\n", "  titles: [little_giant]\n  consequences: [{misses: 1, label: 取消, clause: 第一条, confidence: 待核}]\n",
        "bad_value", "little_giant_window", "consequences",
    ),
    "no_misses": ("national/calendar.yaml", "{misses: 2,", "{misses: 0,", "bad_value", "quality_sme_update", "misses"),
    "material_of_unknown_fact": ("national/materials.yaml", "fields: [platform_score]", "fields: [platform_skore]", "unknown_fact", "platform_result", "skore"),
    "material_for_nothing": ("national/materials.yaml", "fields: [platform_score], ", "", "bad_value", "platform_result", "fields"),
    "negative_time": ("national/materials.yaml", "workdays: 20}", "workdays: -1}", "bad_value", "audit_report", "workdays"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refused_with_its_place(plant: Plant, name: str) -> None:
    file, before, after, code, entry, word = FAULTS[name]
    problems = plant(file, before, after).problems
    assert [p for p in problems if p.code == code and p.entry == entry and word in str(p)], [str(problem) for problem in problems]


@pytest.mark.parametrize(("off", "work", "code", "word"), [
    ("2027-01-01", "2027-01-01", "bad_calendar", "既是休息日又是上班日"), ("2026-12-31", "2027-01-03", "bad_value", "不在 2027 年"),
    ("2027-01-01", "2027-01-03", None, ""),
])
def test_holidays_are_of_their_year_and_either_off_or_worked(pack_dir: Path, off: str, work: str, code: str | None, word: str) -> None:
    text = (
        "holidays:\n- {code: '2027', label: 2027年放假, document: system-defaults, clause: 放假安排, effective_from: 2026-11-01, confidence: 待核,\n"
        f"   year: 2027, days_off: [{off}], workdays: [{work}]}}\n"
    )
    (pack_dir / "liaocheng" / "holidays.yaml").write_text(text, "utf-8")
    problems = check_directory(pack_dir / "liaocheng").problems
    assert (code is None and not problems) or [p for p in problems if p.code == code and word in str(p)], [str(problem) for problem in problems]
