"""Criteria (认定条件) as dated data: condition trees, score tables, parameters, and who uses which version when.

A condition is one of: ``all`` / ``any`` (lists of conditions), ``use`` (a shared group), ``choose`` (which case applies depends on a fact or a
parameter), or a leaf: a number compared, a flag, a choice, titles held, an industry, a score, or ``manual`` (a person judges).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from app.packs.schema.base import Code, Confidence, Day, Entry, Model, Text


def _plain_number(value: object) -> object:
    """Text is taken as a number only when it is written plainly: 1e999999999 would be a number of a billion digits."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", value):
        raise ValueError("数字要写成 1200 或 3.5 的形式，整数不超过 18 位、小数不超过 9 位")
    return value


Exact = Annotated[Decimal, BeforeValidator(_plain_number), PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str, when_used="json")]
Application = Literal["new", "review"]
APPLICATION_LABELS = {"new": "新申报", "review": "复核"}
APPLICATIONS: tuple[Application, ...] = ("new", "review")
Op = Literal[">=", ">", "<=", "<", "=="]
OP_LABELS = {">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于", "==": "等于"}
YearPeriod = Literal[
    "this_year", "last_year", "two_years_ago", "three_years_ago", "four_years_ago", "last_2_years", "last_3_years", "last_4_years",
    "two_years_before",
]
PERIOD_OFFSETS: dict[str, tuple[int, ...]] = {
    "this_year": (0,), "last_year": (1,), "two_years_ago": (2,), "three_years_ago": (3,), "four_years_ago": (4,), "last_2_years": (1, 2),
    "last_3_years": (1, 2, 3), "last_4_years": (1, 2, 3, 4), "two_years_before": (2, 3),
}
PERIOD_LABELS = {
    "this_year": "当年", "last_year": "上年", "two_years_ago": "前年", "three_years_ago": "三年前", "four_years_ago": "四年前",
    "last_2_years": "近两年", "last_3_years": "近三年", "last_4_years": "近四年", "two_years_before": "前年及再前一年",
}
Span = Literal["each", "any", "sum", "mean"]
SPAN_LABELS = {"each": "每年均", "any": "任一年", "sum": "合计", "mean": "平均"}
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Case(Model):
    """One branch of ``choose``. Numbers: ``from`` and ``to`` include the edge, ``above`` and ``below`` do not. ``starts_with``: industry codes;
    ``equals``: a choice or the value of a parameter."""

    from_: Exact | None = Field(default=None, alias="from")
    above: Exact | None = None
    to: Exact | None = None
    below: Exact | None = None
    starts_with: tuple[Annotated[str, Field(pattern=r"^[0-9]{2,4}$")], ...] = ()
    equals: Code | None = None
    label: Text | None = None
    then: Condition

    @model_validator(mode="after")
    def _one_kind(self) -> Case:
        numeric = any(one is not None for one in (self.from_, self.above, self.to, self.below))
        if numeric + bool(self.starts_with) + (self.equals is not None) != 1:
            raise ValueError("每种情形只能写一种条件：from/above/to/below（数值范围）、starts_with（行业）或 equals（选项）")
        if (self.from_ is not None and self.above is not None) or (self.to is not None and self.below is not None):
            raise ValueError("from 与 above、to 与 below 只能各写一个")
        return self


class Choose(Model):
    """What ``choose`` looks at: a fact (with its period), or a parameter of the version."""

    field: Code | None = None
    period: YearPeriod | None = None
    unit: Text | None = None
    parameter: Code | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Choose:
        if (self.field is None) == (self.parameter is None):
            raise ValueError("choose 只能写 field 或 parameter 中的一个")
        return self


class Condition(Model):
    """One node. ``advisory``: shown, never counted. ``veto``: counts when known to fail; unknown is a thing to check before applying and does
    not hold up the verdict. ``applications``: only for these. ``entered``: a figure of an outside platform, entered with evidence. ``usual``: of
    several ways (``any``) the one most take; what is still lacking is counted along it."""

    id: Code | None = None
    label: Text | None = None
    clause: Text | None = None
    confidence: Confidence | None = None
    note: Text | None = None
    applications: tuple[Application, ...] = ()
    advisory: bool = Field(default=False, strict=True)
    veto: bool = Field(default=False, strict=True)
    entered: bool = Field(default=False, strict=True)
    usual: bool = Field(default=False, strict=True)
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    use: Code | None = None
    choose: Choose | None = None
    cases: tuple[Case, ...] = ()
    otherwise: Literal["met", "unmet", "manual", "unknown"] = "unmet"
    manual: bool = Field(default=False, strict=True)
    score: Code | None = Field(default=None, description="total, or the code of a part")
    field: Code | None = None
    period: YearPeriod | None = None
    span: Span | None = None
    op: Op | None = None
    value: Exact | None = None
    parameter: Code | None = None
    unit: Text | None = None
    is_: bool | None = Field(default=None, alias="is", strict=True)
    at_least: Code | None = None
    one_of: tuple[Code, ...] = ()
    starts_with: tuple[Annotated[str, Field(pattern=r"^[0-9]{2,4}$")], ...] = ()
    holds_any: tuple[Code, ...] = ()
    holds_all: tuple[Code, ...] = ()

    @property
    def is_group(self) -> bool:
        return self.all is not None or self.any is not None or self.use is not None or self.choose is not None

    @property
    def is_leaf(self) -> bool:
        return not self.is_group

    @property
    def tests(self) -> tuple[str, ...]:
        """Which tests a leaf writes; exactly one is allowed."""
        present = {
            "op": self.op is not None, "is": self.is_ is not None, "at_least": self.at_least is not None, "one_of": bool(self.one_of),
            "starts_with": bool(self.starts_with), "holds_any": bool(self.holds_any), "holds_all": bool(self.holds_all), "manual": self.manual,
        }
        return tuple(name for name, found in present.items() if found)

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        groups = [name for name in ("all", "any", "use", "choose") if getattr(self, name) is not None]
        if len(groups) > 1:
            raise ValueError(f"一个条件只能是一种组合，现在同时写了：{'、'.join(groups)}")
        if groups and self.tests:
            raise ValueError(f"组合条件（{groups[0]}）里不能再写 {'、'.join(self.tests)}")
        if (self.choose is not None) != bool(self.cases):
            raise ValueError("choose 与 cases 要一起写")
        if not groups:
            self._check_leaf()
        return self

    def _check_leaf(self) -> None:
        if len(self.tests) != 1:
            raise ValueError("叶子条件要写且只写一种判断：op、is、at_least、one_of、starts_with、holds_any、holds_all 或 manual")
        if self.op is not None:
            if (self.value is None) == (self.parameter is None):
                raise ValueError("写 op 时，门槛 value 和 parameter 要写且只写一个")
            if (self.field is None) == (self.score is None):
                raise ValueError("写 op 时，field 和 score 要写且只写一个")
        elif self.tests[0] in ("is", "at_least", "one_of", "starts_with") and self.field is None:
            raise ValueError(f"写 {self.tests[0]} 时要写 field")


Case.model_rebuild()
Condition.model_rebuild()


class Band(Model):
    """Points for values between ``from`` and ``to``. An edge shared by two bands belongs to the one with more points; ``above`` instead of
    ``from`` leaves the edge to the band below. ``points_to``: the points are a range a jury fills (2 to 4)."""

    from_: Exact | None = Field(default=None, alias="from")
    above: Exact | None = None
    to: Exact | None = None
    points: Exact
    points_to: Exact | None = None

    @property
    def start(self) -> Decimal | None:
        """Lower edge, None = open."""
        return self.above if self.from_ is None else self.from_


class PointCase(Model):
    """Points given when a condition holds."""

    when: Condition
    points: Exact
    points_to: Exact | None = None


class ScoreItem(Model):
    """One row of a score table: ``bands`` over a field; ``cases`` (the best case that holds); ``sum_of`` (points added, capped at ``max``);
    ``better_of`` (the best of several rows); ``per`` (points for each full step); or a range a jury fills (``manual``)."""

    id: Code
    label: Text
    clause: Text | None = None
    confidence: Confidence | None = None
    note: Text | None = None
    max: Exact
    field: Code | None = None
    period: YearPeriod | None = None
    span: Span | None = None
    unit: Text | None = None
    bands: tuple[Band, ...] = ()
    cases: tuple[PointCase, ...] = ()
    sum_of: tuple[PointCase, ...] = ()
    better_of: tuple[ScoreItem, ...] = ()
    per: Exact | None = None
    points: Exact | None = None
    otherwise: Exact = Field(default=Decimal(0), description="points when no case holds")
    manual: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _one_kind(self) -> ScoreItem:
        kinds = [bool(self.bands), bool(self.cases), bool(self.sum_of), bool(self.better_of), self.per is not None, self.manual]
        if sum(kinds) != 1:
            raise ValueError("评分项只能写一种算法：bands、cases、sum_of、better_of、per 或 manual")
        if (bool(self.bands) or self.per is not None) != (self.field is not None):
            raise ValueError("bands 和 per 要写 field，其他算法不写")
        if (self.per is None) != (self.points is None):
            raise ValueError("per（每满多少）与 points（得几分）要一起写")
        return self


ScoreItem.model_rebuild()


class ScorePart(Model):
    """A part of a score table. ``local``: its rows are set by the province (section ``local_scores``); without them it is an open range.
    ``capped``: the rows may add up to more than ``max`` (a bonus), the part gives no more."""

    code: Code
    label: Text
    max: Exact
    items: tuple[ScoreItem, ...] = ()
    local: bool = Field(default=False, strict=True)
    capped: bool = Field(default=False, strict=True)


class Parameter(Model):
    """A number (``value``) or way of reading (``choice`` of ``choices``) the text leaves open."""

    code: Code
    label: Text
    value: Exact | None = None
    choice: Code | None = None
    choices: dict[Code, Text] = Field(default_factory=dict)
    unit: Text | None = None
    confidence: Confidence = "待核"
    note: Text | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Parameter:
        if (self.value is None) == (self.choice is None):
            raise ValueError("参数写 value（数值）或 choice（选项）中的一个")
        if self.choice is not None and self.choice not in self.choices:
            raise ValueError("choice 必须是 choices 中的一个")
        return self


class Applies(Model):
    """From when to when the version decides one kind of application (both days included)."""

    application: Application
    from_: Day = Field(alias="from")
    to: Day | None = None
    confidence: Confidence | None = None
    note: Text | None = None


class Criterion(Entry):
    """A rule version. ``region``: 000000 the whole country, else a province or city code; the closest region decides. A version without
    ``applies`` is a draft: it can be compared, never decides."""

    title: Code
    region: RegionCode
    level: Annotated[str, Field(pattern=r"^(nation|province|city|county)$")] | None = None
    applies: tuple[Applies, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    rule: Condition
    parts: tuple[ScorePart, ...] = ()

    def period_for(self, application: str) -> tuple[Applies, ...]:
        return tuple(one for one in self.applies if one.application == application)


class ConditionGroup(Entry):
    """Conditions shared by several versions, included by ``use``."""

    rule: Condition


class LocalScore(Entry):
    """Rows a province sets for a ``local`` part of a national score table."""

    criterion: Code
    part: Code
    region: RegionCode
    items: tuple[ScoreItem, ...] = Field(min_length=1)


Limits = tuple[Annotated[int, Field(ge=0, strict=True)], Annotated[int, Field(ge=0, strict=True)], Annotated[int, Field(ge=0, strict=True)]]


class SizeClass(Entry):
    """Lower limits of 大型, 中型, 小型 for the industries whose codes start so; below the last is 微型. Persons and 万元."""

    starts_with: tuple[Annotated[str, Field(pattern=r"^[0-9]{2,4}$")], ...] = Field(min_length=1)
    employees: Limits | None = None
    revenue: Limits | None = None
    assets: Limits | None = None

    @model_validator(mode="after")
    def _falling(self) -> SizeClass:
        limits = [one for one in (self.employees, self.revenue, self.assets) if one is not None]
        if not limits or any(not (large > medium > small) for large, medium, small in limits):
            raise ValueError("至少写一项下限，每项依次为大型、中型、小型，从大到小")
        return self


class ExtraFact(Entry):
    """A further fact of this pack, kept in the extra fields of the enterprise."""

    kind: Literal["money", "pct", "count", "number", "points", "flag"]
    unit: Text | None = None
    period: Literal["year", "state"] = "state"
