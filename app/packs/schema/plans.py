"""Documents and what they promise: metrics, targets, rewards, duties, programmes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, model_validator

from app.packs.schema.base import Code, Day, Entry, Model, Text, Year

Basis = Literal["stock", "cumulative", "new_in_period", "per_year", "one_off", "ratio", "multiple", "state"]
BASIS_LABELS = {
    "stock": "存量", "cumulative": "累计", "new_in_period": "期内新增", "per_year": "每年", "one_off": "一次性", "ratio": "占比或平均值",
    "multiple": "相对基期倍数", "state": "状态",
}
Comparison = Literal[">=", ">", "about", "range", "state"]
COMPARISON_LABELS = {">=": "不少于", ">": "超过", "about": "左右", "range": "区间", "state": "达到"}
Exact = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str, when_used="json")]


class Document(Entry):
    """A document in force. ``plan``: what the city decided; ``basis``: national or provincial rules; ``default``: our own editable settings.

    ``short`` is what tables print beside a clause.

    ``issued_month`` (YYYY-MM) is used when the day is not known. ``source`` notes say where a printed-nowhere title or number comes from.
    """

    kind: Literal["plan", "basis", "default"]
    short: Annotated[str, Field(min_length=2, max_length=12)]
    number: Text | None = None
    issuer: Text | None = None
    issued_on: Day | None = None
    issued_month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None
    period_from: Year | None = None
    period_to: Year | None = None
    public: bool | None = Field(default=None, strict=True)
    lead: Text | None = None
    departments: tuple[Text, ...] = ()
    implements: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()
    source: Text | None = None


class Unit(Entry):
    """A printed unit and the base unit the database stores: 万户 = 10000 户."""

    base: Text
    factor: int = Field(ge=1, strict=True)
    dimension: Code


class Metric(Entry):
    """One thing that can be counted; the same key means the same thing in every city. ``states``: of a qualitative one, from worst to best."""

    unit: Code
    level: Literal["city", "county", "town"]
    titles: tuple[Code, ...] = ()
    states: tuple[Text, ...] = ()
    formula: Text | None = None


class TargetScope(Model):
    """Whom a target speaks of: area, per (one for each …), subject, split."""

    area: Text
    per: Text | None = None
    subject: Text | None = None
    split: tuple[Text, ...] = ()


class Target(Entry):
    """One figure (``value``) or state (``state``) of one plan. Values stay in the printed unit; targets of different documents are never merged.

    ``governing`` marks the one to steer by among ``conflicts_with`` (执行口径); a city may change it.
    """

    metric: Code
    value: Exact | None = None
    state: Text | None = None
    value_max: Exact | None = None
    unit: Code
    comparison: Comparison
    basis: Basis
    period_from: Year | None = None
    period_to: Year | None = None
    deadline: Year | None = None
    base_year: Year | None = None
    scope: TargetScope
    owners: tuple[Text, ...] = ()
    owner_source: Literal["section", "inferred", "not stated"]
    strength: Text | None = None
    quote: Annotated[str, Field(min_length=1, max_length=40)]
    conflicts_with: Code | None = None
    governing: bool | None = Field(default=None, strict=True)

    @model_validator(mode="after")
    def _value_fits_comparison(self) -> Target:
        if (self.comparison == "state") != (self.value is None) or (self.value is None) == (self.state is None):
            raise ValueError("comparison 为 state 时写 state（文字）、不写 value，其余情况写 value（数字）")
        if (self.comparison == "range") != (self.value_max is not None):
            raise ValueError("comparison 为 range 时必须写 value_max，其余情况不写")
        return self


class Baseline(Entry):
    """A figure of the base year a document prints, in its printed unit."""

    metric: Code
    year: Year
    value: Exact
    unit: Code


class Instalment(Model):
    """One part of a reward: share in percent, when it is due, under which condition."""

    seq: int = Field(ge=1, strict=True)
    share_pct: int = Field(ge=1, le=100, strict=True)
    when: Text
    condition: Text


class Reward(Entry):
    """A reward as printed. ``amount_cap_yuan`` empty = the text names no amount; ``honour`` = commendation without money."""

    beneficiary: Text
    amount_cap_yuan: int | None = Field(ge=0, strict=True)
    payer: tuple[Text, ...] = ()
    frequency: Text | None = None
    instalments: tuple[Instalment, ...] = ()
    conditions: tuple[Text, ...] = ()
    owners: tuple[Text, ...] = ()
    honour: bool = Field(default=False, strict=True)
    quote: Annotated[str, Field(min_length=1, max_length=40)]


class Duty(Entry):
    """A report, evaluation or publication somebody owes. ``due`` is the text's own wording."""

    frequency: Text
    due: Text | None = None
    owners: tuple[Text, ...] = ()
    quote: Annotated[str, Field(min_length=1, max_length=40)]


class Programme(Entry):
    """A named plan, action, campaign, mechanism or focus of work."""

    kind: Literal["plan", "action", "campaign", "mechanism", "focus"]
    owners: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()
