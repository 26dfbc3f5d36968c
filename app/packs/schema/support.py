"""Help for enterprises and the system's own settings: actions, service domains, pools, trainings, roles, calendar, settings, glossary."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from app.packs.schema.base import Code, Entry, Text

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class SupportAction(Entry):
    """One of the eight support actions (八大帮扶提升行动)."""

    seq: int = Field(ge=1, strict=True)
    owners: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()


class ServiceDomain(Entry):
    """A field of service; ``merges`` lists other words for it in the documents."""

    merges: tuple[Text, ...] = ()
    documents: tuple[Code, ...] = Field(min_length=1, description="which documents name it")


class ServiceStage(Entry):
    """Link of the operating chain where a problem is found: 生产, 销售, 管理, 文化建设."""


class Pool(Entry):
    """A pool or register the documents name (培育库, 资源池, 联盟 …)."""

    member: Literal["enterprise", "provider", "expert", "team", "town", "project", "resource", "record"]


class TrainingKind(Entry):
    """A kind of training; ``split`` lists the printed sub-groups. ``person`` = what one head is called."""

    person: Text
    split: tuple[Text, ...] = ()
    metric: Code | None = None


class Role(Entry):
    """A role the documents name."""


class Platform(Entry):
    """A platform the documents name."""


class Department(Entry):
    """A department of the leading group; names change and are dated."""

    aliases: tuple[Text, ...] = ()


class CalendarEntry(Entry):
    """A yearly date or window, month and day, e.g. 05-31. ``example_year``: the year it was observed in; verify every year."""

    starts_on: MonthDay | None = None
    ends_on: MonthDay
    example_year: int | None = Field(default=None, ge=2000, le=2200, strict=True)


class Setting(Entry):
    """A number or choice the texts leave open, editable per city. ``value`` null = the bureau must decide."""

    value: JsonValue
    unit: Text | None = None


class GlossaryTerm(Entry):
    """A word of the domain, its English name and the identifier used in code."""

    english: Text
    identifier: Text | None = None

    @model_validator(mode="after")
    def _english_is_english(self) -> GlossaryTerm:
        if not self.english.isascii():
            raise ValueError("english 只能用英文")
        return self
