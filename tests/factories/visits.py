"""Visits for tests, written through the real action."""

from datetime import date
from io import BytesIO
from typing import Any

from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL, Scope
from app.visits.actions import log_visit
from app.visits.models import Visit
from app.visits.rules.visit import VisitDraft

EXPERT = Actor(user_id=9007, name="专家乙")


def assign(enterprise: Enterprise, team_id: int = 1, *, since: date = date(2020, 1, 1)) -> None:
    """Let a team serve the enterprise."""
    db.session.add(EnterpriseAssignment(enterprise_id=enterprise.id, team_id=team_id, valid_from=since))
    db.session.flush()


def make_visit(enterprise: Enterprise, *, by: Actor = EXPERT, scope: Scope = ALL, **values: Any) -> Visit:
    """One visit; keywords are fields of ``VisitDraft``."""
    said: dict[str, Any] = {"visited_on": date(2026, 5, 6), "summary": "看了新生产线，订单稳定。"} | values
    return log_visit(scope=scope, draft=VisitDraft(enterprise.id, **said), by=by).visit


def photo_bytes(width: int = 40, height: int = 30, kind: str = "JPEG", **more: Any) -> bytes:
    """A small picture; further arguments go to Pillow (exif=…)."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (width, height), (200, 40, 40)).save(out, kind, **more)
    return out.getvalue()
