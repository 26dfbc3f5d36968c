"""Loading the official list of areas."""

from datetime import date

from flask import Flask
from sqlalchemy import func, select, update

from app.areas import actions, queries
from app.areas.models import TOWN_KINDS, Area, AreaMembership
from app.infra import clock
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


def test_the_map_was_known_before_the_installation(app: Flask) -> None:
    """A question about a past knowledge has its units; a town is unknown before it was founded."""
    ours = set(db.session.scalars(select(Area.id).where(Area.code.startswith("3715"))))
    known = queries.units_as_of(date(2022, 12, 31), known_on=date(2022, 12, 31)).keys() & ours
    assert known == queries.units_as_of(date(2022, 12, 31)).keys() & ours and len(known) > 136
    founded = db.session.scalars(select(Area.id).where(Area.code == "371502P01")).one()
    assert founded not in queries.units_as_of(date(2026, 1, 1), known_on=date(2025, 5, 17))
    assert founded in queries.units_as_of(date(2026, 1, 1), known_on=date(2025, 5, 18))


def test_an_older_installation_is_repaired_by_loading_again(app: Flask) -> None:
    db.session.execute(update(AreaMembership).values(recorded_at=clock.now()))
    actions.load_city("371500", by=SYSTEM)
    assert len(queries.units_as_of(date(2022, 12, 31), known_on=date(2022, 12, 31))) > 136
