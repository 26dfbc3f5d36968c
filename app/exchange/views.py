"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
