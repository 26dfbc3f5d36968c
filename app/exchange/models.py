"""Imports: the batch, its staged rows between preview and apply, the undo journal, remembered column mappings.

Staged values are packed text (``app.exchange.packing``): written once in bulk, read back in order, never queried into. Old rows go
by a tick (``actions.forget_old``); the batch row itself stays as the record of who imported what.
"""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime

STATES = {
    "reading": "读取中", "mapping": "待确认列", "planned": "待导入", "applying": "导入中", "applied": "已导入", "undoing": "撤回中",
    "undone": "已撤回", "refused": "文件未通过", "cancelled": "已放弃",
}
OUTCOMES = {"created": "新增", "updated": "更新", "unchanged": "无变化", "rejected": "退回"}
ACTIONS = ("insert", "update", "none")


def _in(column: str, codes: Any) -> str:
    return f"{column} IN (" + ",".join(f"'{code}'" for code in codes) + ")"


class ImportBatch(Base):
    """One uploaded file on its way in. ``counts`` are sheet rows by outcome; ``plan_hash`` names exactly the plan that was shown.

    ``scope`` is the uploader's scope at planning time, ``area_id`` where he sits (administrators of that area see the batch).
    ``mapping`` is {normal header: field key or ""} as confirmed by the uploader; ``generation`` counts plans made.
    ``token`` names the folder of the row files: ids start again after a restore, tokens never.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(_in("state", STATES), name="state"),
        Index("ix_import_batch_created_by", "created_by", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: secrets.token_hex(16))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="reading")
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    file_name: Mapped[str] = mapped_column(String(255))
    sheet_name: Mapped[str | None] = mapped_column(String(120))
    options: Mapped[Any] = mapped_column(JsonText, nullable=True)
    mapping: Mapped[Any] = mapped_column(JsonText, nullable=True)
    scope: Mapped[Any] = mapped_column(JsonText, nullable=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    source_author: Mapped[str | None] = mapped_column(String(60))
    source_on: Mapped[date | None] = mapped_column(Date)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    generation: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[Any] = mapped_column(JsonText, nullable=True)
    remarks: Mapped[Any] = mapped_column(JsonText, nullable=True)
    plan_hash: Mapped[str | None] = mapped_column(String(64))
    context_key: Mapped[str | None] = mapped_column(String(64))
    refused_code: Mapped[str | None] = mapped_column(String(40))
    refused_zh: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_name: Mapped[str] = mapped_column(String(80))
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applied_by: Mapped[int | None] = mapped_column(Integer)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(Integer)
    undone_counts: Mapped[Any] = mapped_column(JsonText, nullable=True)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Base):
    """One planned record of a sheet row. ``row`` is the number Excel shows; a sheet row that holds several records (figures of several
    years) has several ``part``s, all with the outcome of the whole row. ``version``: what the plan saw of the subject (0 = nothing).
    """

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint(_in("outcome", OUTCOMES), name="outcome"),
        CheckConstraint(_in("action", ACTIONS), name="action"),
        Index("ix_import_row_outcome", "batch_id", "outcome", "row", "part"),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(10))
    action: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(200))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int | None] = mapped_column(BigInteger)
    content: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[str | None] = mapped_column(Text)
    problems: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)


class ImportUndo(Base):
    """What one applied record did, so that it can be taken back. ``subject_id``: the record written; ``before``: packed, the
    importer's own (old and new values of an update, the version before). The staged row stays beside it as long."""

    __tablename__ = "import_undo"
    __table_args__ = (CheckConstraint("action IN ('insert','update')", name="action"), {"sqlite_with_rowid": False})

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(200))
    before: Mapped[str | None] = mapped_column(Text)
    kept_zh: Mapped[str | None] = mapped_column(String(200))


class ImportMapping(Base):
    """How the columns of a header were understood last time. ``owner_id`` 0: confirmed by the system itself (command line)."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "signature", "owner_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    signature: Mapped[str] = mapped_column(String(64))
    owner_id: Mapped[int] = mapped_column(Integer, default=0)
    mapping: Mapped[Any] = mapped_column(JsonText, nullable=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
