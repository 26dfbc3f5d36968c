"""The roles as a table for docs/permissions.md."""

from app.identity.roles import PLACES, ROLES
from app.kernel.permission import Permission

HEAD = """# 角色与权限

本表由 `flask users permissions > docs/permissions.md` 从代码（app/identity/roles.py）生成，测试保证两者一致，请勿手工修改。

权限只说明“能做什么”；“在哪里做”由职务的范围（全部城市、省、市、县或开发区、镇街、服务队、本企业）和起止日期决定。
省和全部城市的职务覆盖其中现有和以后载入的每一个城市；管理员只能在自己的管辖范围内分配职务：市级管理员不能分配省级职务，
省级职务由省级或全域管理员分配，覆盖全部城市的职务只由全域管理员（或服务器上的 `flask users create … --area all`）分配。
一人多职时范围合并，但每项权限只在授予它的那个职务的范围内有效。三类管理员没有业务数据，默认不得由同一人担任（`YUMIAO_SEPARATE_ADMINS`）。
"""


def permission_table() -> str:
    """Markdown: the roles with their places, then permission by role."""
    lines = [HEAD, "## 角色", "", "| 角色 | 代码 | 可在哪里担任 | 说明 | 可分配的角色 |", "|---|---|---|---|---|"]
    for role in ROLES.values():
        places = "、".join(PLACES[p] for p in role.places)
        gives = "全部角色" if role.assigns == frozenset(ROLES) else "业务角色和系统管理员" if role.assigns else "—"
        lines.append(f"| {role.label} | `{role.code}` | {places} | {role.note} | {gives} |")
    labels = " | ".join(role.label for role in ROLES.values())
    lines += ["", "## 权限", "", f"| 权限 | {labels} |", "|---|" + "---|" * len(ROLES)]
    for permission in Permission:
        marks = " | ".join("●" if permission in role.permissions else "" for role in ROLES.values())
        lines.append(f"| {permission.label} `{permission.value}` | {marks} |")
    return "\n".join(lines) + "\n"
