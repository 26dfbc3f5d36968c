"""Reading batches and their staged rows. A batch is seen by its uploader and by administrators of the area he sits in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from app.areas.models import Area, AreaMembership
from app.exchange.bulk import CHUNK
from app.exchange.models import ImportBatch, ImportMapping, ImportRow, ImportUndo
from app.exchange.packing import unpack, unpack_plain
from app.exchange.registry import StagedRow
from app.infra.db import db
from app.infra.jobs import Job, Progress, progress_of
from app.infra.web.pagination import Cursor, Page, encode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope

MISSING = "没有找到这次导入，可能不是您上传的，或已被清理。请回到导入中心查看您的批次。"


def visible(scope: Scope, user_id: int | None, administers: bool) -> ColumnElement[bool]:
    """SQL condition on ``ImportBatch``: own ones; for administrators also those of people whose area lies inside ``scope``."""
    own = ImportBatch.created_by == user_id if user_id is not None else false()
    if not administers:
        return own
    if scope.everything:
        return true()
    ids = sorted(scope.city_ids | scope.unit_ids | scope.town_ids)
    inside: list[ColumnElement[bool]] = [own, ImportBatch.area_id.in_(ids)]
    if scope.city_ids:
        inside.append(ImportBatch.area_id.in_(select(Area.id).where(Area.city_id.in_(sorted(scope.city_ids)))))
    if scope.unit_ids:
        now_in = select(AreaMembership.town_id).where(
            AreaMembership.unit_id.in_(sorted(scope.unit_ids)), AreaMembership.valid_to.is_(None), AreaMembership.superseded_at.is_(None)
        )
        inside.append(ImportBatch.area_id.in_(now_in))
    return or_(*inside)


def list_batches(
    scope: Scope, *, user_id: int | None, administers: bool, kind: str | None = None, cursor: Cursor | None = None, size: int = 50
) -> Page[ImportBatch]:
    """Newest first; the cursor holds the id of the edge row."""
    query = select(ImportBatch).where(visible(scope, user_id, administers))
    if kind:
        query = query.where(ImportBatch.kind == kind)
    back = bool(cursor and cursor.backwards)
    if cursor:
        query = query.where(ImportBatch.id > cursor.values[0] if back else ImportBatch.id < cursor.values[0])
    rows = list(db.session.scalars(query.order_by(ImportBatch.id if back else ImportBatch.id.desc()).limit(size + 1)))
    return _page(rows, size, cursor, lambda batch: (batch.id,))


def _page(rows: list[Any], size: int, cursor: Cursor | None, key: Any) -> Page[Any]:
    """Rows asked with one more than ``size``, in asking order, as a page in display order."""
    back, more = bool(cursor and cursor.backwards), len(rows) > size
    shown = rows[:size][::-1] if back else rows[:size]
    has_next, has_previous = (True, more) if back else (more, cursor is not None)
    return Page(
        shown, encode(Cursor(key(shown[-1]))) if shown and has_next else None,
        encode(Cursor(key(shown[0]), backwards=True)) if shown and has_previous else None, size,
    )


def get_batch(scope: Scope, batch_id: int, *, user_id: int | None, administers: bool) -> ImportBatch:
    """One batch; ``NotFound`` when it is not the viewer's."""
    query = select(ImportBatch).where(ImportBatch.id == batch_id, visible(scope, user_id, administers))
    batch = db.session.scalars(query).first()
    if batch is None:
        raise NotFound(MISSING)
    return batch


def progress(batch: ImportBatch) -> Progress | None:
    """How far the batch's present job is; None without one."""
    job = db.session.get(Job, batch.job_id) if batch.job_id else None
    return progress_of(job) if job else None


def list_rows(batch_id: int, outcome: str, *, cursor: Cursor | None, size: int, only_noted: bool = False) -> Page[ImportRow]:
    """Staged rows of one outcome in sheet order; the cursor holds (row, part)."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.outcome == outcome)
    if only_noted:
        query = query.where(ImportRow.notes.is_not(None))
    back, place = bool(cursor and cursor.backwards), tuple_(ImportRow.row, ImportRow.part)
    if cursor:
        query = query.where(place < cursor.values if back else place > cursor.values)
    order = (ImportRow.row.desc(), ImportRow.part.desc()) if back else (ImportRow.row, ImportRow.part)
    rows = list(db.session.scalars(query.order_by(*order).limit(size + 1)))
    return _page(rows, size, cursor, lambda staged: (staged.row, staged.part))


def staged(session: Session, batch_id: int, action: str) -> Iterator[StagedRow]:
    """Records to write, in sheet order, read chunk by chunk: no open cursor while others write."""
    for rows in _chunks(session, batch_id, ImportRow.action == action, _STAGED):
        for r in rows:
            yield StagedRow(r[0], r[1], r[2], r[3], r[4], r[5], unpack_plain(r[6]), r[7])


def rejected(session: Session, batch_id: int) -> Iterator[tuple[int, list[list[str]]]]:
    """(sheet row, [[column, code, message], …]) of every refused row."""
    for rows in _chunks(session, batch_id, ImportRow.outcome == "rejected", (ImportRow.row, ImportRow.part, ImportRow.problems)):
        for row, _, problems in rows:
            yield row, unpack(problems)


def noted(session: Session, batch_id: int) -> Iterator[tuple[int, list[str]]]:
    """(sheet row, [note, …]) of every accepted row about which something is to be said."""
    condition = (ImportRow.outcome != "rejected") & ImportRow.notes.is_not(None)
    for rows in _chunks(session, batch_id, condition, (ImportRow.row, ImportRow.part, ImportRow.notes)):
        for row, _, notes in rows:
            yield row, unpack(notes)


_STAGED = (
    ImportRow.row, ImportRow.part, ImportRow.key, ImportRow.label, ImportRow.subject_id, ImportRow.version, ImportRow.content, ImportRow.changes,
)


def _chunks(session: Session, batch_id: int, condition: ColumnElement[bool], columns: Sequence[Any]) -> Iterator[Sequence[Any]]:
    base = select(*columns).where(ImportRow.batch_id == batch_id, condition).order_by(ImportRow.row, ImportRow.part).limit(CHUNK)
    rows = session.execute(base).all()
    while rows:
        yield rows
        rows = session.execute(base.where(tuple_(ImportRow.row, ImportRow.part) > (rows[-1][0], rows[-1][1]))).all()


def contents(session: Session, batch_id: int, rows: Sequence[int]) -> dict[tuple[int, int], list[Any]]:
    """(row, part) -> plainly packed content of staged records."""
    if not rows:
        return {}
    query = select(ImportRow.row, ImportRow.part, ImportRow.content).where(ImportRow.batch_id == batch_id, ImportRow.row.in_(rows))
    return {(row, part): unpack_plain(content) for row, part, content in session.execute(query) if content is not None}


def journal_chunks(session: Session, batch_id: int, action: str) -> Iterator[Sequence[Any]]:
    """Lines of the undo journal (row, part, subject_id, label, before) in sheet order, chunk by chunk."""
    columns = (ImportUndo.row, ImportUndo.part, ImportUndo.subject_id, ImportUndo.label, ImportUndo.before)
    base = select(*columns).where(ImportUndo.batch_id == batch_id, ImportUndo.action == action)
    base = base.order_by(ImportUndo.row, ImportUndo.part).limit(CHUNK)
    rows = session.execute(base).all()
    while rows:
        yield rows
        rows = session.execute(base.where(tuple_(ImportUndo.row, ImportUndo.part) > (rows[-1].row, rows[-1].part))).all()


def has_journal(batch_id: int) -> bool:
    """Whether the batch can still be taken back at all (old journals are cleared)."""
    return db.session.execute(select(ImportUndo.row).where(ImportUndo.batch_id == batch_id).limit(1)).first() is not None


def count_journal(batch_id: int) -> int:
    """Records the batch wrote and could take back."""
    return db.session.scalar(select(func.count()).select_from(ImportUndo).where(ImportUndo.batch_id == batch_id)) or 0


def list_kept(batch_id: int, limit: int = 500) -> list[ImportUndo]:
    """What an undo had to leave, with the reason."""
    query = select(ImportUndo).where(ImportUndo.batch_id == batch_id, ImportUndo.kept_zh.is_not(None))
    return list(db.session.scalars(query.order_by(ImportUndo.row, ImportUndo.part).limit(limit)))


def find_mapping(kind: str, signature: str, user_id: int | None) -> dict[str, str] | None:
    """How this header was understood last time: by this person, else by anybody."""
    query = select(ImportMapping).where(ImportMapping.kind == kind, ImportMapping.signature == signature)
    own_first = (ImportMapping.owner_id != (user_id or 0), ImportMapping.updated_at.desc())
    found = db.session.scalars(query.order_by(*own_first).limit(1)).first()
    return None if found is None else dict(found.mapping)


def scope_json(scope: Scope) -> dict[str, Any]:
    """A scope as stored with a batch: comparable, and back by ``scope_from``."""
    return {k: v if isinstance(v, bool) else sorted(v) for k, v in asdict(scope).items()}


def scope_from(stored: dict[str, Any]) -> Scope:
    values: dict[str, Any] = {k: v if isinstance(v, bool) else frozenset(v) for k, v in stored.items()}
    return Scope(**values)


def area_of(scope: Scope) -> int | None:
    """The one area a scope sits in; for the whole installation its only city; None when there are several."""
    for ids in (scope.city_ids, scope.unit_ids, scope.town_ids):
        if ids:
            return next(iter(ids)) if len(ids) == 1 else None
    if scope.everything:
        cities = db.session.scalars(select(Area.id).where(Area.kind == "city").limit(2)).all()
        return cities[0] if len(cities) == 1 else None
    return None


def policy_city(scope: Scope) -> str | None:
    """Code of the one city a scope lies in: its policy is what the words of the file mean. None for several cities, or none by area."""
    inside = scope.city_ids | scope.unit_ids | scope.town_ids
    where = Area.kind == "city" if scope.everything else Area.id.in_(sorted(inside))
    found = set(db.session.scalars(select(Area.city_id).where(where).distinct())) if inside or scope.everything else set()
    city_id = found.pop() if len(found) == 1 else None
    return None if city_id is None else db.session.scalar(select(Area.code).where(Area.id == city_id))


def scope_of(session: Session, batch_id: int) -> Scope:
    """The scope a batch was planned with."""
    return scope_from(session.execute(select(ImportBatch.scope).where(ImportBatch.id == batch_id)).scalar_one())


def count_waiting(user_id: int | None) -> int:
    """Batches of this person that wait for him: a column mapping to settle or a plan to confirm."""
    return db.session.scalar(_waiting(), {"user": user_id}) or 0


@cache
def _waiting() -> Select[Any]:
    mine = ImportBatch.created_by == bindparam("user"), ImportBatch.state.in_(("mapping", "planned"))
    return select(func.count()).select_from(ImportBatch).where(*mine)
