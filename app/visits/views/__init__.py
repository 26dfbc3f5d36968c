"""Pages of requests, appointments and visits, and what they register with others at start-up."""

from app.visits.views._blueprint import blueprint

__all__ = ["blueprint"]
