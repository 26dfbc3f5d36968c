"""Pages of the demand desk, and what they register with others at start-up."""

from app.demands.views._blueprint import blueprint

__all__ = ["blueprint"]
