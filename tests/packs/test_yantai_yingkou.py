"""The packs of Yantai and Yingkou say what the two city documents say: every table here was written by hand from the print."""

from datetime import date
from decimal import Decimal

import pytest

from app.packs import Pack, read_pack

YT, YK = "yantai-2023", "yingkou-145"

# code, label, clause, metric, value, printed unit, comparison, basis, last year
YANTAI = """
01 民营经济市场主体|一(二)；二(二)4|scale.market_entities_private|120 万户|>=|stock|2025
02 民间投资占全部投资比重|一(二)|econ.private_investment_share|60 %|>=|ratio|2025
03 高新技术企业|二(二)5|title.hightech|2500 家|>=|stock|2025
04 国家科技型中小企业信息库入库企业|二(二)5|title.tech_sme|3500 家|>=|stock|2025
05 科技型领军企业|二(二)5|title.tech_leader|20 家|>=|new_in_period|2025
06 创新型中小企业|二(二)6|title.innovative_sme|1000 家|>=|stock|2025
07 省级及以上专精特新企业|二(二)6|title.srdi.province_up|800 家|about|stock|2025
08 省级以上制造业单项冠军企业|二(二)6|title.champion.province_up|110 家|>=|stock|2025
09 瞪羚企业|二(二)6|title.gazelle|260 家|>=|stock|2025
10 独角兽企业|二(二)6|title.unicorn|9 家|>=|stock|2025
11 规模以上工业企业|二(二)7|scale.above_scale_industry|3000 家|>|stock|2025
12 限额以上批发零售住宿餐饮业企业|二(二)7|scale.above_limit_trade_catering|2500 家|>|stock|2025
13 规模以上服务业企业|二(二)7|scale.above_scale_service|1000 家|>|stock|2025
14 省级及以上中小企业特色产业集群|二(三)8|cluster.sme_special.province_up|10 家|>=|stock|2025
15 上云企业|二(四)10|digital.cloud_enterprise|4 万家|>=|stock|2025
16 工业设备上云|二(四)10|digital.cloud_device|100 万台（套）|>=|stock|2025
17 顾问+雇员式数字化诊断企业|二(四)11|digital.consultant_diagnosis|100 家|>=|one_off|-
18 智能工厂、数字化车间、智能制造场景|二(四)11|digital.smart_factory_workshop_scene|20 个|>=|per_year|-
19 市级以上绿色工厂|二(四)12|green.factory.city_up|300 家|about|stock|2025
20 重点境外市场|二(五)14|trade.key_market|20 国|>=|one_off|-
21 重点保障国际展会|二(五)14|trade.key_exhibition|35 个|>=|one_off|-
22 省级以上小微企业创业创新示范基地|二(六)16|platform.startup_base.province_up|30 个|>=|stock|2025
23 省级以上中小企业公共服务示范平台|二(六)16|platform.sme_service_demo.province_up|30 个|>=|stock|2025
24 培训企业家|三(二)|people.entrepreneur_attendance|2000 人次|>=|per_year|-
"""
YINGKOU = """
01 民营经济占地区生产总值比重|二(二)|econ.private_gdp_share|85 %|>=|ratio|2025
02 民营经济税收占比|二(二)|econ.private_tax_share|70 %|>=|ratio|2025
03 民间固定资产投资占比|二(二)|econ.private_investment_share|80 %|>=|ratio|2025
04 民营经济市场主体|二(二)|scale.market_entities_private|28 万户|>=|stock|2025
05 民营企业数量|二(二)|scale.private_enterprises|6 万户|>=|stock|2025
06 新培育省级以上“专精特新”项目|二(二)|title.srdi.province_up|100 家|>=|new_in_period|2025
07 雏鹰、瞪羚企业|二(二)|title.hatchling_gazelle|200 家|>=|new_in_period|2025
08 高新技术企业|二(二)|title.hightech|500 家|>|stock|2025
09 科技型中小企业登记注册数量|二(二)|title.tech_sme|1000 家|>=|stock|2025
10 民营企业进入全省百强企业|二(二)|scale.province_top100_series|15 家|>=|stock|2025
11 规模以上民营企业新增|二(二)|scale.above_scale_private_new|300 家|>=|new_in_period|2025
12 新增上市公司|二(二)|finance.listed_new|3 家|>=|new_in_period|2025
13 制造业单项冠军企业|二(二)|title.champion|2 家|>=|new_in_period|2025
14 省级以上科技创新基地|二(二)|innov.base.province_up|50 家|>=|stock|2025
15 孵化器、中试基地、众创空间和技术转移示范机构|二(二)|innov.incubation_family.province_up|30 家|>=|stock|2025
16 星创天地|二(二)|innov.agri_makerspace|30 家|>=|stock|2025
17 省级以上中小企业公共服务示范平台|二(二)|platform.sme_service_demo.province_up|5 个|>=|new_in_period|2025
18 省级以上双创示范基地|二(二)|platform.startup_base.province_up|5 家|>=|new_in_period|2025
19 两个健康评价良好以上|二(二)|eval.two_healths|良好 等级|state|state|2023
20 两个健康评价优秀|二(二)|eval.two_healths|优秀 等级|state|state|2025
21 争创省标杆城市和国家示范联系点城市|二(二)|eval.model_city|省级标杆/国家联系点 状态|state|state|2023
22 基本达到国家民营经济示范城市标准|二(二)|eval.model_city|达标 状态|state|state|2025
23 信易+领域|三(一)2|credit.xinyi_fields|30 个|>=|one_off|-
24 行业信用分级分类监管|三(一)2|credit.graded_supervision_fields|30 个|>=|one_off|-
25 金小二三个专区|三(一)3|finance.portal_zone|3 个|>=|one_off|-
"""
COUNTIES = "各区市政府（管委）"
OWNERS = {
    "二(一)2": "各级各部门", "二(一)3": f"市委统战部 市行政审批服务局 市工业和信息化局 市工商联 {COUNTIES}",
    "二(二)4": f"市发展改革委 市行政审批服务局 市工业和信息化局 市市场监管局 {COUNTIES}", "二(二)5": "市科技局", "二(二)6": f"市工业和信息化局 {COUNTIES}",
    "二(二)7": f"市发展改革委 市工业和信息化局 市商务局 市工商联 {COUNTIES}", "二(三)8": f"市工业和信息化局 {COUNTIES}", "二(三)9": f"市工业和信息化局 {COUNTIES}",
    "二(四)10": f"市工业和信息化局 {COUNTIES}", "二(四)11": f"市工业和信息化局 {COUNTIES}", "二(四)12": f"市工业和信息化局 {COUNTIES}",
    "二(五)13": f"市发展改革委 市工业和信息化局 {COUNTIES}", "二(五)14": f"市商务局 {COUNTIES}", "二(五)15": f"市财政局 市工业和信息化局 {COUNTIES}",
    "二(六)16": f"市工业和信息化局 市科技局 {COUNTIES}", "二(七)20": f"市地方金融监管局 市发展改革委 市财政局 人民银行市中心支行 {COUNTIES}",
    "二(七)21": "市财政局 市地方金融监管局 人民银行市中心支行 烟台银保监分局 市工业和信息化局",
    "二(七)22": f"市地方金融监管局 人民银行市中心支行 烟台银保监分局 市科技局 市工业和信息化局 {COUNTIES}",
    "三(二)": f"市委组织部 市委统战部 市人力资源社会保障局 市工业和信息化局 {COUNTIES}", "三(四)": f"市委组织部 市委宣传部 市委统战部 市工业和信息化局 市工商联 {COUNTIES}",
    "一(二)": f"市发展改革委 市市场监管局 市工业和信息化局 {COUNTIES}",
    "一(二)；二(二)4": f"市发展改革委 市行政审批服务局 市工业和信息化局 市市场监管局 {COUNTIES}",
}
"""责任单位 of each clause of the Yantai plan, as printed. The Yingkou plan names none."""
PROGRAMMES = {
    "yantai": "惠企政策“免申即享” 二(一)2|营商环境创新提升行动 二(一)3|服务企业专员机制 二(一)3|全生命周期服务闭环 二(二)4|骨干企业倍增计划 二(二)7|产业链链长制 二(三)9|"
    "融链固链、卡位入链工程 二(三)9|中小企业数字化赋能专项行动 二(四)10|数字专员进企业活动 二(四)11|“百企千线”试点示范行动 二(四)11|山东制造·网行天下 二(五)13|"
    "百企出海_货遍全球 二(五)14|境外市场开拓计划 二(五)14|政府采购定向支持 二(五)15|金融赋能行动 二(七)|“专精特新”企业综合金融服务创新试点 二(七)22|"
    "“技能兴烟”行动 三(二)|科技型中小企业五个一批 二(二)5",
    "yingkou": "“两个健康”评价指标体系创新 三(一)1|政务服务创新 三(一)2|互联网融合服务创新 三(一)3|公共服务创新 三(一)4|“专精特新”梯度培育专项行动 三(二)2|"
    "民营企业信息化推进工程 三(二)2|“互联网+”“智能+”专项行动 三(二)2|创新型企业培育工程 三(四)1|上云用数赋智 三(四)2|5G+工业互联网工程 三(四)2|揭榜挂帅 三(四)3|"
    "“好差评”制度 三(五)2|企业改制上市“星火计划” 三(五)3|营口英才计划 三(七)2|民营企业家培训体系 三(七)3|营口民营企业家日 四(五)",
}
POOLS = {
    "yantai": "“准四上”企业培育库 二(二)7|科技型企业“五个一批” 二(二)5|倍增培育企业名单 二(二)7|智能制造系统供应商培育库 二(四)11|上市后备企业资源库 二(七)20|"
    "“专精特新”和科技型中小企业金融支持培育库 二(七)22",
    "yingkou": "企业公共服务机构库 三(一)4|专家库 三(一)4|重点培育民营企业上市资源库 三(二)3",
}
REWARDS = {
    "yantai": "免申即享奖补 二(一)2|境外参会参展资金支持 二(五)14|上市奖补 二(七)20|融资担保风险补偿、保费补贴和降费奖补 二(七)21|优秀企业家奖励制度 三(四)",
    "yingkou": "上市支持 三(二)3",
}
ROLES = {
    "yantai": "服务企业专员 二(一)3|服务企业专家团 二(一)3|链长 二(三)9|包联领导 二(二)7|数字专员 二(四)11|金融辅导员 二(七)19",
    "yingkou": "项目管家 三(一)2|入库服务机构 三(一)4|入库专家 三(一)4",
}
PLATFORMS = {
    "yantai": "数字化公共服务平台 二(四)10|烟台金融综合服务平台 二(七)19|烟台资本市场服务基地 二(七)20|供应链金融服务平台 二(七)23|公共海外仓商品展示中心 二(五)14",
    "yingkou": "营商之家 三(一)2|金小二综合金融服务平台 三(一)3|营口市科技创新综合信息服务平台 三(四)3|政企互通服务平台 四(三)|星火·链网骨干节点 三(一)3",
}
DUTIES = {
    "yantai": "跨部门协调解决重点难点问题 三(一)|惠企政策应宣尽宣、应享尽享 二(一)2|倍增培育企业动态管理 二(二)7",
    "yingkou": "运行分析和跟踪监测 四(四)|重点行业、重点企业运行监测 四(四)|规划实施情况跟踪分析 四(四)|入库机构和专家向社会公开发布 三(一)4|惠企政策落实评估 三(一)2",
}
BASELINES = """
scale.market_entities_private 25.1 万户 一1 confirmed|scale.private_enterprises 5.7 万户 一1 confirmed|econ.private_gdp_share 81 % 一1 confirmed|
econ.private_investment 351.3 亿元 一1 confirmed|econ.private_tax 137.4 亿元 一3 confirmed|econ.private_va_primary 8 % 一2 confirmed|
econ.private_va_secondary 44 % 一2 confirmed|econ.private_va_tertiary 48 % 一2 confirmed|econ.private_tax_share 63.7 % 一3 confirmed|finance.listed 2 家 一1 confirmed|
finance.neeq 10 户 一1 confirmed|finance.regional_board 94 户 一1 confirmed|innov.rd_institution 364 家 一4 confirmed|title.tech_sme 283 家 一4 confirmed|
title.hightech 272 家 一4 confirmed|title.hatchling 40 家 一4 confirmed|title.gazelle 17 家 一4 confirmed|title.hatchling_gazelle 57 家 一4 待核|
innov.incubation_family.province_up 13 家 一4 待核|scale.province_top100_series 12 家 一5 confirmed
"""
LADDERS = {
    "yantai": [
        ("main", "二(二)6", True, "创新型中小企业=innovative_sme > 专精特新中小企业=srdi > 专精特新“小巨人”企业=little_giant > "
                                  "制造业单项冠军企业=single_champion_province+single_champion"),
        ("technology", "二(二)5", True, "科技型中小企业=tech_sme > 高新技术企业=high_tech > 科技领军企业=tech_leader"),
        ("smart_factory", "二(四)11", True, "市级智能工厂=smart_factory_city > 省级智能工厂=smart_factory_province > 国家级智能工厂=smart_factory_nation"),
        ("high_growth", "二(二)6", False, "瞪羚企业=gazelle > 独角兽企业=unicorn"),
    ],
    "yingkou": [
        ("main", "三(四)1", True, "科技型中小企业=tech_sme > 高新技术企业=high_tech > 雏鹰企业=eaglet > 瞪羚企业=gazelle > 独角兽企业=unicorn"),
        ("srdi_action", "三(二)2", False, "雏鹰=eaglet > 瞪羚=gazelle > 独角兽=unicorn > 隐形冠军=hidden_champion > 单项冠军=single_champion_province+single_champion"),
    ],
}
CRITERIA = {
    "gazelle_yantai": (
        "yantai", "company_age >= 3 年|revenue_cagr_2y >= 30 %|total_profit_cagr_2y >= 30 %|revenue_cagr_2y >= 20 %|total_profit_cagr_2y >= 20 %|"
        "revenue_cagr_2y >= 15 %|total_profit_cagr_2y >= 15 %|revenue_cagr_2y >= 10 %|total_profit_cagr_2y >= 10 %|rd_ratio >= 2.5 %|rd_ratio >= 5 %|"
        "invention_patents >= 2 项|utility_models >= 2 项|software_copyrights >= 4 项",
    ),
    "gazelle_liaoning_2021": (
        "yingkou", "company_age <= 5 年|revenue >= 5 亿元|company_age <= 10 年|revenue >= 10 亿元|company_age <= 20 年|revenue > 1000 万元|revenue_cagr_3y >= 20 %|"
        "revenue_growth > 0 %|employees > 100 人|employees_cagr_3y >= 30 %|employees_growth > 0 %|single_venture_investment >= 1000 万元|tech_spend_ratio >= 2.5 %",
    ),
    "eaglet_liaoning_2021": ("yingkou", "company_age <= 10 年"),
}


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {city: read_pack(city) for city in ("yantai", "yingkou")}


@pytest.mark.parametrize(("city", "document", "prefix", "table"), [("yantai", YT, "YT-T", YANTAI), ("yingkou", YK, "YK-T", YINGKOU)])
def test_targets_line_by_line(packs: dict[str, Pack], city: str, document: str, prefix: str, table: str) -> None:
    pack, written = packs[city], []
    for target in pack.targets():
        amount = target.state if target.value is None else format(target.value.normalize(), "f")
        unit = getattr(pack.entry("units", target.unit), "label", "")
        code, last = target.code.removeprefix(prefix), target.deadline or "-"
        written.append(f"{code} {target.label}|{target.clause}|{target.metric}|{amount} {unit}|{target.comparison}|{target.basis}|{last}")
        assert (target.document, target.confidence) == (document, "confirmed")
        span = {"yantai": (2023, 2025), "yingkou": (2021, 2025)}[city] if target.basis == "new_in_period" else (None, None)
        assert (target.period_from, target.period_to) == span
        owners = tuple(OWNERS[target.clause].split()) if city == "yantai" else ()
        assert (target.owners, target.owner_source) == (owners, "section" if city == "yantai" else "not stated"), target.code
    assert written == table.strip().splitlines()


def test_only_what_the_text_strives_for_is_an_endeavour(packs: dict[str, Pack]) -> None:
    found = {target.code: target.strength for pack in packs.values() for target in pack.targets() if target.strength}
    assert found == dict.fromkeys(("YT-T10", "YK-T01", "YK-T12", "YK-T13"), "力争")


SECTIONS = {"programmes": PROGRAMMES, "pools": POOLS, "rewards": REWARDS, "roles": ROLES, "platforms": PLATFORMS, "duties": DUTIES}


@pytest.mark.parametrize("city", ["yantai", "yingkou"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_other_entry_of_the_document_with_its_clause(packs: dict[str, Pack], section: str, city: str) -> None:
    document = {"yantai": YT, "yingkou": YK}[city]
    own = [entry for entry in packs[city].entries(section) if entry.document == document]
    assert sorted((entry.label.replace(" ", "_"), entry.clause) for entry in own) == sorted(tuple(line.split()) for line in SECTIONS[section][city].split("|"))
    assert {entry.confidence for entry in own} == {"confirmed"}
    assert {entry.effective_from for entry in own} == {date(2023, 4, 26) if city == "yantai" else date(2022, 8, 1)}


@pytest.mark.parametrize("section", ["programmes", "pools", "rewards"])
def test_owners_are_those_printed_under_the_clause(packs: dict[str, Pack], section: str) -> None:
    """A whole section (金融赋能行动) has no line of its own; the pool of suppliers is kept by nobody the text names."""
    for entry in packs["yantai"].entries(section):
        if entry.document == YT and entry.clause in OWNERS and getattr(entry, "owners", ()):
            assert entry.owners == tuple(OWNERS[entry.clause].split()), entry.code
    assert not any(getattr(entry, "owners", ()) for entry in packs["yingkou"].entries(section) if entry.document == YK)


def test_the_figures_of_2020(packs: dict[str, Pack]) -> None:
    pack, written = packs["yingkou"], []
    for one in pack.content.baselines:
        unit = getattr(pack.entry("units", one.unit), "label", "")
        written.append(f"{one.metric} {format(one.value.normalize(), 'f')} {unit} {one.clause} {one.confidence}")
        assert one.year == 2020
    assert written == [line.strip() for line in BASELINES.replace("\n", "").split("|")]
    assert packs["yantai"].content.baselines == ()


@pytest.mark.parametrize("city", ["yantai", "yingkou"])
def test_ladders_with_their_titles(packs: dict[str, Pack], city: str) -> None:
    document = {"yantai": YT, "yingkou": YK}[city]
    own = [ladder for ladder in packs[city].ladders() if ladder.document == document]
    written = [(one.code, one.clause, one.ordered, " > ".join(f"{rung.label}={'+'.join(rung.titles)}" for rung in one.rungs)) for one in own]
    assert written == LADDERS[city] and packs[city].ladders()[0].code == "main"


@pytest.mark.parametrize("code", CRITERIA)
def test_thresholds_of_the_cities_own_rules(packs: dict[str, Pack], code: str) -> None:
    from app.packs.criteria_tree import walk

    city, table = CRITERIA[code]
    version = next(one for one in packs[city].content.criteria if one.code == code)
    leaves = [f"{node.field} {node.op} {format(Decimal(node.value).normalize(), 'f')} {node.unit}" for node in walk(version.rule, {}) if node.value is not None]
    assert leaves == table.split("|") and version.confidence == "待核"
    edges = [(case.from_, case.below) for node in walk(version.rule, {}) if node.choose for case in node.cases]
    assert edges == ([(500, 1000), (1000, 10000), (10000, 40000), (40000, None), (10000, None), (None, 10000)] if code == "gazelle_yantai" else [])


def test_titles_only_these_cities_know(packs: dict[str, Pack]) -> None:
    liaocheng = {title.code for title in read_pack("liaocheng").titles()}
    assert {title.code for title in packs["yantai"].titles()} - liaocheng == {"smart_factory_city", "smart_factory_province", "smart_factory_nation"}
    assert {title.code for title in packs["yingkou"].titles()} - liaocheng == {"hidden_champion"}
    issuers = {city: {title.code: title.issuer for title in pack.titles()} for city, pack in packs.items()}
    assert issuers["yingkou"]["gazelle"] == issuers["yingkou"]["eaglet"] == "省科技厅" and "工业和信息化" in str(issuers["yantai"]["gazelle"])
    unsure = [title for pack in packs.values() for title in pack.titles() if title.document in (YT, YK)]
    assert unsure and not any(title.confirmed for title in unsure)


@pytest.mark.parametrize(("city", "code", "number", "issuer", "issued", "period"), [
    ("yantai", YT, "烟政办字〔2023〕27号", "烟台市人民政府办公室", date(2023, 4, 26), (2023, 2025)),
    ("yingkou", YK, "营政办发〔2022〕15号", "营口市人民政府办公室", date(2022, 8, 1), (2021, 2025)),
])
def test_the_documents_themselves(packs: dict[str, Pack], city: str, code: str, number: str, issuer: str, issued: date, period: tuple[int, int]) -> None:
    paper = packs[city].document(code)
    assert (paper.number, paper.issuer, paper.issued_on, paper.effective_from) == (number, issuer, issued, issued)
    assert (paper.period_from, paper.period_to, paper.confidence, paper.public) == (*period, "confirmed", True)
