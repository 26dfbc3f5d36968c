"""What the template database of the tests holds: the areas of Liaocheng, a corner of two other cities, one person per role."""

from sqlalchemy import select

from app.areas import actions as areas
from app.areas.models import Area, AreaMembership
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests import personas

OTHER_CITY = (("370600", "烟台市", "city"), ("370602", "芝罘区", "county"), ("370602001", "向阳街道", "subdistrict"))
OTHER_PROVINCE = (
    ("210000", "辽宁省", "province"), ("210800", "营口市", "city"), ("210882", "大石桥市", "county"), ("210882100", "汤池镇", "town"),
)


def fill() -> None:
    """Fill an empty database; the caller commits."""
    areas.load_city("371500", by=SYSTEM)
    shandong = db.session.scalars(select(Area).where(Area.kind == "province")).one()
    other_city(OTHER_CITY, shandong)
    other_city(OTHER_PROVINCE, None)
    personas.fill()


def other_city(chain: tuple[tuple[str, str, str], ...], parent: Area | None) -> None:
    """City, county and town of another city (and its province): what nobody in Liaocheng may see anything of."""
    city_id = None
    for code, name, kind in chain:
        area = Area(code=code, name=name, kind=kind, parent_id=parent.id if parent else None, city_id=city_id)
        db.session.add(area)
        db.session.flush()
        if kind != "province":
            city_id = area.city_id = city_id or area.id
        if kind in ("subdistrict", "town") and parent is not None:
            db.session.add(
                AreaMembership(town_id=area.id, unit_id=parent.id, valid_from=areas.SINCE, confirmed=True, recorded_at=clock.now())
            )
        parent = area
    db.session.flush()
