"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("enterprises", __name__, url_prefix="/enterprises")
