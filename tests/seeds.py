"""What the template database of the tests holds: the areas of Liaocheng; capabilities add theirs here."""

from app.areas import actions as areas
from app.kernel.actor import SYSTEM


def fill() -> None:
    """Fill an empty database; the caller commits."""
    areas.load_city("371500", by=SYSTEM)
