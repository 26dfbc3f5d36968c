"""Providers of the services alliance and public-service platforms, as carriers of projects and of consulting."""

from collections.abc import Collection

from sqlalchemy import select

from app.infra.db import db
from app.teams.models import Provider
from app.teams.models.registers import SERVING

CHOSEN = 500


def provider_choices(city_id: int) -> list[tuple[int, str]]:
    """Providers of a city that are in the alliance today, by name. A register of public bodies: it holds no enterprise data."""
    statement = select(Provider.id, Provider.name).where(Provider.city_id == city_id, Provider.state.in_(SERVING)).order_by(Provider.name, Provider.id)
    return [(row[0], row[1]) for row in db.session.execute(statement.limit(CHOSEN))]


def provider_names(ids: Collection[int | None]) -> dict[int, str]:
    """Names by id, former members too; for records the viewer may see anyway."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    return {row[0]: row[1] for row in db.session.execute(select(Provider.id, Provider.name).where(Provider.id.in_(wanted)))} if wanted else {}
