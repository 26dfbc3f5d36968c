"""Editing one entry: shape of the input; the pack's own rules decide in actions."""

from __future__ import annotations

import json
from typing import Any

from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from app.infra.web.forms import Form, WholeNumber
from app.packs.schema import CONFIDENCE_LABELS, Entry


class ReasonForm(Form):
    """Every change of a pack: why, and on which version it stands."""

    reason = StringField("修改原因", [InputRequired("请写明修改原因，便于日后查考。"), Length(max=120, message="原因不能超过 120 字。")])
    version_id = WholeNumber("版本", [InputRequired("请刷新页面后重新修改。")], widget=HiddenInput())

    catch_all = "reason"


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few: boxes to tick instead of a list."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DraftForm(ReasonForm):
    """A new version beside an old one."""

    code = StringField("代码", [
        InputRequired("请填写代码。"), Regexp(r"^[a-z][a-z0-9_]{1,39}$", message="代码用小写字母、数字和下划线，以字母开头，如 srdi_2027。"),
    ])
    label = StringField("名称", [InputRequired("请填写名称。"), Length(max=200, message="名称不能超过 200 字。")])
    document = SelectField("依据文件")
    clause = StringField("条款", [InputRequired("请填写条款。"), Length(max=200, message="条款不能超过 200 字。")])
    starts = DateField("文件施行日", [InputRequired("请填写施行日。")])
    note = TextAreaField("说明", [Optional(), Length(max=1000, message="说明不能超过 1000 字。")])


class BodyForm(ReasonForm):
    """The conditions of a draft as text."""

    body = TextAreaField("条件", [InputRequired("请填写条件。"), Length(max=100_000, message="内容太长，请拆分。")])


class SwitchForm(ReasonForm):
    """From which day a version decides, and what."""

    on = DateField("启用日", [InputRequired("请填写启用日。")])
    applications = CheckboxesField("适用于", [InputRequired("请至少选一种。")])


class EntryForm(ReasonForm):
    """The fields every entry has."""

    label = StringField("名称", [InputRequired("请填写名称。"), Length(max=500, message="名称不能超过 500 字。")])
    clause = StringField("条款", [InputRequired("请填写条款。"), Length(max=200, message="条款不能超过 200 字。")])
    effective_to = DateField("失效日", [Optional()], description="不填表示长期有效")
    confidence = SelectField("核实情况", choices=[SelectChoice(value, label) for value, label in CONFIDENCE_LABELS.items()])
    note = TextAreaField("说明", [Optional(), Length(max=1000, message="说明不能超过 1000 字。")])
    disabled = BooleanField("停用（已有记录仍可查看，不能再选用）")

    def values(self) -> dict[str, Any]:
        """JSON-ready fields; None = not written."""
        until = self.effective_to.data
        return {
            "label": self.label.data, "clause": self.clause.data, "effective_to": until.isoformat() if until else None,
            "confidence": self.confidence.data, "note": self.note.data or None, "disabled": True if self.disabled.data else None,
        }


class SettingForm(EntryForm):
    """A setting: its value too, written as in the file."""

    value = TextAreaField(
        "设置值", [Length(max=4000, message="设置值太长。")], description="数字直接写；文字加英文双引号；列表写成 [1, 2]；不设置写 null",
    )

    def validate_value(self, field: TextAreaField) -> None:
        try:
            self.parsed = json.loads(field.data or "null")
        except (ValueError, RecursionError) as error:
            raise ValidationError("写法不对：文字要加英文双引号，例如 \"yumiao\"；数字直接写，例如 20。") from error

    def values(self) -> dict[str, Any]:
        return {**super().values(), "value": self.parsed}


def form_for(entry: Entry, version_id: int) -> EntryForm:
    """The form of an entry, filled with what is in force."""
    data = {**entry.model_dump(), "version_id": version_id}
    if hasattr(entry, "value") and not hasattr(entry, "metric"):
        data["value"] = json.dumps(entry.model_dump(mode="json")["value"], ensure_ascii=False)
        return SettingForm(data=data)
    return EntryForm(data=data)


class WorkdayForm(Form):
    """One day of the working calendar."""

    day = DateField("日期", [InputRequired("请按“年-月-日”填写日期，如 2027-01-01。")])
    worked = SelectField("安排", choices=[SelectChoice("0", "放假"), SelectChoice("1", "上班（调休）")])
    label = StringField("名称", [Length(max=60, message="名称最多 60 个字。")], description="如 元旦、春节调休")
    document = StringField("依据", [InputRequired("请写明依据（文号或通知名称）。"), Length(max=120, message="依据最多 120 个字。")])

    catch_all = "day"


class WorkdayListForm(Form):
    """The list of a whole year."""

    year = WholeNumber("年度", [InputRequired("请填写年度。")])
    document = StringField("依据", [InputRequired("请写明依据（文号或通知名称）。"), Length(max=120, message="依据最多 120 个字。")])
    rows = TextAreaField(
        "放假和调休日期", [InputRequired("请粘贴放假安排。"), Length(max=20_000, message="内容太长，请分次粘贴。")],
        description="每行一天或一段：2027-01-01 放假 元旦；2027年2月5日至2027年2月11日 放假 春节；2027-02-14 上班 春节调休。",
    )

    catch_all = "rows"
