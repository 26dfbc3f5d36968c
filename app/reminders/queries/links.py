"""One's own choices and calendar links, and whose a link is."""

from collections.abc import Sequence

from sqlalchemy import select

from app.identity.models import User
from app.identity.queries.present import Present, person_present
from app.infra.db import db
from app.kernel.errors import NotFound
from app.reminders.models import CalendarLink, Preference


def find_preference(user_id: int) -> Preference | None:
    return db.session.get(Preference, user_id)


def list_links(user_id: int) -> Sequence[CalendarLink]:
    """Live ones, newest first."""
    query = select(CalendarLink).where(CalendarLink.user_id == user_id, CalendarLink.revoked_at.is_(None))
    return db.session.scalars(query.order_by(CalendarLink.id.desc())).all()


def get_link(user_id: int, link_id: int) -> CalendarLink:
    """One's own link. Raises ``NotFound``."""
    row = db.session.scalars(select(CalendarLink).where(CalendarLink.id == link_id, CalendarLink.user_id == user_id)).first()
    if row is None:
        raise NotFound("没有找到这个订阅地址，请回到“我的设置”重新操作。")
    return row


def person_of(hashed: str) -> Present | None:
    """Whose link this is: None when it is unknown, revoked, or the person is disabled or holds no post."""
    user_id = db.session.scalar(
        select(CalendarLink.user_id).join(User, User.id == CalendarLink.user_id)
        .where(CalendarLink.token_hash == hashed, CalendarLink.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    return None if user_id is None else person_present(user_id)
