"""The blueprint of the inbox and the rules of reminding."""

from flask import Blueprint

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")
