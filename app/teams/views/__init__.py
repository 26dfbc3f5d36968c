"""Pages of the alliance and the teams, and what they register with others at start-up."""

from app.teams.views._blueprint import blueprint

__all__ = ["blueprint"]
