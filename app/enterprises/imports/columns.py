"""What the columns of the two files may be called (企业名单, 年度经营数据). Units and kinds as the template says them."""

from __future__ import annotations

from dataclasses import replace

from app.enterprises.models import CONTROL_TYPES, SOURCES, STATUSES
from app.exchange.rules.fields import Choice, Field, Kind, words

CREDIT_CODE = Field(
    "credit_code", "统一社会信用代码", Kind.CREDIT_CODE, required=True, clearable=False, sample="91110000MA3C0A0A0M",
    synonyms=words(
            "信用代码 社会信用代码 统一信用代码 统一代码 企业代码 机构代码 组织机构代码 证照号码 纳税人识别号 "
            "税号 USCC"
        ),
    note="18 位，按营业执照填写；单元格请保持文本格式",
)
NAME = Field(
    "name", "企业名称", Kind.NAME, max_length=120, clearable=False, sample="示例精密轴承有限公司",
    synonyms=words("单位名称 公司名称 单位详细名称 企业全称 公司全称 单位全称 名称 市场主体名称 法人单位名称 企业 "
        "纳税人名称 纳税人 商户名称 主体名称 申报企业 申报单位"),
    note="新企业必填；已有企业填写新名称即按更名处理",
)
AUTHOR = Field(
    "source_author", "填报人", Kind.NAME, max_length=60, synonyms=words("填表人 填报人员 报送人 经办人"), note="保留原始填报人",
)
ON = Field("source_on", "填报日期", Kind.DATE, synonyms=words("填表日期 报送日期 填报时间 上报日期"), note="保留原始填报日期")

ENTERPRISE_FIELDS: tuple[Field, ...] = (
    CREDIT_CODE,
    NAME,
    Field(
        "county", "县（市、区）", Kind.TEXT, max_length=60, clearable=False, sample="",
        synonyms=words(
            "县区 县市区 区县 所属县区 所属县市区 所在县区 所在县市区 所在区县 所属区县 县 区县名称 开发区 "
            "所属开发区 管理单位"
        ),
        note="用来区分重名的镇街",
    ),
    Field(
        "town", "乡镇（街道）", Kind.CODE, max_length=80, clearable=False, sample="",
        synonyms=words(
            "镇街 乡镇 街道 镇 镇街道 镇办 乡镇街道 乡镇办 乡镇街 镇（街道） 乡镇/街道 镇街名称 乡镇名称 "
            "所属镇街 所属乡镇 所在镇街 所在乡镇 所属街道 所在街道 所属镇 所属乡镇街道 所在乡镇街道 所属镇街道 "
            "统计镇街 镇街代码 乡镇代码 所属区域 属地 "
            "街道乡镇 所属街道乡镇"
        ),
        note="新企业必填；写名称或区划代码均可，“镇”“街道”二字可省略",
    ),
    Field(
        "area_code", "区划代码", Kind.CODE, max_length=80, clearable=False, offered=False,
        synonyms=words("行政区划代码 统计用区划代码 统计区划代码 所在地区划代码 镇街区划代码 所在地区划 区划"),
        note="没有乡镇（街道）列时，用 9 位或 12 位区划代码代替",
    ),
    Field("short_name", "企业简称", Kind.NAME, max_length=60, synonyms=words("简称")),
    Field(
        "industry_code", "行业代码", Kind.CODE, max_length=60, sample="C3451",
        synonyms=words(
            "国民经济行业代码 行业小类代码 行业 所属行业 国民经济行业 行业类别 行业分类 行业门类 行业大类 "
            "行业名称"
        ),
        note="GB/T 4754-2017 的门类字母加数字，或大类名称",
    ),
    Field(
        "control_type", "控股类型", Kind.CHOICE, synonyms=words("控股情况 企业控股情况 经济类型 所有制 所有制性质 企业性质"), sample="私人控股",
        choices=tuple(
            Choice(code, label, {
                "private": ("民营", "私营", "民营企业", "私营企业", "私人", "民营控股"), "collective": ("集体",), "state": ("国有", "国企", "国有企业"),
                "hmt": ("港澳台", "港澳台资", "港澳台投资"), "foreign": ("外商", "外资", "外资企业", "外商投资"),
            }.get(code, ()))
            for code, label in CONTROL_TYPES.items()
        ),
    ),
    Field(
        "founded_on", "成立日期", Kind.DATE, sample="2015-03-12",
        synonyms=words("成立时间 注册日期 注册时间 设立日期 开业日期 开业时间 成立年月 登记日期"),
    ),
    Field(
        "status", "经营状态", Kind.CHOICE, clearable=False, sample="在业",
        synonyms=words("登记状态 企业状态 经营情况 营业状态 运营状态 法律状态 状态"),
        choices=tuple(
            Choice(code, label, {
                "active": ("存续", "开业", "正常", "正常经营", "在营", "营业", "在产", "存续（在营、开业、在册）", "在营（开业）企业"),
                "suspended": ("歇业", "停产", "停业（歇业）"), "moved_out": ("已迁出",), "cancelled": ("已注销",), "revoked": ("已吊销", "吊销未注销"),
            }.get(code, ()))
            for code, label in STATUSES.items() if code != "merged"
        ),
    ),
    Field(
        "address", "经营地址", Kind.TEXT, max_length=200,
        synonyms=words("地址 企业地址 单位地址 详细地址 生产经营地址 实际经营地址 通讯地址 联系地址 办公地址 经营场所"),
    ),
    Field("registered_place", "注册地址", Kind.TEXT, max_length=200, synonyms=words("注册地 登记住所 住所 注册住所 企业注册地址")),
    Field("park", "所在园区", Kind.TEXT, max_length=80, synonyms=words("园区 产业园区 所属园区 工业园区")),
    Field("legal_person", "法定代表人", Kind.NAME, max_length=60, synonyms=words("法人 法人代表 法人姓名 法定代表人姓名 企业法人")),
    Field("main_product", "主导产品", Kind.TEXT, max_length=200, synonyms=words("主要产品 主营产品 产品 主导产品名称 主营业务 主要产品名称")),
    AUTHOR,
    ON,
)


def _money(key: str, label: str, *synonyms: str) -> Field:
    return Field(key, label, Kind.MONEY, unit="万元", by_year=True, synonyms=synonyms, minimum=None if key == "net_profit_yuan" else 0)


def _count(key: str, label: str, *synonyms: str, maximum: int | None = None) -> Field:
    return Field(key, label, Kind.COUNT, by_year=True, synonyms=synonyms, maximum=maximum)


FIGURES: tuple[Field, ...] = (
    _money("revenue_yuan", "营业收入", "营收", "销售收入", "年营业收入", "营业总收入", "全年营业收入", "收入"),
    _money("main_revenue_yuan", "主营业务收入", "主营收入", "主营业务营业收入"),
    _money("net_profit_yuan", "净利润", "净利", "税后利润"),
    _money("assets_yuan", "资产总额", "总资产", "资产总计", "资产合计", "期末资产总额", "年末资产总额"),
    _money("debt_yuan", "负债总额", "总负债", "负债合计", "负债总计", "期末负债总额", "年末负债总额"),
    _money("rd_expense_yuan", "研发费用", "研发投入", "研发经费", "研发支出", "研究开发费用", "R&D经费", "研发费用总额"),
    _money("tax_yuan", "纳税总额", "上缴税金", "税收", "纳税额", "实缴税金", "实际缴纳税金", "上缴税收", "缴税总额", "税金总额", "入库税收", "实缴税款",
        "入库税款", "实缴税额", "缴纳税款", "税收总额", "税收收入", "入库税金"),
    _money("renovation_yuan", "技改投入", "技术改造投入", "技改投资", "技术改造投资", "技改投资额"),
    _money("equity_financing_yuan", "股权融资额", "股权融资", "新增股权融资", "股权融资总额"),
    _money("exports_yuan", "出口额", "出口总额", "出口交货值", "进出口额中出口额", "外贸出口额"),
    _count(
        "employee_count", "从业人员", "从业人数", "从业人员数", "职工人数", "员工人数", "员工总数", "用工人数",
        "从业人员平均人数", "从业人员期末人数", "职工总数", "人数",
    ),
    _count("rd_staff_count", "研发人员", "研发人员数", "研发人数", "科研人员", "研究开发人员"),
    _count("ip_class1_count", "Ⅰ类知识产权", "I类知识产权", "一类知识产权", "发明专利数", "发明专利", "Ⅰ类知识产权数"),
    _count("ip_class2_count", "Ⅱ类知识产权", "II类知识产权", "二类知识产权", "Ⅱ类知识产权数"),
    _count("ip_high_value_count", "Ⅰ类高价值知识产权", "I类高价值知识产权", "高价值知识产权", "高价值发明专利"),
    _count("digital_grade", "数字化水平等级", "数字化等级", "数字化水平", "数字化水平评测等级", maximum=4),
    Field("digital_edition", "数字化测评版本", Kind.CODE, max_length=20, by_year=True, synonyms=words("数字化评测版本 评测指标版本")),
    Field(
        "market_share_pct", "细分市场占有率", Kind.PERCENT, by_year=True, minimum=0, maximum=100,
        synonyms=words("市场占有率 国内市场占有率 主导产品市场占有率 市占率"),
    ),
    _count("market_rank", "细分市场排名", "市场排名", "国内市场排名", "行业排名"),
    _count("niche_years", "从事细分市场年限", "细分市场年限", "从事特定细分市场年限", maximum=200),
)
_SOURCE_WORDS = {
    "department": words("部门 统计部门 税务部门"), "platform": words("平台 平台数据"), "enterprise": words("企业 企业自报 自报"),
}
FIGURE_FIELDS: tuple[Field, ...] = (
    replace(CREDIT_CODE, required=False, note="没有代码时可按企业名称（含曾用名）精确对应"),
    replace(NAME, note="有代码时仅供核对"),
    Field(
        "year", "年度", Kind.YEAR, minimum=1990, maximum=2100, clearable=False, synonyms=words("年份 数据年度 所属年度 统计年度 报告期 会计年度"),
        sample="2023",
        note="表头已写年份（如“2023年营业收入”）时可不填",
    ),
    Field(
        "source", "数据来源", Kind.CHOICE, clearable=False, synonyms=words("来源 数据口径来源"), sample="企业填报",
        choices=tuple(
            Choice(code, label, _SOURCE_WORDS.get(code, ()))
            for code, label in SOURCES.items()
        ),
        note="不填按企业填报",
    ),
    *FIGURES,
    Field("evidence", "佐证材料", Kind.TEXT, max_length=200, synonyms=words("佐证 依据 审计报告编号 佐证资料")),
    Field("reported_on", "填报日期", Kind.DATE, synonyms=ON.synonyms),
    AUTHOR,
)
