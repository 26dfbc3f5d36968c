"""Keeping the search index: a few enterprises in the transaction of their change, or everything after an import."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, func, insert, select, update

from app.enterprises.models import Enterprise, EnterpriseName, SearchPending, SearchPiece
from app.enterprises.queries.search import PENDING
from app.enterprises.rules import naming
from app.infra import dialect, jobs
from app.infra.db import db
from app.infra.dialect import SEARCH, SearchRow
from app.kernel.actor import SYSTEM

BATCH = 5_000  # pieces of one batch are held in memory: 20,000 cost 130 MB more and were no faster
MEASURED_FROM, SAMPLE, COMMON_SHARE = 40_000, 50_000, 0.002
JOB, STEP = "enterprises.index", 2_000
"""The job that indexes what ``index_later`` left, and how many enterprises it does in one short transaction."""


_SOURCE = (Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.short_name, Enterprise.initials)
"""What an index row is made of, beside the former names."""


def reindex(ids: Collection[int]) -> int:
    """Write the index rows of these enterprises anew (and their pinyin initials, should they differ); returns how many."""
    db.session.flush()
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH // 4):
        part = wanted[start : start + BATCH // 4]
        former = _former(EnterpriseName.enterprise_id.in_(part))
        rows, wrong = _rows(db.session.execute(select(*_SOURCE).where(Enterprise.id.in_(part))).all(), former)
        dialect.replace_search_rows(db.session(), rows, _stored(part))
        _no_longer_pending(SearchPending.id.in_(part))
        _correct_initials(wrong)
    return len(wanted)


def reindex_all() -> int:
    """Build the whole index anew, batch by batch; readers keep the old one until the end. Returns how many enterprises it holds."""
    db.session.flush()
    wrong: list[tuple[int, str]] = []
    count = dialect.rebuild_search(db.session(), _batches(wrong))
    _no_longer_pending()
    _correct_initials(wrong)
    measure_pieces()
    return count


def index_later(texts: Select[Any]) -> None:
    """Add very many enterprises (id, content, code in lower case) to the search at once and their index rows by a job that follows.
    They are found from now on: until they are indexed, a search compares their texts."""
    session = db.session()
    dialect.add_search_texts(session, texts)
    session.execute(insert(SearchPending).from_select(["id"], texts.with_only_columns(next(iter(texts.selected_columns)))))
    session.merge(SearchPiece(piece=PENDING, hits=0))
    if session.scalar(select(jobs.Job.id).where(jobs.Job.kind == JOB, jobs.Job.state == "queued").limit(1)) is None:
        jobs.enqueue(JOB, {}, label="补建新导入企业的搜索索引", by=SYSTEM)


def index_pending(progress: Callable[[int, int], None]) -> int:
    """Index what ``index_later`` left, in short transactions of its own (it commits), then measure anew. Returns how many."""
    session, done = db.session(), 0
    total = session.scalar(select(func.count()).select_from(SearchPending)) or 0
    waiting = select(SearchPending.id).order_by(SearchPending.id).limit(STEP).with_for_update(skip_locked=True)
    session.rollback()
    while ids := list(session.scalars(waiting)):
        rows = session.execute(select(SEARCH.c.enterprise_id, SEARCH.c.content, SEARCH.c.code).where(SEARCH.c.enterprise_id.in_(ids))).all()
        dialect.index_search_rows(session, [(key, text, code, naming.pieces(text, code)) for key, text, code in rows])
        _no_longer_pending(SearchPending.id.in_(ids))
        session.commit()
        done += len(ids)
        progress(done, max(done, total))
    session.execute(delete(SearchPiece).where(SearchPiece.piece == PENDING, ~select(SearchPending.id).exists()))
    session.commit()
    measure_pieces()
    return done


def _no_longer_pending(*conditions: ColumnElement[bool]) -> None:
    db.session.execute(delete(SearchPending).where(*conditions).execution_options(synchronize_session=False))


def take_out(ids: Collection[int]) -> None:
    """Remove enterprises from the index (before their rows are deleted)."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH // 4):
        part = wanted[start : start + BATCH // 4]
        dialect.replace_search_rows(db.session(), [], _stored(part))
        _no_longer_pending(SearchPending.id.in_(part))


def _batches(wrong: list[tuple[int, str]]) -> Iterator[Sequence[SearchRow]]:
    last = 0
    while batch := db.session.execute(select(*_SOURCE).where(Enterprise.id > last).order_by(Enterprise.id).limit(BATCH)).all():
        former = _former(EnterpriseName.enterprise_id.between(last + 1, batch[-1].id))
        rows, differing = _rows(batch, former)
        wrong += differing
        last = batch[-1].id
        yield rows


def _former(condition: ColumnElement[bool]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, name in db.session.execute(select(EnterpriseName.enterprise_id, EnterpriseName.name).where(condition).order_by(EnterpriseName.id)):
        found.setdefault(key, []).append(name)
    return found


def _rows(source: Sequence[Row[Any]], former: dict[int, list[str]]) -> tuple[list[SearchRow], list[tuple[int, str]]]:
    """Index rows, and (id, initials) of enterprises stored with other initials."""
    rows: list[SearchRow] = []
    wrong: list[tuple[int, str]] = []
    for key, credit_code, name, short, stored in source:
        text = naming.content((name, short, *former.get(key, ())))
        code = credit_code.lower()
        rows.append((key, text, code, naming.pieces(text, code)))
        right = naming.initials(name)
        if right != stored:
            wrong.append((key, right))
    return rows, wrong


def _stored(ids: Sequence[int]) -> list[tuple[int, set[str]]]:
    """Ids that stand in the index with the pieces they stand under (pieces follow from the stored text; only SQLite wants them back)."""
    if not dialect.wants_old_pieces(db.session()):
        return [(key, set()) for key in db.session.scalars(select(SEARCH.c.enterprise_id).where(SEARCH.c.enterprise_id.in_(ids)))]
    rows = db.session.execute(select(SEARCH.c.enterprise_id, SEARCH.c.content, SEARCH.c.code).where(SEARCH.c.enterprise_id.in_(ids)))
    bare = set(db.session.scalars(select(SearchPending.id).where(SearchPending.id.in_(ids))))
    return [(key, set() if key in bare else naming.pieces(text, code)) for key, text, code in rows]


def _correct_initials(wrong: Sequence[tuple[int, str]]) -> None:
    if wrong:
        rows = [{"b_id": key, "b_initials": initials} for key, initials in wrong]
        table = Enterprise.__table__
        db.session.connection().execute(
            update(table).where(table.c.id == bindparam("b_id")).values(initials=bindparam("b_initials")), rows  # type: ignore[arg-type]
        )


def measure_pieces() -> None:
    """Estimate from a sample which pieces very many names share, so that a search knows which way is the short one."""
    total = db.session.scalar(select(func.count()).select_from(SEARCH)) or 0
    db.session.execute(delete(SearchPiece).where(SearchPiece.piece != PENDING))
    if total <= MEASURED_FROM:
        return
    step = max(1, total // SAMPLE)
    found: Counter[str] = Counter()
    taken = 0
    for text, code in db.session.execute(select(SEARCH.c.content, SEARCH.c.code).where(SEARCH.c.enterprise_id % step == 0)):
        found.update(naming.pieces(text, code))
        taken += 1
    rows = [{"piece": "", "hits": total}]
    rows += [{"piece": p, "hits": n * total // taken} for p, n in found.items() if n >= taken * COMMON_SHARE]
    db.session.execute(insert(SearchPiece), rows)
