"""Tables as people send them, and their way through the import centre with the real jobs in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import select

from app.exchange import actions, queries
from app.exchange.models import ImportBatch, ImportRow
from app.exchange.packing import unpack
from app.infra import jobs
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL, Scope

OFFICER = Actor(user_id=1, name="市局经办甲")
Rows = Sequence[Sequence[Any]]


def sheet(path: Path, rows: Rows) -> Path:
    """An .xlsx with one sheet; None leaves a cell empty, a date becomes a date cell."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": False}) as book:
        page = book.add_worksheet("名单")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    page.write(r, c, value)
    return path


@dataclass
class Outcome:
    """What a plan said, row by row."""

    batch: ImportBatch
    rows: list[ImportRow]

    @property
    def counts(self) -> dict[str, int]:
        return {k: self.batch.counts[k] for k in ("rows", "created", "updated", "unchanged", "rejected")}

    def codes(self) -> dict[int, str]:
        """Sheet row -> code of the first reason."""
        return {r.row: unpack(r.problems)[0][1] for r in self.rows if r.outcome == "rejected"}

    def outcomes(self) -> dict[int, str]:
        return {r.row: r.outcome for r in self.rows}

    def changes(self, row: int) -> dict[str, list[Any]]:
        return next(unpack(r.changes) for r in self.rows if r.row == row and r.changes)

    def notes(self, row: int) -> str:
        return "；".join(note for r in self.rows if r.row == row for note in unpack(r.notes) or ())


def upload(
    tmp_path: Path, kind: str, rows: Rows, *, scope: Scope = ALL, by: Actor = OFFICER, options: Mapping[str, str] | None = None,
    author: str | None = None, on: date | None = None, name: str = "名单.xlsx",
) -> int:
    """Upload a table; returns the batch's id."""
    path = sheet(tmp_path / name, rows)
    with open(path, "rb") as stream:
        batch = actions.upload(
            kind=kind, stream=stream, filename=name, options=options or {}, author=author, on=on, scope=scope, by=by, background=False
        )
    db.session.commit()
    return batch.id


def work(kind: str, batch_id: int, by: Actor = OFFICER) -> ImportBatch:
    """Run one job of the batch to its end."""
    job = jobs.run_inline(kind, {"batch_id": batch_id}, label="试验", by=by)
    assert job.state == "done", job.error_zh
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(ImportBatch, batch_id)


def plan(tmp_path: Path, kind: str, rows: Rows, **more: Any) -> Outcome:
    """Upload and plan."""
    batch = work("exchange.plan", upload(tmp_path, kind, rows, **more))
    return outcome(batch)


def outcome(batch: ImportBatch) -> Outcome:
    rows = db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.row, ImportRow.part))
    return Outcome(batch, list(rows))


def apply(planned: Outcome | ImportBatch, *, scope: Scope | None = None, by: Actor = OFFICER) -> ImportBatch:
    """Confirm and run."""
    batch = planned.batch if isinstance(planned, Outcome) else planned
    batch = db.session.get_one(ImportBatch, batch.id)
    actions.request_apply(batch, batch.plan_hash or "", scope=scope or queries.scope_from(batch.scope), by=by)
    db.session.commit()
    return work("exchange.apply", batch.id, by)


def undo(batch: ImportBatch, by: Actor = OFFICER) -> ImportBatch:
    actions.request_undo(batch, by=by)
    db.session.commit()
    return work("exchange.undo", batch.id, by)


def do(tmp_path: Path, kind: str, rows: Rows, **more: Any) -> Outcome:
    """Upload, plan, apply."""
    planned = plan(tmp_path, kind, rows, **more)
    apply(planned)
    return planned
