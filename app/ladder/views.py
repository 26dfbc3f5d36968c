"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("ladder", __name__, url_prefix="/ladder")
