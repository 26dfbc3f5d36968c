"""Deleting a firm (undo of an import) looks for rows that name it: in an index, not in whole tables."""

from sqlalchemy import Column, Table, UniqueConstraint

from app.infra.db import Base


def leading(table: Table) -> set[Column[object]]:
    """Columns that an index of all rows begins with."""
    found = {next(iter(table.primary_key.columns))} if table.primary_key.columns else set()
    whole = [i for i in table.indexes if i.dialect_options["sqlite"].get("where") is None]
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    return found | {next(iter(entry.columns)) for entry in (*whole, *unique) if len(entry.columns)}


def test_every_column_that_names_an_enterprise_is_indexed() -> None:
    missing = [
        f"{table.name}.{column.name}" for table in Base.metadata.tables.values() if table.name != "enterprise" for column in table.columns
        if any(key.target_fullname == "enterprise.id" for key in column.foreign_keys) and column not in leading(table)
    ]
    assert not missing, f"add index=True: {missing}"
