"""Help for enterprises and the system's own settings: actions, service domains, trainings, roles, settings, glossary."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue, model_validator

from app.packs.schema.base import Code, Entry, Model, Text


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


class DiagnosisCheck(Model):
    """One row of a diagnosis: what is looked at, and to which stage of the chain or support action it belongs."""

    code: Code
    label: Text
    stage: Code | None = None
    action: Code | None = None


class DiagnosisTemplate(Entry):
    """What a diagnosis of an enterprise goes through: a light one in an hour, a full one before an improvement plan."""

    kind: Literal["light", "full"]
    checks: tuple[DiagnosisCheck, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _checks_are_told_apart(self) -> DiagnosisTemplate:
        codes = [check.code for check in self.checks]
        if len(set(codes)) != len(codes):
            raise ValueError("checks 中有重复的 code")
        return self


class TrainingKind(Entry):
    """A kind of training; ``split`` lists the printed sub-groups. ``person`` = what one head is called."""

    person: Text
    split: tuple[Text, ...] = ()
    metric: Code | None = None


class Remedy(Entry):
    """What helps an enterprise to meet conditions that look at ``facts`` (names of ``app.packs.vocabulary``), or what a title of ``titles`` opens:
    support actions, service domains, trainings, rewards and programmes of the pack. The measures are the documents'; that they answer these
    conditions is a reading, so an entry is usually 待核."""

    facts: tuple[Code, ...] = ()
    titles: tuple[Code, ...] = ()
    actions: tuple[Code, ...] = ()
    domains: tuple[Code, ...] = ()
    trainings: tuple[Code, ...] = ()
    rewards: tuple[Code, ...] = ()
    programmes: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _links_both_sides(self) -> Remedy:
        if not (self.facts or self.titles):
            raise ValueError("至少写一项 facts（数据项）或 titles（称号）")
        if not (self.actions or self.domains or self.trainings or self.rewards or self.programmes):
            raise ValueError("至少写一项措施：actions、domains、trainings、rewards 或 programmes")
        return self


class Role(Entry):
    """A role the documents name."""


class Platform(Entry):
    """A platform the documents name."""


class Department(Entry):
    """A department of the leading group; names change and are dated."""

    aliases: tuple[Text, ...] = ()


class DemandDomain(Entry):
    """What a demand is about. ``departments``: codes of departments it is usually routed to, the leading one first (none: the office decides);
    ``words``: what hints at it in a text."""

    departments: tuple[Code, ...] = ()
    words: tuple[Text, ...] = ()


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
