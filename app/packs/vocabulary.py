"""The facts criteria may ask about: one name, label, unit, period and origin per fact.

``kind``: money (kept in 元), pct (0-100), count, number, points, flag, choice (ordered, lowest first), code, titles, day.
``period``: ``year`` = one value per year; ``state`` = what holds on the day of the question. A fact with a derivation is computed unless it is
stated. ``column``: column of ``EnterpriseYear`` that feeds it (for a state: of the latest year known). Packs may declare further facts
(section ``facts``); those live in the extra fields of the enterprise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["money", "pct", "count", "number", "points", "flag", "choice", "code", "titles", "day"]
Period = Literal["year", "state"]
NUMERIC_KINDS = frozenset({"money", "pct", "count", "number", "points"})
TITLE_PREFIX = "title."
MONEY_UNITS = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


@dataclass(frozen=True)
class Derivation:
    """How a fact follows from others. ``how``: ratio (part of whole, %), growth (over ``years``, %), mean_growth (mean of the yearly rates),
    compound (compared by powers, never by roots), difference, or the name of a special rule of the engine."""

    how: str
    of: tuple[str, ...]
    years: int = 1


@dataclass(frozen=True)
class FactField:
    """One fact. ``floor_zero``: can never be negative, so a sum with a gap has a lower end. ``below``: never larger than that other fact."""

    code: str
    label: str
    kind: Kind
    unit: str = ""
    period: Period = "state"
    column: str | None = None
    derivation: Derivation | None = None
    floor_zero: bool = True
    below: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = field(default=())

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC_KINDS

    def choice_rank(self, code: str) -> int:
        """Position of a choice; raises ValueError."""
        return [one for one, _ in self.choices].index(code)

    def choice_label(self, code: str) -> str:
        return dict(self.choices).get(code, code)


def _ratio(part: str, whole: str) -> Derivation:
    return Derivation("ratio", (part, whole))


def _money(code: str, label: str, column: str | None = None, *, floor_zero: bool = True, below: str | None = None, aliases: tuple[str, ...] = (),
           derivation: Derivation | None = None) -> FactField:
    known = (*aliases, column) if column else aliases
    return FactField(code, label, "money", "万元", "year", column, derivation, floor_zero, below, aliases=known)


def _count(code: str, label: str, unit: str, column: str | None = None, aliases: tuple[str, ...] = ()) -> FactField:
    return FactField(code, label, "count", unit, "year", column, aliases=(*aliases, column) if column else aliases)


def _pct(code: str, label: str, derivation: Derivation | None, aliases: tuple[str, ...] = (), *, period: Period = "year",
         floor_zero: bool = False) -> FactField:
    return FactField(code, label, "pct", "%", period, None, derivation, floor_zero, aliases=aliases)


def _state(code: str, label: str, kind: Kind, unit: str = "", column: str | None = None, aliases: tuple[str, ...] = (),
           derivation: Derivation | None = None) -> FactField:
    return FactField(code, label, kind, unit, "state", column, derivation, aliases=(*aliases, column) if column else aliases)


def _flag(code: str, label: str, *aliases: str, derivation: Derivation | None = None) -> FactField:
    return FactField(code, label, "flag", aliases=aliases, derivation=derivation)


RD_LEVELS = (("none", "无"), ("below_city", "市级以下"), ("city", "市级"), ("province", "省部级"), ("nation", "国家级"))
SIZES = (("micro", "微型"), ("small", "小型"), ("medium", "中型"), ("large", "大型"))
ENTITIES = (("company", "企业法人"), ("branch", "分支机构"), ("individual", "个体工商户"), ("other", "其他组织"))
LISTINGS = (("none", "未上市未挂牌"), ("regional", "区域股权市场挂牌或已报辅导"), ("neeq", "新三板挂牌"), ("listed", "已上市"))
CHAMPION_KINDS = (("enterprise", "单项冠军企业"), ("product", "单项冠军产品"))

MONEY: tuple[FactField, ...] = (
    _money("revenue", "营业收入", "revenue_yuan", aliases=("sales",)),
    _money("main_revenue", "主营业务收入", "main_revenue_yuan", below="revenue", aliases=("main_rev",)),
    _money("lead_product_revenue", "主导产品收入", below="revenue"),
    _money("high_tech_revenue", "高新技术产品（服务）收入", below="revenue"),
    _money("net_profit", "净利润", "net_profit_yuan", floor_zero=False),
    _money("total_profit", "利润总额", floor_zero=False),
    _money("cost_and_expense", "成本费用总额"),
    _money("assets", "资产总额", "assets_yuan"),
    _money("debt", "负债总额", "debt_yuan"),
    _money("net_assets", "净资产", floor_zero=False, derivation=Derivation("difference", ("assets", "debt"))),
    _money("rd_expense", "研发费用", "rd_expense_yuan", aliases=("rd",)),
    _money("domestic_rd_expense", "境内研发费用", below="rd_expense"),
    _money("tech_spending", "科技活动经费支出"),
    _money("equity_financing", "合格机构投资者新增股权融资（实缴）", "equity_financing_yuan", aliases=("qualified_equity", "equity")),
    _money("single_venture_investment", "单笔创业投资"),
    _money("tax", "纳税总额", "tax_yuan"),
    _money("exports", "出口额", "exports_yuan"),
)
PEOPLE: tuple[FactField, ...] = (
    _count("employees", "从业人员", "人", "employee_count"),
    _count("rd_staff", "研发人员", "人", "rd_staff_count"),
    _count("tech_staff", "科技人员", "人"),
    _count("results_transformed", "科技成果转化数", "项"),
)
RATIOS: tuple[FactField, ...] = (
    _pct("main_rev_ratio", "主营业务收入占营业收入比重", _ratio("main_revenue", "revenue"), floor_zero=True),
    _pct("lead_product_revenue_ratio", "主导产品收入占营业收入比重", _ratio("lead_product_revenue", "revenue"), floor_zero=True),
    _pct("main_product_ratio", "单一产品收入占主营业务收入比重", _ratio("lead_product_revenue", "main_revenue"), floor_zero=True),
    _pct("high_tech_revenue_ratio", "高新技术产品（服务）收入占比", _ratio("high_tech_revenue", "revenue"), floor_zero=True),
    _pct("debt_ratio", "资产负债率", _ratio("debt", "assets"), floor_zero=True),
    _pct("net_margin", "净利润率", _ratio("net_profit", "revenue")),
    _pct("rd_ratio", "研发费用占营业收入比重", _ratio("rd_expense", "revenue"), floor_zero=True),
    _pct("rd_to_cost_ratio", "研发费用占成本费用比重", _ratio("rd_expense", "cost_and_expense"), floor_zero=True),
    _pct("domestic_rd_ratio_3y", "近三年境内研发费用占比", Derivation("ratio_3y", ("domestic_rd_expense", "rd_expense"), 3), ("domestic_rd_ratio",),
         floor_zero=True),
    _pct("tech_spend_ratio", "科技活动经费占营业收入比重", _ratio("tech_spending", "revenue"), floor_zero=True),
    _pct("rd_staff_ratio", "研发人员占比", _ratio("rd_staff", "employees"), floor_zero=True),
    _pct("tech_staff_ratio", "科技人员占比", _ratio("tech_staff", "employees"), floor_zero=True),
    _pct("rd_ratio_3y", "近三年研发费用占销售收入比重", Derivation("ratio_3y", ("rd_expense", "revenue"), 3), floor_zero=True),
)
GROWTH: tuple[FactField, ...] = (
    _pct("main_rev_growth", "主营业务收入增长率", Derivation("growth", ("main_revenue",)), ("main_revenue_growth",)),
    _pct("revenue_growth", "营业收入增长率", Derivation("growth", ("revenue",))),
    _pct("employees_growth", "从业人员增长率", Derivation("growth", ("employees",))),
    _pct("net_profit_growth", "净利润增长率", Derivation("growth", ("net_profit",))),
    _pct("total_profit_growth", "利润总额增长率", Derivation("growth", ("total_profit",))),
    _pct("main_rev_growth_avg_2y", "近两年主营业务收入平均增长率", Derivation("mean_growth", ("main_revenue",), 2), ("main_rev_growth_2y",)),
    _pct("revenue_cagr_2y", "近两年营业收入复合增长率", Derivation("compound", ("revenue",), 2)),
    _pct("net_profit_cagr_2y", "近两年净利润复合增长率", Derivation("compound", ("net_profit",), 2)),
    _pct("total_profit_cagr_2y", "近两年利润总额复合增长率", Derivation("compound", ("total_profit",), 2)),
    _pct("revenue_cagr_3y", "近三年营业收入复合增长率", Derivation("compound", ("revenue",), 3)),
    _pct("employees_cagr_3y", "近三年从业人员复合增长率", Derivation("compound", ("employees",), 3), ("staff_cagr_3y",)),
    _pct("net_assets_growth_3y", "净资产增长率（三年）", Derivation("high_tech_growth", ("net_assets",), 3)),
    _pct("sales_growth_3y", "销售收入增长率（三年）", Derivation("high_tech_growth", ("revenue",), 3)),
)
SCORES: tuple[FactField, ...] = (
    FactField("platform_score", "专精特新发展评价得分（国家平台）", "points", "分", "year"),
    _state("credit_score", "第三方信用评分", "points", "分"),
)
STATES: tuple[FactField, ...] = (
    _state("niche_market_years", "从事特定细分市场年限", "number", "年", "niche_years", ("niche_years_to_date", "years_in_field")),
    _state("class1_ip", "与主导产品相关、已应用的Ⅰ类知识产权（非转让取得）", "count", "件", "ip_class1_count", ("ip_class1",)),
    FactField("self_class1_ip", "自主研发的Ⅰ类知识产权", "count", "件", below="class1_ip"),
    FactField("high_value_ip", "Ⅰ类高价值知识产权", "count", "件", column="ip_high_value_count", below="class1_ip",
              aliases=("class1_high_value_ip", "ip_high_value_count")),
    _state("class2_ip", "Ⅱ类知识产权", "count", "件", "ip_class2_count", ("ip_class2",)),
    _state("invention_patents", "发明专利", "count", "件"),
    _state("utility_models", "实用新型专利", "count", "件"),
    _state("software_copyrights", "软件著作权", "count", "件"),
    _state("utility_software_ip", "实用新型专利和软件著作权合计", "count", "件", derivation=Derivation("sum", ("utility_models", "software_copyrights"))),
    _state("digital_grade", "数字化水平等级", "count", "级", "digital_grade"),
    _state("market_share", "国内细分市场占有率", "pct", "%", "market_share_pct"),
    _state("market_rank", "国内细分市场排名", "count", "名", "market_rank", ("domestic_rank",)),
    _state("province_rank", "省内细分市场排名", "count", "名"),
    _state("global_rank", "全球细分市场排名", "count", "名"),
    _state("valuation_usd", "最近一轮融资估值", "number", "亿美元", aliases=("valuation",)),
    _state("company_age", "成立年限", "number", "年", aliases=("age", "age_years"), derivation=Derivation("company_age", ("founded_on",))),
    _state("transition_age", "转入四新经济年限", "number", "年"),
    _state("registered_days", "注册成立天数", "count", "天", derivation=Derivation("registered_days", ("founded_on",))),
    _state("founded_on", "成立日期", "day"),
    _state("industry", "行业代码（GB/T 4754-2017）", "code", aliases=("industry_code",)),
    FactField("entity_kind", "主体类型", "choice", choices=ENTITIES, derivation=Derivation("entity_kind", ("credit_code",))),
    _state("credit_code", "统一社会信用代码", "code"),
    FactField("size_class", "规模类型", "choice", choices=SIZES,
              derivation=Derivation("size_class", ("industry", "employees", "revenue", "assets"))),
    _flag("is_sme", "属于中小企业", derivation=Derivation("is_sme", ("size_class",))),
    FactField("rd_institution_level", "研发机构级别", "choice", choices=RD_LEVELS, aliases=("rd_institution",)),
    FactField("listing", "上市挂牌情况", "choice", choices=LISTINGS),
    FactField("champion_kind", "申报类别", "choice", choices=CHAMPION_KINDS),
)
FLAGS: tuple[FactField, ...] = (
    _flag("independent_legal_person", "在境内（不含港澳台）注册、具有独立法人资格", "registered_in_china"),
    _flag("registered_in_province", "在本省注册、具有独立法人资格"),
    _flag("on_blacklist", "列入经营异常名录或严重失信主体名单", "on_abnormal_list"),
    _flag("banned_product", "产品（服务）属于禁止、限制或淘汰类"),
    _flag("grave_incident_3y", "近三年发生重大安全（含网络、数据安全）、质量、环境污染事故"),
    _flag("serious_incident_3y", "近三年发生较大生产安全事故、重大网络和数据安全事件、重大环境违法或严重质量问题"),
    _flag("tax_or_fraud_3y", "近三年偷漏税、数据造假等违法失信行为", "tax_evasion_3y"),
    _flag("incident_2y", "当年和上年发生重大安全、质量事故，严重环境违法或科研严重失信"),
    _flag("incident_1y", "申请前一年内发生重大安全、质量事故或严重环境违法"),
    _flag("province_award_3y", "近三年获国家级或省级科技奖励", "tech_award_3y"),
    _flag("province_award_top3_3y", "近三年获省部级以上科技奖励并排名前三"),
    _flag("province_award_top3_or_national_top5_3y", "近三年获省级科技奖励前三或国家级科技奖励前五"),
    _flag("national_award_top3_3y", "近三年获国家级科技奖励并排名前三"),
    _flag("national_award_top3_5y", "近五年获国家级科技奖励并排名前三"),
    _flag("innovation_honour", "有效期内的国家级技术创新示范企业、知识产权优势或示范企业"),
    _flag("maker_top500_3y", "近三年进入“创客中国”全国500强"),
    _flag("maker_top50_3y", "近三年进入“创客中国”全国50强企业组"),
    _flag("strategic_emerging", "主导产品属于战略性新兴产业", "field"),
    _flag("fills_gap", "主导产品补短板、锻长板、填空白并取得实际成效"),
    _flag("six_bases_or_supplier", "属工业六基、中华老字号，或为关键产业链重点龙头配套"),
    _flag("key_fields", "主导产品属工业六基、制造强国十大重点或网络强国领域"),
    _flag("chain_key_link", "位于产业链关键环节，补短板、锻长板、填空白"),
    _flag("quality_award", "获省级以上质量奖"),
    _flag("quality_system", "建立质量管理体系（ISO9001等）并获认证"),
    _flag("own_brand", "拥有自主品牌"),
    _flag("standards_work", "参与制修订国际、国家或行业标准"),
    _flag("standards_lead", "主导制定国际、国家或行业标准"),
    _flag("standards_lead_5y", "近五年主导制定国际、国家或行业标准"),
    _flag("information_system", "核心业务采用信息系统支撑"),
    _flag("system_certified", "取得管理体系认证，或产品通过发达国家和地区认证"),
    _flag("market_reputation", "主导产品享有较高知名度"),
    _flag("owns_ip", "对主要产品核心技术拥有知识产权所有权"),
    _flag("key_supported_field", "主要产品核心技术属于国家重点支持的高新技术领域"),
    _flag("in_scope_industry", "所属行业在年度通知范围内"),
    _flag("excluded_industry", "房地产开发、基础设施建设或金融行业"),
    _flag("good_credit", "纳税和信用记录良好"),
    _flag("controlled_by_listed", "被上市公司控股或收购"),
    _flag("private_financing_received", "获得私募股权投资并已到位（非控股股东投入）"),
    _flag("new_product", "属于新产品（申报产品）"),
    _flag("construction_qualified", "有总承包或专业承包资质", "qualification"),
    _flag("developing_real_estate", "有房地产开发经营活动"),
    _flag("province_project_field", "属于省重大工程或黄河流域规划领域"),
    _flag("province_flagship_chain", "属于省标志性产业链"),
    _flag("province_project_and_chain", "属于省重大工程或黄河流域规划领域，且属于省标志性产业链",
          derivation=Derivation("both", ("province_project_field", "province_flagship_chain"))),
    _flag("province_other_field", "属海洋、乡村振兴或军民融合领域"),
    _flag("city_key_industry", "属市级重点产业"),
    _flag("county_key_industry", "属县级重点产业"),
    _flag("first_unit", "有首台（套）、首批次、首版次产品"),
    _flag("design_or_maker_award", "获省长杯工业设计或“创客中国”山东赛区优秀以上"),
    _flag("core_process_patent", "核心工艺、配方有专利证明"),
    _flag("new_business_form", "有新技术、新业态、新模式"),
    _flag("overseas_activity", "有境外并购、研发机构或产品认证"),
    _flag("lean_management", "实施精益管理"),
)
BUILT_IN: tuple[FactField, ...] = (*MONEY, *PEOPLE, *RATIOS, *GROWTH, *SCORES, *STATES, *FLAGS)
BY_CODE: dict[str, FactField] = {one.code: one for one in BUILT_IN}
ALIASES: dict[str, str] = {alias: one.code for one in BUILT_IN for alias in one.aliases if alias and alias != one.code}


def find(code: str, declared: dict[str, FactField] | None = None) -> FactField | None:
    """The fact of a code: built in, declared by the pack, or ``title.<code>`` (holds a valid title)."""
    if code.startswith(TITLE_PREFIX):
        return FactField(code, code, "flag")
    return BY_CODE.get(code) or (declared or {}).get(code)


def sources_of(code: str, declared: dict[str, FactField] | None = None) -> tuple[str, ...]:
    """The stated facts behind a fact: itself, or what its derivation needs, followed to the end."""
    found = find(code, declared)
    if found is None or found.derivation is None:
        return (code,)
    return tuple(dict.fromkeys(source for part in found.derivation.of for source in sources_of(part, declared)))
