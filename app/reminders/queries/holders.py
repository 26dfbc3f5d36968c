"""Names of holders (``team:12`` = 第三专家服务队), and to whom an item may be handed over."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import select

from app.areas.models import Area, Organisation
from app.identity.models import User
from app.identity.queries.present import everybody_present
from app.infra.db import db
from app.reminders.models import DueRow
from app.reminders.rules.people import keys_of

OFFICES = {"unit": "经办", "city": "市局经办", "town": "填报员", "leader": "市领导"}
NOBODY = "（无人在岗）"


def labels(holders: Collection[str | None]) -> dict[str, str]:
    """At most three statements for a whole page."""
    ids: dict[str, set[int]] = defaultdict(set)
    for holder in holders:
        kind, _, number = (holder or "").partition(":")
        if number.isdigit():
            ids[kind].add(int(number))
    areas = _names(Area, set().union(*(ids[kind] for kind in OFFICES)))
    organisations = _names(Organisation, ids["team"] | ids["lead"] | ids["org"])
    people = _names(User, ids["user"])
    found = {}
    for holder in {one for one in holders if one}:
        kind, _, number = holder.partition(":")
        identity = int(number) if number.isdigit() else 0
        if kind in OFFICES:
            found[holder] = f"{areas.get(identity, '')}{OFFICES[kind]}" if kind != "city" else f"{areas.get(identity, '')}（{OFFICES[kind]}）"
        elif kind in ("team", "lead", "org"):
            name = organisations.get(identity, "服务队" if kind != "org" else "部门")
            found[holder] = f"{name}（队长）" if kind == "lead" else name
        elif kind == "user":
            found[holder] = people.get(identity, "")
        else:
            found[holder] = "企业联络员" if kind == "firm" else NOBODY
    return found


def _names(model: type[Area] | type[Organisation] | type[User], ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(ids)
    return {row.id: row.name for row in db.session.execute(select(model.id, model.name).where(model.id.in_(wanted)))} if wanted else {}


def candidates(row: DueRow) -> list[tuple[str, str]]:
    """(holder, words) an item may be handed to: its team, its county or zone, its city, and the people who stand for one of them."""
    offices = [f"{kind}:{identity}" for kind, identity in (("team", row.team_id), ("unit", row.unit_id), ("city", row.city_id)) if identity is not None]
    wanted, people, manned = set(offices), [], set()
    for person in everybody_present():
        mine = keys_of(person.user_id, person.organisation_id, person.posts)
        manned |= mine & wanted
        if mine & wanted:
            people.append((f"user:{person.user_id}", person.name))
    named = labels(offices)
    return [(one, named[one]) for one in offices if one in manned and one != row.holder] + [pair for pair in people if pair[0] != row.holder]
