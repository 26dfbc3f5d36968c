"""Every permission the system knows. Roles (app/identity/roles.py) are sets of these; routes name exactly one."""

from enum import StrEnum


class Permission(StrEnum):
    """Code = capability.verb. The Chinese label is what an administrator reads in the permission table."""

    HOME_VIEW = "home.view"
    SEARCH = "search.use"
    AREA_VIEW = "area.view"
    AREA_EDIT = "area.edit"
    USER_VIEW = "user.view"
    USER_EDIT = "user.edit"
    ROLE_ASSIGN = "role.assign"
    AUDIT_VIEW = "audit.view"
    PACK_VIEW = "pack.view"
    PACK_EDIT = "pack.edit"
    IMPORT_USE = "import.use"
    ENTERPRISE_COUNT = "enterprise.count"
    ENTERPRISE_VIEW = "enterprise.view"
    ENTERPRISE_EDIT = "enterprise.edit"
    ENTERPRISE_MERGE = "enterprise.merge"
    ENTERPRISE_EXPORT = "enterprise.export"
    CONTACT_REVEAL = "contact.reveal"
    FIGURES_VIEW = "figures.view"
    FIGURES_EDIT = "figures.edit"
    LADDER_VIEW = "ladder.view"
    RECOGNITION_EDIT = "recognition.edit"
    DIAGNOSIS_VIEW = "diagnosis.view"
    DIAGNOSIS_EDIT = "diagnosis.edit"
    POOL_VIEW = "pool.view"
    POOL_EDIT = "pool.edit"
    APPLICATION_VIEW = "application.view"
    APPLICATION_EDIT = "application.edit"
    APPLICATION_RECOMMEND = "application.recommend"
    TEAM_VIEW = "team.view"
    TEAM_EDIT = "team.edit"
    TEAM_COUNT = "team.count"
    ASSIGN_EDIT = "assignment.edit"
    VISIT_REQUEST = "visit.request"
    ASSIGN_PROPOSE = "assignment.propose"
    PROVIDER_OWN = "provider.own"
    VISIT_VIEW = "visit.view"
    VISIT_PLAN = "visit.plan"
    VISIT_LOG = "visit.log"
    VISIT_REVIEW = "visit.review"
    VISIT_OVERSEE = "visit.oversee"
    VISIT_OWN = "visit.own"
    DEMAND_COUNT = "demand.count"
    DEMAND_VIEW = "demand.view"
    DEMAND_RAISE = "demand.raise"
    DEMAND_HANDLE = "demand.handle"
    DEMAND_DISPATCH = "demand.dispatch"
    REMINDER_VIEW = "reminder.view"
    REMINDER_URGE = "reminder.urge"
    REMINDER_EDIT = "reminder.edit"
    TARGET_VIEW = "target.view"
    TARGET_EDIT = "target.edit"
    INDICATOR_VIEW = "indicator.view"
    INDICATOR_COMPUTE = "indicator.compute"
    INDICATOR_EXPORT = "indicator.export"
    CONTEST_RUN = "contest.run"
    CONTEST_ENTER = "contest.enter"
    CONTEST_GRADE = "contest.grade"
    CONTEST_VETO = "contest.veto"
    JOB_VIEW = "job.view"
    SYSTEM_VIEW = "system.view"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: dict[Permission, str] = {
    Permission.HOME_VIEW: "查看工作台",
    Permission.SEARCH: "全局搜索",
    Permission.AREA_VIEW: "查看区划与机构",
    Permission.AREA_EDIT: "维护区划与机构",
    Permission.USER_VIEW: "查看账号",
    Permission.USER_EDIT: "维护账号",
    Permission.ROLE_ASSIGN: "分配角色与权限",
    Permission.AUDIT_VIEW: "查看审计日志",
    Permission.PACK_VIEW: "查看政策包",
    Permission.PACK_EDIT: "维护政策包",
    Permission.IMPORT_USE: "使用导入中心",
    Permission.ENTERPRISE_COUNT: "查看企业数量",
    Permission.ENTERPRISE_VIEW: "查看企业档案",
    Permission.ENTERPRISE_EDIT: "维护企业档案",
    Permission.ENTERPRISE_MERGE: "合并重复企业",
    Permission.ENTERPRISE_EXPORT: "导出企业名单",
    Permission.CONTACT_REVEAL: "查看完整联系方式",
    Permission.FIGURES_VIEW: "查看经营数据",
    Permission.FIGURES_EDIT: "维护经营数据",
    Permission.LADDER_VIEW: "查看梯度看板",
    Permission.RECOGNITION_EDIT: "维护称号认定",
    Permission.DIAGNOSIS_VIEW: "查看差距诊断",
    Permission.DIAGNOSIS_EDIT: "录入人工核验和平台评分",
    Permission.POOL_VIEW: "查看培育库",
    Permission.POOL_EDIT: "维护培育库",
    Permission.APPLICATION_VIEW: "查看申报",
    Permission.APPLICATION_EDIT: "办理申报和县级审核",
    Permission.APPLICATION_RECOMMEND: "市级推荐和结果登记",
    Permission.TEAM_VIEW: "查看服务队和资源池",
    Permission.TEAM_EDIT: "维护服务队、服务商和资源池",
    Permission.TEAM_COUNT: "查看服务覆盖家数",
    Permission.ASSIGN_EDIT: "安排企业的服务队",
    Permission.VISIT_REQUEST: "为本企业申请服务、答复预约",
    Permission.ASSIGN_PROPOSE: "提出服务安排建议",
    Permission.PROVIDER_OWN: "维护本机构资料和资源",
    Permission.VISIT_VIEW: "查看走访服务",
    Permission.VISIT_PLAN: "受理服务申请和预约",
    Permission.VISIT_LOG: "登记走访",
    Permission.VISIT_REVIEW: "审核走访记录",
    Permission.VISIT_OVERSEE: "抽查走访、核查收费反映",
    Permission.VISIT_OWN: "查看和确认对本企业的走访",
    Permission.DEMAND_COUNT: "查看企业诉求数量和三率",
    Permission.DEMAND_VIEW: "查看企业诉求",
    Permission.DEMAND_RAISE: "登记企业诉求",
    Permission.DEMAND_HANDLE: "办理企业诉求",
    Permission.DEMAND_DISPATCH: "转办、督办企业诉求",
    Permission.REMINDER_VIEW: "查看和处理本人的提醒",
    Permission.REMINDER_URGE: "催办、督办",
    Permission.REMINDER_EDIT: "维护提醒规则和发送通道",
    Permission.TARGET_VIEW: "查看目标任务",
    Permission.TARGET_EDIT: "填报目标任务的数值",
    Permission.INDICATOR_VIEW: "查看强镇指标",
    Permission.INDICATOR_COMPUTE: "计算强镇指标",
    Permission.INDICATOR_EXPORT: "导出强镇指标",
    Permission.CONTEST_RUN: "组织强镇评选",
    Permission.CONTEST_ENTER: "登记强镇评选数据",
    Permission.CONTEST_GRADE: "强镇定性评审",
    Permission.CONTEST_VETO: "会签强镇否决事项",
    Permission.JOB_VIEW: "查看后台任务",
    Permission.SYSTEM_VIEW: "查看系统状态",
}
