"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("policies", __name__, url_prefix="/policies")
