"""Saved views of lists: a name for a query string, private or shared with colleagues of the same area."""

from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select

from app.enterprises.models import SavedView
from app.infra import audit
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.text import clean

MOST = 50
IGNORED = {"cursor", "csrf_token"}


def save_view(*, owner_id: int, area_id: int | None, page: str, name: str, query: str, shared: bool, by: Actor) -> SavedView:
    """Keep a list's query under a name; the same name of the same person is replaced."""
    name = clean(name)
    if not name or len(name) > 20:
        raise Invalid("view_name", "请给视图起一个 1 至 20 个字的名称。", "name")
    kept = urlencode([(k, v) for k, v in parse_qsl(query, keep_blank_values=False, max_num_fields=200) if k not in IGNORED])
    if len(kept) > 2000:
        raise Invalid("view_long", "筛选条件太长，无法存为视图，请减少条件。")
    row = db.session.scalars(select(SavedView).where(SavedView.owner_id == owner_id, SavedView.page == page, SavedView.name == name)).first()
    if row is None:
        own = select(func.count()).select_from(SavedView).where(SavedView.owner_id == owner_id, SavedView.page == page)
        if (db.session.scalar(own) or 0) >= MOST:
            raise Conflict("views_full", f"最多保存 {MOST} 个视图，请先删除不用的视图。")
        row = SavedView(owner_id=owner_id, page=page, name=name)
        db.session.add(row)
    row.query, row.shared, row.area_id = kept, shared and area_id is not None, area_id
    db.session.flush()
    audit.record("view.saved", Subject("saved_view", row.id, name), None, {"page": page, "query": kept, "shared": row.shared}, by=by)
    return row


def delete_view(*, owner_id: int, view_id: int, by: Actor) -> None:
    """Delete one's own view. Raises ``NotFound``."""
    row = db.session.get(SavedView, view_id) if 0 < view_id < 2**31 else None
    if row is None or row.owner_id != owner_id:
        raise NotFound("没有找到这个视图，可能已被删除，或不是您保存的。")
    audit.record("view.deleted", Subject("saved_view", row.id, row.name), {"query": row.query}, None, by=by)
    db.session.delete(row)
    db.session.flush()
