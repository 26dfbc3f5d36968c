"""Migrations: the head equals the models, up and down work with data, on the database the tests run on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

import config
from app import create_app
from app.areas import actions as areas
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests.conftest import PG

IGNORED = ("enterprise_search",)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Flask]:
    """An application over an empty database of its own."""
    url = f"sqlite:///{tmp_path / 'bare.db'}"
    if PG:
        name = f"yumiao_migrations_{os.getpid()}"
        admin = sqlalchemy.create_engine(config.database_url(PG), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        url = sqlalchemy.make_url(config.database_url(PG)).set(database=name).render_as_string(hide_password=False)
    app = create_app(config.load({
        "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(tmp_path), "YUMIAO_DATABASE_URL": url, "YUMIAO_LOG_LEVEL": "ERROR",
    }))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if PG:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_head_equals_the_models(bare: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith(IGNORED)),
        })
        assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again_with_data(bare: Flask) -> None:
    upgrade()
    areas.load_city("371500", by=SYSTEM)
    db.session.commit()
    db.session.remove()
    downgrade(revision="base")
    with db.engine.connect() as connection:
        left = [t for t in sqlalchemy.inspect(connection).get_table_names() if t != "alembic_version"]
    assert left == []
    upgrade()
    assert areas.load_city("371500", by=SYSTEM) > 150


def test_upgrade_twice_changes_nothing(bare: Flask) -> None:
    upgrade()
    upgrade()
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
