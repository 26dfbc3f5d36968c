"""The three pieces of background work: read and plan, apply, undo.

Plan commits chunk by chunk (nobody waits long for SQLite's writer) and starts over when it was interrupted. Apply and undo are one
transaction each, committed together with the job's outcome: a kill at any point leaves nothing half-done, and the job is taken up again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table as OwnTable

from app.exchange import actions, queries, reading, registry, table
from app.exchange.actions import Staging
from app.exchange.bulk import chunked
from app.exchange.models import ImportBatch
from app.exchange.reading import Reading, Upload
from app.exchange.registry import ColumnPlanner, Importer, Outdated, PlanContext, Planner, Run
from app.exchange.rules.values import Chunk, ParsedRow, TableReader, read_table
from app.exchange.table import Table
from app.infra import city, clock, dialect, files
from app.infra.db import begin_reading, db
from app.infra.jobs import JobContext, limited
from app.kernel.errors import Invalid
from app.kernel.scope import Scope

ONE_AT_A_TIME = "exchange.apply"
PLAN_CHUNK, COLUMN_CHUNK, CHUNKS_AT_ONCE = 2000, 10_000, 2


@limited(seconds=1800)
def plan(job: JobContext) -> dict[str, Any]:
    """Read the file (once) and say what an apply would do."""
    batch = db.session.get_one(ImportBatch, job.payload["batch_id"])
    if batch.state != "reading":
        return {"state": batch.state}
    job.progress(0, None, "正在读取文件")
    try:
        _plan(batch, registry.get(batch.kind), job)
    except Invalid as problem:  # the file, not we
        db.session.rollback()
        batch = db.session.get_one(ImportBatch, job.payload["batch_id"])
        actions.clear_staging(db.session(), batch)
        actions.refuse(batch, problem.code, problem.message_zh)
    return {"state": db.session.get_one(ImportBatch, job.payload["batch_id"]).state}


def _plan(batch: ImportBatch, importer: Importer, job: JobContext) -> None:
    content = files.path_of(db.session.get_one(files.StoredFile, batch.file_id).sha256)
    db.session.expunge(batch)
    db.session.rollback()  # no transaction is open, and none opens by itself, while the child reads
    with table.reading_of(batch, content) as (read, upload):
        found = _find(batch, importer, read, upload)
        if table.lacking(importer, found.header):
            if upload is not None:
                upload.finish()
            batch = db.session.get_one(ImportBatch, batch.id)
            batch.state, batch.sheet_name = "mapping", found.sheet.name[:120]
            return
        _stage(batch.id, importer, read, found, job, upload)


def _find(batch: ImportBatch, importer: Importer, read: Reading, upload: Upload | None) -> Table:
    """With the mapping the uploader confirmed, else with what was remembered for the same header."""
    found = table.find(read, importer.fields, batch.mapping, upload)
    if batch.mapping is None:
        begin_reading()
        remembered = queries.find_mapping(batch.kind, found.signature, batch.created_by)
        db.session.rollback()
        if remembered:
            found = table.find(read, importer.fields, remembered, upload)
    return found


def _stage(batch_id: int, importer: Importer, read: Reading, found: Table, job: JobContext, upload: Upload | None) -> None:
    session, header = db.session(), found.header
    assert header is not None
    batch = session.get_one(ImportBatch, batch_id)
    total, staging = found.sheet.rows, Staging(batch_id, getattr(importer, "staging_key", ""))
    context = PlanContext(
        session, queries.scope_from(batch.scope), header, batch.options or {}, batch.source_author, batch.source_on, clock.today()
    )
    city.choose(_policy_of(context.scope))
    key, planner = importer.context_key(session), importer.planner(context)
    actions.clear_rows(session, batch)
    session.commit()
    rows = upload.rows(found.sheet) if upload is not None else reading.iter_rows(found.sheet)
    reader = read_table(rows, header, date_1904=read.date_1904)
    with _without_cycles():
        chunks = _planned(registry.staging_of(importer), planner, reader, staging)
        while some := list(islice(chunks, CHUNKS_AT_ONCE)):
            for write in some:
                write()
            session.commit()
            job.progress(staging.counts["rows"], max(total, staging.counts["rows"]), "正在逐行核对")
    if upload is not None:
        read = upload.finish()
    batch = session.get_one(ImportBatch, batch_id)
    batch.sheet_name, batch.context_key = found.sheet.name[:120], key
    told = [tuple(r) for r in batch.remarks or () if r[0] == "data_changed"]
    actions.finish_plan(batch, staging, reader.skipped, [*told, *_remarks(read, found)])


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Millions of cells come and go and none is part of a cycle: looking for some among them would take a tenth of the time."""
    had = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if had:
            gc.enable()


def _policy_of(scope: Scope) -> Callable[[], str | None]:
    """The words of a file mean what the policy of the importer's city says (``infra.city``)."""
    code = queries.policy_city(scope)
    return lambda: code


def _planned(own: OwnTable | None, planner: Planner, reader: TableReader, staging: Staging) -> Iterator[Callable[[], None]]:
    """Chunk by chunk what is to be written, planned in a transaction that reads only."""
    session = db.session()
    for chunk in chunked(reader, PLAN_CHUNK) if own is None else reader.chunks(COLUMN_CHUNK):
        begin_reading()
        if own is None:
            planned = planner.plan(cast("list[ParsedRow]", chunk))
            session.rollback()
            yield lambda planned=planned: staging.write(session, planned)  # type: ignore[misc]
        else:
            plan = cast(ColumnPlanner, planner).plan_chunk(cast(Chunk, chunk))
            session.rollback()
            yield lambda plan=plan: staging.write_chunk(session, plan, own)  # type: ignore[misc]


def _remarks(read: Reading, found: Table) -> list[tuple[str, str]]:
    header = found.header
    assert header is not None
    return [(r.code, r.message_zh) for r in (*read.remarks, *header.remarks)]


@limited(seconds=1800)
def apply(job: JobContext) -> dict[str, Any]:
    """Write everything of the plan in one transaction, or make the plan again when the data is not what it saw."""
    session, batch_id = db.session(), job.payload["batch_id"]
    dialect.one_at_a_time(session, ONE_AT_A_TIME)
    dialect.expect_mass(session)
    batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
    if batch.state != "applying":
        return {"state": batch.state}
    importer = registry.get(batch.kind)
    city.choose(_policy_of(queries.scope_from(batch.scope)))
    try:
        if importer.context_key(session) != batch.context_key:
            raise Outdated
        importer.apply(_run(batch, job, batch.counts["insert"] + batch.counts["update"], "正在写入"))
        actions.record_applied(batch, importer, by=job.actor)
    except Exception as problem:
        if not isinstance(problem, Outdated) and not dialect.is_duplicate(problem):
            raise
        session.rollback()
        batch = session.get_one(ImportBatch, batch_id)
        actions.start_planning(batch, by=job.actor)
        batch.remarks = [["data_changed", actions.CHANGED]]
    return {"state": batch.state}


def _run(batch: ImportBatch, job: JobContext, total: int, note: str) -> Run:
    session = db.session()
    return Run(
        session=session, batch_id=batch.id, actor=job.actor, now=clock.now(), today=clock.today(), author=batch.source_author,
        on=batch.source_on, counts=batch.counts or {}, rows=lambda action: queries.staged(session, batch.id, action),
        progress=lambda done: job.progress(done, total, note), label=batch.file_name,
    )


@limited(seconds=1800)
def undo(job: JobContext) -> dict[str, Any]:
    """Take back every record that is still as the import left it; the others stay and are listed with the reason."""
    session, batch_id = db.session(), job.payload["batch_id"]
    dialect.one_at_a_time(session, ONE_AT_A_TIME)
    batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
    if batch.state != "undoing":
        return {"state": batch.state}
    importer = registry.get(batch.kind)
    city.choose(_policy_of(queries.scope_from(batch.scope)))
    found = importer.undoable(session, batch_id)
    importer.undo(_run(batch, job, len(found.rows), "正在撤回"), found)
    actions.record_undone(batch, importer, found, by=job.actor)
    return {"state": batch.state, **batch.undone_counts}


JOBS = {"exchange.plan": plan, "exchange.apply": apply, "exchange.undo": undo}
