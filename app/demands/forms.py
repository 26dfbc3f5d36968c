"""Forms of the demand desk: shape only; the rules decide in actions."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.demands.rules.states import OUTCOMES, RATINGS
from app.demands.rules.texts import LONGEST
from app.infra.web.forms import Form, WholeNumber

ACCEPT = (".pdf", ".jpg", ".jpeg", ".png", ".doc", ".docx", ".xls", ".xlsx", ".ofd")
DATE = "请按“年-月-日”填写日期，如 2026-11-20。"


def number_or_none(text: Any) -> int | None:
    """A row's id out of a select or a hidden field; anything else is None."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else None


class DemandForm(Form):
    """Choices are set one by one."""

    error_fields = {"phone": "contact_phone"}

    def offer(self, **choices: Sequence[tuple[Any, str]]) -> None:
        """Set the choices of selects."""
        for name, pairs in choices.items():
            if name in self._fields:
                self._fields[name].choices = [SelectChoice(value, label) for value, label in pairs]


class TextsMixin:
    """The demand itself."""

    text = TextAreaField(
        "诉求内容", [InputRequired("请写明诉求。"), Length(max=LONGEST, message=f"最多 {LONGEST} 个字，请精简或改用附件。")],
        description="写清什么事、什么时候、希望怎样解决。可用手机键盘的话筒口述。",
    )
    domain = SelectField("类别", validate_choice=False)
    contact_name = StringField("联系人", [Length(max=60, message="联系人最多 60 个字。")])
    contact_phone = StringField("联系电话", [Length(max=40, message="电话太长，请核对。")], description="承办部门要在时限内联系；不填则用企业档案里的联系人")


class RaiseForm(TextsMixin, DemandForm):
    """Intake by an officer or the enterprise's contact."""

    enterprise_id = SelectField("企业", coerce=number_or_none, validate_choice=False)
    consent = BooleanField("企业同意把诉求和联系方式转给承办部门", default=True)
    files = MultipleFileField("附件")


class PublicForm(TextsMixin, DemandForm):
    """Intake without an account. ``website`` is never seen by people: what fills it in is a robot."""

    name = StringField("企业名称", [InputRequired("请填写企业名称。"), Length(min=2, max=120, message="企业名称应为 2 至 120 个字。")])
    code = StringField("统一社会信用代码", [Length(max=40, message="代码太长，请核对。")], description="18 位，写上可以更快受理；不记得可不填")
    contact_name = StringField("联系人", [InputRequired("请填写联系人。"), Length(max=60, message="联系人最多 60 个字。")])
    contact_phone = StringField("联系电话", [InputRequired("请填写联系电话，工作人员会尽快联系您。"), Length(max=40, message="电话太长，请核对。")])
    consent = BooleanField("我同意把诉求和联系方式转给承办部门，仅用于办理这件诉求", [InputRequired("不同意转办就无法办理，请勾选，或直接联系工信部门。")])
    website = StringField("网址")
    opened = HiddenField("打开时间")


class StepForm(DemandForm):
    """One step. ``version``: what the page showed."""

    version = HiddenField("办理")

    def version_number(self) -> int:
        """Something unreadable counts as outdated."""
        found = number_or_none(self.version.data)
        return -1 if found is None else found


class TextForm(StepForm):
    text = TextAreaField("说明", [Length(max=LONGEST, message=f"最多 {LONGEST} 个字，请精简。")])


class AcceptForm(StepForm):
    """Nothing to say: the button is enough."""


class DispatchForm(StepForm):
    organisation_id = SelectField("承办部门", coerce=number_or_none, validate_choice=False)
    ask = TextAreaField("办理要求", [Length(max=500, message="最多 500 个字。")], description="可不填")


class TransferForm(StepForm):
    organisation_id = SelectField("建议转给", coerce=number_or_none, validate_choice=False)
    text = TextAreaField("改转理由", [Length(max=500, message="最多 500 个字。")])


class AssistForm(StepForm):
    organisation_id = SelectField("协办部门", coerce=number_or_none, validate_choice=False)
    ask = TextAreaField("协办要求", [Length(max=500, message="最多 500 个字。")])


class ContactForm(StepForm):
    reached = RadioField("联系结果", choices=[SelectChoice("1", "已联系到企业"), SelectChoice("0", "没有联系上")], default="1")
    text = TextAreaField("联系情况", [Length(max=1000, message="最多 1000 个字。")], description="如：13:20 电话联系王经理，了解了……")


class ExtendForm(StepForm):
    workdays = WholeNumber("延期工作日", [InputRequired("请填写延期几个工作日。"), NumberRange(1, 500, "请填写 1 以上的整数。")])
    text = TextAreaField("延期理由", [Length(max=500, message="最多 500 个字。")])


class DecideForm(StepForm):
    approve = RadioField("审批", choices=[SelectChoice("1", "同意"), SelectChoice("0", "不同意")], default="1")
    text = TextAreaField("审批意见", [Length(max=500, message="最多 500 个字。")], description="不同意的必须写明理由")


class FinishForm(StepForm):
    outcome = RadioField("办结方式", choices=[SelectChoice(code, label) for code, label in OUTCOMES.items()], validate_choice=False)
    text = TextAreaField("办理结果和给企业的答复", [Length(max=4000, message="最多 4000 个字。")], description="企业会看到这段文字，请如实填写")


class RateForm(StepForm):
    rating = RadioField("满意程度", choices=[SelectChoice(str(mark), label) for mark, label in RATINGS.items()], validate_choice=False)
    text = TextAreaField("评价说明", [Length(max=500, message="最多 500 个字。")], description="不满意的请写明原因，以便整改")


class DuplicateForm(StepForm):
    original = StringField("原诉求编号", [Length(max=24, message="编号太长，请核对。")], description="同一企业已在办理的那一件，如 SQ2026112000012")


class MatchForm(StepForm):
    enterprise_id = SelectField("企业", coerce=number_or_none, validate_choice=False)
    code = StringField("或统一社会信用代码", [Length(max=40, message="代码太长，请核对。")])


class DepartmentForm(DemandForm):
    name = StringField("部门名称", [InputRequired("请填写部门名称。"), Length(max=60, message="最多 60 个字。")])
    area_id = SelectField("所在地", coerce=number_or_none, validate_choice=False)


class PersonForm(DemandForm):
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=60, message="最多 60 个字。")])
    title = StringField("科室和职务", [Length(max=60, message="最多 60 个字。")])
    contact_phone = StringField("联系电话", [Length(max=40, message="电话太长，请核对。")])
    valid_from = DateField("自", [InputRequired(DATE)])
    valid_to = DateField("至", [Optional()], description="不填表示长期")


class LinkForm(DemandForm):
    label = StringField(
        "用在哪里", [InputRequired("请写明张贴在哪里或给谁用。"), Length(max=60, message="最多 60 个字。")], description="如 政务大厅海报、高新区企业群",
    )
    unit_id = SelectField("所属县区", coerce=number_or_none, validate_choice=False, description="没有对应到企业前，由谁受理")
    valid_to = DateField("有效期至", [Optional()], description="不填表示长期")
