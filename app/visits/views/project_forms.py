"""Forms of service projects."""

from collections.abc import Sequence

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.forms import ChoiceField, DayField
from app.infra.web.forms import Form
from app.ladder.forms import PlainNumber
from app.packs import Pack
from app.visits.actions.projects import ProjectDraft, ResultDraft
from app.visits.models import ServiceProject
from app.visits.rules.projects import KINDS
from app.visits.views.choosing import labels, offered, whole


class ProjectForm(Form):
    """A project as its carrier wants it."""

    title = StringField("项目名称", [InputRequired("请填写项目名称。"), Length(max=120, message="不能超过 120 字。")])
    kind = SelectField("项目类型", choices=list(KINDS.items()), default="service")
    team_id = ChoiceField("承担的服务队", [Optional()], default="")
    provider_id = ChoiceField("承担的服务商", [Optional()], default="", description="服务队和服务商至少选一个。")
    goal = TextAreaField("目标", [InputRequired("请写明项目要达到的目标。"), Length(max=500, message="不能超过 500 字。")])
    domain_code = ChoiceField("服务领域", [Optional()], default="")
    action_code = ChoiceField("帮扶行动", [Optional()], default="")
    lead_name = StringField("负责人", [Optional(), Length(max=60, message="不能超过 60 字。")])
    starts_on = DayField("开始日期", [InputRequired("请填写开始日期。")])
    ends_on = DayField("结束日期", [InputRequired("请填写结束日期。")])
    summary = TextAreaField("成果小结", [Optional(), Length(max=1000, message="不能超过 1000 字。")], description="提请验收前填写。")
    version = HiddenField()
    once = HiddenField()

    def offer(
        self, pack: Pack, teams: Sequence[tuple[int, str]], providers: Sequence[tuple[int, str]], keep: ServiceProject | None = None,
    ) -> None:
        """Fill the lists; what the record holds stays among them."""
        self.team_id.choices = offered(_with(teams, keep.team_id if keep else None, "原服务队"), "无")
        self.provider_id.choices = offered(_with(providers, keep.provider_id if keep else None, "原服务商"), "无")
        self.domain_code.choices = offered(labels(pack, "service_domains"), "不指定")
        self.action_code.choices = offered({action.code: action.label for action in pack.actions()}, "不指定")
        for field in (self.team_id, self.provider_id):
            field.data = str(field.data) if field.data not in (None, "", "None") else ""

    def draft(self) -> ProjectDraft:
        """The command this form stands for."""
        return ProjectDraft(
            self.title.data or "", self.goal.data or "", self.starts_on.data, self.ends_on.data, self.kind.data, whole(self.team_id.data),
            whole(self.provider_id.data), self.domain_code.data or None, self.action_code.data or None, self.lead_name.data,
        )


def _with(choices: Sequence[tuple[int, str]], kept: int | None, word: str) -> list[tuple[int, str]]:
    return [*choices, *([(kept, word)] if kept is not None and kept not in {id_ for id_, _ in choices} else [])]


class ResultForm(Form):
    """One figure before and after."""

    label = StringField("成果指标", [InputRequired("请填写成果指标的名称。"), Length(max=80, message="不能超过 80 字。")], description="如 次品率、换模时间。")
    unit = StringField("单位", [Optional(), Length(max=20, message="不能超过 20 字。")])
    before = PlainNumber("实施前", [Optional()])
    after = PlainNumber("实施后", [Optional()])
    evidence = StringField("佐证", [Optional(), Length(max=200, message="不能超过 200 字。")])

    def draft(self) -> ResultDraft:
        """The command this form stands for."""
        return ResultDraft(self.label.data or "", self.unit.data, self.before.data, self.after.data, self.evidence.data)
