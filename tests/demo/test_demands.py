"""The demo demands cover every state and every end, and a second load adds nothing."""

from flask import Flask

from app.demands.models import Demand
from app.demands.rules.states import OUTCOMES, SOURCES, STATES
from app.demo import demands
from app.infra import clock
from app.infra.db import db
from tests.factories.enterprises import make_enterprise


def test_every_state_and_every_way_is_there(app: Flask) -> None:
    for _ in range(len(demands.COURSES)):
        make_enterprise()
    assert demands.load("371500") == len(demands.COURSES) and demands.load("371500") == 0
    rows = db.session.query(Demand).all()
    assert {row.state for row in rows} == set(STATES)
    assert {row.outcome for row in rows} - {None} == set(OUTCOMES) and {row.source for row in rows} == set(SOURCES) - {"import"}
    assert all(row.raised_at <= clock.now() and (row.solved_at is None or row.solved_at <= clock.now()) for row in rows)
    assert any(row.needs_ruling for row in rows) and any(row.fast for row in rows) and any(row.reopen_count for row in rows)
