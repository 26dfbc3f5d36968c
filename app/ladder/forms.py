"""Forms of recognitions: shape only; the rules stand in ``rules.problems`` and come back to their fields."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.forms import AmountField, DayField
from app.enterprises.models import SOURCES
from app.exchange.rules import amounts
from app.infra.web.forms import Form, WholeNumber
from app.kernel.level import Level
from app.ladder.rules import Draft
from app.packs import Pack

LEVELS = [("", "不分级别"), *((level.value, level.label) for level in reversed(Level))]


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


class NewForm(Form):
    """A new recognition."""

    title_code = SelectField("称号", [InputRequired("请选择称号。")])
    level = SelectField("级别", choices=LEVELS, default="", description="只有一个级别的称号可以不选，由系统补上。")
    batch_year = WholeNumber("批次年度", [Optional()], description="不填按公布日期的年份计。")
    document = StringField("文号", [Optional(), Length(max=120, message="文号不能超过 120 字。")])
    announced_on = DateField("公布日期", [Optional()])
    valid_from = DateField("有效期起", [Optional()], description="不填从公布日期算。")
    valid_to = DateField("有效期止", [Optional()], description="以认定文件为准；有期限的称号不填则不计入存量，列入待补。")
    evidence = StringField("佐证", [Optional(), Length(max=200, message="佐证不能超过 200 字。")], description="文件名称、网址或证书编号。")

    def offer(self, pack: Pack, keep: str | None = None) -> None:
        """Fill the list of titles; one that is disabled stays while a record uses it."""
        titles = [*pack.titles(), *(t for t in [pack.find_title(keep or "")] if t is not None and t.disabled)]
        self.title_code.choices = [("", "请选择"), *((title.code, title.label) for title in titles)]

    def draft(self, pack: Pack) -> Draft:
        """The command this form stands for; the only level of a title need not be chosen."""
        title = pack.find_title(self.title_code.data or "")
        level = self.level.data or (title.level if title is not None and title.level else "")
        return Draft(
            self.title_code.data or "", str(level), self.batch_year.data or 0, _text(self.document.data), self.announced_on.data, self.valid_from.data,
            self.valid_to.data, _text(self.evidence.data),
        )


class CorrectForm(NewForm):
    """Correction of a recorded recognition, its revocation included."""

    revoked_on = DateField("撤销日期", [Optional()])
    revoked_reason = StringField("撤销原因", [Optional(), Length(max=200, message="撤销原因不能超过 200 字。")])

    def draft(self, pack: Pack) -> Draft:
        """The command, with the revocation as it stands in the form."""
        return replace(super().draft(pack), revoked_on=self.revoked_on.data, revoked_reason=_text(self.revoked_reason.data))


class RevokeForm(Form):
    """The issuer took the title back."""

    revoked_on = DateField("撤销日期", [InputRequired("请填写撤销日期。")])
    revoked_reason = TextAreaField("撤销原因或文号", [InputRequired("请写明撤销原因或文号。"), Length(max=200, message="不能超过 200 字。")])


class VoidForm(Form):
    """The record was wrong."""

    reason = TextAreaField("作废原因", [InputRequired("请写明作废原因。"), Length(max=200, message="不能超过 200 字。")])


def show_problems(form: Any, problems: Iterable[tuple[str, str]]) -> None:
    """Put the sentences of a refusal on their fields."""
    for name, message in problems:
        field = form[name] if name in form else next(iter(form))
        field.errors = [*field.errors, message]


class PlainNumber(AmountField):  # type: ignore[misc]
    """Any number: years, points, 亿美元."""

    def _read(self, text: str) -> Any:
        return amounts.number_outcome(text)


YES_NO = [("1", "是"), ("0", "否")]
JUDGED = [("1", "符合"), ("0", "不符合")]


class AnswerForm(Form):
    """One answer with its source. ``seen``: id of the version the person saw ("" = none): another one there now is a conflict."""

    source = SelectField("来源", choices=list(SOURCES.items()), default="department")
    reported_on = DayField("数据日期", [Optional()], description="不填按今天。")
    evidence = StringField("佐证", [Optional(), Length(max=200, message="佐证不能超过 200 字。")], description="文件名称、截图文件名、文号或网址。")
    seen = HiddenField()

    def answered(self) -> Any:
        """The value as the action takes it (money in 元, True / False)."""
        value = self.value.data
        return value == "1" if isinstance(self.value, RadioField) else value


class DatedAnswerForm(AnswerForm):
    """An answer that runs out: an award of the last three years, a certificate."""

    valid_from = DayField("自哪天起", [Optional()], description="不填表示不限。")
    valid_to = DayField("到哪天止", [Optional()], description="到期后自动恢复为“缺数据”；不填表示不限。")


@cache
def answer_form(kind: str, unit: str, choices: tuple[tuple[str, str], ...], dated: bool) -> type[AnswerForm]:
    """The form for one kind of value of `app.packs.vocabulary`."""
    base: type[AnswerForm] = DatedAnswerForm if dated else AnswerForm
    return type(f"{base.__name__}_{kind}", (base,), {"value": _value_field(kind, unit, choices)})


def _value_field(kind: str, unit: str, choices: tuple[tuple[str, str], ...]) -> Any:
    label = f"数值（{unit}）" if unit else "数值"
    needed = [InputRequired("请填写。")]
    if kind in ("flag", "judgement"):
        return RadioField("结论" if kind == "judgement" else "是或否", [InputRequired("请选择。")], choices=JUDGED if kind == "judgement" else YES_NO)
    if kind == "choice":
        return SelectField("选项", [InputRequired("请选择。")], choices=[("", "请选择"), *choices])
    if kind == "day":
        return DayField("日期", needed)
    if kind == "code":
        return StringField("内容", [*needed, Length(max=40, message="不能超过 40 字。")])
    if kind in ("money", "pct", "count"):
        return AmountField(label, needed, kind=kind)
    return PlainNumber(label, needed, kind="number")


# --- life cycle and applications


class UpdateForm(Form):
    """What became of a yearly update, for one title and year and several enterprises."""

    title_code = SelectField("称号", [InputRequired("请选择称号。")])
    duty_year = WholeNumber("年度", [InputRequired("请填写年度。")])
    outcome = RadioField("更新情况", [InputRequired("请选择。")], choices=[("done", "已更新"), ("missed", "确认未更新")], default="done")
    done_on = DayField("更新日期", [Optional()], description="已更新的填写；按平台记录的日期。")
    evidence = StringField(
        "依据", [InputRequired("请写明依据。"), Length(max=200, message="依据不能超过 200 字。")], description="如：平台导出名单、截图名称、通知文号。",
    )
    codes = TextAreaField(
        "统一社会信用代码", [Optional(), Length(max=60_000, message="一次粘贴的内容太长，请分批。")],
        description="每行一个，可从平台导出的名单粘贴；已勾选企业的可以不填。",
    )

    def offer(self, pack: Pack, year: int) -> None:
        """Titles with a yearly update."""
        self.title_code.choices = [("", "请选择"), *((title.code, title.label) for title in pack.titles() if title.renewal_due)]
        if self.duty_year.data is None:
            self.duty_year.data = year


class WindowForm(Form):
    """One batch of applications."""

    title_code = SelectField("称号", [InputRequired("请选择称号。")])
    level = SelectField("级别", choices=LEVELS, default="", description="只有一个级别的称号可以不选，由系统补上。")
    kind = RadioField("类型", choices=[("new", "新申报"), ("review", "复核")], default="new")
    batch_year = WholeNumber("批次年度", [InputRequired("请填写批次年度。")])
    batch = StringField("批次名称", [Optional(), Length(max=40, message="批次名称不能超过 40 字。")], description="同一年度不止一批时填写，如：第八批。")
    opens_on = DayField("填报开始", [InputRequired("请填写填报开始日期。")])
    closes_on = DayField("填报截止", [InputRequired("请填写填报截止日期。")])
    county_due_on = DayField("县级审核截止", [Optional()], description="不填则不倒排县级审核时间。")
    city_due_on = DayField("市级推荐截止", [Optional()], description="市级报送推荐名单的最后一天。")
    document = StringField("通知文号", [Optional(), Length(max=120, message="文号不能超过 120 字。")])
    note = StringField("说明", [Optional(), Length(max=200, message="说明不能超过 200 字。")])
    confirmed = BooleanField("日期已按本年度通知核对", description="未核对的批次在各处显示“待核”。")
    calendar_code = HiddenField()
    version = HiddenField()

    def offer(self, pack: Pack, keep: str | None = None) -> None:
        """Fill the list of titles; one that is disabled stays while a window uses it."""
        titles = [*pack.titles(), *(t for t in [pack.find_title(keep or "")] if t is not None and t.disabled)]
        self.title_code.choices = [("", "请选择"), *((title.code, title.label) for title in titles)]

    def checked_level(self, pack: Pack) -> str:
        """The level as stored; the only level of a title need not be chosen."""
        title = pack.find_title(self.title_code.data or "")
        return str(self.level.data or (title.level if title is not None and title.level else ""))


class CandidatesForm(Form):
    """Enterprises to put into a batch, by credit code."""

    codes = TextAreaField(
        "统一社会信用代码", [InputRequired("请粘贴统一社会信用代码。"), Length(max=60_000, message="一次粘贴的内容太长，请分批。")],
        description="每行一个，最多 500 个。",
    )


class GrantForm(Form):
    """The title was granted to an applicant."""

    document = StringField("认定文号", [InputRequired("请填写认定文号。"), Length(max=120, message="文号不能超过 120 字。")])
    announced_on = DayField("公布日期", [InputRequired("请填写公布日期。")], description="公示不是认定，请按正式公布的日期填写。")
    valid_from = DayField("有效期起", [Optional()], description="不填从公布日期算。")
    valid_to = DayField("有效期止", [Optional()], description="以认定文件为准。")
    version = HiddenField()
