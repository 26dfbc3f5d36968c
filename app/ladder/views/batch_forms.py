"""Forms of batches and of steps of recognitions: shape only."""

from dataclasses import fields
from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.infra.web.forms import Form, WholeNumber
from app.ladder.actions.batches import BatchDraft
from app.ladder.actions.events import ENTERED, StepDraft
from app.ladder.forms import LEVELS
from app.ladder.models.batches import CHANGES, EVENT_KINDS, RESULTS
from app.ladder.queries.batches import Key
from app.packs import Pack


def text_or_none(value: str | None) -> str | None:
    return (value or "").strip() or None


def _stripped(values: dict[str, Any]) -> dict[str, Any]:
    return {name: text_or_none(value) if isinstance(value, str) else value for name, value in values.items()}


def _paper(label: str) -> StringField:
    return StringField(label, [Optional(), Length(max=120, message="文号不能超过 120 字。")])


class BatchForm(Form):
    """A batch: its key and what is known of it."""

    title_code = SelectField("称号", [InputRequired("请选择称号。")])
    level = SelectField("级别", choices=LEVELS, default="", description="只有一个级别的称号可以不选。")
    batch_year = WholeNumber("批次年度", [InputRequired("请填写批次年度。")])
    number = WholeNumber("第几批", [Optional()], description="一年只有一批时不填。")
    issuer = StringField("发布单位", [Optional(), Length(max=80, message="发布单位不能超过 80 字。")])
    recommended_on = DateField("推荐日期", [Optional()])
    recommended_document = _paper("推荐文号")
    noticed_on = DateField("公示开始", [Optional()])
    noticed_until = DateField("公示截止", [Optional()])
    noticed_document = _paper("公示文号")
    announced_on = DateField("公告日期", [Optional()])
    document = _paper("公告文号")
    valid_from = DateField("有效期起", [Optional()])
    valid_to = DateField("有效期止", [Optional()], description="以公告为准。")
    note = TextAreaField("备注", [Optional(), Length(max=300, message="备注不能超过 300 字。")])

    def offer(self, pack: Pack) -> None:
        self.title_code.choices = [("", "请选择"), *((title.code, title.label) for title in pack.titles())]

    def key(self, pack: Pack) -> Key:
        """Which batch; the only level of a title need not be chosen."""
        title = pack.find_title(self.title_code.data or "")
        level = self.level.data or (title.level if title is not None and title.level else "")
        return Key(self.title_code.data or "", str(level), self.batch_year.data or 0, self.number.data or 0)

    def draft(self) -> BatchDraft:
        values: dict[str, Any] = {f.name: self[f.name].data for f in fields(BatchDraft)}
        return BatchDraft(**_stripped(values))


class StepForm(Form):
    """A step of a recognition. Which fields matter depends on the kind; the rules say what is missing."""

    kind = SelectField("事项", [InputRequired("请选择事项。")], choices=[("", "请选择"), *((kind, EVENT_KINDS[kind]) for kind in ENTERED)])
    title_code = SelectField("称号", [Optional()])
    level = SelectField("级别", choices=LEVELS, default="")
    batch_year = WholeNumber("批次年度", [Optional()], description="不填按发生日期的年份。")
    happened_on = DateField("日期", [InputRequired("请填写日期。")])
    until = DateField("公示截止", [Optional()], description="公示时填写。")
    document = _paper("文号")
    reason = StringField("原因或内容", [Optional(), Length(max=300, message="不能超过 300 字。")], description="公示异议必填。")
    evidence = StringField("佐证", [Optional(), Length(max=200, message="佐证不能超过 200 字。")], description="文件名称、网址或证书编号。")
    result = SelectField("结果", choices=[("", "不涉及"), *RESULTS.items()], default="", description="复核、公示异议时选择。")
    change = SelectField("变更类型", choices=[("", "不涉及"), *CHANGES.items()], default="", description="称号变更时选择；变更不改变批次和有效期。")
    old_text = StringField("变更前", [Optional(), Length(max=120, message="不能超过 120 字。")])
    new_text = StringField("变更后", [Optional(), Length(max=120, message="不能超过 120 字。")])
    valid_from = DateField("新的有效期起", [Optional()], description="复核通过时填写；不填的接续原有效期。")
    valid_to = DateField("新的有效期止", [Optional()], description="复核通过时填写，以文件为准。")

    def offer(self, pack: Pack) -> None:
        self.title_code.choices = [("", "请选择"), *((title.code, title.label) for title in pack.titles())]

    def identity(self, pack: Pack) -> tuple[str, str, int]:
        title = pack.find_title(self.title_code.data or "")
        level = self.level.data or (title.level if title is not None and title.level else "")
        year = self.batch_year.data or (self.happened_on.data.year if self.happened_on.data else 0)
        return self.title_code.data or "", str(level), year

    def draft(self) -> StepDraft:
        values: dict[str, Any] = {f.name: self[f.name].data for f in fields(StepDraft)}
        return StepDraft(**_stripped(values))


class WithdrawForm(Form):
    """A step was recorded wrongly."""

    reason = TextAreaField("撤下原因", [InputRequired("请写明撤下的原因。"), Length(max=200, message="不能超过 200 字。")])
