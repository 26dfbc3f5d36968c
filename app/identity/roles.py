"""Every role of the system, in words a director can read: what it may do and where it may be held.

A role is a set of permissions. *Where* they hold is decided by the post (role + place + dates): see ``rules.grants``.
The table in docs/permissions.md is printed from this file; a test keeps the two equal.
"""

from dataclasses import dataclass

from app.kernel.permission import Permission as P

INSTALLATION, PROVINCE, CITY, UNIT, TOWN, TEAM, ENTERPRISE = "installation", "province", "city", "unit", "town", "team", "enterprise"
PLACES = {
    INSTALLATION: "全部城市", PROVINCE: "省", CITY: "市", UNIT: "县（市、区）或开发区", TOWN: "乡镇（街道）", TEAM: "专家服务队", ENTERPRISE: "企业",
}
"""Where a post may be held; the kinds of ``area`` behind province to town stand in ``rules.PLACE_OF_KIND``."""
WIDE = (INSTALLATION, PROVINCE)
"""Places of several cities: every city of the installation, every city of a province. New cities join by themselves."""


@dataclass(frozen=True)
class Role:
    """``business`` False: holds no business data at all, whatever the post's area. ``assigns``: role codes it may give to others.

    ``wide_label``: what a post over several cities is called, behind 省级 or 全域 (empty: the same as in a city). ``routed``: permissions that
    reach only what was routed to the person's organisation (``User.organisation_id``), wherever the post is held.
    """

    code: str
    label: str
    note: str
    places: tuple[str, ...]
    permissions: frozenset[P]
    business: bool = True
    assigns: frozenset[str] = frozenset()
    wide_label: str = ""
    routed: frozenset[P] = frozenset()

    def label_at(self, place: str | None) -> str:
        """The name of the role where it is held: 市局经办 of one city is 省级经办 for a province."""
        head = {INSTALLATION: "全域", PROVINCE: "省级"}.get(place or "", "")
        return f"{head}{self.wide_label}" if head and self.wide_label else self.label


READ = frozenset({P.HOME_VIEW, P.AREA_VIEW, P.PACK_VIEW, P.REMINDER_VIEW})
COUNTS = READ | {P.ENTERPRISE_COUNT, P.INDICATOR_VIEW}
FIRMS = READ | {P.SEARCH, P.ENTERPRISE_COUNT, P.ENTERPRISE_VIEW, P.LADDER_VIEW}
CARE = FIRMS | {
    P.FIGURES_VIEW, P.DIAGNOSIS_VIEW, P.POOL_VIEW, P.APPLICATION_VIEW, P.TEAM_VIEW, P.TEAM_COUNT, P.VISIT_VIEW, P.DEMAND_VIEW, P.DEMAND_COUNT,
}
FIELD = CARE | {P.DIAGNOSIS_EDIT, P.VISIT_LOG, P.DEMAND_RAISE}
OFFICER = CARE | {
    P.IMPORT_USE, P.ENTERPRISE_EDIT, P.ENTERPRISE_MERGE, P.ENTERPRISE_EXPORT, P.CONTACT_REVEAL, P.FIGURES_EDIT,
    P.RECOGNITION_EDIT, P.DIAGNOSIS_EDIT, P.POOL_EDIT, P.APPLICATION_EDIT, P.INDICATOR_VIEW, P.INDICATOR_EXPORT, P.JOB_VIEW,
    P.TARGET_VIEW, P.ASSIGN_EDIT, P.VISIT_PLAN, P.VISIT_LOG, P.VISIT_REVIEW, P.DEMAND_RAISE, P.DEMAND_HANDLE, P.DEMAND_DISPATCH, P.REMINDER_URGE,
}

_BUSINESS = (
    Role(
        "bureau_officer", "市局经办", "领导小组办公室、市局科室：全市企业、称号、指标、政策包和区划的日常维护", (CITY, *WIDE),
        OFFICER | {
            P.AREA_EDIT, P.PACK_EDIT, P.INDICATOR_COMPUTE, P.APPLICATION_RECOMMEND, P.TEAM_EDIT, P.REMINDER_EDIT, P.VISIT_OVERSEE,
            P.CONTEST_RUN, P.CONTEST_ENTER, P.CONTEST_VETO, P.CONTEST_GRADE, P.TARGET_EDIT,
        }, wide_label="经办",
    ),
    Role(
        "city_leader", "市领导", "只读：全市情况和名单，不能修改", (CITY, *WIDE),
        CARE | {P.TARGET_VIEW, P.INDICATOR_VIEW, P.INDICATOR_EXPORT}, wide_label="领导",
    ),
    Role("county_officer", "县区经办", "本县（市、区）或开发区的企业、称号和数据维护", (UNIT,), OFFICER),
    Role(
        "town_reporter", "镇街填报员", "本乡镇（街道）：只看家数，不看企业名单和经营数据", (TOWN,),
        COUNTS | {P.INDICATOR_EXPORT, P.DEMAND_COUNT, P.TEAM_COUNT, P.CONTEST_ENTER},
    ),
    Role(
        "team_leader", "专家服务队队长", "本队服务的企业，可查看联系方式", (TEAM,),
        FIELD | {P.CONTACT_REVEAL, P.VISIT_PLAN, P.VISIT_REVIEW, P.REMINDER_URGE, P.ASSIGN_PROPOSE},
    ),
    Role("expert", "专家", "本队服务的企业，可录入人工核验", (TEAM,), FIELD),
    Role(
        "liaison", "服务专员", "派驻期内本队或指定企业，可查看联系方式", (TEAM, ENTERPRISE),
        FIELD | {P.CONTACT_REVEAL, P.VISIT_PLAN},
    ),
    Role(
        "department_liaison", "部门联络员", "成员单位：家数、强镇指标和转来的诉求，不看企业名单", (CITY, UNIT, *WIDE),
        COUNTS | {P.TARGET_VIEW, P.DEMAND_VIEW, P.DEMAND_HANDLE, P.DEMAND_COUNT, P.CONTEST_ENTER, P.CONTEST_VETO},
        routed=frozenset({P.DEMAND_VIEW, P.DEMAND_HANDLE, P.DEMAND_COUNT}),
    ),
    Role("training_organiser", "培训组织员", "按企业名单组织培训，不看经营数据", (CITY, UNIT, *WIDE), FIRMS),
    Role("provider", "服务机构", "联盟成员：政策和本机构的资料、资源", (CITY,), frozenset({P.HOME_VIEW, P.PACK_VIEW, P.REMINDER_VIEW, P.PROVIDER_OWN})),
    Role(
        "enterprise_contact", "企业联络员", "只看本企业", (ENTERPRISE,),
        frozenset({
            P.HOME_VIEW, P.PACK_VIEW, P.REMINDER_VIEW, P.ENTERPRISE_COUNT, P.ENTERPRISE_VIEW, P.FIGURES_VIEW, P.DIAGNOSIS_VIEW, P.APPLICATION_VIEW,
            P.DEMAND_VIEW, P.DEMAND_RAISE, P.VISIT_REQUEST, P.VISIT_OWN,
        }),
    ),
    Role("reviewer", "评审员", "强镇定性指标评审，不看企业名单", (CITY,), COUNTS | {P.CONTEST_GRADE}),
)

_BUSINESS_CODES = frozenset(role.code for role in _BUSINESS)
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
"""三员分立: in strict mode (``YUMIAO_SEPARATE_ADMINS``, on by default) nobody holds two of these."""

_ADMINS = (
    Role(
        "system_admin", "系统管理员", "辖区内的账号、区划和系统状态；没有业务数据", (CITY, UNIT, *WIDE),
        frozenset({P.HOME_VIEW, P.AREA_VIEW, P.AREA_EDIT, P.PACK_VIEW, P.USER_VIEW, P.USER_EDIT, P.ROLE_ASSIGN, P.SYSTEM_VIEW}),
        business=False, assigns=_BUSINESS_CODES | {"system_admin"},
    ),
    Role(
        "security_admin", "安全管理员", "角色与权限，包括三类管理员的任免；没有业务数据", (CITY, *WIDE),
        frozenset({P.HOME_VIEW, P.AREA_VIEW, P.USER_VIEW, P.USER_EDIT, P.ROLE_ASSIGN}),
        business=False, assigns=_BUSINESS_CODES | ADMINISTRATORS,
    ),
    Role(
        "audit_admin", "审计管理员", "只看审计日志和登录日志；没有业务数据", (CITY, *WIDE),
        frozenset({P.HOME_VIEW, P.AUDIT_VIEW}), business=False,
    ),
)

ROLES: dict[str, Role] = {role.code: role for role in (*_BUSINESS, *_ADMINS)}
