"""Pages of the inbox and the rules of reminding, and what they register with others at start-up."""

from app.reminders.views._blueprint import blueprint

__all__ = ["blueprint"]
