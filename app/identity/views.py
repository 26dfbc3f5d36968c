"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("identity", __name__, url_prefix="/identity")
