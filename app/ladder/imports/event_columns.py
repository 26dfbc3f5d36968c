"""What the columns of a file of events may be called (事项、日期、原…、新…、文号、原因)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from app.enterprises.imports.columns import AUTHOR, CREDIT_CODE, NAME, ON
from app.exchange.rules.fields import Choice, Field, Kind, words
from app.ladder.rules.events import LABELS

_OLD = words("原 原来 原所在 原所属 变更前 变更前的 变动前 调整前 迁移前 迁出 旧 变更前所属 变更前所在 调出 划出 迁出地")
_NEW = words("新 现 新所在 新所属 现所在 现所属 变更后 变更后的 变动后 调整后 迁移后 迁入 迁至 迁往 变更后所属 变更后所在 调入 划入 迁入地 拟迁入 变更为")
_TOWN = words(
    "镇街 乡镇 街道 镇 乡镇街道 乡镇（街道） 乡镇/街道 街道乡镇 镇（街道） 镇办 镇街道 统计镇街 属地 所属镇街 "
    "所在镇街 所属乡镇 所在乡镇 地 地址所在镇街 区域")
_COUNTY = words("县区 县市区 区县 县（市、区） 所属县区 所在县区 所属县市区 所在县市区 县")
_UNIT = words("管理单位 管辖单位 归属 归属单位 主管县区 管理县区 隶属 隶属单位 管理区 托管单位 管辖 管辖区 所属单位 托管区 管理单位（县区或开发区）")
_NAME_OF = words("名称 企业名称 单位名称 公司名称 名 企业名 企业全称")


def _both(first: Iterable[str], second: Iterable[str], *more: str) -> tuple[str, ...]:
    return (*more, *(a + b for a, b in product(first, second)))


EVENT_FIELDS: tuple[Field, ...] = (
    replace(NAME, note="有代码时仅供核对；没有代码时按企业名称（含曾用名）精确对应；管理单位调整不用填"),
    replace(CREDIT_CODE, required=False),
    Field(
        "kind", "事项", Kind.TEXT, max_length=60, clearable=False, sample="迁移",
        synonyms=words(

                "变动类型 变更类型 事件 事件类型 变动事项 变更事项 变动情况 变动类别 变更类别 变更情况 事项类型 事项类别 "
                "业务类型 调整类型 变动 事项名称 事由类型 处理类型 "
            "类型 变化类型 变化情况 办理事项 动态 动态类型 状态变动 变动种类 事件名称 环节 阶段 步骤 进展 处理方式 处理结果类型"
        ),
        choices=tuple(Choice(code, label) for code, label in LABELS.items()),
        note="如：迁移、迁出、注销、升规、退库、个转企、更名、兼并、分立；称号的推荐、公示、公示异议、认定、复核、称号变更、撤销、作废；镇街的管理单位调整",
    ),
    Field("status", "状态", Kind.TEXT, max_length=60, clearable=False, offered=False, synonyms=words(
        "现状态 企业状态 登记状态 经营状态 "
        "变更后状态 目前状态 企业现状")),
    Field(
        "on", "日期", Kind.DATE, clearable=False, sample="2024-03-15",
        synonyms=words(
            "发生日期 发生时间 生效日期 生效时间 变动日期 变动时间 变更日期 变更时间 事项日期 执行日期 执行时间 办理日期 办理时间 核准日期 批准日期 批准时间 "
            "调整日期 调整时间 时间 起始日期 登记日期 决定日期 自何日起 事件日期 事件时间 实施日期 起效日期 处理日期 处理时间"
        ),
    ),
    Field("old_town", "原镇街", Kind.CODE, max_length=80, clearable=False,
        synonyms=_both(_OLD, _TOWN, "迁出地", "原属地", "原所在地", "迁出镇街"), sample=""),
    Field(
        "new_town", "新镇街", Kind.CODE, max_length=80, clearable=False,
        synonyms=_both(_NEW, _TOWN, "迁入地", "迁往地", "新属地", "新所在地", "迁入镇街", "现所在地", "现属地", "迁至"), sample="",
        note="迁移后的统计所在乡镇（街道）",
    ),
    Field("old_county", "原县区", Kind.TEXT, max_length=60, clearable=False, offered=False, synonyms=_both(_OLD, _COUNTY)),
    Field("new_county", "新县区", Kind.TEXT, max_length=60, clearable=False, synonyms=_both(_NEW, _COUNTY), note="用来区分重名的镇街"),
    Field("old_name", "原名称", Kind.NAME, max_length=120, clearable=False, synonyms=_both(_OLD, _NAME_OF, "曾用名", "旧名")),
    Field("new_name", "新名称", Kind.NAME, max_length=120, clearable=False,
        synonyms=_both(_NEW, _NAME_OF, "更名后名称", "更名为", "变更后全称", "更名后企业名称")),
    Field("town", "乡镇（街道）", Kind.CODE, max_length=80, clearable=False, synonyms=words(

            "镇街 乡镇 街道 镇 镇街道 镇办 乡镇街道 镇（街道） 乡镇/街道 镇街名称 乡镇名称 所属镇街 所属乡镇 所在镇街 "
            "所在乡镇 所属街道 所在街道 镇街代码 乡镇代码 街道乡镇 街道名称 区划名称"
    ), note="管理单位调整的镇街"),
    Field("county", "县（市、区）", Kind.TEXT, max_length=60, clearable=False, synonyms=words(
        "县区 县市区 区县 所属县区 所属县市区 所在县区 "
        "所在县市区 所在区县 所属区县 县"), note="用来区分重名的镇街"),
    Field("old_unit", "原管理单位", Kind.TEXT, max_length=60, clearable=False, synonyms=_both(_OLD, _UNIT)),
    Field("new_unit", "新管理单位", Kind.TEXT, max_length=60, clearable=False,
        synonyms=_both(_NEW, _UNIT, "划入单位", "接管单位", "托管方"), note="县（市、区）或开发区"),
    Field("old_text", "原内容", Kind.TEXT, max_length=120, clearable=False, synonyms=words(
        "原值 变更前 变更前内容 变动前 变动前内容 调整前 "
        "原信息 原情况 原 旧值 变更前信息 变更前情况")),
    Field("new_text", "新内容", Kind.TEXT, max_length=120, clearable=False, synonyms=words(
        "新值 变更后 变更后内容 变动后 变动后内容 调整后 新信息 "
        "新情况 新 现值 变更后信息 变更后情况 现内容")),
    Field(
        "title", "称号", Kind.TEXT, max_length=100, clearable=False, sample="",
        synonyms=words(
            "称号名称 荣誉称号 荣誉 认定称号 认定类别 企业称号 资质名称 认定名称 培育类型 称号类别 荣誉名称 荣誉资质 "
            "资质荣誉 资质 认定类型 涉及称号 撤销称号名称"),
        note="称号的事项必填",
    ),
    Field("level", "级别", Kind.TEXT, max_length=20, clearable=False, synonyms=words("层级 认定级别 称号级别 等级 荣誉级别")),
    Field("batch_year", "批次年度", Kind.YEAR, clearable=False, minimum=1990, maximum=2100, synonyms=words(
        "认定年度 认定年份 获评年度 入选年度 "
        "认定批次年度 年度 年份"), note="同一称号有多个批次时用来区分"),
    Field("batch", "批次", Kind.CODE, max_length=60, clearable=False, offered=False, synonyms=words("认定批次 批次名称 公布批次 入选批次")),
    Field("document", "文号", Kind.CODE, max_length=120, clearable=False, sample="示例文〔2024〕12号", synonyms=words(
        "文件号 发文字号 文件文号 依据文件 依据 文件 公告文号 批准文号 撤销文号 撤销文件 公示文号 通知文号 依据文号 文件依据 文件名称 政策依据")),
    Field("reason", "原因", Kind.TEXT, max_length=200, clearable=False, synonyms=words(

            "变动原因 变更原因 撤销原因 取消原因 作废原因 注销原因 退库原因 迁移原因 调整原因 事由 理由 说明 备注 情况说明 "
            "异议内容 原因说明 撤销理由 取消理由 迁出原因 备注说明")),
    Field("result", "结果", Kind.TEXT, max_length=40, clearable=False, synonyms=words(
        "复核结果 处理结果 异议处理结果 复核结论 "
        "结论 复审结果 核查结果"), note="复核：通过、未通过；异议：成立、不成立、处理中"),
    Field("until", "公示截止", Kind.DATE, clearable=False, synonyms=words("公示截止日期 公示结束日期 公示期止 公示止 公示结束时间 公示截止时间")),
    Field("valid_from", "有效期起", Kind.DATE, clearable=False, synonyms=words("有效期开始 有效期自 有效起始日期 有效期起始 有效期开始日期 新有效期起")),
    Field("valid_to", "有效期止", Kind.DATE, month_end=True, clearable=False, synonyms=words(
        "有效期至 有效期截止 有效期限 有效期终止 有效期到 有效截止日期 有效期结束 有效期截至 有效期 新有效期止 新有效期至"), note="认定、复核通过时填写"),
    Field("evidence", "佐证材料", Kind.TEXT, max_length=200, clearable=False, synonyms=words("佐证 证书编号 佐证资料 附件 链接")),
    *(
        Field(f"{kind}_on", label, Kind.DATE, clearable=False, offered=False, synonyms=words(more))
        for kind, label, more in (
            ("moved", "迁移日期", "迁移时间 迁址日期 迁入日期 迁入时间 搬迁日期 搬迁时间 迁址时间"), ("moved_out", "迁出日期", "迁出时间 外迁日期"),
            ("cancelled", "注销日期", "注销时间 核准注销日期 注销核准日期"), ("licence_revoked", "吊销日期", "吊销时间"),
            ("above_scale", "升规日期", "升规时间 入规日期 入规时间 入统日期 入统时间 纳统日期 纳统时间 入库日期 入库时间 上规时间 上规日期"),
            ("below_scale", "退库日期", "退库时间 退规日期 退统日期 退规时间 退统时间"),
            ("from_individual", "个转企日期", "转企日期 转企时间 个转企时间"), ("renamed", "更名日期", "更名时间 名称变更日期 名称变更时间"),
            ("recommended", "推荐日期", "推荐时间 推荐上报日期"),
            ("noticed", "公示日期", "公示时间 公示起始日期 公示开始日期 公示期起 公示开始时间 公示起"),
            ("objected", "异议日期", "异议时间 提出异议日期"),
            ("announced", "公布日期", "公告日期 公告时间 公布时间 认定日期 认定时间 发文日期 发文时间 发布日期 获评日期 授予日期"),
            ("reviewed", "复核日期", "复核时间 复审日期 复核通过日期"),
            ("revoked", "撤销日期", "撤销时间 取消日期 取消时间 摘牌日期 撤销生效日期"), ("voided", "作废日期", "作废时间"),
        )
    ),
    AUTHOR,
    ON,
)
TYPED = tuple(field.key.removesuffix("_on") for field in EVENT_FIELDS if field.key.endswith("_on") and field.key != ON.key)
"""Kinds that may have a date column of their own."""
