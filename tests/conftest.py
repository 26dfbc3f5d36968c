"""One application per test process over a database that every test gets fresh from a template: real commits, real locks.

SQLite: the template file is copied. PostgreSQL (``YUMIAO_TEST_PG_URL`` = address of a throw-away cluster's maintenance database):
``CREATE DATABASE … TEMPLATE``. What a test sees at its start: the tables, the areas of Liaocheng, its pack, one user per role.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient

os.environ.setdefault("YUMIAO_MODE", "test")

import config
from app import create_app
from app.infra import clock
from app.infra.db import Base, db
from tests import personas, seeds
from tests.browsers import chromium as chromium
from tests.pages import pages as pages
from tests.personas import as_ as as_

PG = os.environ.get("YUMIAO_TEST_PG_URL")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


class Database:
    """Makes the template once, then a fresh copy per test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file, self.template = directory / "test.db", directory / "template.db"
        self.name = f"yumiao_test_{WORKER}_{os.getpid()}"
        self.url = self._pg_url(self.name) if PG else f"sqlite:///{self.file}"

    def _pg_url(self, name: str) -> str:
        assert PG
        return str(sqlalchemy.make_url(config.database_url(PG)).set(database=name).render_as_string(hide_password=False))

    def _admin(self, *statements: str) -> None:
        assert PG
        engine = sqlalchemy.create_engine(config.database_url(PG), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def create(self) -> None:
        if PG:
            self._admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', f'CREATE DATABASE "{self.name}"')

    def keep_as_template(self) -> None:
        db.session.remove()
        db.engine.dispose()
        if PG:
            self._admin(f'DROP DATABASE IF EXISTS "{self.name}_t" WITH (FORCE)', f'ALTER DATABASE "{self.name}" RENAME TO "{self.name}_t"')
        else:
            shutil.move(self.file, self.template)

    def reset(self) -> None:
        db.session.remove()
        db.engine.dispose()
        if PG:
            self._admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', f'CREATE DATABASE "{self.name}" TEMPLATE "{self.name}_t"')
            return
        for suffix in ("", "-wal", "-shm"):  # a new file, not new content: a connection somebody still holds keeps its own
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def drop(self) -> None:
        if PG:
            self._admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', f'DROP DATABASE IF EXISTS "{self.name}_t" WITH (FORCE)')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database runs again; the rest was proven by the run on SQLite."""
    if PG:
        needs = [item for item in items if "_built" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(needs)])
        items[:] = needs


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Database]]:
    directory = tmp_path_factory.mktemp("yumiao")
    database = Database(directory)
    database.create()
    settings = config.load({
        "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(directory / "data"), "YUMIAO_DATABASE_URL": database.url,
        "YUMIAO_LOG_LEVEL": "WARNING", "YUMIAO_RATE_PER_MINUTE": "100000",
    })
    app = create_app(settings)
    app.testing = True
    app.test_client_class = personas.Browser
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        Base.metadata.create_all(db.engine)
        seeds.fill()
        db.session.commit()
        database.keep_as_template()
    yield app, database
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    database.drop()


@pytest.fixture
def app(_built: tuple[Flask, Database]) -> Iterator[Flask]:
    """The application over a fresh database, inside an application context."""
    application, database = _built
    with application.app_context():
        database.reset()
        yield application
        db.session.remove()
    clock.freeze(None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody signed in with. Application contexts of requests are their own."""
    return app.test_client()
