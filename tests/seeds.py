"""What the template database of the tests holds: the areas of Liaocheng, a corner of another city, one person per role."""

from sqlalchemy import select

from app.areas import actions as areas
from app.areas.models import Area, AreaMembership
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests import personas

OTHER_CITY = (("370600", "烟台市", "city"), ("370602", "芝罘区", "county"), ("370602001", "向阳街道", "subdistrict"))


def fill() -> None:
    """Fill an empty database; the caller commits."""
    areas.load_city("371500", by=SYSTEM)
    other_city()
    personas.fill()


def other_city() -> None:
    """City, county and town of Yantai: what nobody in Liaocheng may see anything of."""
    parent = db.session.scalars(select(Area).where(Area.kind == "province")).one()
    city_id = None
    for code, name, kind in OTHER_CITY:
        area = Area(code=code, name=name, kind=kind, parent_id=parent.id, city_id=city_id)
        db.session.add(area)
        db.session.flush()
        city_id = area.city_id = city_id or area.id
        if kind == "subdistrict":
            db.session.add(
                AreaMembership(town_id=area.id, unit_id=parent.id, valid_from=areas.SINCE, confirmed=True, recorded_at=clock.now())
            )
        parent = area
    db.session.flush()
