"""The blueprint of the ladder pages."""

from flask import Blueprint

blueprint = Blueprint("ladder", __name__, url_prefix="/ladder")
