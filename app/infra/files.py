"""File store: content-addressed files under the data directory, written so that a power cut leaves all or nothing.

Write to a temporary file, fsync, rename, fsync the directory (a plain save lost more than half of the files in simulated cuts).
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import clock
from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime, db
from app.kernel.errors import Invalid

CHUNK = 1 << 20


class StoredFile(Base):
    """A kept upload. ``token`` is its public handle; ``purpose`` names the capability that may serve it; the name is for display only."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    purpose: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)


def data_dir() -> Path:
    """The data directory of this installation."""
    return Path(current_app.config["DATA_DIR"])


def path_of(sha256: str) -> Path:
    """Where the content with this hash lies."""
    return data_dir() / "files" / sha256[:2] / sha256


def display_name(name: str) -> str:
    """A file name safe to show and to offer for download: last path part, no control or direction characters, at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')
    clean = clean.strip(" .") or "未命名文件"
    if len(clean) > 120:
        stem, dot, suffix = clean.rpartition(".")
        clean = (stem[: 119 - len(suffix)] + dot + suffix) if dot and len(suffix) < 10 else clean[:120]
    return clean


def fsync_directory(path: Path) -> None:
    """Make a rename durable (no-op where directories cannot be opened)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(target: Path, chunks: Iterable[bytes]) -> None:
    """Create ``target`` with the content, durable before the name appears. A full disk leaves nothing behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as handle:
            for chunk in chunks:
                handle.write(chunk)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_directory(target.parent)


def save(stream: BinaryIO, *, name: str, purpose: str, max_bytes: int, by: int | None) -> StoredFile:
    """Keep an upload and add its row. Raises ``Invalid`` when it is empty or larger than ``max_bytes``, or when the disk is full."""
    digest, size = hashlib.sha256(), 0
    incoming = data_dir() / "incoming" / secrets.token_hex(16)

    def chunks() -> Iterable[bytes]:
        nonlocal size
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise Invalid("file_too_large", f"文件超过 {max_bytes // CHUNK} MB，请拆分后分批上传。", field="file")
            digest.update(chunk)
            yield chunk

    try:
        write_durably(incoming, chunks())
        if size == 0:
            raise Invalid("file_empty", "文件是空的，请检查后重新选择。", field="file")
        target = path_of(digest.hexdigest())
        if target.exists():
            incoming.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            incoming.replace(target)
            fsync_directory(target.parent)
    except OSError as error:
        raise Invalid("disk_full", "服务器存储空间不足，文件没有保存，请联系系统管理员后再试。", field="file") from error
    finally:
        incoming.unlink(missing_ok=True)
    row = StoredFile(
        token=secrets.token_urlsafe(32), purpose=purpose, name=display_name(name), sha256=digest.hexdigest(),
        size=size, created_at=clock.now(), created_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row
