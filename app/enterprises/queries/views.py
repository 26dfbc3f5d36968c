"""Saved views a person may use: his own and those shared in his area."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, or_, select

from app.enterprises.models import SavedView
from app.infra.db import db


def list_views(owner_id: int, area_id: int | None, page: str) -> Sequence[Row[Any]]:
    """Own views first, then shared ones of the same area, by name: rows of (id, owner_id, name, query)."""
    return db.session.execute(_statement(), {"owner": owner_id, "area": area_id, "page": page}).all()


@lru_cache(maxsize=1)
def _statement() -> Select[Any]:
    """Put together once: every list page asks it."""
    own, shared = SavedView.owner_id == bindparam("owner"), and_(SavedView.shared.is_(True), SavedView.area_id == bindparam("area"))
    query = select(SavedView.id, SavedView.owner_id, SavedView.name, SavedView.query).where(SavedView.page == bindparam("page"), or_(own, shared))
    return query.order_by(SavedView.owner_id != bindparam("owner"), SavedView.name, SavedView.id)
