"""Loading the official list of areas."""

from flask import Flask
from sqlalchemy import func, select

from app.areas import actions
from app.areas.models import TOWN_KINDS, Area, AreaMembership
from app.infra.db import db
from app.kernel.actor import SYSTEM


def test_liaocheng_has_8_counties_3_zones_and_136_towns(app: Flask) -> None:
    count = dict(db.session.execute(select(Area.kind, func.count()).where(Area.code.startswith("3715")).group_by(Area.kind)).all())
    assert (count["county"], count["zone"], count["direct"], count["functional_area"]) == (8, 3, 3, 1)
    assert sum(count[k] for k in TOWN_KINDS) == 136


def test_every_town_has_exactly_one_managing_unit(app: Flask) -> None:
    towns = set(db.session.scalars(select(Area.id).where(Area.kind.in_([*TOWN_KINDS, "direct", "functional_area"]))))
    members = list(db.session.scalars(select(AreaMembership.town_id).where(AreaMembership.superseded_at.is_(None))))
    assert sorted(members) == sorted(towns)


def test_loading_again_adds_nothing(app: Flask) -> None:
    assert actions.load_city("371500", by=SYSTEM) == 0
