"""Audit: one append-only row per change, written in the transaction of the change, sealed into a hash chain by a tick.

Writers never queue for one chain tip: the row carries its own hash at once; ``seal`` links rows in order within a minute.
``verify`` recomputes everything and reports the unsealed tail. No foreign keys: the log outlives what it describes.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.infra import clock
from app.infra.db import Base, JsonText, UtcDateTime, db
from app.kernel.actor import Actor

BigId = BigInteger().with_variant(Integer(), "sqlite")
GENESIS = "0" * 64


class AuditRow(Base):
    """What changed, in whose name. ``old`` and ``new`` hold only the fields that differ; secrets and full phone numbers never enter."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject_type", "subject_id"), Index("ix_audit_at", "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(80))
    via: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[str | None] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str | None] = mapped_column(String(60))
    subject_label: Mapped[str | None] = mapped_column(String(200))
    old: Mapped[Any] = mapped_column(JsonText, nullable=True)
    new: Mapped[Any] = mapped_column(JsonText, nullable=True)
    row_hash: Mapped[str] = mapped_column(String(64))


class AuditSeal(Base):
    """Link ``id`` of the chain: hash of the link before and the audit row sealed here."""

    __tablename__ = "audit_seal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    audit_id: Mapped[int] = mapped_column(BigId, unique=True)
    chain_hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Subject:
    """What an audit row is about: ``type`` is the capability's word (enterprise, recognition, user …)."""

    type: str
    id: int | str | None
    label: str | None = None


def _hash(row: AuditRow) -> str:
    content = [
        row.at.isoformat(), row.actor_id, row.actor_name, row.via, row.request_id, row.type,
        row.subject_type, row.subject_id, row.subject_label, row.old, row.new,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def record(type_: str, subject: Subject, old: Any = None, new: Any = None, *, by: Actor, session: Session | None = None) -> AuditRow:
    """Add the audit row of a change to the current transaction. ``old``/``new``: JSON-ready values or None."""
    plain_old, plain_new = (None if v is None else json.loads(json.dumps(v, ensure_ascii=False, default=str)) for v in (old, new))
    row = AuditRow(
        at=clock.now(), actor_id=by.user_id, actor_name=by.name[:80], via=by.via, request_id=by.request_id, type=type_,
        subject_type=subject.type, subject_id=None if subject.id is None else str(subject.id),
        subject_label=(subject.label or "")[:200] or None, old=plain_old, new=plain_new, row_hash="",
    )
    row.row_hash = _hash(row)
    (session or db.session).add(row)
    return row


def seal(session: Session, limit: int = 5000, *, look_back: int | None = None) -> int:
    """Link up to ``limit`` unsealed rows in id order; returns how many. The caller commits. Safe to run twice: audit_id is unique.

    ``look_back``: only rows at most that many ids before the last link, so that an idle call reads no whole table. A row that a
    long transaction committed later than that is linked by a call without it.
    """
    tip = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
    chain = tip.chain_hash if tip else GENESIS
    unsealed = select(AuditRow).outerjoin(AuditSeal, AuditSeal.audit_id == AuditRow.id).where(AuditSeal.id.is_(None))
    if tip and look_back is not None:
        unsealed = unsealed.where(AuditRow.id > tip.audit_id - look_back)
    rows = session.scalars(unsealed.order_by(AuditRow.id).limit(limit)).all()
    for row in rows:
        chain = hashlib.sha256(f"{chain}{row.id}{row.row_hash}".encode()).hexdigest()
        session.add(AuditSeal(audit_id=row.id, chain_hash=chain, sealed_at=clock.now()))
        session.flush()
    return len(rows)


@dataclass(frozen=True)
class Verdict:
    """Outcome of ``verify``: ``broken_at`` is the first audit id whose content or link does not match (None = intact)."""

    sealed: int
    unsealed: int
    broken_at: int | None
    reason: str | None


def verify(session: Session) -> Verdict:
    """Walk the whole chain and every row's own hash; finds changed, removed and re-ordered rows."""
    chain, sealed = GENESIS, 0
    for link, row in session.execute(
        select(AuditSeal, AuditRow).outerjoin(AuditRow, AuditRow.id == AuditSeal.audit_id).order_by(AuditSeal.id)
    ).yield_per(1000):
        if row is None:
            return Verdict(sealed, 0, link.audit_id, "审计记录被删除")
        if _hash(row) != row.row_hash:
            return Verdict(sealed, 0, row.id, "审计记录内容被改动")
        chain = hashlib.sha256(f"{chain}{row.id}{row.row_hash}".encode()).hexdigest()
        if chain != link.chain_hash:
            return Verdict(sealed, 0, row.id, "审计链断开")
        sealed += 1
    unsealed = 0
    for row in session.scalars(
        select(AuditRow).outerjoin(AuditSeal, AuditSeal.audit_id == AuditRow.id).where(AuditSeal.id.is_(None)).order_by(AuditRow.id)
    ):
        if _hash(row) != row.row_hash:
            return Verdict(sealed, unsealed, row.id, "审计记录内容被改动")
        unsealed += 1
    return Verdict(sealed, unsealed, None, None)


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the keys whose values differ, as (old, new)."""
    keys = [k for k in after if before.get(k) != after[k]]
    return {k: before.get(k) for k in keys}, {k: after[k] for k in keys}
