"""Forms of the enterprise base: shape only; the rules decide in actions. Money is typed in 万元 and handed on in 元."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import TextInput

from app.enterprises.models import CONTROL_TYPES, EVENT_KINDS, SOURCES, STATUSES
from app.enterprises.rules import figures, industry
from app.exchange.rules import amounts
from app.exchange.rules.outcome import Bad, Cleaned
from app.infra.web.forms import Form, WholeNumber
from app.kernel.money import UNITS

NO_TOWN = "请从列表中选择企业所在的镇、街道或区直。"


class DayField(DateField):  # type: ignore[misc]
    """A date; what is typed wrongly says how to type it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            self.data = None
            raise ValueError("日期应写成 2024-05-01 这样的格式。") from error


class ChoiceField(SelectField):  # type: ignore[misc]
    """A select that may be left out altogether when it offers a blank entry (the process default counts)."""

    def pre_validate(self, form: Any) -> None:
        if self.data in (None, "") and any(value == "" for value, *_rest in self.iter_choices()):
            self.data = ""
            return
        super().pre_validate(form)


class AmountField(Field):  # type: ignore[misc]
    """A number as people type it (thousand commas, full width, 1.2亿). ``kind``: money (元 out of 万元), count, pct."""

    widget = TextInput()

    def __init__(self, label: str = "", validators: Any = None, kind: str = "money", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.kind = kind

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        number = Decimal(self.data) / UNITS["万元"] if self.kind == "money" else Decimal(self.data)
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text or text in ("—", "-", "－"):
            return
        found = self._read(text)
        if isinstance(found, Bad):
            raise ValueError(f"{found.message_zh}。")
        self.data = found.value if isinstance(found, Cleaned) else found

    def _read(self, text: str) -> Any:
        if self.kind == "money":
            return amounts.money_from_text(text, "万元")
        if self.kind == "pct":
            return amounts.percent_from_text(text)
        return amounts.count_outcome(amounts.number_outcome(text), text)


def _text(label: str, most: int, *, required: str = "", help_zh: str = "") -> StringField:
    checks = [InputRequired(required)] if required else [Optional()]
    return StringField(label, [*checks, Length(max=most, message=f"{label}最多 {most} 个字。")], description=help_zh)


def _choices(words: dict[str, str], blank: str = "未填写") -> list[tuple[str, str]]:
    return [("", blank), *words.items()]


class RecordFields:
    """Fields of ``actions.EDITABLE``."""

    short_name = _text("企业简称", 60)
    industry_code = _text("行业代码", 5, help_zh="国民经济行业分类（GB/T 4754-2017）2 至 4 位代码，如 3451。")
    control_type = ChoiceField("控股类型", choices=_choices(CONTROL_TYPES))
    control_source = _text("控股类型来源", 60)
    founded_on = DayField("成立日期", [Optional()])
    status = ChoiceField("登记状态", choices=[(k, v) for k, v in STATUSES.items() if k != "merged"], default="active")
    address = _text("经营地址", 200)
    registered_place = _text("注册地址", 200)
    park = _text("所在园区", 80)
    legal_person = _text("法定代表人", 60)
    main_product = _text("主导产品", 200)

    def validate_industry_code(self, field: StringField) -> None:
        if field.data and industry.parse(field.data) is None:
            raise ValidationError("没有这个行业代码，请填写 GB/T 4754-2017 的 2 至 4 位代码。")

    def record_values(self) -> dict[str, Any]:
        """Values ready for the actions: "" as None, the industry code without its letter."""
        values = {name: self[name].data or None for name in RECORD_FIELDS}  # type: ignore[index]
        if values["industry_code"]:
            values["industry_code"] = industry.parse(values["industry_code"])
        values["status"] = values["status"] or "active"
        return values


RECORD_FIELDS = (
    "short_name", "industry_code", "control_type", "control_source", "founded_on", "status", "address", "registered_place", "park",
    "legal_person", "main_product",
)  # fmt: skip


class NewForm(RecordFields, Form):
    """A new enterprise. ``town_id.choices`` is set by the view: towns of the person's scope."""

    credit_code = _text("统一社会信用代码", 40, required="请填写 18 位统一社会信用代码。")
    name = _text("企业名称", 200, required="请填写企业名称（营业执照上的全称）。")
    town_id = SelectField("所在镇街", coerce=str, validators=[InputRequired(NO_TOWN)])
    since = DayField("何时起在该镇街", [Optional()], description="不填按成立日期计。")
    confirmed = HiddenField()


class EditForm(RecordFields, Form):
    """The record's own fields, with the version the editor saw."""

    version = HiddenField()
    base = HiddenField()


class RenameForm(Form):
    name = _text("新名称", 200, required="请填写新的企业名称（营业执照上的全称）。")
    since = DayField("更名日期", [InputRequired("请填写更名日期。")])
    version = HiddenField()


class MoveForm(Form):
    """``town_id.choices`` is set by the view."""

    town_id = SelectField("变更为", coerce=str, validators=[InputRequired(NO_TOWN)])
    since = DayField("变更日期", [InputRequired("请填写变更日期。")], description="此前的归属和统计结果不变。")
    version = HiddenField()


class EventForm(Form):
    kind = SelectField("事件", choices=[("", "请选择"), *EVENT_KINDS.items()], validators=[InputRequired("请选择事件类型。")])
    happened_on = DayField("发生日期", [InputRequired("请填写发生日期。")])
    note = TextAreaField("说明", [Length(max=300, message="说明最多 300 个字。")])
    document = _text("依据文件", 120)


class TagsForm(Form):
    tags = _text("标签", 300, help_zh="多个标签用逗号分开，如：链主企业，倍增计划。")


class ContactForm(Form):
    name = _text("姓名", 60, required="请填写联系人姓名。")
    title = _text("职务", 60)
    phone = _text("电话", 30, help_zh="加密保存，页面上只显示前三位和后四位。")
    consent_on = DayField("同意联系日期", [Optional()])
    is_primary = BooleanField("主要联系人")
    version = HiddenField()


class MergeForm(Form):
    reason = _text("合并理由", 200, required="请说明合并理由。")
    kept_version = HiddenField()
    merged_version = HiddenField()


class FiguresForm(Form):
    """What one source says about one year. ``expected``: id of the version the editor saw ("" = none).

    One entry field per figure is added below from ``rules.figures.FIELDS``.
    """

    year = WholeNumber("年度", [InputRequired("请填写年度，如 2024。")])
    source = SelectField("数据来源", choices=list(SOURCES.items()))
    evidence = _text("佐证材料", 200, help_zh="如审计报告文号、纳税申报表。")
    reported_on = DayField("填报日期", [Optional()])
    expected = HiddenField()

    def figure_values(self) -> dict[str, Any]:
        """Field code to value, money in 元, None = unknown."""
        found = {f.code: self[f.code].data for f in figures.FIELDS}
        return {code: None if value == "" else value for code, value in found.items()}


for _field in figures.FIELDS:
    if _field.kind == "text":
        setattr(FiguresForm, _field.code, _text(_field.label, 20))
    else:
        setattr(FiguresForm, _field.code, AmountField(_field.label, [Optional()], kind=_field.kind))
