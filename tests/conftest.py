"""One application per test process over a database that every test gets fresh from a template: real commits, real locks.

SQLite: the template file is copied. PostgreSQL (``YUMIAO_TEST_PG_URL`` = address of a throw-away cluster's maintenance database):
``CREATE DATABASE … TEMPLATE``. What a test sees at its start: the tables, the areas of Liaocheng, its pack, one user per role.
"""

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient

os.environ.setdefault("YUMIAO_MODE", "test")

import config
from app import create_app
from app.infra import city, clock
from app.infra.db import Base, db
from tests import personas, seeds
from tests.browsers import chromium as chromium
from tests.pages import pages as pages
from tests.personas import as_ as as_

PG = os.environ.get("YUMIAO_TEST_PG_URL")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
T = TypeVar("T")


class Database:
    """Makes the template once, then a fresh copy per test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file, self.template = directory / "test.db", directory / "template.db"
        self.kept: dict[str, tuple[str, bytes]] = {}
        """What ``prepared`` made: key -> name of the copy, what the maker returned."""
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

    def keep(self, key: str, result: object) -> None:
        """Copy the database as it is now."""
        db.session.remove()
        db.engine.dispose()
        name = f"t{len(self.kept)}"
        if PG:
            self._admin(f'CREATE DATABASE "{self.name}_{name}" TEMPLATE "{self.name}"')
        else:
            shutil.copyfile(self.file, self.directory / f"{name}.db")
        self.kept[key] = name, pickle.dumps(result)

    def reset(self, name: str = "") -> None:
        """Fresh from the template, or from a kept copy."""
        db.session.remove()
        db.engine.dispose()
        if PG:
            source = f"{self.name}_{name or 't'}"
            self._admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', f'CREATE DATABASE "{self.name}" TEMPLATE "{source}"')
            return
        for suffix in ("", "-wal", "-shm"):  # a new file, not new content: a connection somebody still holds keeps its own
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.directory / f"{name}.db" if name else self.template, self.file)

    def drop(self) -> None:
        if PG:
            names = ["", "_t", *(f"_{name}" for name, _ in self.kept.values())]
            self._admin(*(f'DROP DATABASE IF EXISTS "{self.name}{name}" WITH (FORCE)' for name in names))


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
        city.forget()  # what an earlier test was about
        yield application
        db.session.remove()
    city.forget()
    clock.freeze(None)


@pytest.fixture
def prepared(app: Flask, _built: tuple[Flask, Database]) -> Callable[..., Any]:
    """``prepared(make, *arguments)``: what ``make`` writes into the fresh database, made once per process and then copied, and what it returned (plain
    values: ids, texts; no rows). For fixtures that many tests begin with."""
    database = _built[1]

    def from_copy(make: Callable[..., T], *arguments: object) -> T:
        key = f"{make.__module__}.{make.__qualname__}{arguments}"
        if key not in database.kept:
            result = make(*arguments)
            db.session.commit()
            database.keep(key, result)
        name, result_bytes = database.kept[key]
        database.reset(name)
        found: T = pickle.loads(result_bytes)
        return found

    return from_copy


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody signed in with. Application contexts of requests are their own."""
    return app.test_client()
