"""Pages of this capability."""

from flask import Blueprint

blueprint = Blueprint("workbench", __name__, url_prefix="/workbench")
