"""The blueprint of the composed pages."""

from flask import Blueprint

blueprint = Blueprint("workbench", __name__)
