"""Background work of the enterprise base."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.enterprises import exports
from app.enterprises.actions import index
from app.enterprises.actions.bulk import TABLES
from app.infra import dialect, files
from app.infra.db import db
from app.infra.jobs import JobContext

MOST_BYTES = 1 << 30


def export_list(job: JobContext) -> dict[str, Any]:
    """Write the workbook of a long list and keep it as a file. Safe to run again: nothing is committed before the end."""
    return keep_workbook(job, lambda path, on_rows: exports.write_payload(path, job.payload, on_rows=on_rows))


def keep_workbook(job: JobContext, write: Callable[[Path, Callable[[int], None]], int]) -> dict[str, Any]:
    """Let ``write(path, on_rows)`` make the workbook and keep it under the name its caption says."""
    caption = job.payload["caption"]
    name = f"{caption['title']}_{caption['day'].replace('-', '')}.xlsx"
    with tempfile.TemporaryDirectory(dir=files.data_dir()) as folder:
        path = Path(folder) / "list.xlsx"
        rows = write(path, lambda done: job.progress(done, None, "正在写入"))
        with open(path, "rb") as stream:
            stored = files.save(stream, name=name, purpose=exports.PURPOSE, max_bytes=MOST_BYTES, by=job.actor.user_id)
    return {"token": stored.token, "rows": rows}


def index_pending(job: JobContext) -> dict[str, Any]:
    """Index the enterprises a large import added, and let the database's planner know how the tables look now."""
    done = index.index_pending(lambda n, total: job.progress(n, total, "正在建立搜索索引"))
    dialect.refresh_statistics(db.session(), *TABLES)
    return {"rows": done}


JOBS = {"enterprises.export": export_list, index.JOB: index_pending}
