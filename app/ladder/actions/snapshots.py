"""Keeping a diagnosis as it stands. What was kept is never rewritten: a new one is added beside it."""

from __future__ import annotations

from datetime import date

from app.enterprises.queries.records import get_enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.ladder.models import DiagnosisSnapshot
from app.ladder.queries import snapshots as queries
from app.ladder.queries.diagnoses import diagnose_known
from app.ladder.queries.facts import known_of


def keep_diagnosis(*, scope: Scope, enterprise_id: int, as_of: date, by: Actor, note: str | None = None) -> DiagnosisSnapshot:
    """Keep today's diagnosis of every title. The same content on the same day is not kept twice. Raises NotFound out of scope, Invalid when there
    is nothing to keep."""
    enterprise = get_enterprise(scope, enterprise_id, lock=True)
    known = known_of([enterprise_id], as_of=as_of)[enterprise_id]
    found = diagnose_known(known)
    if not found:
        raise Invalid("nothing_to_keep", f"“{enterprise.name}”在 {as_of} 没有可以比对的称号，没有内容可留存。")
    content = queries.content_of(known, found)
    digest = queries.content_hash(content)
    last = db.session.query(DiagnosisSnapshot).filter_by(enterprise_id=enterprise_id).order_by(DiagnosisSnapshot.id.desc()).first()
    if last is not None and last.content_hash == digest:
        return last
    row = DiagnosisSnapshot(
        enterprise_id=enterprise_id, as_of=as_of, city=known.pack.code, pack_hash=known.pack.hash, headline=_headline(content["results"]),
        note=(note or "").strip()[:200] or None, content=content, content_hash=digest, kept_at=clock.now(), kept_by=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("diagnosis.kept", Subject("enterprise", enterprise.id, enterprise.name), None, {"snapshot": row.id, "hash": digest}, by=by)
    return row


def _headline(results: list[dict[str, object]]) -> str:
    """初步符合：创新型中小企业；只差一项：小升规 — what a list shows."""
    met = [str(one["title_label"]) for one in results if one["all_met"]]
    short = [str(one["title_label"]) for one in results if one["one_short"]]
    parts = [f"{word}：{'、'.join(names)}" for word, names in (("全满足", met), ("只差一项", short)) if names]
    return ("；".join(parts) or f"比对 {len(results)} 项称号，均差两项以上")[:200]
