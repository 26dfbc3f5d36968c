"""What was found at one enterprise and what was done about it, for its results page. The caller has checked the scope."""

from sqlalchemy import select

from app.infra.db import db
from app.visits.models import Finding, Measure

MOST = 200


def findings_of(enterprise_id: int) -> list[Finding]:
    """Findings, latest first."""
    return list(db.session.scalars(select(Finding).where(Finding.enterprise_id == enterprise_id).order_by(Finding.id.desc()).limit(MOST)))


def measures_of(enterprise_id: int) -> list[Measure]:
    """Measures, latest first."""
    return list(db.session.scalars(select(Measure).where(Measure.enterprise_id == enterprise_id).order_by(Measure.id.desc()).limit(MOST)))
