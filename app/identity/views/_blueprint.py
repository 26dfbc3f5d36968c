"""The blueprint all modules of this package add their routes to. Sign-in and health stand at the root of the site."""

from flask import Blueprint

blueprint = Blueprint("identity", __name__)
