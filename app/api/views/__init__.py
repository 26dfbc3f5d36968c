"""Doors of the JSON API, and what they register with others at start-up."""

from app.api.views import describing, problems, reading, visiting
from app.api.views._blueprint import blueprint

__all__ = ["blueprint", "describing", "problems", "reading", "visiting"]
