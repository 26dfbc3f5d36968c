"""Forms of diagnoses, plans, consulting records and finance needs."""

from collections.abc import Sequence

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.forms import AmountField, ChoiceField, DayField
from app.infra.web.forms import Form, WholeNumber
from app.packs import Pack
from app.visits.actions.consulting import ConsultDraft
from app.visits.actions.diagnoses import Head
from app.visits.actions.finance import FinanceDraft
from app.visits.actions.plans import ItemDraft, PlanDraft
from app.visits.rules.finance import KINDS as FINANCE_KINDS
from app.visits.rules.improvement import CONSULT_KINDS
from app.visits.views.choosing import labels, offered, whole

LINE = Length(max=200, message="不能超过 200 字。")
NAME = Length(max=60, message="不能超过 60 字。")
TEXT = Length(max=500, message="不能超过 500 字。")
LONG = Length(max=1000, message="不能超过 1000 字。")


class BeginForm(Form):
    """Which diagnosis is begun."""

    template = SelectField("诊断模板", [InputRequired("请选择诊断模板。")])
    done_on = DayField("诊断日期", [InputRequired("请填写诊断日期。")])
    once = HiddenField()

    def offer(self, pack: Pack) -> None:
        """Templates of the pack."""
        self.template.choices = [(entry.code, f"{entry.label}（{len(entry.checks)} 项）") for entry in pack.entries("diagnosis_templates")]  # type: ignore[attr-defined]


class DiagnosisForm(Form):
    """Head and end of a diagnosis; its rows are read by their ids."""

    done_on = DayField("诊断日期", [InputRequired("请填写诊断日期。")])
    experts = StringField("诊断专家", [Optional(), LINE])
    situation = TextAreaField("企业现状", [Optional(), LONG])
    conclusion = TextAreaField("诊断结论", [Optional(), LONG], description="完成诊断时必填。")
    version = HiddenField()

    def head(self) -> Head:
        """The command this form stands for."""
        return Head(self.done_on.data, self.experts.data, self.situation.data, self.conclusion.data)


class PlanForm(Form):
    """Head of an improvement plan."""

    title = StringField("方案名称", [InputRequired("请填写方案名称。"), Length(max=120, message="不能超过 120 字。")])
    benchmark = StringField("对标对象", [Optional(), LINE], description="国际、国内先进企业或标准。")
    owner = StringField("企业负责人", [Optional(), NAME])
    starts_on = DayField("开始日期", [InputRequired("请填写开始日期。")])
    ends_on = DayField("结束日期", [InputRequired("请填写结束日期。")])
    version = HiddenField()
    once = HiddenField()

    def draft(self) -> PlanDraft:
        """The command this form stands for."""
        return PlanDraft(self.title.data or "", self.starts_on.data, self.ends_on.data, self.benchmark.data, self.owner.data)


class PlanItemForm(Form):
    """One line of the sheet, four columns as printed."""

    problem = TextAreaField("查问题", [InputRequired("请写明问题。"), TEXT])
    gap = TextAreaField("找差距", [Optional(), TEXT], description="与对标对象差在哪里。")
    measure = TextAreaField("添措施", [Optional(), TEXT])
    target = TextAreaField("补短板", [Optional(), TEXT], description="达到什么程度算补上。")
    stage_code = ChoiceField("经营环节", [Optional()], default="")
    owner = StringField("责任人", [Optional(), NAME])
    due_on = DayField("期限（里程碑）", [Optional()])

    def offer(self, pack: Pack) -> None:
        """Stages of the chain."""
        self.stage_code.choices = offered(labels(pack, "service_stages"), "不指定")

    def draft(self) -> ItemDraft:
        """The command this form stands for."""
        return ItemDraft(
            self.problem.data or "", self.gap.data, self.measure.data, self.target.data, self.owner.data, self.due_on.data, self.stage_code.data or None,
        )


class ConsultForm(Form):
    """One consulting or training of one enterprise."""

    kind = SelectField("服务内容", choices=list(CONSULT_KINDS.items()), default="consult")
    held_on = DayField("日期", [InputRequired("请填写日期。")])
    topic = StringField("主题", [InputRequired("请填写主题。"), Length(max=120, message="不能超过 120 字。")])
    platform = StringField("平台或机构", [Optional(), Length(max=120, message="不能超过 120 字。")], description="联盟里没有的机构在这里填写。")
    provider_id = ChoiceField("服务商联盟成员", [Optional()], default="")

    def offer(self, providers: Sequence[tuple[int, str]]) -> None:
        """Members of the alliance."""
        self.provider_id.choices = offered(providers, "不在联盟")
        self._names = {str(id_): name for id_, name in providers}

    def draft(self) -> ConsultDraft:
        """The command this form stands for."""
        chosen = self.provider_id.data or ""
        return ConsultDraft(self.kind.data, self.held_on.data, self.topic.data or "", self._names.get(chosen) or self.platform.data or "", whole(chosen))


class FinanceForm(Form):
    """A need of finance."""

    kind = SelectField("融资类型", choices=list(FINANCE_KINDS.items()))
    amount_yuan = AmountField("金额", [InputRequired("请填写金额。")])
    months = WholeNumber("期限", [Optional()])
    purpose = StringField("用途", [InputRequired("请写明用途。"), LINE])
    next_on = DayField("下次跟进", [Optional()])
    once = HiddenField()

    def draft(self, visit_id: int | None) -> FinanceDraft:
        """The command this form stands for."""
        return FinanceDraft(self.kind.data, self.purpose.data or "", self.amount_yuan.data, self.months.data, self.next_on.data, visit_id)
