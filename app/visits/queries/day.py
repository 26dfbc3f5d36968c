"""For the list of a day: where enterprises are, as far as earlier visits gave their place, whom to ask for there, what was promised."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from app.enterprises.models import Contact
from app.infra.db import db
from app.visits.models import Promise, Visit


def positions_of(enterprise_ids: Collection[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Enterprise id -> latitude and longitude of its last visit that has them. The caller has checked the scope."""
    found: dict[int, tuple[Decimal, Decimal]] = {}
    ids = sorted(set(enterprise_ids))
    for first in range(0, len(ids), 900):
        latest = select(func.max(Visit.id)).where(
            Visit.enterprise_id.in_(ids[first : first + 900]), Visit.state == "complete", Visit.latitude.is_not(None), Visit.longitude.is_not(None),
        ).group_by(Visit.enterprise_id)
        for enterprise_id, lat, lon in db.session.execute(select(Visit.enterprise_id, Visit.latitude, Visit.longitude).where(Visit.id.in_(latest))):
            if lat is not None and lon is not None:
                found[enterprise_id] = (lat, lon)
    return found


@dataclass(frozen=True)
class MainContact:
    """Whom to ask for; the number is masked."""

    name: str
    title: str | None
    phone: str | None


def main_contacts(enterprise_ids: Collection[int]) -> dict[int, MainContact]:
    """Enterprise id -> its main contact, else the first one. The caller has checked the scope."""
    found: dict[int, MainContact] = {}
    ids = sorted(set(enterprise_ids))
    for first in range(0, len(ids), 900):
        statement = select(Contact.enterprise_id, Contact.name, Contact.title, Contact.phone_masked).where(Contact.enterprise_id.in_(ids[first : first + 900]))
        for enterprise_id, name, title, phone in db.session.execute(statement.order_by(Contact.is_primary.desc(), Contact.id)):
            found.setdefault(enterprise_id, MainContact(name, title, phone))
    return found


def open_promises(enterprise_ids: Collection[int]) -> dict[int, int]:
    """Enterprise id -> promises that are still to be kept. The caller has checked the scope."""
    statement = select(Promise.enterprise_id, func.count()).where(Promise.enterprise_id.in_(sorted(set(enterprise_ids))), Promise.state == "open")
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(Promise.enterprise_id))}
