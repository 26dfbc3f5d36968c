"""A planted fault is refused, and the message names file, line and entry."""

from pathlib import Path

import pytest

from app.packs import PackInvalid, PackNotFound, available, read_pack
from app.packs.reader import check_directory
from tests.packs.conftest import Plant

FAULTS = {
    "unknown_key": ("titles.yaml", "  track: scale\n", "  track: scale\n  colour: red\n", "unknown_key", "scale_up", "colour"),
    "misspelt_key": ("ladders.yaml", "  ordered: true\n", "  orderd: true\n", "unknown_key", "yumiao", "orderd"),
    "missing_clause": ("titles.yaml", "  clause: 一\n", "", "missing_key", "scale_up", "clause"),
    "missing_document": ("titles.yaml", "  document: liaocheng-yumiao-2021\n", "", "missing_key", "scale_up", "document"),
    "missing_dates": ("titles.yaml", "  effective_from: 2021-01-01\n", "", "missing_key", "scale_up", "effective_from"),
    "unknown_confidence": ("titles.yaml", "  confidence: confirmed\n", "  confidence: 大概\n", "bad_value", "scale_up", "大概"),
    "bare_on_as_key": ("titles.yaml", "  track: scale\n", "  on: scale\n", "bad_yaml", None, "on"),
    "bare_no_as_value": ("titles.yaml", "  track: scale\n", "  track: no\n", "bad_yaml", None, "no"),
    "key_twice": ("titles.yaml", "  rank: 30\n", "  rank: 30\n  rank: 31\n", "bad_yaml", None, "rank"),
    "alias_bomb": ("titles.yaml", "titles:\n", "bomb: &a [x]\nbomb2: [*a]\ntitles:\n", "bad_yaml", None, "锚点"),
    "impossible_day": ("titles.yaml", "2021-01-01", "2021-02-30", "bad_yaml", None, "2021-02-30"),
    "day_as_number": ("titles.yaml", "  effective_from: 2021-01-01\n", "  effective_from: 20210101\n", "bad_value", "scale_up", "日期"),
    "number_as_code": ("titles.yaml", "code: scale_up", "code: 371502", "bad_value", "称号第 1 条", "code"),
    "text_as_number": ("titles.yaml", "  rank: 30\n", "  rank: high\n", "bad_value", "scale_up", "应为数字"),
    "unknown_section": ("titles.yaml", "title_families:", "title_familys:", "unknown_key", None, "title_familys"),
    "broken_indent": ("titles.yaml", "  track: scale\n", "   track: scale\n", "bad_yaml", None, "缩进"),
    "weight_99": ("indicators.yaml", "  weight: 5\n", "  weight: 4\n", "indicator_system_inconsistent", "strong_town", "99"),
    "row_missing": ("indicators.yaml", "  seq: 26\n", "  seq: 27\n", "indicator_system_inconsistent", "strong_town", "26"),
    "second_inverse": (
        "indicators.yaml", "  direction: positive\n", "  direction: inverse\n", "indicator_system_inconsistent", "strong_town", "逆向",
    ),
    "graded_became_counted": (
        "indicators.yaml", "  nature: graded\n", "  nature: quantitative\n", "indicator_inconsistent", "ST-I07", "source",
    ),
    "halves_not_whole": ("indicators.yaml", "share_pct: 50", "share_pct: 40", "indicator_inconsistent", "ST-I05", "100"),
    "register_without_measure": (
        "indicators.yaml", "  measure: {ledger: recognitions, titles: [innovative_sme], rule: valid_on_day, count: enterprises}\n", "",
        "indicator_inconsistent", "ST-I09", "measure",
    ),
    "same_code_same_time": ("titles.yaml", "- code: srdi_city\n", "- code: innovative_sme\n", "duplicate_code", "innovative_sme", "重叠"),
    "editions_overlap": (
        "national/calendar.yaml", "effective_to: 2026-03-31", "effective_to: 2026-04-01", "duplicate_code", "quality_sme_update", "重叠",
    ),
    "dates_reversed": (
        "national/calendar.yaml", "effective_to: 2026-03-31", "effective_to: 2022-03-31", "dates_reversed", "quality_sme_update", "早于",
    ),
    "rung_of_unknown_title": ("ladders.yaml", "titles: [gazelle]", "titles: [gazel]", "bad_reference", "yumiao", "gazel"),
    "indicator_of_unknown_title": ("indicators.yaml", "[gazelle, unicorn]", "[gazelle, unicorm]", "bad_reference", "ST-I11", "unicorm"),
    "unknown_document": ("pools.yaml", "document: liaocheng-yumiao-2021", "document: liaocheng-2021", "bad_reference", "alliance", "文件"),
    "unknown_metric": ("targets.yaml", "metric: title.gazelle", "metric: title.gazzelle", "bad_reference", "YM-T05", "gazzelle"),
    "unit_of_other_kind": ("targets.yaml", "value: 1000, unit: firm", "value: 1000, unit: percent", "unit_mismatch", "YM-T01", "单位"),
    "two_governing": ("targets.yaml", "governing: false", "governing: true", "two_governing", "OP-T04", "执行口径"),
    "alias_twice": ("titles.yaml", "aliases: [GAZ, 瞪羚,", "aliases: [GAZ, 高企,", "duplicate_alias", "high_tech", "高企"),
    "alias_differs_only_in_quotes": (
        "titles.yaml", "aliases: [GAZ, 瞪羚,", "aliases: [GAZ, “小巨人” 企业,", "duplicate_alias", "gazelle", "小巨人",
    ),
    "title_on_two_steps": ("ladders.yaml", "titles: [gazelle]", "titles: [gazelle, scale_up]", "cycle", "yumiao", "scale_up"),
    "step_that_leads_to_itself": ("ladders.yaml", "approach: [pre_unicorn]", "approach: [unicorn]", "cycle", "yumiao", "unicorn"),
    "rung_code_twice": ("ladders.yaml", "code: gazelle, label", "code: srdi, label", "duplicate_code", "yumiao", "srdi"),
    "default_ladder_unknown": ("settings.yaml", "value: 'yumiao'", "value: yumiaa", "bad_reference", "default_ladder", "yumiaa"),
    "titles_that_need_each_other": (
        "national/criteria/srdi.yaml", "holds_any: [tech_sme, innovative_sme]", "holds_all: [little_giant]", "cycle", "srdi_2026", "little_giant",
    ),
    "title_that_needs_itself": (
        "national/criteria/srdi.yaml", "holds_any: [tech_sme, innovative_sme]", "holds_any: [srdi]", "cycle", "srdi_2026", "srdi → srdi",
    ),
    "base_that_includes": ("national/base.yaml", "code: national\n", "code: national\nincludes: [shandong]\n", "unknown_key", None, "includes"),
    "city_as_base": ("pack.yaml", "includes: [national, shandong]", "includes: [national, yantai]", "base_unknown", None, "yantai"),
    "itself_as_base": ("pack.yaml", "includes: [national, shandong]", "includes: [national, liaocheng]", "base_unknown", None, "liaocheng"),
    "wrong_city": ("pack.yaml", "code: liaocheng", "code: yantai", "wrong_code", None, "yantai"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_refused_with_its_place(plant: Plant, fault: str) -> None:
    file, old, new, code, entry, word = FAULTS[fault]
    reading = plant(file, old, new)
    hits = [problem for problem in reading.problems if problem.code == code and problem.entry == entry and word in str(problem)]
    assert hits, [str(problem) for problem in reading.problems]
    assert all(problem.file == file for problem in hits)


def test_untouched_pack_has_no_fault(pack_dir: Path) -> None:
    assert check_directory(pack_dir / "liaocheng").problems == []


def test_a_pack_without_a_ladder_is_refused(pack_dir: Path) -> None:
    for name in ("liaocheng", "national", "shandong"):
        (pack_dir / name / "ladders.yaml").unlink()
    found = [problem for problem in check_directory(pack_dir / "liaocheng").problems if problem.code == "ladder_missing"]
    assert [problem.file for problem in found] == ["ladders.yaml"] and "至少写一个梯度" in str(found[0])


def test_line_points_at_the_planted_key(plant: Plant, pack_dir: Path) -> None:
    problem = plant("titles.yaml", "  track: scale\n", "  colour: red\n  track: scale\n").problems[0]
    assert problem.line is not None
    assert (pack_dir / "liaocheng" / "titles.yaml").read_text("utf-8").splitlines()[problem.line - 1].strip() == "colour: red"


def test_all_faults_are_reported_at_once(plant: Plant) -> None:
    plant("titles.yaml", "  track: scale\n", "  colour: red\n  track: scale\n")
    codes = {problem.entry for problem in plant("ladders.yaml", "  ordered: true\n", "  orderd: true\n").problems}
    assert {"scale_up", "yumiao"} <= codes


@pytest.mark.parametrize("content", [
    b"\xd6\xd0\xce\xc4: 1\n", b"titles: [\n", b"\x00\x01", b"- 1\n- 2\n", b"a: " + b"[" * 5000, b"!!python/object:os.system x", b"!whole [1]: 2\n",
    b"titles: 7\n", b"titles:\n- 7\n- []\n",
])
def test_hostile_and_broken_files_are_answered_not_raised(pack_dir: Path, content: bytes) -> None:
    (pack_dir / "liaocheng" / "titles.yaml").write_bytes(content)
    assert check_directory(pack_dir / "liaocheng").problems


def test_huge_file_is_refused(pack_dir: Path) -> None:
    (pack_dir / "liaocheng" / "titles.yaml").write_bytes(b"# " + b"x" * 2_100_000)
    assert [problem.code for problem in check_directory(pack_dir / "liaocheng").problems] == ["file_too_large"]


def test_stray_file_is_named(pack_dir: Path) -> None:
    (pack_dir / "liaocheng" / "title.yaml").write_text("titles: []", "utf-8")
    problem = check_directory(pack_dir / "liaocheng").problems[0]
    assert (problem.code, problem.file) == ("unknown_file", "title.yaml")


def test_reading_an_invalid_pack_names_every_fault(plant: Plant, pack_dir: Path) -> None:
    plant("indicators.yaml", "  weight: 5\n", "  weight: 4\n")
    with pytest.raises(PackInvalid, match="权重合计应为 100，现为 99"):
        read_pack("liaocheng", pack_dir)


@pytest.mark.parametrize("name", ["atlantis", "../liaocheng", "", "liaocheng/..", "schema"])
def test_unknown_pack_lists_what_there_is(name: str) -> None:
    with pytest.raises(PackNotFound, match="liaocheng"):
        read_pack(name)


def test_own_copy_of_a_shipped_pack_comes_first(pack_dir: Path) -> None:
    assert available(pack_dir)["liaocheng"] == pack_dir / "liaocheng"
    assert available(None)["liaocheng"] != pack_dir / "liaocheng"
