"""Chinese names of the fields of all entries, for pages, differences and messages."""

from app.packs.schema.base import CONFIDENCE_LABELS
from app.packs.schema.criteria import APPLICATION_LABELS
from app.packs.schema.indicators import DIRECTION_LABELS, NATURE_LABELS, SOURCE_LABELS
from app.packs.schema.lifecycle import CALENDAR_KINDS, STEPS
from app.packs.schema.plans import BASIS_LABELS, COMPARISON_LABELS
from app.packs.schema.pools import ADMITTED_BY_LABELS, TERM_LABELS
from app.packs.schema.reminders import AUDIENCES
from app.packs.schema.scoring import METHOD_LABELS
from app.packs.schema.titles import CYCLE_LABELS

FIELD_LABELS = {
    "code": "代码", "label": "名称", "document": "依据文件", "clause": "条款", "effective_from": "生效日", "effective_to": "失效日",
    "confidence": "核实情况", "note": "说明", "disabled": "停用",
    "kind": "类别", "number": "文号",
    "issuer": "发文或认定单位", "issued_on": "印发日期", "issued_month": "印发月份", "period_from": "期间起",
    "period_to": "期间止", "public": "公开", "lead": "牵头单位", "departments": "责任单位", "implements": "落实的上级文件", "caveats": "口径说明",
    "source": "来源", "aliases": "其他写法", "order": "次序", "track": "赛道", "rank": "赛道内次序", "levels": "级别", "default_level": "默认级别",
    "validity_years": "有效期（年）", "open_ended": "无固定有效期", "cycle": "到期办理", "renewal_due": "年度办理", "basis": "口径或依据",
    "members": "对应称号", "default": "不写级别时", "ordered": "分先后", "rungs": "层级", "seq": "序号", "owners": "责任单位", "items": "内容",
    "merges": "并入的说法",
    "documents": "写到的文件", "system": "指标体系", "group": "一级指标", "nature": "性质", "direction": "方向", "weight": "权重（%）",
    "owner": "数据责任单位", "owner_confidence": "责任单位核实情况", "form": "填报方式", "measure": "自动计算口径", "reference": "系统参考值口径",
    "window_years": "追溯年数", "triggers": "否决情形", "groups": "一级指标", "veto_group": "否决组", "scored": "计分指标数", "veto": "否决指标数",
    "quantitative": "定量数", "graded": "定性数", "weight_total": "权重合计", "inverse": "逆向指标", "veto_rows": "否决指标序号", "base": "基本单位",
    "factor": "换算倍数", "dimension": "量纲", "unit": "单位", "level": "统计层级", "titles": "称号", "formula": "算法", "metric": "统计口径",
    "value": "数值", "state": "目标状态", "value_max": "上限", "comparison": "比较", "deadline": "期限", "base_year": "基期", "scope": "对象",
    "owner_source": "责任单位出处", "strength": "原文用语", "quote": "原文摘句", "conflicts_with": "口径不同的目标", "governing": "执行口径",
    "beneficiary": "奖励对象", "amount_cap_yuan": "最高金额（元）", "payer": "出资", "frequency": "频次", "instalments": "分期", "conditions": "条件",
    "honour": "表扬（不发钱）", "due": "期限", "starts_on": "开始（月-日）", "ends_on": "截止（月-日）", "example_year": "所见年份", "member": "成员",
    "short": "简称", "ledger": "台账", "rule": "时点", "count": "计数", "optional_titles": "由设置决定是否计入", "carriers": "载体",
    "trainings": "培训", "min_level": "最低级别", "figure": "数据项", "minimum_yuan": "不低于（元）", "key": "编号", "share_pct": "占比（%）",
    "area": "范围", "per": "每个", "subject": "主体", "when": "时间", "condition": "条件", "row": "行", "col": "列", "areas": "区划",
    "includes": "基础包", "title": "称号", "region": "适用地区", "applies": "适用期间", "parameters": "参数", "application": "申报类型",
    "from_": "起", "to": "止", "choice": "选择", "choices": "可选", "criterion": "认定条件", "part": "评分部分", "period": "年度", "year": "年度",
    "starts_with": "行业代码", "employees": "从业人员（大、中、小，人）", "revenue": "营业收入（大、中、小，万元）", "assets": "资产总额（大、中、小，万元）",
    "facts": "对应数据项", "actions": "帮扶行动", "domains": "服务领域", "rewards": "奖励政策", "programmes": "行动与工程",
    "step": "办理环节", "window": "所属窗口", "owed_after": "认定后第几年起更新", "consequences": "未更新的后果", "misses": "未更新次数",
    "fields": "证明的数据项", "always": "必交", "workdays": "所需工作日（节假日：调休上班）", "days_off": "放假日",
    "term": "期限类型", "stages": "阶段", "admission": "入库条件", "admission_confidence": "入库条件核实情况", "admitted_by": "由谁入库",
    "leaves_out": "已有这些称号的不入库", "screening": "纳入准四上筛查", "capacity": "容量", "capacity_confidence": "容量核实情况", "reasons": "入库理由",
    "release_reasons": "出库理由", "goal": "达到目标",
    "verb": "操作", "lead_days": "提前天数", "lead_setting": "提前天数所在的设置", "lead_hours": "提前小时数",
    "on_day": "当天提醒", "overdue_days": "逾期后第几天", "stop_after_days": "逾期多少天后不再提醒", "at": "提醒时间",
    "copy_to": "同时告知", "escalate": "逾期升级", "after_days": "逾期天数",
    "gather": "每天合并为一条", "text": "消息模板",
    "method": "计分方法", "floor": "计分下限", "percentiles": "连续指标的参照百分位", "count_percentile": "计数指标的参照百分位",
    "sparse_below": "计数指标 p90 低于此数时分档", "sparse_steps": "分档得分（0、1、2……个）", "efficacy_floor": "功效系数法基础分",
    "continuous": "连续指标", "growth": "增速不适用时权重归入", "growth_cap": "增速上下限（%）", "never_negative": "负值按 0 计的指标",
    "grades": "定性等次得分", "rubric": "评分标准（待核）",
    "graders_min": "至少几人评审", "graders_trim_from": "几人起去掉最高最低", "ties": "同分时依次比较", "targets": "各镇街目标值",
    "checks": "诊断条目", "stage": "经营环节", "action": "帮扶行动", "person": "称呼", "split": "分组", "english": "英文", "identifier": "代码中的名字",
}
VALUE_LABELS: dict[str, dict[str, str]] = {
    "confidence": CONFIDENCE_LABELS, "owner_confidence": CONFIDENCE_LABELS, "nature": NATURE_LABELS, "direction": DIRECTION_LABELS,
    "basis": BASIS_LABELS, "comparison": COMPARISON_LABELS, "cycle": CYCLE_LABELS, "source": SOURCE_LABELS,
    "application": APPLICATION_LABELS, "term": TERM_LABELS, "admitted_by": ADMITTED_BY_LABELS, "admission_confidence": CONFIDENCE_LABELS,
    "capacity_confidence": CONFIDENCE_LABELS,
    "region": {"000000": "全国", "370000": "山东省", "210000": "辽宁省"},
    "owner_source": {"section": "原文该节", "inferred": "按任务推定", "not stated": "原文未写"},
    "kind": {
        "plan": "本市文件", "basis": "国家和省规则", "default": "系统默认", "action": "行动", "campaign": "活动", "mechanism": "机制",
        "focus": "建设重点", "light": "轻诊断", "full": "全面诊断", **CALENDAR_KINDS,
    },
    "step": STEPS,
    "member": {
        "enterprise": "企业", "provider": "服务商", "expert": "专家", "team": "服务队", "town": "乡镇（街道）", "project": "项目", "resource": "资源",
        "record": "档案",
    },
    "method": METHOD_LABELS,
    "ledger": {
        "recognitions": "称号认定", "carriers": "载体", "trainees": "培训签到", "figures": "年度经营数据", "above_scale": "四上企业",
    },
    "rule": {"valid_on_day": "取值日有效", "in_year": "数据年度内"},
    "count": {"enterprises": "企业，同一企业计一次", "carriers": "载体，同一载体计一次", "persons": "不同的人"},
    "figure": {"revenue": "营业收入"},
    "to": AUDIENCES, "copy_to": AUDIENCES,
    "level": {"city": "市", "county": "县", "town": "乡镇（街道）"},
}
