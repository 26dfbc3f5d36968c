"""Writing and taking back an imported list of enterprises: a handful of statements per 5,000 rows, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from app.enterprises import actions, references
from app.enterprises.models import Enterprise, EnterpriseName, EnterpriseSummary, EnterpriseTag, EnterpriseTown, StagedEnterprise
from app.enterprises.queries.places import read_places
from app.enterprises.rules.naming import initials
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, update_rows, write_journal
from app.exchange.models import ImportUndo
from app.exchange.packing import dates_back, unpack
from app.exchange.registry import INSERT, UPDATE, Journal, Outdated, Run, StagedRow, Undoable
from app.infra import dialect
from app.infra.db import Base

PLAIN = (
    "name", "short_name", "industry_code", "control_type", "founded_on", "status", "address", "registered_place", "park", "legal_person",
    "main_product",
)
WRITTEN = (*PLAIN, "town_id", "unit_id", "city_id", "control_source", "source_author", "source_on", "initials")
"""Order of a staged update's content; one more value follows: the date of the file. New firms are staged in a table of their own."""
N_PLAIN, N_WRITTEN, TOWN_AT = len(PLAIN), len(WRITTEN), len(PLAIN)
STAGED = ("row", "credit_code", *WRITTEN[:-1], "since")
"""Columns of a staged new firm as the plan gives them; initials and search text follow for all at once."""
DATES = (PLAIN.index("founded_on"), WRITTEN.index("source_on"), N_WRITTEN)
_TOWN_COLUMNS = ("enterprise_id", "town_id", "valid_from", "valid_to", "recorded_at")
OWN_CHILDREN = {"enterprise_town", "enterprise_name", "enterprise_summary", "enterprise_tag"}
"""Tables whose rows the import itself makes: they go with the firm. A row in any other table keeps it."""
ENTERPRISE, TOWN, NAME, STAGE = (cast(Table, m.__table__) for m in (Enterprise, EnterpriseTown, EnterpriseName, StagedEnterprise))


def apply(run: Run) -> None:
    """Write all staged records. Raises ``Outdated`` when a record is not what the plan saw (or is there already)."""
    added = _insert(run)
    changed = _update(run, added)
    everything = run.counts["insert"] + run.counts["update"]
    if everything:
        texts = select(_id(added), STAGE.c.search, func.lower(STAGE.c.credit_code)).where(STAGE.c.batch_id == run.batch_id)
        actions.after_bulk(run.session, changed, added=added, texts=texts)
        run.progress(everything)


def _insert(run: Run) -> range:
    """One statement a table: firms, their towns, their lines of the undo journal. Returns their ids, in sheet order."""
    session, count = run.session, run.counts["insert"]
    if not count:
        return range(0)
    first = dialect.reserve_block(session, ENTERPRISE, count)
    added = range(first, first + count)
    by = run.actor.user_id
    stamps = {"industry_version": "2017", "created_at": run.now, "created_by": by, "updated_at": run.now, "updated_by": by, "version": 1}
    _copy(run, ENTERPRISE, {"id": _id(added), **{n: STAGE.c[n] for n in ("credit_code", *WRITTEN)}}, stamps, count)
    town = {"enterprise_id": _id(added), "town_id": STAGE.c.town_id, "valid_from": STAGE.c.since}
    _copy(run, TOWN, town, {"recorded_at": run.now}, count)
    line = {"row": STAGE.c.row, "subject_id": _id(added), "label": STAGE.c.name}
    _copy(run, cast(Table, ImportUndo.__table__), line, {"batch_id": run.batch_id, "part": 0, "action": INSERT}, count)
    run.progress(count)
    return added


def _id(added: range) -> Any:
    return (STAGE.c.place + added.start).label("id")


def _copy(run: Run, target: Table, columns: dict[str, Any], constants: dict[str, Any], count: int) -> None:
    """All staged new firms of the batch into ``target``."""
    values = [*columns.values(), *(literal(value, target.c[name].type) for name, value in constants.items())]
    source = select(*values).where(STAGE.c.batch_id == run.batch_id).order_by(STAGE.c.place)
    statement = insert(target).from_select([*columns, *constants], source, include_defaults=False).execution_options(preserve_rowcount=True)
    if cast("CursorResult[Any]", run.session.execute(statement)).rowcount != count:
        raise Outdated


def _update(run: Run, written: range) -> list[int]:
    session, changed, done = run.session, [], len(written)
    if not run.counts["update"]:
        return []
    constants = {"updated_at": run.now, "updated_by": run.actor.user_id, "version": ENTERPRISE.c.version + 1}
    for rows in chunked(run.rows(UPDATE), CHUNK):
        values = [(r.subject_id, r.version, *dates_back(r.content, DATES)[:N_WRITTEN]) for r in rows]
        if update_rows(session, ENTERPRISE, ("id", "version"), WRITTEN, values, constants) != len(rows):
            raise Outdated
        _rename(run, rows)
        moved = {cast(int, r.subject_id): (r.content[TOWN_AT], r.content[N_WRITTEN]) for r in rows if '"town":' in (r.changes or "")}
        _move(session, moved, run)
        write_journal(session, run.batch_id, (Journal(r.row, r.part, UPDATE, cast(int, r.subject_id), r.label, r.changes) for r in rows))
        changed += [cast(int, r.subject_id) for r in rows]
        done += len(rows)
        run.progress(done)
    return changed


def _rename(run: Run, rows: Sequence[StagedRow]) -> None:
    """The old name becomes a former one, up to the day before the file's date (or today)."""
    renamed = [(r.subject_id, unpack(r.changes)["name"][0], r.content[N_WRITTEN]) for r in rows if '"name":' in (r.changes or "")]
    lines = ((key, old, None, (on or run.on or run.today) - timedelta(days=1)) for key, old, on in renamed)
    dialect.load_rows(run.session, NAME, ("enterprise_id", "name", "valid_from", "valid_to"), lines)


def _move(session: Session, moved: dict[int, tuple[int, date | None]], run: Run) -> None:
    """Another town from the file's date (or today) on; what we knew before stays as a superseded version."""
    if not moved:
        return
    lines: list[tuple[Any, ...]] = []
    open_rows = _open_towns(session, moved)
    for _, key, old_town, since in open_rows:
        town, on = moved[key]
        first = on or run.on or run.today
        if since < first:
            lines.append((key, old_town, since, first - timedelta(days=1), run.now))
        lines.append((key, town, max(since, first), None, run.now))
    update_rows(session, TOWN, ("id",), ("superseded_at",), [(row[0], run.now) for row in open_rows])
    dialect.load_rows(session, TOWN, _TOWN_COLUMNS, lines)


def _open_towns(session: Session, ids: Collection[int]) -> Sequence[Any]:
    query = select(EnterpriseTown.id, EnterpriseTown.enterprise_id, EnterpriseTown.town_id, EnterpriseTown.valid_from)
    return session.execute(
        query.where(EnterpriseTown.enterprise_id.in_(ids), EnterpriseTown.valid_to.is_(None), EnterpriseTown.superseded_at.is_(None))
    ).all()


def undoable(session: Session, batch_id: int) -> Undoable:
    """New firms that are as imported and have nothing hanging on them; updates whose changed fields still hold the imported values."""
    found = Undoable()
    for lines in batches.journal_chunks(session, batch_id, INSERT):
        now = _present(session, [line.subject_id for line in lines])
        used = _used(session, [line.subject_id for line in lines])
        imported = _imported(session, batch_id, [line for line in lines if (record := now.get(line.subject_id)) and record[-1] != 1])
        for line in lines:
            reason = _kept_insert(now.get(line.subject_id), imported.get((line.row, line.part)), used.get(line.subject_id))
            _sort(found, line, reason)
    for lines in batches.journal_chunks(session, batch_id, UPDATE):
        now = _present(session, [line.subject_id for line in lines])
        for line in lines:
            _sort(found, line, _kept_update(now.get(line.subject_id), unpack(line.before)))
    return found


def _sort(found: Undoable, line: Any, reason: str) -> None:
    if reason:
        found.kept.append((line.row, line.part, line.label, reason))
    else:
        found.rows.append((line.row, line.part))


def _imported(session: Session, batch_id: int, lines: Sequence[Any]) -> dict[tuple[int, int], Sequence[Any]]:
    """(row, part) -> plain columns and town as imported, to compare with records that were written again since."""
    query = select(STAGE.c.row, *(STAGE.c[name] for name in PLAIN), STAGE.c.town_id).where(STAGE.c.batch_id == batch_id)
    found = session.execute(query.where(STAGE.c.row.in_([line.row for line in lines])))
    return {(row[0], 0): row[1:] for row in found}


def _kept_insert(record: Sequence[Any] | None, imported: Sequence[Any] | None, used: str | None) -> str:
    if record is None:
        return "这家企业已不在系统中"
    if record[1] is not None:
        return "这家企业已并入另一家"
    if used:
        return f"导入后已登记{used}"
    if record[-1] == 1 or (imported is not None and list(record[2 : 3 + N_PLAIN]) == list(imported[: N_PLAIN + 1])):
        return ""
    return "导入后资料已被修改"


def _kept_update(record: Sequence[Any] | None, changes: dict[str, list[Any]]) -> str:
    if record is None or record[1] is not None:
        return "这家企业已不在系统中或已并入另一家"
    for key, (_, new) in changes.items():
        place = 2 + (N_PLAIN if key == "town" else PLAIN.index(key))
        if record[place] != new:
            return "导入后又改过同一项内容"
    return ""


def _present(session: Session, ids: Sequence[int]) -> dict[int, Sequence[Any]]:
    """id -> (id, merged into, plain columns, town, version)."""
    columns = [getattr(Enterprise, name) for name in PLAIN]
    query = select(Enterprise.id, Enterprise.merged_into_id, *columns, Enterprise.town_id, Enterprise.version).where(Enterprise.id.in_(ids))
    return {row[0]: row for row in session.execute(query)}


def _used(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Firms that rows of other tables name (rows that somebody made), with what those rows are."""
    found: dict[int, str] = {}
    parts = []
    for reference in references.registered():
        column = Base.metadata.tables[reference.table].c[reference.column]
        computed = any(key.ondelete == "CASCADE" for key in column.foreign_keys)  # from the firm: goes with it
        if reference.table not in OWN_CHILDREN and not computed:
            parts.append(select(column.label("id"), literal(reference.label).label("label")).where(column.in_(ids)).distinct())
    each = max(1, MOST_VALUES // max(1, len(ids)))
    for start in range(0, len(parts), each):
        for used, label in session.execute(union_all(*parts[start : start + each])):
            found.setdefault(used, label)
    return found


MOST_VALUES = 25_000
"""Bound values of one statement: below every limit."""


def undo(run: Run, found: Undoable) -> None:
    """Delete the firms the import made and put back the fields it changed."""
    wanted, touched = set(found.rows), []
    for lines in batches.journal_chunks(run.session, run.batch_id, UPDATE):
        mine = [line for line in lines if (line.row, line.part) in wanted]
        _restore(run, mine)
        touched += [line.subject_id for line in mine]
        run.progress(len(touched))
    gone: list[int] = []
    for lines in batches.journal_chunks(run.session, run.batch_id, INSERT):
        gone += [line.subject_id for line in lines if (line.row, line.part) in wanted]
    actions.forget(run.session, gone)
    for ids in chunked(gone, CHUNK):
        _remove(run.session, ids)
    run.progress(len(touched) + len(gone))
    if touched or gone:
        actions.after_bulk(run.session, touched)


def _remove(session: Session, ids: Sequence[int]) -> None:
    for model in (EnterpriseTag, EnterpriseSummary, EnterpriseName, EnterpriseTown):
        session.execute(delete(model).where(model.enterprise_id.in_(ids)).execution_options(synchronize_session=False))
    session.execute(delete(Enterprise).where(Enterprise.id.in_(ids)).execution_options(synchronize_session=False))


def _restore(run: Run, lines: Sequence[Any]) -> None:
    session = run.session
    if not lines:
        return
    places = read_places().by_id
    columns = [getattr(Enterprise, name) for name in WRITTEN]
    ids = [line.subject_id for line in lines]
    now = {row[0]: list(row[1:]) for row in session.execute(select(Enterprise.id, *columns).where(Enterprise.id.in_(ids)))}
    names: list[tuple[int, str]] = []
    moved: dict[int, int] = {}
    for line in lines:
        for key, (old, _) in unpack(line.before).items():
            values = now[line.subject_id]
            if key == "town":
                town = places[old]
                values[TOWN_AT : TOWN_AT + 3] = [old, town.unit_id or town.parent_id, town.city_id]
                moved[line.subject_id] = old
                continue
            values[PLAIN.index(key)] = old
            if key == "name":
                names.append((line.subject_id, old))
                values[WRITTEN.index("initials")] = initials(old)
    constants = {"updated_at": run.now, "updated_by": run.actor.user_id, "version": ENTERPRISE.c.version + 1}
    update_rows(session, ENTERPRISE, ("id",), WRITTEN, [(key, *values) for key, values in now.items()], constants)
    _forget_names(session, names)
    _move_back(run, moved)


def _forget_names(session: Session, names: Sequence[tuple[int, str]]) -> None:
    """The name that is the present one again is no former one."""
    if not names:
        return
    wanted, ids = set(names), [key for key, _ in names]
    query = select(EnterpriseName.id, EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(ids))
    gone = [row.id for row in session.execute(query) if (row.enterprise_id, row.name) in wanted]
    session.execute(delete(EnterpriseName).where(EnterpriseName.id.in_(gone)).execution_options(synchronize_session=False))


def _move_back(run: Run, moved: dict[int, int]) -> None:
    """The town before the import, from its own first day on; the imported version is superseded, not erased."""
    if not moved:
        return
    session = run.session
    closed = select(EnterpriseTown.id, EnterpriseTown.enterprise_id, EnterpriseTown.town_id, EnterpriseTown.valid_from, EnterpriseTown.valid_to)
    closed = closed.where(EnterpriseTown.enterprise_id.in_(moved), EnterpriseTown.valid_to.is_not(None), EnterpriseTown.superseded_at.is_(None))
    before = {(row.enterprise_id, row.valid_to): row for row in session.execute(closed)}
    out: list[tuple[int, Any]] = []
    lines: list[tuple[Any, ...]] = []
    for key_id, key, _, since in _open_towns(session, moved):
        out.append((key_id, run.now))
        old = before.get((key, since - timedelta(days=1)))
        if old is not None and old.town_id == moved[key]:
            out.append((old.id, run.now))
            since = old.valid_from
        lines.append((key, moved[key], since, None, run.now))
    update_rows(session, TOWN, ("id",), ("superseded_at",), out)
    dialect.load_rows(session, TOWN, _TOWN_COLUMNS, lines)
