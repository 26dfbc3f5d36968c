"""A planted fault in the criteria is refused, and the message names file and entry."""

from pathlib import Path

import pytest

from app.packs import PackInvalid, read_pack
from app.packs.lint_cases import lint_cases
from app.packs.reader import check_directory
from tests.packs.conftest import Plant

SRDI, INN, LG, TECH = (f"national/criteria/{name}.yaml" for name in ("srdi", "innovative_sme", "little_giant", "technology"))
FAULTS = {
    "leaf_without_clause": (
        SRDI, ", clause: 附件1 条件一, field: niche_market_years", ", field: niche_market_years", "clause_missing", "srdi_2026/P2", "clause",
    ),
    "row_without_clause": (INN, "      clause: 附件1 创新能力 2\n", "", "clause_missing", "inn_2022/rd_ratio", "clause"),
    "unknown_field": (SRDI, "field: debt_ratio, period: last_year, op: '<='", "field: debt_rate, period: last_year, op: '<='", "unknown_field",
                      "srdi_2026/P5", "debt_rate"),
    "unknown_key": (SRDI, "  title: srdi\n", "  title: srdi\n  colour: red\n", "unknown_key", "srdi_2022", "colour"),
    "unknown_title": (LG, "holds_any: [srdi], applications: [new]}", "holds_any: [srdy], applications: [new]}", "bad_reference", "lg_2026/L1", "srdy"),
    "title_of_the_rule": (LG, "  title: little_giant\n", "  title: big_giant\n", "bad_reference", "lg_2022", "big_giant"),
    "band_gap": (INN, "{from: 3, to: 5, points: 15}", "{from: 3.5, to: 5, points: 15}", "band_gap", "inn_2022/rd_ratio", "空档"),
    "band_overlap": (INN, "{from: 3, to: 5, points: 15}", "{from: 2.5, to: 5, points: 15}", "band_gap", "inn_2022/rd_ratio", "重叠"),
    "open_end": (INN, "{from: 5, points: 20}", "{from: 5, to: 90, points: 20}", "band_gap", "inn_2022/rd_ratio", "高于 90"),
    "same_points": (INN, "{from: 3, to: 5, points: 15}", "{from: 3, to: 5, points: 20}", "band_gap", "inn_2022/rd_ratio", "合并"),
    "cases_gap": (TECH, "above: 5000\n", "above: 6000\n", "band_gap", "high_tech_2016/H5", "空档"),
    "edge_in_two_cases": (TECH, "above: 5000\n", "from: 5000\n", "band_overlap", "high_tech_2016/H5", "边界值 5000"),
    "edge_in_no_case": (LG, "from: 10000\n", "above: 10000\n", "band_gap", "lg_2022/X1", "都不包含"),
    "too_many_points": (INN, "{points: 20, when: {field: high_value_ip", "{points: 25, when: {field: high_value_ip", "points_out_of_range",
                        "inn_2022/ip_related", "25"),
    "sum_of_the_part": (INN, "    max: 40\n", "    max: 45\n", "score_sum", "inn_2022/innovation", "45"),
    "overlapping_versions": (LG, "{application: new, from: 2022-08-01, to: 2026-03-31}", "{application: new, from: 2022-08-01, to: 2026-04-01}",
                             "versions_overlap", "lg_2026", "lg_2022"),
    "outside_its_dates": (SRDI, "{application: new, from: 2022-08-01, to: 2026-03-31}", "{application: new, from: 2022-07-01, to: 2026-03-31}",
                          "dates_outside", "srdi_2022", "applies"),
    "unknown_group": (SRDI, "- use: sme_2022", "- use: sme_2020", "bad_reference", "srdi_2022/sme_2020", "sme_2020"),
    "cycle": ("national/criteria/common.yaml", "    label: 基本条件\n    all:\n", "    label: 基本条件\n    all:\n    - use: sme_2022\n", "cycle",
              "sme_2022", "sme_2022 → sme_2022"),
    "unknown_parameter": (SRDI, "parameter: pass_mark, unit", "parameter: passmark, unit", "bad_reference", "srdi_2022/S", "passmark"),
    "unknown_part": (INN, "score: innovation,", "score: inovation,", "bad_reference", "inn_2022/S.innovation", "inovation"),
    "period_missing": (SRDI, "field: main_rev_ratio, period: last_year, op: '>=', value: 80", "field: main_rev_ratio, op: '>=', value: 80",
                       "period_missing", "srdi_2026/P4", "period"),
    "span_missing": (SRDI, "period: last_2_years, span: each, op: '>=',\n       value: 100", "period: last_2_years, op: '>=',\n       value: 100",
                     "span_missing", "srdi_2026/P6", "span"),
    "money_without_unit": (LG, "op: '>=', value: 5000, unit: 万元}", "op: '>=', value: 5000}", "unit_mismatch", "lg_2026/L3", "万元"),
    "two_tests_in_a_leaf": (SRDI, "clause: 附件1 条件五, manual: true", "clause: 附件1 条件五, manual: true, is: true", "bad_value", "srdi_2026", "叶子"),
    "same_id_twice": (SRDI, "{id: P5,", "{id: P4,", "duplicate_id", "srdi_2026/P4", "P4"),
    "unknown_choice": (SRDI, "field: rd_institution_level, at_least: province}", "field: rd_institution_level, at_least: provincial}", "bad_value",
                       "srdi_2022/13", "provincial"),
    "local_rows_of_nothing": ("shandong/criteria/srdi_feature.yaml", "  part: feature\n", "  part: features\n", "bad_reference",
                              "srdi_2022_feature_shandong/features", "local"),
    "industry_twice": ("national/criteria/scale_up.yaml", "starts_with: ['52']", "starts_with: ['51']", "band_overlap", "scale_up_2023/U3", "51"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_refused_with_file_and_entry(plant: Plant, name: str) -> None:
    file, old, new, code, entry, words = FAULTS[name]
    reading = plant(file, old, new)
    found = [problem for problem in reading.problems if problem.code == code and problem.entry == entry]
    assert found, [str(problem) for problem in reading.problems]
    assert found[0].file == file
    assert words in str(found[0])
    assert found[0].line is not None


def test_nothing_of_a_faulty_pack_is_read(plant: Plant, pack_dir: Path) -> None:
    plant(SRDI, "  title: srdi\n", "  title: srdi\n  colour: red\n")
    with pytest.raises(PackInvalid, match=r"national/criteria/srdi\.yaml"):
        read_pack("liaocheng", pack_dir)


def test_an_edge_without_its_case_is_named(pack_dir: Path, tmp_path: Path) -> None:
    content = check_directory(pack_dir / "liaocheng").content
    assert content is not None
    (tmp_path / "cases").mkdir()
    case = "cases:\n- {name: 例, edge: {rule: srdi_2026, id: P2, value: 3, side: at}}\n"
    (tmp_path / "cases" / "one.yaml").write_text(case, "utf-8")
    problems = [problem for problem in lint_cases(content, tmp_path / "cases") if problem.entry == "srdi_2026/P2"]
    assert [problem.code for problem in problems] == ["edge_without_case"]
    assert "边界另一侧" in problems[0].message_zh


def test_a_city_replaces_a_rule_of_its_base_by_code(pack_dir: Path) -> None:
    directory = pack_dir / "liaocheng" / "criteria"
    directory.mkdir()
    text = (pack_dir / "shandong" / "criteria" / "champion.yaml").read_text("utf-8").split("criteria:\n", 1)[1]
    (directory / "own.yaml").write_text("criteria:\n" + text.replace("value: 5, unit: 名}", "value: 6, unit: 名}", 1), "utf-8")
    reading = check_directory(pack_dir / "liaocheng")
    assert reading.problems == [] and reading.content is not None
    assert [one.code for one in reading.content.criteria].count("champion_shandong_v1") == 1


def test_an_unknown_base_pack_is_refused(plant: Plant) -> None:
    problems = plant("pack.yaml", "includes: [national, shandong]", "includes: [national, shandung]").problems
    assert [problem.code for problem in problems] == ["base_unknown"]
    assert "shandung" in str(problems[0])
