"""The form of phones: a page without any data, filled by its own script from what the phone keeps and from the JSON API."""

from flask import render_template

from app.infra.web.access import public
from app.visits.views._blueprint import blueprint


@blueprint.get("/phone")
@public
def phone() -> str:
    """The same for everybody, also signed out: an expired login must not close the form somebody is writing in."""
    return render_template("visits/phone.html")
