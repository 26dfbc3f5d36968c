"""Changes of batches: upload, mapping, the steps of plan, apply and undo, clearing of old staging.

Long work happens in jobs (``app.exchange.jobs``); what is here flushes and never commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import CursorResult, Insert, Table, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from app.exchange import queries, registry, table
from app.exchange.models import STATES, ImportBatch, ImportMapping, ImportRow, ImportUndo
from app.exchange.packing import pack, pack_plain
from app.exchange.registry import CREATED, INSERT, ChunkPlan, Importer, Planned, Undoable
from app.infra import audit, clock, dialect, files, jobs
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope

MAX_BYTES = 64 * 1024 * 1024
UNDO_DAYS = 30
"""How long an import can be taken back and its refused rows be downloaded."""
DRAFT_DAYS = 7
"""How long an import that nobody confirmed is kept."""
COLUMNS = (
    "batch_id", "row", "part", "outcome", "action", "key", "label", "subject_id", "version", "content", "changes", "problems", "notes",
)
CHANGED = "预览之后数据有变化，已按最新数据重新核对，请再看一遍后确认导入。"


def upload(
    *, kind: str, stream: BinaryIO, filename: str, options: Mapping[str, str], author: str | None, on: date | None, scope: Scope, by: Actor,
    background: bool = True,
) -> ImportBatch:
    """Keep the file and start reading it (``background`` False: the caller does that itself). Raises ``Invalid`` for an empty or too large file."""
    importer = registry.get(kind)
    stored = files.save(stream, name=filename, purpose="import", max_bytes=MAX_BYTES, by=by.user_id)
    batch = ImportBatch(
        kind=kind, state="reading", file_id=stored.id, file_name=stored.name, options=_checked(importer, options), scope=queries.scope_json(scope),
        area_id=queries.area_of(scope), source_author=(author or "").strip()[:60] or None, source_on=on, created_at=clock.now(),
        created_by=by.user_id, created_name=by.name[:80],
    )
    db.session.add(batch)
    db.session.flush()
    if background:
        start_planning(batch, by=by)
    return batch


def _checked(importer: Importer, options: Mapping[str, str]) -> dict[str, str]:
    """Only the importer's own questions with permitted answers."""
    found: dict[str, str] = {}
    for option in importer.options:
        given = (options.get(option.key) or "").strip() or option.default
        if not given:
            continue
        if option.choices:
            by_word = {word: c.code for c in option.choices for word in (c.code, c.label, *c.aliases)}
            if given not in by_word:
                raise Invalid("option_invalid", f"“{option.label}”不能是“{given[:20]}”，请从列表中选择。", field=option.key)
            given = by_word[given]
        elif not (given.isascii() and given.isdigit() and 1990 <= int(given) <= 2100):
            raise Invalid("option_invalid", f"“{option.label}”请填写四位年份，如 2023。", field=option.key)
        found[option.key] = given
    return found


def start_planning(batch: ImportBatch, *, by: Actor) -> None:
    """(Re)read and plan in the background."""
    batch.state = "reading"
    batch.job_id = jobs.enqueue("exchange.plan", {"batch_id": batch.id}, label=f"核对导入文件：{batch.file_name}", by=by).id


def choose_columns(batch: ImportBatch, mapping: Mapping[str, str], signature: str, *, by: Actor) -> None:
    """Store how the columns are to be understood ({normal header: field key or ""}), remember it, and plan again."""
    _must_be(batch, "mapping", "planned")
    fields = {f.key for f in registry.get(batch.kind).fields}
    batch.mapping = {h: k for h, k in mapping.items() if k in fields or k == ""}
    remember(batch.kind, signature, batch.mapping, by.user_id)
    start_planning(batch, by=by)


def remember(kind: str, signature: str, mapping: Mapping[str, str], user_id: int | None) -> None:
    """The last confirmation of the same header by the same person counts."""
    query = select(ImportMapping).where(
        ImportMapping.kind == kind, ImportMapping.signature == signature, ImportMapping.owner_id == (user_id or 0)
    )
    row = db.session.scalars(query).first() or ImportMapping(kind=kind, signature=signature, owner_id=user_id or 0)
    row.mapping, row.updated_at = dict(mapping), clock.now()
    db.session.add(row)
    db.session.flush()


def _must_be(batch: ImportBatch, *states: str) -> None:
    if batch.state not in states:
        raise Conflict("batch_state", f"这次导入现在是“{STATES[batch.state]}”，不能执行这一步。请刷新页面查看最新情况。")


def _move(batch_id: int, old: str, new: str, **values: Any) -> bool:
    """Conditional change of state: of two clicks at the same time exactly one wins."""
    statement = update(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state == old).values(state=new, **values)
    done = cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False))).rowcount
    return bool(done)


def request_apply(batch: ImportBatch, plan_hash: str, *, scope: Scope, by: Actor) -> str:
    """Confirm exactly the plan that was shown. Returns ``applying`` (also for a second click), or ``planning`` when the uploader's scope
    changed meanwhile and the plan is made again. Raises ``Conflict`` when another plan is the current one."""
    if batch.state in ("applying", "applied") and batch.plan_hash == plan_hash:
        if batch.state == "applying" and _job_failed(batch):
            _enqueue_apply(batch, by=by)
        return "applying"
    _must_be(batch, "planned")
    if batch.plan_hash != plan_hash:
        raise Conflict("plan_changed", "预览已经更新，请按最新的预览确认后再导入。")
    if batch.scope != queries.scope_json(scope):
        batch.scope = queries.scope_json(scope)
        start_planning(batch, by=by)
        return "planning"
    if _move(batch.id, "planned", "applying"):
        _enqueue_apply(batch, by=by)
    db.session.refresh(batch)
    return "applying"


def _job_failed(batch: ImportBatch) -> bool:
    job = db.session.get(jobs.Job, batch.job_id) if batch.job_id else None
    return job is None or job.state in ("failed", "cancelled")


def _enqueue_apply(batch: ImportBatch, *, by: Actor) -> None:
    batch.job_id = jobs.enqueue("exchange.apply", {"batch_id": batch.id}, label=f"导入：{batch.file_name}", by=by).id
    db.session.flush()


def retry(batch: ImportBatch, *, by: Actor) -> None:
    """Once more what stopped for good; nothing happens while it is still under way."""
    if batch.state not in ("reading", "applying", "undoing") or not _job_failed(batch):
        return
    if batch.state == "reading":
        start_planning(batch, by=by)
    elif batch.state == "applying":
        _enqueue_apply(batch, by=by)
    else:
        request_undo(batch, by=by)


def request_undo(batch: ImportBatch, *, by: Actor) -> None:
    """Take the import back in the background; a second click does nothing."""
    if batch.state == "undone" or (batch.state == "undoing" and not _job_failed(batch)):
        return
    _must_be(batch, "applied", "undoing")
    if not queries.has_journal(batch.id):
        raise Conflict("undo_expired", f"这次导入没有可撤回的记录（没有写入任何数据，或已超过 {UNDO_DAYS} 天）。如需更正，请重新导入正确的文件。")
    if batch.state == "undoing" or _move(batch.id, "applied", "undoing"):
        batch.job_id = jobs.enqueue("exchange.undo", {"batch_id": batch.id}, label=f"撤回导入：{batch.file_name}", by=by).id
    db.session.flush()
    db.session.refresh(batch)


def cancel(batch: ImportBatch, *, by: Actor) -> None:
    """Give up an import that was not applied; its staging goes at once."""
    if batch.state == "cancelled":
        return
    _must_be(batch, "planned", "mapping", "refused", "reading")
    if batch.state == "reading" and not _job_failed(batch):
        raise Conflict("batch_state", "文件还在读取，请稍候再放弃。")
    batch.state, batch.forgotten_at = "cancelled", clock.now()
    clear_staging(db.session(), batch)
    audit.record("import.cancelled", Subject("import", batch.id, batch.file_name), by=by)


def clear_staging(session: Session, batch: ImportBatch) -> None:
    """Staged rows and row files go."""
    clear_rows(session, batch)
    table.drop_folder(batch)


def clear_rows(session: Session, batch: ImportBatch) -> None:
    """Staged rows go, the importer's own as well."""
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id).execution_options(synchronize_session=False))
    own = registry.staging_of(registry.get(batch.kind))
    if own is not None:
        session.execute(delete(own).where(own.c.batch_id == batch.id))


class Staging:
    """Writes planned records and keeps the counts and the hash of the plan."""

    def __init__(self, batch_id: int, key: str = "") -> None:
        self.batch_id, self.key = batch_id, key
        self.counts = dict.fromkeys(("rows", "created", "updated", "unchanged", "rejected", "insert", "update", "noted"), 0)
        self._hash = hashlib.sha256()

    def write(self, session: Session, planned: Sequence[Planned]) -> None:
        """One chunk in one statement."""
        rows = [self._row(p) for p in planned]
        self._hash.update("\n".join([str(row) for row in rows]).encode())
        dialect.load_rows(session, cast(Table, ImportRow.__table__), COLUMNS, rows)

    def write_chunk(self, session: Session, plan: ChunkPlan, own: Table) -> None:
        """A chunk planned by columns: its new records into the importer's table ``own``, a line about each row into ours."""
        first, made, plain = self.counts["insert"], len(plan.staged["row"]), len(plan.staged["row"]) - sum(p.action == INSERT for p in plan.planned)
        staged = {"batch_id": self.batch_id, "place": list(range(first, first + made)), **plan.staged}
        for name in ("row", self.key, "name"):  # the rest follows from the file, which the hash names as well
            self._hash.update("\n".join(map(str, plan.staged[name])).encode())
        dialect.load_columns(session, own, staged, made)
        session.execute(self._lines(own, range(first, first + made), [p.row for p in plan.planned if p.action == INSERT]))
        for name in ("rows", CREATED, INSERT):
            self.counts[name] += plain
        if plan.planned:
            self.write(session, plan.planned)

    def _lines(self, own: Table, places: range, explained: Sequence[int]) -> Insert:
        """A line about each staged new record of these places but those that are written with an explanation."""
        fixed = {"batch_id": self.batch_id, "part": 0, "outcome": CREATED, "action": INSERT, "version": 0}
        values = [literal(value, ImportRow.__table__.c[name].type) for name, value in fixed.items()]
        here = (own.c.batch_id == self.batch_id) & own.c.place.between(places.start, places.stop - 1)
        source = select(*values, own.c.row, own.c[self.key], own.c.name).where(here, *([own.c.row.not_in(explained)] if explained else []))
        return insert(ImportRow).from_select([*fixed, "row", "key", "label"], source, include_defaults=False)

    def _row(self, p: Planned) -> tuple[Any, ...]:
        row, outcome, key, label, part, action, subject_id, version, content, changes, problems, notes = p
        counts = self.counts
        if part == 0:
            counts["rows"] += 1
            counts[outcome] += 1
        if action != "none":
            counts[action] += 1
        if notes:
            counts["noted"] += 1
        return (
            self.batch_id, row, part, outcome, action, key[:120], label[:200], subject_id, version,
            None if content is None else pack_plain(content), pack(changes) if changes else None, pack(problems) if problems else None,
            pack(notes) if notes else None,
        )

    @property
    def plan_hash(self) -> str:
        return self._hash.hexdigest()


def finish_plan(batch: ImportBatch, staging: Staging, skipped: Mapping[str, int], remarks: Sequence[tuple[str, str]]) -> None:
    """The plan is complete and may be shown."""
    batch.state, batch.planned_at, batch.generation = "planned", clock.now(), batch.generation + 1
    batch.counts = staging.counts | {"skipped": {k: v for k, v in skipped.items() if v}}
    file = db.session.get_one(files.StoredFile, batch.file_id).sha256
    said = f"{batch.id}|{batch.generation}|{file}|{batch.context_key}|{batch.mapping}|{batch.options}|{staging.plan_hash}"
    batch.plan_hash = hashlib.sha256(said.encode()).hexdigest()
    batch.remarks = [list(r) for r in remarks]


def refuse(batch: ImportBatch, code: str, message_zh: str) -> None:
    """The whole file is no use; nothing of it was kept."""
    batch.state, batch.refused_code, batch.refused_zh = "refused", code, message_zh


def record_applied(batch: ImportBatch, importer: Importer, *, by: Actor) -> None:
    """One audit row for the whole import, with the hash of its plan."""
    batch.state, batch.applied_at, batch.applied_by = "applied", clock.now(), by.user_id
    stored = db.session.get_one(files.StoredFile, batch.file_id)
    new = {
        "kind": batch.kind, "plan": batch.plan_hash, "file": stored.sha256, "author": batch.source_author, "source_on": batch.source_on,
        "options": batch.options, **{k: v for k, v in batch.counts.items() if k != "skipped"},
    }
    audit.record("import.applied", Subject("import", batch.id, f"{importer.label}：{batch.file_name}"), None, new, by=by)


def record_undone(batch: ImportBatch, importer: Importer, found: Undoable, *, by: Actor) -> None:
    """Audit row of an undo, and the reasons of what had to stay."""
    from app.exchange.bulk import update_rows

    kept = [(batch.id, row, part, reason[:200]) for row, part, _, reason in found.kept]
    update_rows(db.session(), cast(Table, ImportUndo.__table__), ("batch_id", "row", "part"), ("kept_zh",), kept)
    batch.state, batch.undone_at, batch.undone_by = "undone", clock.now(), by.user_id
    batch.undone_counts = {"undone": len(found.rows), "kept": len(found.kept)}
    subject = Subject("import", batch.id, f"{importer.label}：{batch.file_name}")
    audit.record("import.undone", subject, {"plan": batch.plan_hash}, batch.undone_counts, by=by)


def record_download(batch: ImportBatch, count: int, *, by: Actor) -> None:
    """Rows leave the system as a file: who took how many."""
    audit.record("import.rejected_downloaded", Subject("import", batch.id, batch.file_name), None, {"rows": count}, by=by)


def forget_old() -> int:
    """Tick: staging nobody confirmed, journals and row files past their time. The batch rows stay. Returns how many batches."""
    now, done = clock.now(), 0
    drafts = ImportBatch.state.in_(("mapping", "planned", "refused")) & (ImportBatch.created_at < now - timedelta(days=DRAFT_DAYS))
    finished = ImportBatch.state.in_(("applied", "undone")) & (ImportBatch.applied_at < now - timedelta(days=UNDO_DAYS))
    query = select(ImportBatch).where(ImportBatch.forgotten_at.is_(None), drafts | finished).limit(20)
    for batch in db.session.scalars(query):
        clear_staging(db.session(), batch)
        db.session.execute(delete(ImportUndo).where(ImportUndo.batch_id == batch.id).execution_options(synchronize_session=False))
        if batch.state not in ("applied", "undone"):
            batch.state = "cancelled"
        batch.forgotten_at = now
        done += 1
    db.session.flush()
    return done
