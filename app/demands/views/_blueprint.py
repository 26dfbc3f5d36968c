"""The blueprint of the demand desk."""

from flask import Blueprint

blueprint = Blueprint("demands", __name__, url_prefix="/demands")
