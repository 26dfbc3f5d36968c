"""Forms of the identity capability: shape only; the rules decide in actions."""

from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.infra.web.forms import Form, WholeNumber


class LoginForm(Form):
    login = StringField("登录名", [InputRequired("请填写登录名。"), Length(max=100, message="登录名太长。")])
    password = PasswordField("密码", [InputRequired("请填写密码。"), Length(max=1000, message="密码太长。")])
    next = HiddenField("登录后前往")


class PasswordForm(Form):
    current = PasswordField("现用密码", [InputRequired("请填写现用密码。"), Length(max=1000, message="密码太长。")])
    new = PasswordField("新密码", [InputRequired("请填写新密码。"), Length(max=1000, message="密码太长。")])
    again = PasswordField("再输一遍新密码", [InputRequired("请再输一遍新密码。"), Length(max=1000, message="密码太长。")])

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.new.data:
            raise ValidationError("两次输入的新密码不一致，请重新输入。")


EVERYWHERE = "all"
"""The choice “all cities” of an area field, offered to whoever administers them all."""


def _place(text: str | int | None) -> int | str | None:
    """An area id, ``EVERYWHERE`` or nothing."""
    if str(text) == EVERYWHERE:
        return EVERYWHERE
    return int(text) if text and str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else None


class AccountForm(Form):
    """Create and edit; ``login`` is fixed once made."""

    login = StringField("登录名", [InputRequired("请填写登录名。"), Length(max=40, message="登录名最长 40 个字符。")])
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=40, message="姓名最长 40 个字。")])
    area_id = SelectField("所在地区", coerce=_place, description="决定由哪一级管理员管理这个账号")


class EditAccountForm(Form):
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=40, message="姓名最长 40 个字。")])
    area_id = SelectField("所在地区", coerce=_place)
    organisation_id = SelectField("所在单位", coerce=_place, description="部门联络员看到的诉求以这里的单位为准")
    version = HiddenField("版本")

    def version_number(self) -> int:
        """The version the page showed; something unreadable counts as outdated."""
        return int(self.version.data) if (self.version.data or "").isdigit() and len(self.version.data) < 10 else -1


DATE = "请按“年-月-日”填写日期，如 2026-03-01。"


def _plausible(_form: Form, field: DateField) -> None:
    if field.data and not 1990 <= field.data.year <= 2199:
        raise ValidationError(DATE)


class PostForm(Form):
    role_code = SelectField("角色")
    area_id = SelectField("地区", coerce=_place)
    team_id = WholeNumber("专家服务队编号", [Optional(), NumberRange(1, 1_000_000, "请填写服务队编号。")], description="专家、队长、服务专员填写")
    credit_code = StringField("企业统一社会信用代码", [Length(max=40, message="代码太长。")], description="企业联络员填写")
    valid_from = DateField("起", [Optional(), _plausible], description="不填表示即日起")
    valid_to = DateField("止", [Optional(), _plausible], description="不填表示长期；派驻人员请填写")


class PostDatesForm(Form):
    valid_from = DateField("起", [Optional(), _plausible])
    valid_to = DateField("止", [Optional(), _plausible])


class LogForm(Form):
    """Filters of both logs (query string)."""

    class Meta(Form.Meta):
        csrf = False

    first = DateField("从", [Optional(), _plausible])
    last = DateField("到", [Optional(), _plausible])
    who = StringField("人员", [Length(max=60)])
    kind = StringField("类型", [Length(max=60)])
    subject = StringField("对象", [Length(max=60)])
