"""Columns of the list: what the screen and the export may show, in which order, and who may see them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast
from sqlalchemy.orm import Session

from app.enterprises.models import CONTROL_TYPES, SIZE_CLASSES, STATUSES, Enterprise, EnterpriseSummary
from app.enterprises.queries.hooks import LadderWords
from app.enterprises.queries.places import Places
from app.enterprises.rules import industry
from app.infra import clock, dialect
from app.kernel.money import UNITS

WAN = UNITS["万元"]
Shape = Callable[[Any], Any]


@dataclass(frozen=True)
class Words:
    """What codes are called: areas and the pack's rungs and titles."""

    places: Places
    ladder: LadderWords


@dataclass(frozen=True)
class Column:
    """``kind``: text, code, rung, status, wan, signed, pct, count, day, year. ``sort``: key of ``queries.SORTS``. ``figure``: needs the
    permission to see figures. ``cell`` gives the value for a sheet: a number, a date or text."""

    code: str
    label: str
    kind: str
    cell: Callable[[Any, Words], Any]
    unit: str | None = None
    sort: str | None = None
    figure: bool = False
    shown: bool = False
    width: int = 12

    @property
    def heading(self) -> str:
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    @property
    def is_number(self) -> bool:
        return self.kind in ("wan", "signed", "pct", "count")


def _wan(value: Any) -> float | None:
    return None if value is None else float(value / WAN)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


NAME = Column("name", "企业名称", "name", lambda r, w: r.name, sort="name", width=34)
COLUMNS: tuple[Column, ...] = (
    Column("code", "统一社会信用代码", "code", lambda r, w: r.credit_code, width=22),
    Column("unit", "管理单位", "text", lambda r, w: w.places.name(r.unit_id), width=14),
    Column("town", "所在镇街", "text", lambda r, w: w.places.full_name(r.town_id), shown=True, width=22),
    Column("rung", "梯度", "rung", lambda r, w: w.ladder.of(w.places.city_of(r.town_id)).rung_label(r.rung), shown=True, width=14),
    Column("titles", "现有称号", "text", lambda r, w: "、".join(w.ladder.title_labels(r.titles)), width=30),
    Column("industry", "行业", "text", lambda r, w: industry.label(r.industry_code), width=26),
    Column("year", "数据年度", "year", lambda r, w: r.figures_year, figure=True, shown=True, width=10),
    Column("revenue", "营业收入", "wan", lambda r, w: _wan(r.revenue_yuan), "万元", "revenue", True, True, 16),
    Column("growth", "增速", "signed", lambda r, w: _number(r.growth_pct), "%", "growth", True, True, 10),
    Column("rd", "研发占比", "pct", lambda r, w: _number(r.rd_ratio_pct), "%", None, True, True, 12),
    Column("employees", "从业人员", "count", lambda r, w: r.employee_count, "人", None, True, False, 12),
    Column("scale", "规模", "text", lambda r, w: SIZE_CLASSES.get(r.size_class or "", ""), shown=True, width=8),
    Column("control", "控股类型", "text", lambda r, w: CONTROL_TYPES.get(r.control_type or "", ""), width=12),
    Column("status", "状态", "status", lambda r, w: STATUSES[r.status], shown=True, width=8),
    Column("founded", "成立日期", "day", lambda r, w: r.founded_on, width=12),
    Column("person", "法定代表人", "text", lambda r, w: r.legal_person or "", width=12),
    Column("product", "主导产品", "text", lambda r, w: r.main_product or "", width=26),
    Column("visited", "最近走访", "day", lambda r, w: r.last_visit_on, width=12),
    Column("updated", "更新时间", "day", lambda r, w: clock.local(r.updated_at).date(), None, "updated", False, False, 12),
)
BY_CODE = {column.code: column for column in COLUMNS}


def allowed(*, figures: bool) -> list[Column]:
    """Columns a viewer may choose from."""
    return [c for c in COLUMNS if figures or not c.figure]


def chosen(codes: Collection[str], *, figures: bool) -> tuple[Column, ...]:
    """The columns of these codes in their fixed order; the usual ones when none of the codes is known."""
    may = allowed(figures=figures)
    return tuple(c for c in may if c.code in codes) or tuple(c for c in may if c.shown)


def raw(session: Session, column: Column, *, cities: bool = False) -> ColumnElement[Any]:
    """What an export reads of a column: as near to the cell as the database can bring it. ``cities``: of several cities, each with rungs of
    its own."""
    e, s = Enterprise.__table__.c, EnterpriseSummary.__table__.c
    found: dict[str, Callable[[], ColumnElement[Any]]] = {
        "name": lambda: e.name, "code": lambda: e.credit_code, "unit": lambda: e.unit_id, "town": lambda: e.town_id,
        "rung": lambda: cast(e.city_id, String) + ":" + s.rung if cities else s.rung,
        "titles": lambda: s.titles, "industry": lambda: e.industry_code, "year": lambda: s.figures_year,
        "revenue": lambda: dialect.as_float(session, s.revenue_yuan, int(WAN)), "growth": lambda: dialect.as_float(session, s.growth_pct),
        "rd": lambda: dialect.as_float(session, s.rd_ratio_pct), "employees": lambda: s.employee_count, "scale": lambda: s.size_class,
        "control": lambda: e.control_type, "status": lambda: e.status, "founded": lambda: e.founded_on, "person": lambda: e.legal_person,
        "product": lambda: e.main_product, "visited": lambda: s.last_visit_on, "updated": lambda: dialect.local_date(session, e.updated_at),
    }  # fmt: skip
    return found[column.code]()


def shape(column: Column, words: Words) -> Shape | None:
    """How a raw value becomes the cell; None = it is the cell. Names are looked up once per code, not once per row."""
    found: dict[str, Shape] = {
        "unit": words.places.name, "town": words.places.full_name, "rung": _rung_words(words), "industry": industry.label,
        "titles": lambda stored: "、".join(words.ladder.title_labels(stored)), "scale": lambda code: SIZE_CLASSES.get(code, ""),
        "control": lambda code: CONTROL_TYPES.get(code, ""), "status": STATUSES.__getitem__,
    }  # fmt: skip
    return _Kept(found[column.code]).__getitem__ if column.code in found else None


def _rung_words(words: Words) -> Shape:
    """Of several cities the raw value names the city, too (``raw``)."""
    if not words.ladder.cities:
        return words.ladder.rung_label

    def label(text: str | None) -> str:
        city, _, code = (text or "").partition(":")
        return words.ladder.of(int(city)).rung_label(code) if code else ""

    return label


class _Kept(dict[Any, Any]):
    """Answers of a function by its argument."""

    def __init__(self, function: Shape) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, value: Any) -> Any:
        answer = self[value] = self.function(value)
        return answer
