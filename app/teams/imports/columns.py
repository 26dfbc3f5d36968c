"""Columns of the three registers: those of their exports, and what else people call them."""

from app.exchange.rules.fields import Choice, Field, Kind, words
from app.teams.models.registers import ORIGINS, PLATFORM_TIERS, PROVIDER_KINDS, RESOURCE_KINDS


def _choices(labels: dict[str, str], aliases: dict[str, str] | None = None) -> tuple[Choice, ...]:
    more = aliases or {}
    return tuple(Choice(code, label, words(more.get(code, ""))) for code, label in labels.items())


_KIND_WORDS = {"product": "产品 服务", "course": "培训 培训课程", "equipment": "设备 仪器", "finance": "金融 金融产品"}
_TAIL = (
    Field("domains", "服务领域", Kind.TEXT, words("擅长领域 专业领域 服务类别 服务范围 领域"), max_length=300, sample="现场管理、精益生产",
          note="可写几个，用顿号隔开"),
    Field("industries", "服务行业", Kind.TEXT, words("行业 擅长行业 所属行业"), max_length=300, note="门类或大类的名称或代码，用顿号隔开；不填不限行业"),
    Field("units", "服务区域", Kind.TEXT, words("服务县区 覆盖区域 服务地区"), max_length=300, note="县（市、区）名称，用顿号隔开；不填为全市"),
    Field("capacity", "服务能力", Kind.COUNT, words("可服务企业数 服务能力（家）"), minimum=1, maximum=100_000, sample="20"),
    Field("intro", "简介", Kind.TEXT, words("机构简介 个人简介 主要业绩 资源简介 说明"), max_length=1000, multiline=True),
    Field("contact_name", "联系人", Kind.TEXT, words("联系人姓名"), max_length=60),
    Field("phone", "联系电话", Kind.PHONE, words("电话 手机 手机号 联系方式"), max_length=40),
    Field("state", "状态", Kind.TEXT, words("在盟状态 聘任状态 入盟状态"), clearable=False, max_length=20,
          note="写在盟、聘任中、可用的，办理入盟（聘任、入池）；不填为待审"),
    Field("valid_from", "有效期起", Kind.DATE, words("入盟日期 聘任日期 聘期起 入池日期"), clearable=False),
    Field("valid_to", "有效期止", Kind.DATE, words("有效期 到期日期 聘期止 有效期至"), clearable=False),
    Field("document", "依据文件", Kind.TEXT, words("文号 文件 聘任文件"), max_length=120),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "provider": (
        Field("credit_code", "统一社会信用代码", Kind.CREDIT_CODE, words("信用代码 社会信用代码"), clearable=False, sample="91371500MA3C0A1B2X"),
        Field("name", "服务商名称", Kind.NAME, words("机构名称 名称 单位名称 服务机构 服务机构名称 服务商"), required=True, clearable=False,
              max_length=120, sample="聊城某管理咨询有限公司"),
        Field("kind", "机构类别", Kind.CHOICE, words("类别 机构类型"), choices=_choices(PROVIDER_KINDS), clearable=False),
        Field("origin", "来源", Kind.CHOICE, words("机构来源 本土或引进"),
              choices=_choices(ORIGINS, {"local": "本地", "elsewhere": "外地 外来 市外"}), clearable=False),
        Field("tier", "平台层级", Kind.CHOICE, words("平台网络 平台级别"),
              choices=_choices(PLATFORM_TIERS, {"city": "市级", "county": "县级", "node": "服务机构"})),
        Field("qualification", "资质", Kind.TEXT, words("资质荣誉 机构资质"), max_length=500, multiline=True),
        Field("staff_count", "从业人员", Kind.COUNT, words("从业人数 员工人数 从业人员（人）"), minimum=1, maximum=100_000),
        Field("address", "地址", Kind.TEXT, words("办公地址 机构地址"), max_length=200), *_TAIL,
    ),
    "expert": (
        Field("name", "姓名", Kind.NAME, words("专家姓名 专家"), required=True, clearable=False, max_length=60, sample="王某"),
        Field("employer", "工作单位", Kind.NAME, words("单位 所在单位 任职单位"), required=True, clearable=False, max_length=120, sample="聊城大学"),
        Field("title", "职称职务", Kind.TEXT, words("职称 职务 职务职称"), max_length=60),
        Field("strengths", "专长类别", Kind.TEXT, words("专家类别"), max_length=60, note="解困、补短板，可都写"),
        Field("selection", "择优选聘情况", Kind.TEXT, words("选聘情况 推荐单位"), max_length=300),
        Field("conflict", "利益关系申报", Kind.TEXT, words("利益冲突 利益关系"), max_length=500), *_TAIL,
    ),
    "resource": (
        Field("kind", "资源类别", Kind.CHOICE, words("类别 资源类型"),
              choices=_choices(RESOURCE_KINDS, _KIND_WORDS), required=True, clearable=False),
        Field("name", "资源名称", Kind.TEXT, words("名称 产品名称 课程名称 设备名称"), required=True, clearable=False,
              max_length=120, sample="6S 现场管理导入"),
        Field("owner", "提供单位", Kind.NAME, words("单位 提供机构 服务商"), required=True, clearable=False, max_length=120),
        Field("free", "是否免费", Kind.YES_NO, words("免费"), clearable=False),
        Field("price_yuan", "价格", Kind.MONEY, words("收费 收费标准（万元） 价格（万元）"), unit="万元"),
        Field("price_note", "收费说明", Kind.TEXT, words("计价方式 收费方式"), max_length=120), *_TAIL,
    ),
}
KEYS = {"provider": ("credit_code", "name"), "expert": ("name", "employer"), "resource": ("kind", "name", "owner")}
