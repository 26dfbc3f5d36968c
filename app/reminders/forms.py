"""Forms of the reminders: one's own choices, a group channel, a rule."""

from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.infra.web.forms import Form, WholeNumber
from app.kernel.errors import DomainError
from app.packs.schema import AUDIENCES, PLACEHOLDERS, ReminderRule, template_fault
from app.reminders.models import MODES
from app.reminders.rules.quiet import clock_text, minutes

TIME = Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", message="时间应写成 08:30 的形式。")
DAYS = Regexp(r"^\s*\d{1,4}(\s*[,，、\s]\s*\d{1,4})*\s*$", message="天数用逗号隔开，如 30, 7, 1。")
NAMED = "、".join(f"{{{name}}}（{words}）" for name, words in PLACEHOLDERS.items())
KINDS = [("wecom", "企业微信群机器人"), ("dingtalk", "钉钉群机器人"), ("hook", "通用网络回调（签名）")]


class Several(SelectMultipleField):  # type: ignore[misc]
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ChoiceForm(Form):
    """One's own channels. An empty address leaves the stored one as it is; ``forget_…`` takes it out."""

    mail = StringField("邮箱", [Optional(), Length(max=120)], description="留空表示不改动已保存的邮箱。")
    forget_mail = BooleanField("删除已保存的邮箱")
    mail_mode = RadioField("邮件", choices=list(MODES.items()), default="none")
    phone = StringField("手机号", [Optional(), Length(max=20)], description="留空表示不改动已保存的手机号。")
    forget_phone = BooleanField("删除已保存的手机号")
    sms_mode = RadioField("短信", choices=list(MODES.items()), default="none")
    quiet_from = StringField("免打扰开始", [Optional(), TIME], description="不填按本市设置；到免打扰结束时再发。")
    quiet_to = StringField("免打扰结束", [Optional(), TIME])
    digest_at = StringField("每日汇总时间", [Optional(), TIME])
    version = HiddenField(default="0")

    def time(self, name: str) -> int | None:
        """Minutes of the day of a field, None when it is empty."""
        text = (self[name].data or "").strip()
        return minutes(text) if text else None


class ChannelForm(Form):
    """A group channel. Address and secret are never shown again."""

    kind = SelectField("类型", choices=KINDS)
    name = StringField("名称", [DataRequired("请填写通道名称，如“工信局工作群”。"), Length(max=60, message="名称不能超过 60 字。")])
    area = SelectField("范围", description="这个范围内的到期事项发到该群。")
    url = StringField("地址", [Optional(), Length(max=600)], description="机器人给出的完整网址。保存后不再显示；留空表示不改动。")
    secret = PasswordField("签名密钥", [Optional(), Length(max=200)], description="钉钉“加签”密钥或回调密钥。保存后不再显示；留空表示不改动。")
    keyword = StringField("关键词", [Optional(), Length(max=40)], description="机器人设置了自定义关键词时填写。")
    mode = SelectField("发送方式", choices=[("daily", "每日汇总"), ("each", "逐条发送")])
    codes = Several("事项（不选为全部）", choices=[])
    honours_key = BooleanField("接收方按 Idempotency-Key 去重（发送中断时可自动重发）")
    enabled = BooleanField("启用", default=True)
    version = HiddenField(default="0")


def _days(text: str | None) -> list[int]:
    parts = (text or "").replace("，", ",").replace("、", ",").replace(",", " ").split()
    return sorted({int(part) for part in parts})


class RuleForm(Form):
    """A rule of reminding, as the city changes it."""

    lead_days = StringField("提前几天", [Optional(), DAYS], description="可写几个，用逗号隔开；不提前则留空。")
    lead_hours = StringField("提前几小时", [Optional(), DAYS], description="只对按小时计算的时限有效。")
    on_day = BooleanField("到期当天提醒")
    overdue_days = StringField("逾期后第几天", [Optional(), DAYS])
    stop_after_days = WholeNumber("逾期多少天后不再提醒", [Optional()])
    workdays = BooleanField("遇非工作日：到期前提早到上一个工作日，逾期后推到下一个工作日")
    at = StringField("提醒时间", [Optional(), TIME], description="不填按本市统一时间。")
    first = SelectField("经办", choices=list(AUDIENCES.items()))
    second = SelectField("无人在岗时由谁接", choices=[("", "（按县区、市局）"), *AUDIENCES.items()])
    copy_to = Several("同时告知", choices=list(AUDIENCES.items()))
    escalate = StringField("逾期升级", [Optional(), Length(max=200)], description="如 3 队长，7 县区，15 市局。")
    gather = BooleanField("每天合并为一条")
    text = TextAreaField("消息模板", [Optional(), Length(max=500)], description=f"可用 {NAMED}；留空按本市统一模板。")
    disabled = BooleanField("停用这条规则（事项仍列在工作台，不发提醒）")
    reason = StringField("修改原因", [DataRequired("请写明修改原因，便于日后查考。"), Length(max=120)])
    version_id = HiddenField()

    def validate_text(self, field: Any) -> None:
        fault = template_fault(field.data) if field.data else None
        if fault:
            raise ValidationError(f"{fault}。")

    def validate_escalate(self, field: Any) -> None:
        try:
            read_levels(field.data or "")
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem

    def values(self, rule: ReminderRule) -> dict[str, Any]:
        """What the entry becomes; None leaves a field out."""
        to = [self.first.data, *([self.second.data] if self.second.data and self.second.data != self.first.data else [])]
        to += [one for one in rule.to[2:] if one not in to]
        keeps_setting = rule.lead_setting and not self.lead_days.data
        return {
            "lead_setting": rule.lead_setting if keeps_setting else None, "lead_days": _days(self.lead_days.data) or None,
            "lead_hours": _days(self.lead_hours.data) or None, "on_day": bool(self.on_day.data), "overdue_days": _days(self.overdue_days.data) or None,
            "stop_after_days": self.stop_after_days.data, "workdays": bool(self.workdays.data) or None, "at": self.at.data or None, "to": to,
            "copy_to": self.copy_to.data or None, "escalate": read_levels(self.escalate.data or "") or None, "gather": bool(self.gather.data) or None,
            "text": (self.text.data or "").strip() or None, "disabled": bool(self.disabled.data) or None,
        }


WORDS = {"经办": "person", "服务队": "team", "队长": "team_leader", "部门": "department", "镇街": "town", "县区": "unit", "市局": "city", "领导": "leader",
         "企业": "enterprise"}  # fmt: skip
SHORT = {code: word for word, code in WORDS.items()}


def read_levels(text: str) -> list[dict[str, Any]]:
    """``3 队长，7 县区`` as steps of escalation. Raises ``ValueError`` in words."""
    found = []
    for part in text.replace("，", ",").replace("、", ",").replace("；", ",").split(","):
        words = part.replace("天", " ").split()
        if not words:
            continue
        if len(words) != 2 or not words[0].isdigit() or not 1 <= int(words[0]) <= 1000 or words[1] not in WORDS:
            raise ValueError(f"“{part.strip()[:20]}”看不懂，应写成“天数 对象”，对象为：{'、'.join(WORDS)}。")
        found.append({"after_days": int(words[0]), "to": WORDS[words[1]]})
    return found


def fill_rule(form: RuleForm, rule: ReminderRule) -> None:
    """Show a rule as it is."""
    form.lead_days.data = ", ".join(str(day) for day in sorted(rule.lead_days, reverse=True))
    form.lead_hours.data = ", ".join(str(hour) for hour in sorted(rule.lead_hours, reverse=True))
    form.overdue_days.data = ", ".join(str(day) for day in sorted(rule.overdue_days))
    form.on_day.data, form.stop_after_days.data, form.workdays.data, form.at.data = rule.on_day, rule.stop_after_days, rule.workdays, rule.at
    form.first.data, form.second.data = rule.to[0], rule.to[1] if len(rule.to) > 1 else ""
    form.copy_to.data, form.gather.data, form.text.data, form.disabled.data = list(rule.copy_to), rule.gather, rule.text, rule.disabled
    form.escalate.data = "，".join(f"{one.after_days} {SHORT[one.to]}" for one in rule.escalate)


def time_text(value: int | None) -> str:
    return "" if value is None else clock_text(value)


def show_problem(form: Form, problem: DomainError, otherwise: str) -> None:
    """Put the sentence of a refusal on its field, or on ``otherwise``."""
    name = problem.field if problem.field is not None and problem.field in form else otherwise
    form[name].errors = [*form[name].errors, problem.message_zh]
