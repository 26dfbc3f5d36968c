"""Background work of the ladder."""

from typing import Any

from app.infra.jobs import JobContext
from app.ladder.actions.screening import refresh_all_near_scale


def screening(_job: JobContext) -> dict[str, Any]:
    """Compute the near-scale rows anew. Safe to run again: nothing is committed before the end."""
    return {"enterprises": refresh_all_near_scale()}


JOBS = {"ladder.screening": screening}
