"""Changes of recognitions, and what is kept in step with them. Keyword-only, ``by`` an actor, flushed and never committed."""

from app.ladder.actions.answers import record_answer
from app.ladder.actions.recognitions import Refused, checked, correct, draft_of, grant, revoke, void
from app.ladder.actions.summaries import refresh_all, refresh_cities, refresh_day, refresh_new, refresh_some, refresh_titles

__all__ = [
    "Refused", "checked", "correct", "draft_of", "grant", "record_answer", "refresh_all", "refresh_cities", "refresh_day",
    "refresh_new", "refresh_some", "refresh_titles",
    "revoke", "void",
]
