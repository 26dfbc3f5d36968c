"""Grades as a reviewer sees them (his own) and as the office counts them (how many, and which)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.indicators.models.marks import ContestMark
from app.infra.db import db


def own_marks(round_id: int, reviewer_id: int) -> dict[tuple[int, str], ContestMark]:
    """(town, item) -> this reviewer's standing mark; never anybody else's."""
    query = select(ContestMark).where(
        ContestMark.round_id == round_id, ContestMark.reviewer_id == reviewer_id, ContestMark.superseded_at.is_(None),
    )
    return {(mark.town_id, mark.item): mark for mark in db.session.scalars(query)}


def grades(round_id: int) -> Mapping[tuple[int, str], str]:
    """(town, item) -> the standing grades of all reviewers as one text (优良良)."""
    query = select(ContestMark.town_id, ContestMark.item, ContestMark.grade).where(ContestMark.round_id == round_id, ContestMark.superseded_at.is_(None))
    found: dict[tuple[int, str], str] = {}
    for town_id, item, grade in db.session.execute(query.order_by(ContestMark.id)):
        found[town_id, item] = found.get((town_id, item), "") + grade
    return found


def marks_of(round_id: int, town_id: int, item: str) -> Sequence[ContestMark]:
    """Every mark of one cell, latest first; for the office, and for everybody once published."""
    query = select(ContestMark).where(ContestMark.round_id == round_id, ContestMark.town_id == town_id, ContestMark.item == item)
    return db.session.scalars(query.order_by(ContestMark.id.desc())).all()
