"""What a passed review does to a recognition: without a gap it runs on, after a gap the title is another record. Neither is ever new."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Renewal(StrEnum):
    """``EXTEND``: the same recognition with a later end; ``AGAIN``: another record of the same title; ``NOTHING``: no new end was said."""

    EXTEND = "extend"
    AGAIN = "again"
    NOTHING = "nothing"


def renewal(ends_on: date | None, reviewed_on: date, begin: date | None, end: date | None) -> tuple[Renewal, date | None]:
    """How to record a passed review of a recognition that ends on ``ends_on``, and the first day of the new validity where it is another record.

    Without ``begin`` the new validity follows the old one when the review came in time (at the latest on the day after its end), else it begins
    with the review: days between were not valid and must not count.
    """
    if end is None:
        return Renewal.NOTHING, None
    if begin is None and ends_on is not None and reviewed_on > ends_on + timedelta(days=1):
        begin = reviewed_on
    if begin is None or ends_on is None or begin <= ends_on + timedelta(days=1):
        return Renewal.EXTEND, None
    return Renewal.AGAIN, begin
