"""Search palette: enterprises within the scope, towns and functions, in one short list."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import or_, select

from app.areas.models import Area
from app.enterprises.queries import quick_search
from app.infra.db import db
from app.infra.web.access import has
from app.infra.web.navigation import navigation
from app.kernel.permission import Permission
from app.kernel.scope import Scope

PER_GROUP = 8


@dataclass(frozen=True)
class Found:
    """One line: ``group`` heads it, ``note`` stands beside the label in small type."""

    group: str
    label: str
    note: str
    url: str


def search(scope: Scope, city_ids: Sequence[int], text: str) -> list[Found]:
    """Everything the person may open that matches the typed text; an empty text lists the functions."""
    text = text.strip()[:100]
    found = [Found("功能", link.label, section, link.url) for section, links in navigation() for link in links if text in link.label]
    if not text:
        return found
    if has(Permission.ENTERPRISE_VIEW):
        found += [
            Found("企业", hit.name, f"{hit.town}　{hit.credit_code}", url_for("enterprises.show", enterprise_id=hit.id))
            for hit in quick_search(scope, text, PER_GROUP)
        ]
    if has(Permission.AREA_VIEW):
        found += [Found("镇街", area.name, area.code, url_for("areas.index", q=area.name)) for area in _areas(city_ids, text)]
    return found


def _areas(city_ids: Sequence[int], text: str) -> Sequence[Area]:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return db.session.scalars(
        select(Area).where(Area.city_id.in_(city_ids), or_(Area.name.like(f"%{literal}%", escape="\\"), Area.code == text)).order_by(Area.code).limit(PER_GROUP)
    ).all()
