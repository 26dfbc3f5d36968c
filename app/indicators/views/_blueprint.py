"""The blueprint of the indicator pages. A city whose pack names no indicators has none of them, and says so."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user

from app.infra.web.access import has
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.queries import current_pack

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")


@blueprint.before_request
def none_here() -> Any:
    """The page of a city without an indicator system; who may not see indicators is told that by the view itself."""
    if not current_user.is_authenticated or not has(Permission.INDICATOR_VIEW):
        return None
    pack = current_pack()
    if pack.indicators():
        return None
    if request.view_args:  # a number of another city's table
        raise NotFound(f"没有找到这个数：{pack.label}的政策文件没有镇街指标体系。请从菜单重新进入。")
    if request.method == "POST":
        raise Invalid("no_indicators", f"{pack.label}的政策文件没有镇街指标体系，不能计算或导出。")
    return render_template("indicators/none.html", pack=pack)
