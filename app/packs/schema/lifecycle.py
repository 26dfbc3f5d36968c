"""Life of a title and of an application: yearly dates and windows, what to hand in and how long it takes to get, public holidays."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.packs.schema.base import Code, Confidence, Day, Entry, Model, Text
from app.packs.schema.criteria import Application

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
CalendarKind = Literal["date", "yearly_duty", "window", "deadline"]
CALENDAR_KINDS: dict[str, str] = {"date": "日期", "yearly_duty": "年度更新", "window": "申报窗口", "deadline": "报送截止"}
Step = Literal["fill", "county", "city", "province"]
STEPS: dict[str, str] = {"fill": "企业填报", "county": "县级审核", "city": "市级推荐", "province": "省级上报"}


class Consequence(Model):
    """What ``misses`` yearly updates left undone inside one validity lead to, with its own clause and confidence."""

    misses: int = Field(ge=1, le=20, strict=True)
    label: Text
    clause: Text
    confidence: Confidence


class CalendarEntry(Entry):
    """A yearly date or window, month and day, e.g. 05-31. ``example_year``: the year it was observed in; verify every year.

    ``yearly_duty``: named by ``renewal_due`` of titles; first owed ``owed_after`` calendar years after the grant. ``window``: applications of
    ``titles``; ``deadline``: a later step (``step``) of the window ``window``.
    """

    kind: CalendarKind = "date"
    starts_on: MonthDay | None = None
    ends_on: MonthDay
    example_year: int | None = Field(default=None, ge=2000, le=2200, strict=True)
    titles: tuple[Code, ...] = ()
    application: Application | None = None
    step: Step | None = None
    window: Code | None = None
    owed_after: int = Field(default=1, ge=0, le=5, strict=True)
    consequences: tuple[Consequence, ...] = ()

    @model_validator(mode="after")
    def _fields_fit_the_kind(self) -> CalendarEntry:
        if self.kind == "window" and not (self.titles and self.starts_on):
            raise ValueError("kind: window 的条目要写 titles 和 starts_on")
        if self.kind == "deadline" and not (self.window and self.step):
            raise ValueError("kind: deadline 的条目要写 window 和 step")
        if self.consequences and self.kind != "yearly_duty":
            raise ValueError("consequences 只能写在 kind: yearly_duty 的条目里")
        return self


class Material(Entry):
    """A paper of an application. ``fields``: facts (names of the vocabulary, or ``title``) whose conditions it proves; ``always``: asked for whatever
    the criteria say; ``titles``: only for these (none = all). ``workdays``: working days to get it, null = nobody has said."""

    fields: tuple[Code, ...] = ()
    titles: tuple[Code, ...] = ()
    always: bool = Field(default=False, strict=True)
    workdays: int | None = Field(default=None, ge=0, le=600, strict=True)

    @model_validator(mode="after")
    def _asked_for_somewhere(self) -> Material:
        if not self.fields and not self.always:
            raise ValueError("材料要写 fields（证明哪些数据项），或写 always: true")
        return self


class HolidayYear(Entry):
    """Public holidays of one year, for years the shipped calendar does not know yet: days off and make-up working days, ends included."""

    year: int = Field(ge=2004, le=2200, strict=True)
    days_off: tuple[Day, ...] = Field(min_length=1)
    workdays: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _days_of_the_year(self) -> HolidayYear:
        wrong = [day for day in (*self.days_off, *self.workdays) if day.year != self.year]
        if wrong:
            raise ValueError(f"{wrong[0]} 不在 {self.year} 年")
        return self
