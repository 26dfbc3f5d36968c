"""Pages of the demand desk, and what they register with others at start-up."""

from flask import Flask

from app.demands import models  # noqa: F401  (its tables belong to the schema whoever uses them)
from app.demands.views._blueprint import blueprint
from app.enterprises import references

__all__ = ["blueprint", "init_app"]


def init_app(_app: Flask) -> None:
    """References to enterprises."""
    references.register("demand", "enterprise_id", label="企业诉求")
