"""One's own messages. Nobody reads another person's inbox: every query takes the person."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.reminders.models import Notice

SHOWN = {"": "未读", "all": "全部"}


@dataclass(frozen=True)
class Asked:
    """``shown``: a key of ``SHOWN``; ``day``: the messages folded under the summary of that day."""

    shown: str = ""
    day: date | None = None


def _conditions(user_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    found = [Notice.user_id == user_id]
    if asked.day is not None:
        start = clock.start_of_day(asked.day)
        return [*found, Notice.folded.is_(True), Notice.created_at >= start, Notice.created_at < start + timedelta(days=1)]
    found.append(Notice.folded.is_(False))
    return found if asked.shown == "all" else [*found, Notice.read_at.is_(None)]


def list_inbox(user_id: int, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Newest first."""
    edge, conditions = decode(cursor, (int,)), _conditions(user_id, asked)
    backwards = bool(edge and edge.backwards)
    query = select(
        Notice.id, Notice.title, Notice.text, Notice.code, Notice.step, Notice.endpoint, Notice.arguments, Notice.due_on, Notice.created_at,
        Notice.read_at, Notice.due_id,
    ).where(*conditions)
    if edge:
        query = query.where(Notice.id > edge.values[0] if backwards else Notice.id < edge.values[0])
    rows = db.session.execute(query.order_by(Notice.id if backwards else Notice.id.desc()).limit(size + 1)).all()
    inner = select(Notice.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(inner)) or 0
    return cut(rows, size, edge, lambda row: (row.id,), total)


def count_unread(user_id: int) -> int:
    """Up to the cap + 1."""
    inner = select(Notice.id).where(*_conditions(user_id, Asked())).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def get_notice(user_id: int, notice_id: int) -> Notice:
    """One's own message. Raises ``NotFound``."""
    row = db.session.scalars(select(Notice).where(Notice.id == notice_id, Notice.user_id == user_id)).first()
    if row is None:
        raise NotFound("没有找到这条消息，请从提醒中心重新进入。")
    return row


def told_of(due_id: int, limit: int = 50) -> list[Any]:
    """Who was told what of one item, newest first, for those who may see the item."""
    return list(db.session.execute(
        select(Notice.step, Notice.title, Notice.created_at, Notice.read_at, User.name).join(User, User.id == Notice.user_id)
        .where(Notice.due_id == due_id).order_by(Notice.id.desc()).limit(limit)
    ))

