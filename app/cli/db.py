"""``flask db``: the migration commands of Flask-Migrate."""

from flask_migrate.cli import db as group

__all__ = ["group"]
