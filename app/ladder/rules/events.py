"""What a word of a spreadsheet says happened (事项, 变动类型), to a firm, to one of its recognitions or to a town."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.exchange.rules.fields import words
from app.kernel.text import squeeze

UNIT_CHANGED = "unit_changed"
FIRM = {
    "moved": "迁移", "moved_out": "迁出", "cancelled": "注销", "licence_revoked": "吊销", "suspended": "停业", "resumed": "恢复经营",
    "above_scale": "升规", "below_scale": "退库", "from_individual": "个转企", "renamed": "更名", "merged": "兼并", "split": "分立",
}
TITLE = {
    "recommended": "推荐", "noticed": "公示", "objected": "公示异议", "announced": "认定", "reviewed": "复核", "changed": "称号变更",
    "revoked": "撤销", "voided": "作废",
}
LABELS = {**FIRM, **TITLE, UNIT_CHANGED: "管理单位调整"}
STATUS_OF = {"moved_out": "moved_out", "cancelled": "cancelled", "licence_revoked": "revoked", "suspended": "suspended", "resumed": "active"}
"""Legal status that a firm's event brings."""


@dataclass(frozen=True)
class Said:
    """``kind`` "" = any change (变更): the other columns tell which. ``result``: of a review or an objection."""

    kind: str
    result: str | None = None


_WORDS: dict[str, Said] = {}


def _learn(kind: str, text: str, result: str | None = None) -> None:
    for word in words(text):
        _WORDS[squeeze(word)] = Said(kind, result)


_learn("moved",
    "迁移 迁址 搬迁 迁入 移址 跨区迁移 跨县迁移 跨镇迁移 住所变更 地址变更 经营地变更 所在地变更 属地变更 "
    "所属镇街变更 镇街变更 镇街调整 属地调整 变更镇街 变更属地 变更住所 变更地址 企业迁移 企业搬迁 市内迁移 "
    "区内迁移")
_learn("moved_out", "迁出 外迁 迁往外地 迁出本市 已迁出 迁出辖区 迁到市外 市外迁移")
_learn("cancelled", "注销 企业注销 注销登记 已注销 工商注销 依法注销 简易注销")
_learn("licence_revoked", "吊销 吊销营业执照 营业执照吊销 已吊销 吊销执照")
_learn("suspended", "停业 歇业 停产 停业歇业 暂停经营")
_learn("resumed", "恢复经营 复产 复工 恢复生产 恢复营业 恢复正常")
_learn("above_scale", "升规 入规 上规 升规纳统 纳统 入统 升规入统 小升规 升限 升规升限 规上入库 入库纳统 新增规上 月度入库 年度入库 新入库 升规入库")
_learn("below_scale", "退库 退规 退统 降规 退出规上 规上退库 退限 退出规模以上 下规 规下 退库企业")
_learn("from_individual", "个转企 个体转企业 个体工商户转企业 个体户转企业")
_learn("renamed", "更名 改名 名称变更 变更名称 企业更名 企业名称变更 名称变动 公司更名")
_learn("merged", "兼并 合并 吸收合并 企业合并 企业兼并 重组 兼并重组 被兼并 被合并")
_learn("split", "分立 企业分立 拆分")
_learn("recommended", "推荐 推荐上报 县级推荐 市级推荐 推荐申报 推荐公示")
_learn("noticed", "公示 拟认定 拟认定公示 公示名单 公示期 拟认定名单 公示中")
_learn("objected", "公示异议 异议 提出异议 公示期异议 异议处理")
_learn("announced", "认定 公告 公布 认定公告 正式认定 获评 获得认定 新认定 首次认定 入选 授予 获批")
_learn("reviewed", "复核 复审 期满复核 复评")
_learn("reviewed", "复核通过 通过复核 复核合格 复审通过 复核认定", "passed")
_learn("reviewed", "复核未通过 未通过复核 复核不通过 复核不合格 复审未通过 未参加复核", "failed")
_learn("changed", "称号变更 认定变更 证书变更 变更认定 资质变更 称号承继 变更备案 备案变更")
_learn("revoked",
    "撤销 取消 撤消 撤销称号 取消称号 撤销认定 取消认定 撤销资格 取消资格 认定撤销 称号撤销 摘牌 撤销荣誉 称号取消 "
    "撤销公告 取消公告 资格取消 资格撤销")
_learn("voided", "作废 登记作废 记录作废 误登 登记错误 录入错误 错误登记 录入有误 登记有误 重复登记")
_learn(UNIT_CHANGED,
    "管理单位调整 管理单位变更 归属调整 归属变更 管辖调整 管辖变更 托管 代管 划转 整建制划转 区划调整 行政区划调整 "
    "隶属调整 隶属变更 镇街归属调整 镇街归属变更 归属单位变更 管理权限调整")
_learn("", "变更 变动 调整 更正 其他变更 信息变更 变化 信息变动")
_STANDING = frozenset(map(squeeze, words("在业 存续 正常 开业 在营 正常经营 营业 在产 在册 未变动 无变动 无变化 存续（在营、开业、在册）")))
_BY_LENGTH = sorted(_WORDS, key=lambda word: (-len(word), word))
_MARKS = re.compile(r"[（()）\[\]【】、，,.。:：;；/\\\-—_“”\"'《》]")
_RESULTS = {
    "passed": "通过 合格 复核通过 符合 是 继续有效 有效 予以通过 同意", "failed": "未通过 不通过 不合格 未参加 不符合 否 取消",
    "upheld": "成立 异议成立 属实 查实", "dismissed": "不成立 异议不成立 不属实 查无实据 驳回", "open": "处理中 核实中 待处理 调查中",
}
_RESULT_WORDS = {squeeze(word): code for code, text in _RESULTS.items() for word in text.split()}


def read_kind(text: str) -> Said | None:
    """The event a text names: as a whole, else the longest word inside it; None when it names none or several different ones."""
    plain = _MARKS.sub("", squeeze(text))
    if plain in _WORDS:
        return _WORDS[plain]
    found = [word for word in _BY_LENGTH if word in plain]
    found = [word for word in found if _WORDS[word].kind or len(found) == 1]
    if not found or len(plain) > 40:
        return None
    longest = [word for word in found if len(word) == len(found[0])]
    kinds = {_WORDS[word] for word in longest}
    return kinds.pop() if len(kinds) == 1 else None


def nothing_happened(text: str) -> bool:
    """A status such as 在业 or 存续: nothing to record."""
    return squeeze(text) in _STANDING


def read_result(text: str) -> str | None:
    """通过, 未通过, 成立 … as a code."""
    return _RESULT_WORDS.get(_MARKS.sub("", squeeze(text)))
