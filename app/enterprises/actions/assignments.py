"""Who serves an enterprise: dated rows of ``enterprise_assignment``, one open per enterprise and kind, in step with the summary.

Which teams and persons exist is known to ``teams``, the only caller for teams; nothing here knows them beyond their ids. Set-based: a
thousand enterprises are a handful of statements.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Table, select, update

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary
from app.enterprises.queries.scope import in_scope, serving_on
from app.infra import audit, changes, clock, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.kernel.text import clean

CHUNK = 900
EARLIEST = date(2021, 1, 1)
_OWN = {"team": "team_id", "provider": "provider_id"}


@dataclass(frozen=True)
class Server:
    """Who is to serve: a team (with the person who answers, and his account) or a provider."""

    team_id: int | None = None
    member_id: int | None = None
    liaison_user_id: int | None = None
    provider_id: int | None = None

    @property
    def kind(self) -> str:
        return "team" if self.team_id is not None else "provider"

    def same_as(self, row: EnterpriseAssignment) -> bool:
        return all(getattr(row, key) == getattr(self, key) for key in ("team_id", "member_id", "liaison_user_id", "provider_id"))


@dataclass(frozen=True)
class Assigned:
    """``changed``: enterprises that were given; ``same``: they had it already; ``left_out``: outside the scope or no longer active."""

    changed: tuple[int, ...]
    same: int
    left_out: int


def assign(*, scope: Scope, enterprise_ids: Collection[int], server: Server, on: date, reason: str, by: Actor, document: str = "") -> Assigned:
    """Give enterprises to a team or a provider from a day on; what stood before ends the day before. Raises ``Invalid``, ``Conflict``."""
    wanted = sorted(set(enterprise_ids))
    if not wanted:
        raise Invalid("nothing_chosen", "没有选中企业。请先勾选或填写企业。", "codes")
    _check_day(on)
    reach = [i for start in range(0, len(wanted), CHUNK) for i in _reachable(scope, wanted[start : start + CHUNK])]
    standing = {row.enterprise_id: row for row in _open_rows(reach, server.kind)}
    given = [i for i in reach if i not in standing or not server.same_as(standing[i])]
    for row in (standing[i] for i in given if i in standing):
        _end(row, on, clean(reason)[:300])
    db.session.flush()
    _insert(given, server, on, clean(reason)[:300] or None, by)
    _refresh_team(given)
    if given:
        audit.record(
            "assignment.given", Subject(server.kind, server.team_id or server.provider_id), {"before": _before(standing, given)},
            {"enterprises": given, "member_id": server.member_id, "on": on, "reason": clean(reason)[:300], "document": document}, by=by,
        )
        changes.tell("enterprise.assigned", given)
    return Assigned(tuple(given), len(reach) - len(given), len(wanted) - len(reach))


def end_assignments(*, scope: Scope, enterprise_ids: Collection[int], kind: str, on: date, reason: str, by: Actor) -> tuple[int, ...]:
    """Nobody serves them any more from the day after ``on``. Returns the enterprises that had somebody."""
    _check_day(on)
    wanted = sorted(set(enterprise_ids))
    reach = [i for start in range(0, len(wanted), CHUNK) for i in _reachable(scope, wanted[start : start + CHUNK], any_state=True)]
    rows = _open_rows(reach, kind)
    for row in rows:
        _end(row, on + timedelta(days=1), clean(reason)[:300])
    db.session.flush()
    ended = tuple(row.enterprise_id for row in rows)
    _refresh_team(ended)
    if ended:
        audit.record("assignment.ended", Subject(kind, rows[0].team_id or rows[0].provider_id), {"enterprises": ended},
                     {"on": on, "reason": clean(reason)[:300]}, by=by)  # fmt: skip
        changes.tell("enterprise.assigned", ended)
    return ended


def follow_account(*, member_id: int, user_id: int | None) -> None:
    """The person of a team got another account (or none): open assignments name the new one."""
    db.session.execute(
        update(EnterpriseAssignment).where(EnterpriseAssignment.member_id == member_id, EnterpriseAssignment.valid_to.is_(None))
        .values(liaison_user_id=user_id)
    )


def refresh_teams_of_day() -> int:
    """The stored team of every enterprise that ever had one, as of today (assignments begin and end by date)."""
    ids = list(db.session.scalars(select(EnterpriseAssignment.enterprise_id).where(EnterpriseAssignment.kind == "team").distinct()))
    _refresh_team(ids)
    return len(ids)


def _check_day(on: date) -> None:
    if not EARLIEST <= on <= clock.today() + timedelta(days=92):
        raise Invalid("date", f"日期应在 {EARLIEST:%Y-%m-%d} 与今天之后三个月之间，请核对。", "on")


def _reachable(scope: Scope, ids: Sequence[int], *, any_state: bool = False) -> list[int]:
    query = select(Enterprise.id).where(Enterprise.id.in_(ids), in_scope(scope))
    return list(db.session.scalars((query if any_state else query.where(Enterprise.status.in_(("active", "suspended")))).order_by(Enterprise.id)))


def _open_rows(ids: Sequence[int], kind: str) -> list[EnterpriseAssignment]:
    """Open rows of these enterprises, locked in one order for all."""
    found: list[EnterpriseAssignment] = []
    for start in range(0, len(ids), CHUNK):
        query = select(EnterpriseAssignment).where(
            EnterpriseAssignment.enterprise_id.in_(ids[start : start + CHUNK]), EnterpriseAssignment.kind == kind,
            EnterpriseAssignment.valid_to.is_(None),
        )
        found += db.session.scalars(query.order_by(EnterpriseAssignment.enterprise_id).with_for_update().execution_options(populate_existing=True))
    return found


def _end(row: EnterpriseAssignment, on: date, reason: str) -> None:
    """The row ends the day before ``on``; one that began on that very day never held (a slip of the day) and stays as history."""
    if row.valid_from > on:
        since = f"{row.valid_from:%Y-%m-%d}"
        raise Conflict("assigned_later", f"名单中有企业自 {since} 起已有安排，晚于您填写的日期 {on:%Y-%m-%d}。请把日期改到这一天或之后。", "on")
    row.valid_to, row.end_reason = on - timedelta(days=1), reason or None


def _before(standing: dict[int, EnterpriseAssignment], ids: Sequence[int]) -> list[list[Any]]:
    return [[i, standing[i].team_id or standing[i].provider_id, standing[i].member_id] for i in ids if i in standing]


def _insert(ids: Sequence[int], server: Server, on: date, reason: str | None, by: Actor) -> None:
    columns = ("enterprise_id", "team_id", "provider_id", "member_id", "liaison_user_id", "kind", "valid_from", "reason", "recorded_at", "recorded_name")
    now = clock.now()
    values = (server.team_id, server.provider_id, server.member_id, server.liaison_user_id, server.kind, on, reason, now, by.name[:80])
    try:
        dialect.load_rows(db.session(), cast(Table, EnterpriseAssignment.__table__), columns, ((i, *values) for i in ids))
    except Exception as error:
        if not dialect.is_duplicate(error):
            raise
        raise Conflict("assigned_meanwhile", "名单中有企业刚刚已由他人安排，这次没有写入。请刷新页面后重新确认。") from error


def _refresh_team(ids: Collection[int]) -> None:
    """``EnterpriseSummary.team_id`` = the team of today."""
    table = cast(Table, EnterpriseSummary.__table__)
    served = (
        select(EnterpriseAssignment.team_id)
        .where(EnterpriseAssignment.enterprise_id == table.c.enterprise_id, EnterpriseAssignment.kind == "team", serving_on(clock.today()))
        .order_by(EnterpriseAssignment.id.desc()).limit(1).scalar_subquery()
    )
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        db.session.execute(update(table).where(table.c.enterprise_id.in_(wanted[start : start + CHUNK])).values(team_id=served))
    for row in list(db.session.identity_map.values()):
        if isinstance(row, EnterpriseSummary):
            db.session.expire(row)
