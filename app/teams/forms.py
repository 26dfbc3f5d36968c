"""Forms of the registers and the teams: shape only; the rules stand in the actions."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.enterprises.forms import AmountField, ChoiceField, DayField
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.infra import clock
from app.infra.web.forms import Form, WholeNumber
from app.packs import Pack
from app.teams.models.registers import ORIGINS, PLATFORM_TIERS, PROVIDER_KINDS, RESOURCE_KINDS, STRENGTHS
from app.teams.models.teams import PROPOSAL_KINDS, ROLES
from app.teams.queries.reach import said, stored

Pairs = Sequence[tuple[Any, str]]
KEEP_PHONE = "已登记的号码不显示；留空不改，填“清除”删去。"
CLEAR_WORD = "清除"


class Chips(SelectMultipleField):  # type: ignore[misc]
    """Several choices as chips; stored as ``,a,b,``."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """What is not offered is refused by the action, with the word in it."""


def unit_choices(city_id: int | None) -> list[tuple[str, str]]:
    """Counties and zones of a city by code."""
    found = [place for place in places().by_id.values() if place.kind in ("county", "zone") and place.city_id == city_id]
    return [(str(place.id), place.name) for place in sorted(found, key=lambda place: (place.kind, place.code))]


def industry_choices() -> list[tuple[str, str]]:
    """Sections, then divisions of GB/T 4754."""
    return [*((code, f"{code} {name}") for code, name in industry.sections().items()), *((d.code, f"{d.code} {d.name}") for d in industry.divisions().values())]


def domain_choices(pack: Pack) -> list[tuple[str, str]]:
    return [(entry.code, entry.label) for entry in pack.entries("service_domains")]


def blank(pairs: Pairs, word: str = "请选择") -> list[tuple[str, str]]:
    """Choices of a select with an empty one first, all values as text."""
    return [("", word), *((str(value), label) for value, label in pairs)]


class ServesForm(Form):
    """What a team or an entry is good for."""

    domains = Chips("服务领域")
    industries = SelectMultipleField("服务行业", validate_choice=False, description="可选门类或大类；不选表示不限行业。")
    units = Chips("服务区域", description="不选表示全市。")
    capacity = WholeNumber("服务能力（家）", [Optional()], description="同一时期最多服务多少家企业。")

    def offer(self, pack: Pack, city_id: int | None) -> None:
        """Fill the choices."""
        self.domains.choices, self.industries.choices, self.units.choices = domain_choices(pack), industry_choices(), unit_choices(city_id)

    def show(self, row: Any) -> None:
        """Take the stored values of a row."""
        for field in self:
            if hasattr(row, field.short_name):
                value = getattr(row, field.short_name)
                lists = isinstance(field, SelectMultipleField)
                field.data = said(value) if lists else value if value is None or not isinstance(field, SelectField) else str(value)

    def values(self) -> dict[str, Any]:
        """The fields as the action takes them."""
        found: dict[str, Any] = {}
        for field in self:
            if field.short_name in ("csrf_token", "version", "on", "reason", "login", "public"):
                continue
            found[field.short_name] = stored(field.data or []) if isinstance(field, SelectMultipleField) else field.data
        return found


class _EntryForm(ServesForm):
    version = HiddenField()
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=120, message="不能超过 120 字。")])
    intro = TextAreaField("简介", [Length(max=1000, message="不能超过 1000 字。")])
    contact_name = StringField("联系人", [Optional(), Length(max=60, message="不能超过 60 字。")])
    phone = StringField("联系电话", [Optional(), Length(max=40, message="不能超过 40 字。")])
    public = BooleanField("同意向社会公开名称和简介（不含联系方式）")
    valid_from = DayField("有效期起", [Optional()])
    valid_to = DayField("有效期止", [Optional()])
    document = StringField("依据文件", [Optional(), Length(max=120, message="不能超过 120 字。")])
    on = DayField("申请日期", [Optional()])
    reason = StringField("申请或推荐说明", [Optional(), Length(max=300, message="不能超过 300 字。")])

    def show(self, row: Any) -> None:
        super().show(row)
        self.version.data = str(row.version)
        if "public" in self:
            self.public.data = row.consent_on is not None

    def values(self) -> dict[str, Any]:
        found = super().values()
        phone = (self.phone.data or "").strip()
        found["phone"] = "" if phone == CLEAR_WORD else phone or None
        for key in ("provider_id", "parent_id"):
            if key in found:
                found[key] = int(found[key]) if str(found[key] or "").isdigit() else None
        return found

    def consent(self, row: Any) -> dict[str, Any]:
        """The day of the consent: kept while it stands, today when it is given."""
        given = row.consent_on if row is not None else None
        return {"consent_on": (given or clock.today()) if self.public.data else None}


class ProviderForm(_EntryForm):
    """A provider of the alliance."""

    credit_code = StringField("统一社会信用代码", [Optional(), Length(max=40, message="请核对代码。")])
    kind = SelectField("机构类别", choices=list(PROVIDER_KINDS.items()))
    origin = SelectField("来源", choices=list(ORIGINS.items()))
    tier = ChoiceField("在“1+10+N”平台网络中", choices=blank(list(PLATFORM_TIERS.items()), "不在网络内"))
    parent_id = SelectField("上级平台", [Optional()], validate_choice=False)
    qualification = TextAreaField("资质", [Length(max=500, message="不能超过 500 字。")])
    staff_count = WholeNumber("从业人员（人）", [Optional()])
    address = StringField("地址", [Optional(), Length(max=200, message="不能超过 200 字。")])


class ExpertForm(_EntryForm):
    """An expert."""

    employer = StringField("工作单位", [InputRequired("请填写工作单位。"), Length(max=120, message="不能超过 120 字。")])
    title = StringField("职称职务", [Optional(), Length(max=60, message="不能超过 60 字。")])
    strengths = Chips("专长类别", choices=list(STRENGTHS.items()))
    provider_id = SelectField("所属服务商", [Optional()], validate_choice=False)
    selection = TextAreaField("择优选聘情况", [Length(max=300, message="不能超过 300 字。")], description="推荐单位、评选方式和结果。")
    conflict = TextAreaField("利益关系申报", [Length(max=500, message="不能超过 500 字。")], description="任职、持股、亲属等与企业的关系；没有请写“无”。")
    login = StringField("账号（登录名）", [Optional(), Length(max=40, message="请核对登录名。")], description="有系统账号的填写。")


class ResourceForm(_EntryForm):
    """A resource of the pool."""

    kind = SelectField("资源类别", choices=list(RESOURCE_KINDS.items()))
    owner = StringField("提供单位", [Optional(), Length(max=120, message="不能超过 120 字。")], description="选了联盟服务商可以不填。")
    provider_id = SelectField("联盟服务商", [Optional()], validate_choice=False)
    free = BooleanField("免费")
    price_yuan = AmountField("价格（万元）", [Optional()], kind="money")
    price_note = StringField("收费说明", [Optional(), Length(max=120, message="不能超过 120 字。")], description="如：每人次、按项目、面议。")


FORMS: dict[str, type[_EntryForm]] = {"provider": ProviderForm, "expert": ExpertForm, "resource": ResourceForm}


class StepForm(Form):
    """One step of an entry."""

    version = HiddenField()
    on = DayField("日期", [InputRequired("请填写日期。")])
    valid_to = DayField("有效期（聘期）至", [Optional()])
    document = StringField("文件", [Optional(), Length(max=120, message="不能超过 120 字。")])
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=300, message="不能超过 300 字。")])


class TeamForm(ServesForm):
    """A service team."""

    version = HiddenField()
    number = WholeNumber("队号", [InputRequired("请填写队号。")])
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=80, message="不能超过 80 字。")])
    host = StringField("依托单位", [Optional(), Length(max=120, message="不能超过 120 字。")])
    formed_on = DayField("组建日期", [InputRequired("请填写组建日期。")])
    document = StringField("组建文件", [Optional(), Length(max=120, message="不能超过 120 字。")])
    intro = TextAreaField("服务方向", [Length(max=1000, message="不能超过 1000 字。")])


class MemberForm(Form):
    """Somebody in a team."""

    version = HiddenField()
    role = SelectField("队内职务", choices=list(ROLES.items()), default="expert")
    expert_id = SelectField("从专家库选择", [Optional()], validate_choice=False, description="选了专家可以不填姓名和单位。")
    name = StringField("姓名", [Optional(), Length(max=60, message="不能超过 60 字。")])
    unit = StringField("工作（派出）单位", [Optional(), Length(max=120, message="不能超过 120 字。")])
    title = StringField("职称职务", [Optional(), Length(max=60, message="不能超过 60 字。")])
    login = StringField("账号（登录名）", [Optional(), Length(max=40, message="请核对登录名。")], description="有系统账号的填写；职务由系统管理员分配。")
    phone = StringField("联系电话", [Optional(), Length(max=40, message="不能超过 40 字。")])
    capacity = WholeNumber("负责企业上限（家）", [Optional()])
    valid_from = DayField("入队（派驻）日期", [InputRequired("请填写日期。")])
    valid_to = DayField("聘期（派驻）至", [Optional()], description="服务专员必填；其他人可以不填。")
    document = StringField("派驻（聘任）文件", [Optional(), Length(max=120, message="不能超过 120 字。")])


class EndForm(Form):
    """A last day and the reason."""

    version = HiddenField()
    on = DayField("日期", [InputRequired("请填写日期。")])
    reason = TextAreaField("原因", [InputRequired("请填写原因。"), Length(max=300, message="不能超过 300 字。")])


class AssignForm(Form):
    """Enterprises to a team, by ticking or by pasted codes."""

    team_id = SelectField("服务队", [InputRequired("请选择服务队。")], validate_choice=False)
    member_id = SelectField("负责人", [Optional()], validate_choice=False, description="可以以后再指定。")
    on = DayField("自", [InputRequired("请填写日期。")])
    reason = TextAreaField("理由", [Length(max=300, message="不能超过 300 字。")], description="调整已有安排时必填。")
    codes = TextAreaField("企业", [Length(max=60_000, message="一次最多粘贴 2,000 家。")], description="信用代码或企业全称，每行一家，可直接从表格粘贴。")


class ReleaseForm(EndForm):
    """The last day of an assignment."""


class HandOverForm(Form):
    """Everything of one person to another."""

    to_member_id = SelectField("接手人", [InputRequired("请选择接手人。")], validate_choice=False)
    on = DayField("自", [InputRequired("请填写日期。")])
    reason = StringField("交接原因", [InputRequired("请填写原因。"), Length(max=300, message="不能超过 300 字。")])
    note = TextAreaField("交接说明", [Length(max=1000, message="不能超过 1000 字。")], description="正在办的事、注意事项。")


class AcknowledgeForm(Form):
    """The successor's word."""

    note = TextAreaField("说明", [Length(max=300, message="不能超过 300 字。")], description="有疑问可以写在这里；没有可不填。")


class ProposalForm(Form):
    """What a team leader wants changed."""

    kind = SelectField("建议", choices=list(PROPOSAL_KINDS.items()))
    to_team_id = SelectField("调整到", [Optional()], validate_choice=False)
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=300, message="不能超过 300 字。")])


class RevealForm(Form):
    """What a full number is needed for."""

    reason = StringField("用途", [InputRequired("请说明用途。"), Length(max=200, message="不能超过 200 字。")], description="如：约定上门时间。")
