"""Saved views a person may use: his own and those shared in his area."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from app.enterprises.models import SavedView
from app.infra.db import db


def list_views(owner_id: int, area_id: int | None, page: str) -> Sequence[SavedView]:
    """Own views first, then shared ones of the same area, by name."""
    own = SavedView.owner_id == owner_id
    shared = and_(SavedView.shared.is_(True), SavedView.area_id == area_id) if area_id is not None else own
    return db.session.scalars(
        select(SavedView).where(SavedView.page == page, or_(own, shared)).order_by((SavedView.owner_id != owner_id), SavedView.name, SavedView.id)
    ).all()
