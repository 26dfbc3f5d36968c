"""Forms of the identity capability: shape only; the rules decide in actions."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.infra.web.forms import Form


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
