"""Indicator systems such as the 26 indicators of the strong-town annex."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.kernel.level import Level
from app.packs.schema.base import Code, Entry, Model, Text

Nature = Literal["quantitative", "graded", "veto"]
NATURE_LABELS = {"quantitative": "定量", "graded": "定性", "veto": "一票否决"}
Direction = Literal["positive", "inverse"]
DIRECTION_LABELS = {"positive": "正向", "inverse": "逆向"}
SourceKind = Literal["register", "department", "graded", "veto"]
SOURCE_LABELS = {"register": "系统台账", "department": "部门提供", "graded": "定性评价", "veto": "否决核查"}


class Measure(Model):
    """How a figure is computed from the registers; D is 31 December of the data year unless another day is asked for.

    ``recognitions``: distinct enterprises of the town holding any of ``titles`` at ``min_level`` or above, valid on D (both ends of the
    validity included, revoked on D = not held). ``optional_titles`` count only when their setting is true.
    ``carriers``: distinct carriers of ``carriers`` kinds. ``trainees``: distinct persons of ``trainings`` kinds in the data year.
    ``figures``: private enterprises whose yearly ``figure`` reaches ``minimum_yuan``. ``above_scale``: private enterprises in the 四上 library.
    """

    ledger: Literal["recognitions", "carriers", "trainees", "figures", "above_scale"]
    titles: tuple[Code, ...] = ()
    optional_titles: dict[Code, Code] = Field(default_factory=dict, description="title code -> setting code")
    carriers: tuple[Code, ...] = ()
    trainings: tuple[Code, ...] = ()
    min_level: Annotated[Level, Field(strict=False)] | None = None
    figure: Code | None = None
    minimum_yuan: int | None = Field(default=None, ge=0, strict=True)
    rule: Literal["valid_on_day", "in_year"]
    count: Literal["enterprises", "carriers", "persons"]

    @model_validator(mode="after")
    def _names_its_subject(self) -> Measure:
        needed = {"recognitions": self.titles, "carriers": self.carriers, "trainees": self.trainings, "figures": self.figure}
        if self.ledger in needed and not needed[self.ledger]:
            raise ValueError(f"ledger 为 {self.ledger} 时必须写明统计对象")
        return self


class IndicatorItem(Model):
    """One value to be collected. Most indicators have one item, keyed by their number; compound ones two (5a, 5b)."""

    key: Annotated[str, Field(pattern=r"^[0-9]{1,2}[a-z]?$")]
    label: Text
    unit: Text
    share_pct: int = Field(ge=1, le=100, strict=True, description="share of the indicator's weight")
    metric: Code | None = None


class Indicator(Entry):
    """One row of the annex, names and weights exactly as printed.

    ``source``: who supplies the value that counts. ``reference`` measures (系统参考值) are our own count beside a department's figure.
    """

    system: Code
    seq: int = Field(ge=1, le=99, strict=True)
    group: Text
    nature: Nature
    direction: Direction | None
    weight: int | None = Field(ge=0, le=100, strict=True)
    source: SourceKind
    owner: Text
    owner_confidence: Literal["confirmed", "待核"]
    items: tuple[IndicatorItem, ...] = ()
    form: Text
    measure: Measure | None = None
    reference: Measure | None = None
    window_years: int | None = Field(default=None, ge=1, le=10, strict=True)
    triggers: tuple[Text, ...] = ()
    rubric: dict[Text, Text] = Field(default_factory=dict, description="grade -> what it takes, for graded indicators")

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the values: ``("9",)`` or ``("5a", "5b")``; empty for the veto row."""
        return tuple(item.key for item in self.items)

    @property
    def unit(self) -> str:
        """家, or 亿元、% for a compound indicator; empty for the veto row."""
        return "、".join(item.unit for item in self.items)

    @property
    def nature_label(self) -> str:
        """定量, 定性, 一票否决, and 定量（逆向） as the annex marks number 20."""
        base = NATURE_LABELS[self.nature]
        return f"{base}（逆向）" if self.direction == "inverse" else base

    @property
    def source_label(self) -> str:
        return SOURCE_LABELS[self.source]


class IndicatorSystem(Entry):
    """What the head of the annex declares about its rows; lint compares the rows with it."""

    groups: tuple[Text, ...]
    veto_group: Text | None
    scored: int = Field(ge=1, strict=True)
    veto: int = Field(ge=0, strict=True)
    quantitative: int = Field(ge=0, strict=True)
    graded: int = Field(ge=0, strict=True)
    weight_total: int = Field(ge=1, strict=True)
    inverse: tuple[int, ...]
    veto_rows: tuple[int, ...]
