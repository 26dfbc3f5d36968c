"""Forms of requests, appointments and contacts."""

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.forms import ChoiceField, DayField
from app.infra.web.forms import Form
from app.packs import Pack
from app.visits.actions.appointments import AppointmentDraft, Person
from app.visits.actions.requests import RequestDraft
from app.visits.rules.booking import BASES, CONFIRMED_HOW
from app.visits.rules.disturbance import KINDS
from app.visits.rules.visit import MODES
from app.visits.views.choosing import labels, offered, whole


class RequestForm(Form):
    """What an enterprise asks for. ``source`` and ``team_id`` are asked of officers only."""

    text = TextAreaField("希望得到什么帮助", [InputRequired("请写明希望得到什么帮助。"), Length(max=500, message="不能超过 500 字。")])
    domain_code = ChoiceField("服务领域", [Optional()], default="")
    action_code = ChoiceField("帮扶行动", [Optional()], default="")
    wished_on = DayField("希望哪天", [Optional()], description="不填由服务队与企业商定。")
    contact_name = StringField("企业联系人", [Optional(), Length(max=60, message="不能超过 60 字。")])
    team_id = ChoiceField("交给哪支服务队", [Optional()], default="", description="不选交给服务这家企业的服务队。")
    once = HiddenField()

    def offer(self, pack: Pack, teams: Sequence[tuple[int, str]]) -> None:
        """Fill the lists."""
        self.domain_code.choices = offered(labels(pack, "service_domains"), "不确定")
        self.action_code.choices = offered({action.code: action.label for action in pack.actions()}, "不确定")
        self.team_id.choices = offered(teams, "企业的服务队")

    def draft(self, source: str) -> RequestDraft:
        """The command this form stands for."""
        return RequestDraft(
            self.text.data or "", source, self.domain_code.data or None, self.action_code.data or None, self.wished_on.data,
            self.contact_name.data, whole(self.team_id.data),
        )


class AppointmentForm(Form):
    """A visit to be planned."""

    basis = SelectField("走访依据", choices=list(BASES.items()), default="appointment")
    team_id = SelectField("服务队", [InputRequired("请选择服务队。")])
    planned_on = DayField("日期", [InputRequired("请选择日期。")])
    starts = StringField("开始时间", [Optional(), Length(max=5)], description="如 09:30；不填为全天。")
    ends = StringField("结束时间", [Optional(), Length(max=5)])
    mode = SelectField("服务方式", choices=list(MODES.items()), default="on_site")
    purpose = StringField("上门办什么", [InputRequired("请用一句话写明上门办什么。"), Length(max=200, message="不能超过 200 字。")])
    contact_name = StringField("企业联系人", [Optional(), Length(max=60, message="不能超过 60 字。")])
    people = SelectMultipleField("参加人员", choices=[], validate_choice=False)
    others = StringField("其他参加人员", [Optional(), Length(max=200, message="不能超过 200 字。")], description="没有账号的人，用顿号或逗号隔开。")
    confirmed_how = SelectField("企业是否已同意", choices=offered(CONFIRMED_HOW, "还没有，等企业确认"), default="")
    approval_reason = StringField(
        "必须上门的理由", [Optional(), Length(max=200, message="不能超过 200 字。")], description="超过打扰上限或安排在宁静日时填写，送队长或市局审批。",
    )
    once = HiddenField()

    def offer(self, teams: Sequence[tuple[int, str]], people: Sequence[tuple[int, str]], *, invited: bool) -> None:
        """Fill the lists; a visit for a request has no other basis."""
        self.team_id.choices = offered(teams)
        self.people.choices = [(str(id_), name) for id_, name in people]
        self.basis.choices = [(code, label) for code, label in BASES.items() if (code == "request") == invited]

    def draft(self, people: Sequence[tuple[int, str]], project_id: int | None = None) -> AppointmentDraft:
        """The command this form stands for."""
        team, names = whole(self.team_id.data), {str(id_): name for id_, name in people}
        chosen = [Person(names[id_], int(id_), team) for id_ in self.people.data or [] if id_ in names]
        more = [Person(name) for name in (self.others.data or "").replace("，", "、").replace(",", "、").split("、") if name.strip()]
        return AppointmentDraft(
            self.planned_on.data, self.purpose.data or "", self.basis.data, team, (self.starts.data or "").strip(), (self.ends.data or "").strip(),
            self.mode.data, self.contact_name.data, self.confirmed_how.data or None, self.approval_reason.data, project_id, tuple([*chosen, *more][:40]),
        )


class RescheduleForm(Form):
    """Another day or time."""

    planned_on = DayField("新的日期", [InputRequired("请选择日期。")])
    starts = StringField("开始时间", [Optional(), Length(max=5)], description="如 09:30；不填为全天。")
    ends = StringField("结束时间", [Optional(), Length(max=5)])
    reason = StringField("改期原因", [InputRequired("请写明改期的原因。"), Length(max=200, message="不能超过 200 字。")])
    confirmed_how = SelectField("企业是否已同意", choices=offered(CONFIRMED_HOW, "还没有，等企业确认"), default="")
    approval_reason = StringField(
        "必须上门的理由", [Optional(), Length(max=200, message="不能超过 200 字。")], description="超过打扰上限或安排在宁静日时填写。",
    )
    version = HiddenField()


class ContactForm(Form):
    """A call, a form or an invitation nobody planned in the system."""

    kind = SelectField("联系方式", choices=[(code, label) for code, label in KINDS.items() if code != "visit"])
    on_day = DayField("日期", [InputRequired("请填写日期。")])
    invited = BooleanField("企业主动联系我们（不计打扰）")
    note = StringField("内容", [InputRequired("请用一句话写明联系的内容。"), Length(max=200, message="不能超过 200 字。")])
    once = HiddenField()
