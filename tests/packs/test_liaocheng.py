"""The shipped pack says what the three city documents say."""

from datetime import date
from decimal import Decimal

import pytest

from app.kernel.errors import NotFound
from app.kernel.level import Level
from app.packs import Pack, read_pack
from app.packs.schema import SECTIONS

# Annex of the strong-town plan, copied by hand from the print: number, first-level indicator, name, nature, weight.
ANNEX = [
    (1, "综合实力", "每万人民营经济市场主体数量", "定量", 5),
    (2, "综合实力", "民营四上企业数", "定量", 4),
    (3, "综合实力", "年营业收入亿元以上民营企业数量", "定量", 3),
    (4, "综合实力", "省民营企业100强系列榜单上榜企业数量", "定量", 3),
    (5, "综合实力", "规模以上工业产值及增速", "定量", 5),
    (6, "发展潜力", "工业技改投资总量及增速", "定量", 5),
    (7, "发展潜力", "市级以上特色产业集群建设情况", "定性", 4),
    (8, "发展潜力", "中小企业园区（集聚区）建设情况", "定性", 4),
    (9, "发展潜力", "创新型中小企业数量", "定量", 4),
    (10, "发展潜力", "专精特新企业数量", "定量", 4),
    (11, "发展潜力", "瞪羚、独角兽企业数量", "定量", 4),
    (12, "发展潜力", "单项冠军企业数量", "定量", 4),
    (13, "创新活力", "小型微型企业创业创新示范基地数量", "定量", 3),
    (14, "创新活力", "科技型中小企业数量", "定量", 3),
    (15, "创新活力", "高新技术企业数量", "定量", 4),
    (16, "数字助力", "5G 基站覆盖情况", "定性", 4),
    (17, "数字助力", "两化融合管理体系贯标或 DCMM 贯标评定企业数量", "定量", 3),
    (18, "数字助力", "数字专员培育工作情况", "定性", 4),
    (19, "数字助力", "中小企业数字化转型工作开展情况", "定性", 5),
    (20, "绿色动力", "PM2.5 平均浓度", "定量（逆向）", 4),
    (21, "绿色动力", "PM2.5 平均浓度同比改善率", "定量", 4),
    (22, "绿色动力", "市级以上绿色工厂数量", "定量", 4),
    (23, "服务能力", "建立政企沟通及全生命周期服务机制情况", "定性", 5),
    (24, "服务能力", "中小企业公共服务示范平台数量", "定量", 4),
    (25, "服务能力", "培训民营企业企业家数量", "定量", 4),
    (26, "约束条件", "近三个统计年度内是否发生较大及以上生产安全责任事故、重大产品质量事件、较大及以上突发环境事件、统计数据不实问题。",
     "一票否决", None),
]
TITLE_CODES = {
    "scale_up", "innovative_sme", "srdi_city", "srdi", "little_giant", "gazelle", "pre_unicorn", "unicorn", "single_champion_province",
    "single_champion", "eaglet", "tech_sme", "high_tech", "tech_leader", "green_factory", "iii_standard", "dcmm",
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack("liaocheng")


def test_annex_is_reproduced_row_by_row(pack: Pack) -> None:
    assert [(row.seq, row.group, row.label, row.nature_label, row.weight) for row in pack.indicators()] == ANNEX


def test_annex_adds_up(pack: Pack) -> None:
    rows = pack.indicators()
    assert len(rows) == 26
    assert sum(row.weight or 0 for row in rows) == 100
    natures = [row.nature for row in rows]
    assert (natures.count("quantitative"), natures.count("graded"), natures.count("veto")) == (19, 6, 1)
    assert [row.seq for row in rows if row.direction == "inverse"] == [20]
    assert [row.seq for row in rows if row.nature == "veto"] == [26]


@pytest.mark.parametrize(("source", "numbers", "weight"), [
    ("register", [9, 10, 11, 12, 13, 14, 15, 17, 22, 24, 25], 41),
    ("department", [1, 2, 3, 4, 5, 6, 20, 21], 33),
    ("graded", [7, 8, 16, 18, 19, 23], 26),
])
def test_where_each_value_comes_from(pack: Pack, source: str, numbers: list[int], weight: int) -> None:
    rows = [row for row in pack.indicators() if row.source == source]
    assert [row.seq for row in rows] == numbers
    assert sum(row.weight or 0 for row in rows) == weight


def test_compound_indicators_are_two_halves_in_yi_yuan_and_percent(pack: Pack) -> None:
    for seq in (5, 6):
        row = pack.indicator(seq)
        assert row.keys == (f"{seq}a", f"{seq}b")
        assert [(item.unit, item.share_pct) for item in row.items] == [("亿元", 50), ("%", 50)]
    assert pack.indicator(9).keys == ("9",)
    assert pack.indicator(26).keys == ()


@pytest.mark.parametrize(("seq", "titles"), [
    (9, {"innovative_sme"}), (10, {"srdi", "little_giant"}), (11, {"gazelle", "unicorn"}),
    (12, {"single_champion_province", "single_champion"}), (14, {"tech_sme"}), (15, {"high_tech"}), (17, {"iii_standard", "dcmm"}),
    (22, {"green_factory"}),
])
def test_register_indicators_count_distinct_holders_valid_on_the_day(pack: Pack, seq: int, titles: set[str]) -> None:
    measure = pack.indicator(seq).measure
    assert measure is not None
    assert (measure.ledger, measure.rule, measure.count) == ("recognitions", "valid_on_day", "enterprises")
    assert set(pack.measure_titles(measure)) == titles


def test_two_and_three_only_have_a_reference_beside_the_departments_figure(pack: Pack) -> None:
    for seq in (2, 3):
        row = pack.indicator(seq)
        assert row.measure is None
        assert row.reference is not None
    reference = pack.indicator(3).reference
    assert reference is not None and reference.minimum_yuan == 100_000_000


def test_carriers_and_green_factories_count_from_city_level(pack: Pack) -> None:
    for seq in (13, 22, 24):
        measure = pack.indicator(seq).measure
        assert measure is not None and measure.min_level is Level.CITY


def test_indicators_exist_from_the_first_year_of_the_plan(pack: Pack) -> None:
    assert pack.indicators(on=date(2022, 12, 31)) == ()
    assert len(pack.indicators(on=date(2023, 12, 31))) == 26
    assert len(pack.indicators(on=date(2030, 12, 31))) == 26


def test_all_titles_are_there(pack: Pack) -> None:
    assert {title.code for title in pack.titles()} == TITLE_CODES


def test_titles_counted_by_the_first_plan_exist_from_its_first_year(pack: Pack) -> None:
    on = date(2021, 1, 1)
    named = ("scale_up", "srdi_city", "srdi", "little_giant", "gazelle", "single_champion_province", "single_champion", "unicorn")
    assert all(pack.find_title(code, on) for code in named)


def test_only_titles_without_a_term_may_stay_open(pack: Pack) -> None:
    assert {title.code for title in pack.titles() if title.open_ended} == {
        "scale_up", "pre_unicorn", "unicorn", "tech_leader", "green_factory",
    }


def test_five_rungs_in_the_order_of_the_plan(pack: Pack) -> None:
    ladder = pack.ladders()[0]
    assert ladder.code == pack.setting("default_ladder") == "yumiao"
    assert [rung.label for rung in ladder.rungs] == ["小升规", "专精特新", "瞪羚", "单项冠军", "独角兽"]
    assert ladder.rungs[1].titles == ("srdi_city", "srdi", "little_giant")
    assert ladder.rungs[4].approach == ("pre_unicorn",)


def test_other_ladders_ship_too(pack: Pack) -> None:
    assert [ladder.code for ladder in pack.ladders()] == ["yumiao", "opinions", "technology", "high_growth", "national"]


def test_eight_support_actions(pack: Pack) -> None:
    assert [action.label for action in pack.actions()] == [
        "专精特新提升行动", "中小企业培优提升行动", "服务企业提升行动", "企业融资能力提升行动", "创新能力提升行动", "管理提升“百千万”行动",
        "信息化水平提升行动", "产业生态优化提升行动",
    ]


@pytest.mark.parametrize(("code", "value", "unit", "basis", "comparison"), [
    ("YM-T02", 150, "家", "new_in_period", ">="),
    ("YM-T08", 1000, "名", "new_in_period", "about"),
    ("YM-T10", 200, "家", "per_year", "about"),
    ("OP-T04", 400, "家", "cumulative", ">="),
    ("OP-T05", 80, "家", "cumulative", ">="),
    ("ST-T01", 100, "万户", "stock", ">="),
    ("ST-T03", 700, "家", "stock", ">="),
    ("ST-T08", 30, "个", "cumulative", "about"),
])
def test_targets_keep_value_unit_and_basis_of_the_text(
    pack: Pack, code: str, value: int, unit: str, basis: str, comparison: str,
) -> None:
    target = next(one for one in pack.targets() if one.code == code)
    assert target.value == Decimal(value)
    assert pack.entry("units", target.unit).label == unit
    assert (target.basis, target.comparison) == (basis, comparison)


def test_all_targets_of_the_three_documents(pack: Pack) -> None:
    counts = {prefix: sum(target.code.startswith(prefix) for target in pack.targets()) for prefix in ("YM-", "OP-", "ST-")}
    assert counts == {"YM-": 14, "OP-": 15, "ST-": 8}


def test_conflicting_targets_stand_side_by_side_and_one_governs(pack: Pack) -> None:
    pair = {target.code: target for target in pack.targets() if target.metric == "title.srdi.province_up"}
    assert pair["OP-T04"].conflicts_with == "ST-T03"
    assert [code for code, target in pair.items() if target.governing] == ["ST-T03"]


def test_rewards_name_no_amount_where_the_text_has_none(pack: Pack) -> None:
    amounts = {entry.code: getattr(entry, "amount_cap_yuan", 0) for entry in pack.entries("rewards")}
    assert amounts["OP-R1"] == 100_000
    assert amounts["ST-R1"] == amounts["OP-R2"] == 500_000
    assert amounts["YM-R1"] is None


def test_every_entry_has_document_clause_dates_and_confidence(pack: Pack) -> None:
    documents = {document.code for document in pack.documents()}
    for _, entry in pack.content.entries():
        assert entry.document in documents
        assert entry.clause
        assert entry.effective_from
        assert entry.confidence in ("confirmed", "待核")


def test_three_city_documents(pack: Pack) -> None:
    assert [document.code for document in pack.documents() if document.kind == "plan"] == [
        "liaocheng-yumiao-2021", "liaocheng-opinions-2022", "liaocheng-strong-town-2023",
    ]


def test_defaults_of_our_own_are_never_shown_as_confirmed_policy(pack: Pack) -> None:
    assert all(not setting.confirmed for setting in pack.entries("settings") if setting.document == "system-defaults")
    assert not pack.document("system-defaults").confirmed


def test_the_yearly_update_moved_from_april_to_may_in_2026(pack: Pack) -> None:
    def due(on: date) -> str:
        return str(getattr(pack.entry("calendar", "quality_sme_update", on), "ends_on", ""))

    assert due(date(2025, 12, 31)) == "04-30"
    assert due(date(2026, 5, 1)) == "05-31"


def test_every_section_is_used(pack: Pack) -> None:
    optional = {"facts", "baselines", "holidays"}  # further facts a city may declare; years the calendar library does not know yet
    assert [section.key for section in SECTIONS if not getattr(pack.content, section.key) and section.key not in optional] == []


def test_an_unknown_code_is_answered_in_words(pack: Pack) -> None:
    with pytest.raises(NotFound, match="称号 golden_ox"):
        pack.title("golden_ox")
    assert pack.title_label("golden_ox") == "golden_ox"
