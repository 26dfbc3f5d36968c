"""Forms of recognitions: shape only; the rules stand in ``rules.problems`` and come back to their fields."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

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
