"""Forms of the area pages: shape only; the rules decide in actions."""

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.areas.actions import BASES
from app.areas.models import KINDS, TOWN_KINDS
from app.infra.web.forms import Form, WholeNumber

DATE = "请按“年-月-日”填写日期，如 2025-05-18。"


class VersionForm(Form):
    version = HiddenField("版本", [DataRequired("页面内容不完整，请刷新后重试。")])

    def version_number(self) -> int:
        """The version the page showed; something unreadable counts as outdated."""
        return int(self.version.data) if (self.version.data or "").isdigit() and len(self.version.data) < 10 else -1


class MoveForm(VersionForm):
    unit_id = SelectField("管理单位", coerce=int, validate_choice=True)
    since = DateField("自哪一天起", [InputRequired(DATE)])
    document = StringField("依据文件", [Length(max=120, message="最多 120 个字。")], description="文号或名称，如 聊政通字〔2025〕2号")
    confirmed = BooleanField("已核实（不再显示“待核”）")


class ConfirmForm(VersionForm):
    document = StringField("依据文件", [InputRequired("请写明依据文件。"), Length(max=120, message="最多 120 个字。")])


class AreaForm(VersionForm):
    name = StringField("名称", [InputRequired("请填写名称。"), Length(min=2, max=60, message="名称应为 2 至 60 个字。")])
    code = StringField("区划代码", [InputRequired("请填写代码。"), Length(max=12, message="代码最长 12 位。")])
    note = StringField("备注", [Length(max=200, message="最多 200 个字。")])


class AliasForm(Form):
    alias = StringField("别名", [InputRequired("请填写别名。"), Length(min=2, max=60, message="别名应为 2 至 60 个字。")])


class CloseForm(VersionForm):
    last_day = DateField("最后一天", [InputRequired(DATE)])
    document = StringField("依据文件", [InputRequired("请写明依据文件。"), Length(max=200, message="最多 200 个字。")])


class TownForm(Form):
    name = StringField("名称", [InputRequired("请填写名称。"), Length(min=2, max=60, message="名称应为 2 至 60 个字。")])
    kind = SelectField("类别", choices=[(k, KINDS[k]) for k in TOWN_KINDS])
    county_id = SelectField("所在县（市、区）", coerce=int)
    unit_id = SelectField("管理单位", coerce=int)
    code = StringField("正式区划代码", [Length(max=12, message="代码最长 12 位。")], description="没有正式代码时留空，系统编一个临时代码")
    founded = DateField("设立日期", [InputRequired(DATE)])
    document = StringField("依据文件", [InputRequired("请写明设立依据。"), Length(max=120, message="最多 120 个字。")])


class PopulationForm(Form):
    year = WholeNumber("年度", [InputRequired("请填写年度。"), NumberRange(1949, 2100, "年度应在 1949 至 2100 之间。")])
    basis = SelectField("口径", choices=list(BASES.items()))
    source = StringField("数据来源", [InputRequired("请写明来源。"), Length(max=120, message="最多 120 个字。")], description="如 市统计局 2024 年统计年鉴")
    rows = TextAreaField(
        "各镇街人数（人）", [InputRequired("请粘贴或填写各镇街人数。"), Length(max=200_000, message="内容太长，请分次粘贴。")],
        description="每行一个镇街：镇街名称或代码，空一格，人数。可从表格中整列复制粘贴。",
    )


class ViewForm(Form):
    """Arguments of the tree page."""

    class Meta(Form.Meta):
        csrf = False

    on = DateField("日期", [Optional()])
    year = WholeNumber("人口年度", [Optional(), NumberRange(1949, 2100)])
