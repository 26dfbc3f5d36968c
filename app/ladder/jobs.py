"""Background work of the ladder."""

from typing import Any

from sqlalchemy import func, select

from app.infra.db import db
from app.infra.jobs import JobContext
from app.kernel.errors import NotFound
from app.ladder.actions.screening import refresh_all_near_scale
from app.ladder.actions.verdicts import rebuild_steps


def screening(_job: JobContext) -> dict[str, Any]:
    """Compute the near-scale rows anew. Safe to run again: nothing is committed before the end."""
    return {"enterprises": refresh_all_near_scale()}


def lookalikes(job: JobContext) -> dict[str, Any]:
    """Search the enterprises most similar to those promoted. Safe to run again: nothing is committed before the end."""
    from app.ladder.actions.lookalikes import search
    from app.ladder.models import LookalikeRow
    from app.ladder.queries.pools import get_pool
    from app.policies.queries import pack_of_city

    city_id = job.payload["city_id"]
    if not isinstance(city_id, int):
        raise NotFound("没有找到这个城市，请重新发起。", "city_unknown")
    pool = get_pool(pack_of_city(city_id), job.payload["pool"])
    run = search(pool=pool, city_id=city_id, by=job.actor, on_progress=lambda done: job.progress(done, None, "正在比较"))
    rows = db.session.scalar(select(func.count()).select_from(LookalikeRow).where(LookalikeRow.run_id == run.id)) or 0
    return {"run": run.id, "promoted": run.promoted, "samples": run.samples, "candidates": run.candidates, "rows": rows, "note": run.note}


def verdicts(job: JobContext) -> dict[str, Any]:
    """Work out every verdict of every rule, committed step by step so that others can write. Safe to run again: a cut-off run is never shown
    as current."""
    total = 0
    for total in rebuild_steps():
        job.progress(total, None, "正在比对认定条件")
        db.session.commit()
    return {"enterprises": total}


def impact(job: JobContext) -> dict[str, Any]:
    """Compare two rule versions. Safe to run again: nothing is committed before the end."""
    from datetime import date

    from app.ladder.actions.impact import compare
    from app.ladder.queries.impact import question
    from app.policies.queries import pack_of_city

    said = job.payload
    pack = pack_of_city(int(said["city_id"]))
    asked = question(
        pack, title=said["title"], old=said["old"], new=said["new"], application=said["application"], day=date.fromisoformat(said["day"]),
    )
    run = compare(
        city_id=int(said["city_id"]), pack=pack, question=asked, by=job.actor, on_progress=lambda done: job.progress(done, None, "正在比较"),
    )
    return {"run": run.id, "asked": run.asked}


def export(job: JobContext) -> dict[str, Any]:
    """Write a list that is too long for the answer of a request. Safe to run again: nothing is committed before the end."""
    from app.enterprises.jobs import keep_workbook
    from app.ladder.exports import long

    return keep_workbook(job, lambda path, on_rows: long.write(path, job.payload, on_rows))


JOBS = {"ladder.export": export, "ladder.impact": impact, "ladder.verdicts": verdicts, "ladder.screening": screening, "ladder.lookalikes": lookalikes}
