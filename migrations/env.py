"""Migrations run inside the application: ``flask db upgrade``. One transaction per run on both databases, so a killed or failed
upgrade leaves the database as it was; two upgrades at once wait for each other."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import False_, True_

from app.infra.db import ExactDecimal, JsonText, UtcDateTime, db

NOT_OURS = ("enterprise_search",)
"""Tables of the name-search index: made by ``infra.dialect`` as each database needs them."""


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the search index (and what SQLite's FTS keeps for it) to its maker."""
    return not (type_ == "table" and name is not None and name.startswith(NOT_OURS))


def render_item(type_: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Our column types by their own names, truth values as such: they differ by database."""
    if type_ == "server_default" and isinstance(getattr(item, "arg", None), (True_, False_)):
        return f"sa.{item.arg}()"
    if type_ == "type" and isinstance(item, (UtcDateTime, ExactDecimal, JsonText)):
        autogen.imports.add("from app.infra.db import ExactDecimal, JsonText, UtcDateTime")
        return f"ExactDecimal({item.scale})" if isinstance(item, ExactDecimal) else f"{type(item).__name__}()"
    return False


def run() -> None:
    """Upgrade or compare on the application's engine."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection, transactional_ddl=True, target_metadata=db.metadata, include_name=include_name, render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20260401)")
            context.run_migrations()


run()
