"""The visit form that works without scripts: shape only; what a visit must say stands in ``rules.visit`` and comes back to the fields."""

import secrets
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FieldList,
    FormField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.infra.web.forms import Form
from app.visits.rules.answers import RATINGS
from app.visits.rules.visit import (
    BASES,
    FINDING_KINDS,
    HELP_AREAS,
    MODES,
    SEVERITIES,
    YELLOW,
    Choices,
    DemandDraft,
    FindingDraft,
    MeasureDraft,
    Person,
    Problem,
    PromiseDraft,
    VisitDraft,
)

NONE = [("", "—")]


class Several(SelectMultipleField):  # type: ignore[misc]
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Rows(PlainForm):  # type: ignore[misc]
    """A row of a repeated part; left empty it is not there."""

    class Meta:
        locales = ("zh",)

    @property
    def blank(self) -> bool:
        return not (self.text.data or "").strip()


class FindingRow(Rows):
    text = StringField("问题")
    severity = SelectField("严重程度", choices=list(SEVERITIES.items()), default=YELLOW)
    kind = SelectField("类别", choices=[*NONE, *FINDING_KINDS.items()], default="")
    stage = SelectField("环节", default="", choices=NONE)
    action = SelectField("帮扶行动", default="", choices=NONE)

    def draft(self) -> FindingDraft:
        return FindingDraft(self.text.data or "", self.severity.data or YELLOW, self.kind.data or "", self.stage.data or "", self.action.data or "")


class MeasureRow(Rows):
    text = StringField("措施")
    owner = StringField("责任人")
    due_on = DateField("期限", [Optional()])
    finding = SelectField("对应问题", choices=[("", "—"), *((str(n), f"问题 {n + 1}") for n in range(5))], default="")


class PromiseRow(Rows):
    text = StringField("承诺事项")
    owner = StringField("责任人", description="不填为本人")
    due_on = DateField("兑现期限", [Optional()])
    to_whom = StringField("向谁承诺")

    def draft(self) -> PromiseDraft:
        return PromiseDraft(self.text.data or "", (self.owner.data or "").strip(), self.due_on.data, (self.to_whom.data or "").strip())


class DemandRow(Rows):
    text = StringField("诉求")
    domain = SelectField("领域", default="", choices=NONE)

    def draft(self) -> DemandDraft:
        return DemandDraft(self.text.data or "", self.domain.data or "")


class VisitForm(Form):
    """One visit. Only the date and one sentence are needed; everything else may be left empty."""

    client_key = HiddenField()
    version = HiddenField()
    visited_on = DateField("走访日期", [Optional()])
    mode = RadioField("方式", choices=list(MODES.items()), default="on_site")
    summary = TextAreaField("走访内容", description="一句话即可，例如：看了新生产线，订单稳定，缺两名数控技工。")
    basis = SelectField("走访依据", choices=[("", "未注明"), *BASES.items()], default="")
    appointment_id = HiddenField()
    project_id = HiddenField()
    team_people = TextAreaField("服务方人员", description="每行一人，姓名后可空一格写职务；不填为本人。")
    firm_people = TextAreaField("企业方人员", description="每行一人，姓名后可空一格写职务。")
    help_areas = Several("帮扶方向", choices=list(HELP_AREAS.items()))
    actions = Several("帮扶行动")
    stages = Several("经营环节")
    domains = Several("服务领域")
    findings = FieldList(FormField(FindingRow), min_entries=2, max_entries=30)
    measures = FieldList(FormField(MeasureRow), min_entries=2, max_entries=30)
    promises = FieldList(FormField(PromiseRow), min_entries=2, max_entries=30)
    demands = FieldList(FormField(DemandRow), min_entries=1, max_entries=30)
    feedback_given = RadioField("企业对政策有反映吗", choices=[("", "没有问到"), ("no", "没有"), ("yes", "有")], default="")
    feedback = StringField("反映的内容", description="一句话。")
    next_contact_on = DateField("下次联系日期", [Optional()])
    next_contact_why = StringField("下次联系为了什么")
    internal_note = TextAreaField("内部备注", description="企业看不到这一栏。")
    photos = MultipleFileField("照片", description="可不传，最多 12 张；服务器会去掉照片里的位置等信息。")

    def offer(self, choices: Choices) -> None:
        """Fill the lists of the city's pack; a list the pack does not have is left out of the page."""
        stages, actions, domains = (list(c.items()) for c in (choices.stages, choices.actions, choices.domains))
        self.stages.choices, self.actions.choices, self.domains.choices = stages, actions, domains
        self.offer_rows(choices)
        for row in self.demands:
            row.form.domain.choices = [("", "由系统判断"), *choices.demand_domains.items()]
        if not self.client_key.data:
            self.client_key.data = secrets.token_hex(16)

    def offer_rows(self, choices: Choices) -> None:
        """The lists inside the rows of findings."""
        for row in self.findings:
            row.form.stage.choices, row.form.action.choices = [*NONE, *choices.stages.items()], [*NONE, *choices.actions.items()]

    def rows(self) -> dict[str, Any]:
        """Findings, measures and promises that were filled in, as fields of a draft."""
        findings = [row for row in self.findings if not row.form.blank]
        places = {str(row.name.rpartition("-")[2]): place for place, row in enumerate(findings)}
        measures = tuple(
            MeasureDraft(row.form.text.data, (row.form.owner.data or "").strip(), row.form.due_on.data, places.get(row.form.finding.data or ""))
            for row in self.measures if not row.form.blank
        )
        promises = tuple(row.form.draft() for row in self.promises if not row.form.blank)
        return {"findings": tuple(row.form.draft() for row in findings), "measures": measures, "promises": promises}

    def draft(self, enterprise_id: int, *, complete: bool) -> VisitDraft:
        """The command this form stands for; rows left empty are not in it."""
        return VisitDraft(
            enterprise_id, self.visited_on.data, self.summary.data or "", self.mode.data or "", self.basis.data or "", self.internal_note.data or "",
            appointment_id=_number(self.appointment_id.data), project_id=_number(self.project_id.data),
            people=(*people(self.team_people.data, "team"), *people(self.firm_people.data, "enterprise")), actions=tuple(self.actions.data or ()),
            stages=tuple(self.stages.data or ()), help_areas=tuple(self.help_areas.data or ()), domains=tuple(self.domains.data or ()),
            **self.rows(), demands=tuple(row.form.draft() for row in self.demands if not row.form.blank),
            feedback_given={"yes": True, "no": False}.get(self.feedback_given.data or ""), feedback=self.feedback.data or "",
            next_contact_on=self.next_contact_on.data, next_contact_why=self.next_contact_why.data or "",
            client_key=(self.client_key.data or "")[:80] or None, complete=complete,
        )  # fmt: skip

    def show(self, problems: list[Problem]) -> None:
        """Put the sentences of a refusal on their fields; rows are named ``findings.0.text`` by their place among the filled ones."""
        for name, message in problems:
            head, _, rest = name.partition(".")
            place, _, part = rest.partition(".")
            target: Any = self[{"people": "team_people"}.get(head, head if head in self else next(iter(self)).short_name)]
            if rest:
                filled = [row for row in self[head] if not row.form.blank]
                if place.isdigit() and int(place) < len(filled) and part in filled[int(place)].form:
                    target = filled[int(place)].form[part]
            target.errors = [*target.errors, message]


class CorrectForm(Form):
    """Correction of a complete visit."""

    version = HiddenField()
    visited_on = DateField("走访日期", [Optional()])
    mode = RadioField("方式", choices=list(MODES.items()))
    basis = SelectField("走访依据", choices=[("", "未注明"), *BASES.items()], default="")
    summary = TextAreaField("走访内容")
    help_areas = Several("帮扶方向", choices=list(HELP_AREAS.items()))
    actions = Several("帮扶行动")
    stages = Several("经营环节")
    domains = Several("服务领域")
    feedback_given = RadioField("企业对政策有反映吗", choices=[("", "没有问到"), ("no", "没有"), ("yes", "有")], default="")
    feedback = StringField("反映的内容")
    next_contact_on = DateField("下次联系日期", [Optional()])
    next_contact_why = StringField("下次联系为了什么")
    internal_note = TextAreaField("内部备注", description="企业看不到这一栏。")
    reason = StringField("更正原因")

    def offer(self, choices: Choices) -> None:
        """Fill the lists of the city's pack."""
        for field, known in ((self.actions, choices.actions), (self.stages, choices.stages), (self.domains, choices.domains)):
            field.choices = list(known.items())


class MoreForm(Form):
    """Further findings, measures and promises of a complete visit."""

    findings = FieldList(FormField(FindingRow), min_entries=2, max_entries=30)
    measures = FieldList(FormField(MeasureRow), min_entries=2, max_entries=30)
    promises = FieldList(FormField(PromiseRow), min_entries=2, max_entries=30)

    offer_rows = VisitForm.offer_rows
    show = VisitForm.show
    rows = VisitForm.rows


class AnswerForm(Form):
    """What the enterprise says of a visit."""

    verdict = RadioField("这次走访属实吗", choices=[("confirmed", "属实"), ("differs", "有出入"), ("denied", "没有这次走访")], validate_choice=False)
    said_on = DateField("实际日期", [Optional()])
    said_mode = SelectField("实际方式", choices=list(MODES.items()), default="on_site")
    rating = RadioField("对这次服务满意吗", choices=[("", "不评价"), *((str(r), label) for r, label in RATINGS.items())], default="")
    comment = TextAreaField("想说的话", description="评价和留言不会单独给服务队看，满 5 家以后只给汇总。")
    charged = BooleanField("服务人员向企业收了费，我要反映")
    charge_yuan = DecimalField("收费金额", [Optional()], description="不清楚可以不填。")
    charge_text = TextAreaField("收费情况", description="谁收的、为什么收。由市局核查，服务队看不到。")

    show = VisitForm.show


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def people(text: str | None, side: str) -> list[Person]:
    """One person a line: the name, then perhaps what he is."""
    found = []
    for line in (text or "").splitlines():
        name, _, title = line.strip().replace("\u3000", " ").partition(" ")
        if name:
            found.append(Person(name, side, title.strip()))
    return found


def fill(form: VisitForm, draft: VisitDraft) -> None:
    """A kept draft back into the form."""
    for name in ("visited_on", "mode", "summary", "basis", "internal_note", "feedback", "next_contact_on", "next_contact_why", "client_key"):
        form[name].data = getattr(draft, name)
    form.appointment_id.data, form.project_id.data = draft.appointment_id or "", draft.project_id or ""
    form.feedback_given.data = {True: "yes", False: "no", None: ""}[draft.feedback_given]
    for name in ("actions", "stages", "help_areas", "domains"):
        form[name].data = list(getattr(draft, name))
    for field, side in ((form.team_people, "team"), (form.firm_people, "enterprise")):
        field.data = "\n".join(f"{one.name} {one.title}".strip() for one in draft.people if one.side == side)
    for name in ("findings", "measures", "promises", "demands"):
        rows = getattr(draft, name)
        while len(form[name]) < len(rows) + 1 and len(form[name]) < 30:
            form[name].append_entry()
        for row, said in zip(form[name], rows, strict=False):
            for part in row.form:
                value = getattr(said, part.short_name, None)
                part.data = str(value) if part.short_name == "finding" and value is not None else value or part.default or ""


__all__ = ["AnswerForm", "CorrectForm", "MoreForm", "VisitForm", "fill", "people"]
