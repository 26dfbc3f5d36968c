"""Tables of the reminders: collected deadlines, what people did with them, messages in the inbox, messages that leave the house, channels, choices."""

from app.reminders.models.due import DUE_STATES, NOTE_KINDS, DueNote, DueRow, Refresh
from app.reminders.models.messages import CHANNELS, DELIVERY_STATES, Channel, Delivery, Notice
from app.reminders.models.people import MODES, CalendarLink, Preference

__all__ = [
    "CHANNELS", "DELIVERY_STATES", "DUE_STATES", "MODES", "NOTE_KINDS", "CalendarLink", "Channel", "Delivery", "DueNote", "DueRow", "Notice",
    "Preference", "Refresh",
]
