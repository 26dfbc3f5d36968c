"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("areas", __name__, url_prefix="/areas")
