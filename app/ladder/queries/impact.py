"""Reading comparisons of two rule versions: who is compared, the table of answers before and after, the enterprises behind each number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page, cut, decode
from app.kernel.errors import Invalid, NotFound
from app.kernel.scope import ALL, Scope
from app.ladder.criteria import Version, choose_version, get_version
from app.ladder.models import ImpactRow, ImpactRun
from app.ladder.queries.counting import counted, of_metric
from app.ladder.queries.verdicts import evaluate_versions
from app.ladder.rules import CountKind, any_level
from app.ladder.rules.impact import CODES, pairs_of
from app.packs import Pack
from app.packs.schema.criteria import Criterion


@dataclass(frozen=True)
class Question:
    """Which two versions are compared, on which day's facts, and for whom."""

    old: Version
    new: Version
    application: str
    day: date

    @property
    def title(self) -> str:
        return self.new.criterion.title


def question(pack: Pack, *, title: str, old: str | None, new: str, application: str, day: date) -> Question:
    """Versions by code; ``old`` None = the one that decides on the day. Raises Invalid when there is nothing to compare."""
    later = get_version(pack, new)
    if later.criterion.title != title:
        raise Invalid("other_title", f"版本 {new} 不是称号“{pack.title_label(title)}”的认定条件，请重新选择。", "new")
    earlier = get_version(pack, old) if old else choose_version(pack, title, application=application, on=day)
    if earlier is None:
        raise Invalid("no_version", f"{day} 没有适用于“{pack.title_label(title)}”的认定条件版本，请选择原版本。", "old")
    if earlier.criterion.title != title:
        raise Invalid("other_title", f"版本 {old} 不是称号“{pack.title_label(title)}”的认定条件，请重新选择。", "old")
    if earlier.code == later.code:
        raise Invalid("same_version", "两个版本相同，没有可比的内容。请选择另一个版本。", "new")
    return Question(earlier, later, application, day)


def versions_of(pack: Pack, title: str | None = None) -> list[Criterion]:
    """Versions of titles of which there are several, drafts included, newest first."""
    rows = [row for row in pack.content.criteria if not row.disabled and title in (None, row.title)]
    return sorted(rows, key=lambda row: (row.title, row.effective_from), reverse=True)


def titles_with_versions(pack: Pack) -> list[tuple[str, str]]:
    """Titles with at least two versions, in pack order."""
    count: dict[str, int] = {}
    for row in versions_of(pack):
        count[row.title] = count.get(row.title, 0) + 1
    return [(title.code, title.label) for title in pack.titles() if count.get(title.code, 0) > 1]


def compared(city_id: int, asked: Question) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: firms without the title for new applications, its holders for reviews."""
    held = counted(of_metric(any_level(asked.title)), CountKind.STOCK, asked.day, None, None).subquery("held")
    ids = select(held.c.enterprise_id)
    mine = Enterprise.id.in_(ids) if asked.application == "review" else Enterprise.id.not_in(ids)
    return and_(Enterprise.city_id == city_id, Enterprise.status == "active", mine)


def answers(city_id: int, asked: Question) -> Iterator[tuple[int, int, int]]:
    """(enterprise id, old, new) of everybody who is asked, as codes of ``rules.impact``, by id."""
    where = compared(city_id, asked)
    for pair in evaluate_versions(asked.old, asked.new, ALL, as_of=asked.day, application=asked.application, where=where):
        yield pair.enterprise_id, CODES[pair.old], CODES[pair.new]


def list_runs(city_id: int, limit: int = 20) -> Sequence[ImpactRun]:
    """Comparisons of a city, newest first."""
    return db.session.scalars(select(ImpactRun).where(ImpactRun.city_id == city_id).order_by(ImpactRun.id.desc()).limit(limit)).all()


def get_run(city_ids: frozenset[int] | None, run_id: int) -> ImpactRun:
    """A comparison of one of these cities (None = any). Raises NotFound."""
    run = db.session.get(ImpactRun, run_id)
    if run is None or (city_ids is not None and run.city_id not in city_ids):
        raise NotFound("没有找到这次影响预览，可能已被新的替换。请从列表进入。")
    return run


def cells(scope: Scope, run: ImpactRun) -> dict[tuple[int, int], int]:
    """(old, new) -> enterprises of the scope whose answer differs."""
    rows = _rows(scope, run).with_only_columns(ImpactRow.old, ImpactRow.new, func.count()).group_by(ImpactRow.old, ImpactRow.new)
    return {(old, new): firms for old, new, firms in db.session.execute(rows)}


def _rows(scope: Scope, run: ImpactRun) -> Select[Any]:
    return select(ImpactRow).join(Enterprise, Enterprise.id == ImpactRow.enterprise_id).where(ImpactRow.run_id == run.id, in_scope(scope))


COLUMNS = (Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id, Enterprise.industry_code, ImpactRow.old, ImpactRow.new)


def _narrowed(scope: Scope, run: ImpactRun, kind: str | None, pair: tuple[int, int] | None, unit_id: int | None) -> Select[Any]:
    query = _rows(scope, run).with_only_columns(*COLUMNS)
    pairs = pairs_of(kind) if kind else [pair] if pair else []
    if pairs:
        query = query.where(or_(*(and_(ImpactRow.old == old, ImpactRow.new == new) for old, new in pairs)))
    return query if unit_id is None else query.where(Enterprise.unit_id == unit_id)


def page(
    scope: Scope, run: ImpactRun, *, kind: str | None, pair: tuple[int, int] | None, unit_id: int | None, cursor: str | None, size: int,
) -> Page[Row[Any]]:
    """Enterprises of a kind or a cell, by id."""
    edge, query = decode(cursor, (int,)), _narrowed(scope, run, kind, pair, unit_id)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    if edge is not None:
        query = query.where(Enterprise.id < edge.values[0] if edge.backwards else Enterprise.id > edge.values[0])
    order = Enterprise.id.desc() if edge is not None and edge.backwards else Enterprise.id.asc()
    rows = db.session.execute(query.order_by(order).limit(size + 1)).all()
    return cut(rows, size, edge, lambda row: (row.id,), total)


def each(scope: Scope, run: ImpactRun, *, kind: str | None, pair: tuple[int, int] | None, unit_id: int | None) -> Iterator[Row[Any]]:
    """All of them, for an export."""
    yield from db.session.execute(_narrowed(scope, run, kind, pair, unit_id).order_by(Enterprise.id).execution_options(yield_per=5_000))
