"""Reading what a comparison of an official list needs, and what was settled about it. A few statements, whatever the length of the list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseName
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder.models import OfficialList, OfficialListRow, Recognition, SettledDifference
from app.ladder.queries.today import current_pack
from app.ladder.rules import Grant
from app.ladder.rules.reconciliation import Comparison, FirmFacts, Ours, Theirs, compare

PART = 900


def _parts(values: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(set(values))
    return (wanted[start : start + PART] for start in range(0, len(wanted), PART))


def comparison_day(listed: OfficialList) -> date:
    """The day the list speaks of."""
    return listed.as_of or (listed.announced_on if listed.purpose == "announced" else None) or clock.today()


def compare_list(scope: Scope, listed: OfficialList) -> Comparison:
    """The list beside our records of the viewer's firms, as both are now."""
    lines = [_theirs(row, listed) for row in db.session.execute(select(*_LINE).where(OfficialListRow.list_id == listed.id).order_by(OfficialListRow.row))]
    ids = {line.enterprise_id for line in lines if line.enterprise_id}
    pack, titles = current_pack(), {line.title_code for line in lines if line.title_code} | ({listed.title_code} if listed.title_code else set())
    tracks = {title.track for code in titles if code and (title := pack.find_title(code)) is not None}
    related = [title.code for title in pack.entries("titles", disabled=True) if title.track in tracks]  # type: ignore[attr-defined]
    ours = _ours(scope, listed, ids, related)
    firms = _firms(scope, ids | ours.keys())
    words = {title.code: title.label for title in pack.entries("titles", disabled=True)}  # type: ignore[attr-defined]
    return compare(
        lines, ours, firms, purpose=listed.purpose, day=comparison_day(listed), key=(listed.title_code, listed.level, listed.batch_year),
        inside=_inside(scope), words=words,
    )


_LINE = (
    OfficialListRow.id, OfficialListRow.row, OfficialListRow.name, OfficialListRow.decision, OfficialListRow.enterprise_id, OfficialListRow.values,
    OfficialListRow.unit_id, OfficialListRow.place,
)


def _theirs(row: Any, listed: OfficialList) -> Theirs:
    """A line with its own words first, those of the list else."""
    id_, number, name, decision, firm, said, unit, place = row
    said = said or {}
    code, level = listed.title_code, listed.level
    if "title" in said or ("level" in said and code is None):
        match = current_pack().match_title(str(said.get("title") or ""), said.get("level"))
        if match.title_code is not None:
            code, level = match.title_code, match.level.value if match.level else ""
    days = {key: date.fromisoformat(said[key]) if key in said else getattr(listed, key) for key in ("announced_on", "valid_from", "valid_to")}
    return Theirs(
        id_, number, name, decision, firm, code, level, int(said.get("batch_year") or listed.batch_year or 0), **days,
        document=said.get("document") or listed.document, unit_id=unit, place=place,
    )


def _ours(scope: Scope, listed: OfficialList, ids: Collection[int], titles: Sequence[str]) -> dict[int, list[Ours]]:
    """Recognitions of the firms named, and of every firm of the scope that holds the list's title."""
    r = Recognition
    columns = (
        r.enterprise_id, r.id, r.title_code, r.level, r.batch_year, r.announced_on, r.valid_from, r.valid_to, r.open_ended, r.revoked_on, r.voided, r.document,
    )
    base = select(*columns).join(Enterprise, Enterprise.id == r.enterprise_id).where(in_scope(scope), r.superseded_at.is_(None))
    found: dict[int, dict[int, Ours]] = {}
    queries = [base.where(r.enterprise_id.in_(part), r.title_code.in_(titles)) for part in _parts(ids)]
    if listed.title_code:
        holders = base.where(r.title_code == listed.title_code, r.level == listed.level)
        queries.append(holders if listed.purpose == "stock" else holders.where(r.batch_year.in_([0, listed.batch_year])))
    for query in queries:
        for row in db.session.execute(query):
            values: Any = row[2:11]
            found.setdefault(row[0], {})[row[1]] = Ours(row[1], Grant(*values), row[11])
    return {key: sorted(mine.values(), key=lambda o: o.id) for key, mine in found.items()}


def _firms(scope: Scope, ids: Collection[int]) -> dict[int, FirmFacts]:
    found: dict[int, FirmFacts] = {}
    for part in _parts(ids):
        former: dict[int, set[str]] = {}
        for key, name in db.session.execute(select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(part))):
            former.setdefault(key, set()).add(name)
        ended = dict(db.session.execute(
            select(EnterpriseEvent.enterprise_id, func.min(EnterpriseEvent.happened_on))
            .where(EnterpriseEvent.enterprise_id.in_(part), EnterpriseEvent.kind.in_(("cancelled", "licence_revoked"))).group_by(EnterpriseEvent.enterprise_id)
        ).all())
        query = select(Enterprise.id, Enterprise.name, Enterprise.unit_id, Enterprise.status).where(Enterprise.id.in_(part), in_scope(scope))
        for key, name, unit, status in db.session.execute(query):
            found[key] = FirmFacts(key, name, frozenset(former.get(key, ())), unit, status, ended.get(key))
    return found


def _inside(scope: Scope) -> list[int] | None:
    """Counties and zones in the viewer's reach; None = all of the installation's."""
    query = select(Area.id).where(Area.kind.in_(("county", "zone")))
    if scope.everything:
        return list(db.session.scalars(query))
    return list(db.session.scalars(query.where(Area.city_id.in_(sorted(scope.city_ids)) | Area.id.in_(sorted(scope.unit_ids)))))


def settled(list_id: int) -> dict[tuple[str, str], SettledDifference]:
    """(code, subject) -> what was done about it."""
    rows = db.session.scalars(select(SettledDifference).where(SettledDifference.list_id == list_id))
    return {(row.code, row.subject): row for row in rows}
