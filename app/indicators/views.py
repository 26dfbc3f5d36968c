"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")
