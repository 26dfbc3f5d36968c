"""The blueprint of the alliance and the teams."""

from flask import Blueprint

blueprint = Blueprint("teams", __name__, url_prefix="/teams")
