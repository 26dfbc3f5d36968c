"""Kept diagnoses: listing, opening, and whether they still are what was kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries.scope import in_scope
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.criteria import Diagnosis
from app.ladder.models import DiagnosisSnapshot
from app.ladder.queries.facts import Known
from app.policies.queries import speak_of

MOST = 50


@dataclass(frozen=True)
class SnapshotRow:
    """One line of a list."""

    id: int
    as_of: date
    headline: str
    note: str | None
    kept_at: datetime
    kept_by: str | None


def snapshots_of(enterprise_id: int, *, known_on: date | None = None) -> list[SnapshotRow]:
    """Newest first, at most 50; the caller has checked the scope. ``known_on``: only what was kept by the end of that day."""
    row = DiagnosisSnapshot
    query = (
        select(row.id, row.as_of, row.headline, row.note, row.kept_at, User.name).outerjoin(User, User.id == row.kept_by)
        .where(row.enterprise_id == enterprise_id).order_by(row.kept_at.desc(), row.id.desc()).limit(MOST)
    )
    if known_on is not None:
        query = query.where(row.kept_at <= clock.end_of_day(known_on))
    return [SnapshotRow(*found) for found in db.session.execute(query)]


def get_snapshot(scope: Scope, snapshot_id: int) -> tuple[DiagnosisSnapshot, Enterprise, str | None]:
    """The row, its enterprise and who kept it. Raises NotFound, also out of scope."""
    found = None
    if 0 < snapshot_id < 2**63:
        found = db.session.execute(
            select(DiagnosisSnapshot, Enterprise, User.name).join(Enterprise, Enterprise.id == DiagnosisSnapshot.enterprise_id)
            .outerjoin(User, User.id == DiagnosisSnapshot.kept_by).where(DiagnosisSnapshot.id == snapshot_id, in_scope(scope))
        ).first()
    if found is None:
        raise NotFound("没有找到这份留存的诊断，可能不在您的管辖范围内。请从企业档案重新进入。")
    speak_of(found[1].city_id)
    return found[0], found[1], found[2]


def intact(row: DiagnosisSnapshot) -> bool:
    """Whether the content still has the hash it was kept with."""
    return content_hash(row.content) == row.content_hash


def content_hash(content: Any) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def content_of(known: Known, found: Sequence[Diagnosis]) -> dict[str, Any]:
    """Everything the diagnoses were made from and what they said, as JSON."""
    facts = known.facts
    rows = [
        {"fact": code, "year": year, "value": _plain(value), **_origin(facts.origins.get((code, year)))}
        for (code, year), value in sorted(facts.values.items(), key=lambda item: (item[0][0], item[0][1] or 0))
    ]
    judged = {rule: {name: _plain(value) for name, value in said.items()} for rule, said in sorted(known.judgements.items())}
    content = {
        "format": "yumiao-diagnosis/1", "as_of": facts.as_of.isoformat(), "region": facts.region, "city": known.pack.code, "pack": known.pack.hash,
        "facts": rows, "held": sorted(known.held), "judgements": judged, "results": [one.as_json() for one in found],
    }
    return dict(json.loads(json.dumps(content, ensure_ascii=False)))


def _origin(origin: Any) -> dict[str, Any]:
    if origin is None:
        return {}
    return {"source": origin.source, "on": origin.on.isoformat() if origin.on else None, "evidence": origin.evidence}


def _plain(value: Any) -> Any:
    """Exact numbers stay exact: a fraction is written as text."""
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return value.isoformat() if isinstance(value, date) else str(value)
