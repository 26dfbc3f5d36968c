"""The blueprint of the indicator pages."""

from flask import Blueprint

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")
