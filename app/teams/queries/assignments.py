"""Who serves which enterprise: of one, of many, of a team; the cohort (精准帮扶企业) and how far it is covered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary
from app.enterprises.queries import in_scope, serving_on
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.ladder.models import PoolMember
from app.packs import Pack
from app.packs.schema import Pool
from app.teams.models import ServiceTeam, TeamMember

NONE, SOME = "none", "some"
"""Filter on the team: nobody, anybody; else the id of one."""


def cohort(pack: Pack) -> Pool | None:
    """The pool whose members the teams serve (setting ``service_cohort_pool``); None = the city keeps none, then every enterprise may be served."""
    setting = pack.find("settings", "service_cohort_pool")
    code = getattr(setting, "value", None)
    found = pack.find("pools", code) if isinstance(code, str) else None
    return found if isinstance(found, Pool) and found.kept else None


def in_cohort(pool: Pool) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: in the cohort today."""
    member = aliased(PoolMember)
    return select(member.id).where(
        member.enterprise_id == Enterprise.id, member.pool_code == pool.code, member.state == "member", member.closed_on.is_(None),
    ).exists()


@dataclass(frozen=True)
class Served:
    """Who serves an enterprise on a day. ``member``: the person who answers for it."""

    assignment_id: int
    enterprise_id: int
    team_id: int
    team: str
    member_id: int | None
    member: str
    valid_from: date
    valid_to: date | None
    reason: str | None
    end_reason: str | None
    recorded_name: str | None
    recorded_at: datetime | None


def _served() -> Select[Any]:
    row = EnterpriseAssignment
    return (
        select(
            row.id, row.enterprise_id, row.team_id, ServiceTeam.name, row.member_id, TeamMember.name, row.valid_from, row.valid_to, row.reason,
            row.end_reason, row.recorded_name, row.recorded_at,
        )
        .outerjoin(ServiceTeam, ServiceTeam.id == row.team_id).outerjoin(TeamMember, TeamMember.id == row.member_id).where(row.kind == "team")
    )


def _line(row: Any) -> Served:
    return Served(row[0], row[1], row[2], row[3] or f"服务队 {row[2]} 号", row[4], row[5] or "", *row[6:])


def assignment_of(enterprise_id: int, day: date) -> Served | None:
    """Who serves an enterprise on a day; the caller has checked that the viewer may see it."""
    return serving([enterprise_id], day).get(enterprise_id)


def serving(enterprise_ids: Collection[int], day: date) -> dict[int, Served]:
    """Enterprise -> who serves it on the day, for lists."""
    wanted, found = sorted(set(enterprise_ids)), dict[int, Served]()
    for start in range(0, len(wanted), 900):
        query = _served().where(EnterpriseAssignment.enterprise_id.in_(wanted[start : start + 900]), serving_on(day))
        found |= {row[1]: _line(row) for row in db.session.execute(query.order_by(EnterpriseAssignment.id))}
    return found


def spells_of(enterprise_id: int) -> list[Served]:
    """Everybody who ever served an enterprise, latest first; the caller has checked the scope."""
    query = _served().where(EnterpriseAssignment.enterprise_id == enterprise_id)
    return [_line(row) for row in db.session.execute(query.order_by(EnterpriseAssignment.valid_from.desc(), EnterpriseAssignment.id.desc()))]


@dataclass(frozen=True)
class Asked:
    """What the list of enterprises and their teams is narrowed to. ``cohort``: only members of the cohort. ``team``: an id, ``none``, ``some``
    or "" for all. ``ids``: exactly these."""

    cohort: Pool | None = None
    team: str = ""
    member_id: int | None = None
    unit_id: int | None = None
    town_id: int | None = None
    industry: str = ""
    text: str = ""
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class FirmLine:
    """One enterprise of the list."""

    id: int
    name: str
    credit_code: str
    town_id: int
    industry_code: str | None
    last_visit_on: date | None
    team_id: int | None
    member_id: int | None
    since: date | None


def _firms(scope: Scope, asked: Asked) -> Select[Any]:
    """Enterprises in scope with the team of today (outer join on the one row in force)."""
    served = and_(
        EnterpriseAssignment.enterprise_id == Enterprise.id, EnterpriseAssignment.kind == "team", serving_on(clock.today()),
    )
    query = (
        select(
            Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id, Enterprise.industry_code, EnterpriseSummary.last_visit_on,
            EnterpriseAssignment.team_id, EnterpriseAssignment.member_id, EnterpriseAssignment.valid_from,
        )
        .outerjoin(EnterpriseAssignment, served).outerjoin(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id)
        .where(in_scope(scope))
    )
    if asked.cohort is not None:
        query = query.where(in_cohort(asked.cohort))
    if asked.team == NONE:
        query = query.where(EnterpriseAssignment.id.is_(None))
    elif asked.team == SOME:
        query = query.where(EnterpriseAssignment.id.is_not(None))
    elif asked.team:
        query = query.where(EnterpriseAssignment.team_id == int(asked.team))
    return query.where(*_narrowed(asked))


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    from app.enterprises.rules import industry

    found: list[ColumnElement[bool]] = []
    for column, value in (
        (EnterpriseAssignment.member_id, asked.member_id), (Enterprise.unit_id, asked.unit_id), (Enterprise.town_id, asked.town_id),
    ):
        if value is not None:
            found.append(column == value)
    if span := industry.section_range(asked.industry) if asked.industry else None:
        found += [Enterprise.industry_code >= span[0], Enterprise.industry_code < span[1]]
    if word := asked.text.strip():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found.append(or_(Enterprise.name.like(pattern, escape="\\"), Enterprise.credit_code.like(pattern.upper(), escape="\\")))
    if asked.ids:
        found.append(Enterprise.id.in_(asked.ids))
    return found


def firms_page(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[FirmLine]:
    """One page of enterprises with their teams, by id, with a capped count."""
    query, edge = _firms(scope, asked), decode(cursor, (int,))
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Enterprise.id).limit(COUNT_CAP + 1).subquery()))
    backwards = bool(edge and edge.backwards)
    if edge:
        query = query.where(Enterprise.id < edge.values[0] if backwards else Enterprise.id > edge.values[0])
    rows = [FirmLine(*row) for row in db.session.execute(query.order_by(Enterprise.id.desc() if backwards else Enterprise.id).limit(size + 1))]
    return cut(rows, size, edge, lambda row: (row.id,), total)


def firms(scope: Scope, asked: Asked, most: int) -> list[FirmLine]:
    """Up to ``most`` enterprises by id, for plans and exports. Raises ``Invalid`` when there are more."""
    found = [FirmLine(*row) for row in db.session.execute(_firms(scope, asked).order_by(Enterprise.id).limit(most + 1))]
    if len(found) > most:
        raise Invalid("too_many", f"符合条件的企业超过 {most:,} 家，一次最多处理 {most:,} 家。请先缩小筛选条件。")
    return found


def count_firms(scope: Scope, asked: Asked) -> int:
    """How many ``firms_page`` would list, without the cap."""
    return db.session.scalar(select(func.count()).select_from(_firms(scope, asked).with_only_columns(Enterprise.id).subquery())) or 0


def loads(team_ids: Iterable[int], scope: Scope | None = None) -> dict[int, int]:
    """Team -> enterprises it serves today; ``scope``: only those the viewer may see."""
    return _counted(EnterpriseAssignment.team_id, team_ids, scope)


def member_loads(member_ids: Iterable[int], scope: Scope | None = None) -> dict[int, int]:
    """Member -> enterprises he answers for today."""
    return _counted(EnterpriseAssignment.member_id, member_ids, scope)


def _counted(column: Any, ids: Iterable[int], scope: Scope | None) -> dict[int, int]:
    wanted = sorted(set(ids))
    query = select(column, func.count()).where(EnterpriseAssignment.kind == "team", column.in_(wanted), serving_on(clock.today())).group_by(column)
    query = query.join(Enterprise, Enterprise.id == EnterpriseAssignment.enterprise_id)
    query = query.where(Enterprise.merged_into_id.is_(None) if scope is None else in_scope(scope))
    return dict.fromkeys(wanted, 0) | dict(db.session.execute(query).all()) if wanted else {}


def by_place_and_team(scope: Scope, pool: Pool | None, level: str = "unit") -> list[tuple[int, int | None, int]]:
    """(unit or town, team of today or None, enterprises) of the cohort, or of everything served where there is none."""
    place = Enterprise.town_id if level == "town" else Enterprise.unit_id
    query = _firms(scope, Asked(cohort=pool, team="" if pool is not None else SOME))
    grouped = query.with_only_columns(place, EnterpriseAssignment.team_id, func.count()).group_by(place, EnterpriseAssignment.team_id)
    return [(row[0], row[1], row[2]) for row in db.session.execute(grouped)]
