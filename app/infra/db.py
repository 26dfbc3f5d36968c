"""Database ground: typed Base, naming convention, portable column types, engine settings measured as safe (docs/adr/0002)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, MetaData, Numeric, Text, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


READING = "yumiao_read"


class Base(DeclarativeBase):
    """Parent of every model."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out; naive values are refused (they would be silently wrong by eight hours)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """Numeric(20, scale) on PostgreSQL, scaled integers on SQLite: exact, sortable and indexable on both.

    SQLite has no decimal type; floats would lose fen above 2^53 and break keyset comparisons.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, scale: int = 2) -> None:
        super().__init__(20, scale)
        self.scale = scale
        self._factor = Decimal(10) ** scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        from sqlalchemy import BigInteger

        return dialect.type_descriptor(Numeric(20, self.scale) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("money is Decimal, not float")
        exact = Decimal(value)
        return exact if dialect.name == "postgresql" else int((exact * self._factor).to_integral_value(rounding="ROUND_HALF_UP"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return value if isinstance(value, Decimal) else Decimal(value) / self._factor


def Yuan() -> ExactDecimal:
    """Money in 元, two decimals."""
    return ExactDecimal(2)


class JsonText(TypeDecorator[Any]):
    """JSON kept as text: the same on every database we run on; read by code, never queried into."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _sqlite_on_connect(connection: Any, _record: Any) -> None:
    # pysqlite's own transaction control would swallow our BEGIN IMMEDIATE
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=20000")
    cursor.execute("PRAGMA cache_size=-6144")  # 6 MB a connection; the operating system keeps the rest
    cursor.close()


def _sqlite_on_begin(connection: Any) -> None:
    """Writers take the lock at BEGIN, so none is refused half-way with "database is locked"; readers cannot write at all."""
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only={1 if reading else 0}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def begin_reading(*, snapshot: bool = False) -> None:
    """Make the current session's next transaction a reading one: no lock and no write on SQLite, no BEGIN on PostgreSQL.

    Called before the first statement of a GET. Nothing may have been executed yet in this session. ``snapshot``: one transaction
    on PostgreSQL too, for long walks over a server-side cursor.
    """
    options: dict[str, Any] = {READING: True}
    if db.engine.dialect.name == "postgresql" and not snapshot:
        options["isolation_level"] = "AUTOCOMMIT"
    db.session.connection(execution_options=options)


def configure_engine(engine: Engine) -> None:
    """Attach the connection settings; called once per engine (also by tests and tools that make their own)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_on_connect)
        event.listen(engine, "begin", _sqlite_on_begin)


def engine_options(url: str) -> Mapping[str, Any]:
    """Engine arguments by database kind."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 20, "check_same_thread": False}}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10, "pool_recycle": 1800}


class _MigrateLater:
    """Stands for Flask-Migrate's settings until a command asks for one of them: a web server starts without alembic."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=self._app.config["MIGRATIONS_DIR"], render_as_batch=True, compare_type=True)
        return getattr(self._app.extensions["migrate"], name)


def init_app(app: Flask) -> None:
    """Bind the engine; ``app.config['SQLALCHEMY_DATABASE_URI']`` is set by the factory."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", dict(engine_options(app.config["SQLALCHEMY_DATABASE_URI"])))
    db.init_app(app)
    app.extensions["migrate"] = _MigrateLater(app)
    with app.app_context():
        configure_engine(db.engine)


@contextmanager
def only_reading() -> Iterator[None]:
    """A piece of background work that reads: in a transaction of its own that takes no lock, over before and after."""
    db.session.rollback()
    begin_reading()
    try:
        yield
    finally:
        db.session.rollback()
