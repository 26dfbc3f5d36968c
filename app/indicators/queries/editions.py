"""Editions of a round and the member lists that go into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.indicators.models.contest import ContestRound
from app.indicators.models.editions import ContestEdition
from app.indicators.queries import ColumnKind, members, table_columns, year_end
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import ALL
from app.ladder.queries import Place
from app.packs import Pack


def list_editions(round_id: int) -> Sequence[ContestEdition]:
    """Latest first, without their content."""
    query = select(ContestEdition).options(defer(ContestEdition.content)).where(ContestEdition.round_id == round_id)
    return db.session.scalars(query.order_by(ContestEdition.id.desc())).all()


def get_edition(round_id: int, code: str) -> ContestEdition:
    """Raises ``NotFound``."""
    found = db.session.scalars(select(ContestEdition).where(ContestEdition.round_id == round_id, ContestEdition.code == code)).first()
    if found is None:
        raise NotFound(f"没有编号为“{code[:24]}”的版本，请核对打印件上的版本号。")
    return found


def find_edition(text: str) -> ContestEdition:
    """By number of the record or by the code of a print; for the command."""
    by_id = ContestEdition.id == int(text) if text.isascii() and text.isdigit() and len(text) < 18 else ContestEdition.code == text
    found = db.session.scalars(select(ContestEdition).where(by_id)).first()
    if found is None:
        raise NotFound(f"没有编号为“{text[:24]}”的版本。")
    return found


def member_lists(pack: Pack, found: ContestRound, places: Sequence[Place]) -> Mapping[str, Mapping[str, list[str]]]:
    """Item -> town code -> credit codes counted there, for the items the registers count."""
    codes = {place.town_id: place.code for place in places}
    lists: dict[str, dict[str, list[str]]] = {}
    for column in table_columns(pack, found.year):
        if column.kind is ColumnKind.COMPUTED and column.recipe is not None:
            mine: dict[str, list[str]] = {}
            for row in members(ALL, column.recipe, found.year, year_end(found.year), towns=list(codes)):
                mine.setdefault(codes[row.town_id], []).append(row.credit_code)
            lists[column.key] = {code: sorted(rows) for code, rows in mine.items()}
    return lists
