"""The form of an entered value."""

from wtforms import DateField, DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.infra.web.forms import Form


class ValueForm(Form):
    """``value`` or ``state``, whichever the metric has."""

    catch_all = "source"

    on_day = DateField("截至日期", [InputRequired("请填写截至日期。")], description="年度数据填当年 12 月 31 日")
    value = DecimalField("数值", [Optional()])
    state = SelectField("状态", [Optional()], choices=[])
    source = StringField("数据来源", [InputRequired("请写明数据来源。"), Length(max=120, message="数据来源最多 120 字。")])
    evidence = TextAreaField("依据", [Length(max=300, message="依据最多 300 字。")], description="文件名称、文号或页码，可不填")
