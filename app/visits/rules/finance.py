"""Needs of finance (004 三(四)): kinds, states, steps. Pure."""

from app.visits.rules.booking import Step

KINDS = {
    "working": "流动资金", "renovation": "技改和设备", "bridge": "应急转贷", "chain": "供应链融资", "bond": "债券", "equity": "股权融资和上市",
    "other": "其他",
}
STATES = {"open": "待对接", "tutoring": "融资辅导中", "matched": "已对接", "granted": "已获批", "failed": "未果", "withdrawn": "企业撤回"}
TONES = {"open": "warn", "tutoring": "info", "matched": "info", "granted": "ok", "failed": "bad", "withdrawn": "lapsed"}
OPEN = ("open", "tutoring", "matched")
STEPS = {step.code: step for step in (
    Step("tutor", "开始辅导", ("open",), "tutoring"),
    Step("match", "已对接机构", ("open", "tutoring"), "matched", True),
    Step("grant", "获批", ("matched",), "granted", True),
    Step("fail", "未果", OPEN, "failed", True),
    Step("withdraw", "企业撤回", OPEN, "withdrawn", True),
)}
