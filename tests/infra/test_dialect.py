"""Mass loading: what holds on every database."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.areas.models import Area
from app.enterprises.models import EnterpriseName
from app.infra import dialect
from app.infra.db import db
from tests.factories.enterprises import make_enterprise


def test_rows_may_come_from_a_question_to_the_same_database(app: Flask) -> None:
    """PostgreSQL would wait for ever if the question were asked while the rows are being copied."""
    firm = make_enterprise().id

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(db.session.scalar(select(func.count()).select_from(Area)) or 0):
            yield firm, f"旧名{number}"

    loaded = dialect.load_rows(db.session(), EnterpriseName.__table__, ("enterprise_id", "name"), rows())  # type: ignore[arg-type]
    assert loaded == db.session.scalar(select(func.count()).select_from(EnterpriseName)) > 0
