"""What visits and service projects say of a provider, an expert or a project in a year: the facts that the yearly scores ask for.

One statement per kind of fact for a whole city. Ratings count only from the number of answers on that the pack asks for (``rating_min_group``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from app.enterprises.models import Enterprise
from app.infra.db import db
from app.policies.queries import pack_of_city
from app.teams.models import TeamMember
from app.teams.queries import evidence
from app.teams.queries.evidence import Known
from app.visits.models import Finding, ProjectResult, Promise, ServiceProject, Visit, VisitAnswer, VisitPerson

HUNDRED = Decimal(100)


def register() -> None:
    """Tell the yearly scores who knows (start-up)."""
    evidence.register("provider", providers)
    evidence.register("expert", experts)
    evidence.register("project", projects)


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _pct(part: Any, whole: Any) -> Decimal | None:
    return None if not whole else Decimal(int(part or 0)) * HUNDRED / Decimal(int(whole))


def _least(city_id: int) -> int:
    """Answers needed before a rating may be shown."""
    value = getattr(pack_of_city(city_id).find("settings", "rating_min_group"), "value", None)
    return value if isinstance(value, int) else 5


def _closed_in(year: int) -> Any:
    """Projects whose work ended in the year: handed over, stopped, or past their last day."""
    first, last = _days(year)
    return or_(ServiceProject.delivered_on.between(first, last), and_(ServiceProject.delivered_on.is_(None), ServiceProject.ends_on.between(first, last)))


def providers(city_id: int, year: int) -> Mapping[int, Known]:
    """Projects of each provider that ended in the year: how many, accepted, in time, at how many enterprises, and how they were rated."""
    found: dict[int, Known] = defaultdict(Known)
    row = ServiceProject
    ended = [_closed_in(year), Enterprise.city_id == city_id, row.provider_id.is_not(None), row.state != "draft"]
    counted = (
        select(
            row.provider_id, func.count(), func.sum(case((row.accepted_on.is_not(None), 1), else_=0)),
            func.sum(case((row.delivered_on <= row.ends_on, 1), else_=0)),
        )
        .join(Enterprise, Enterprise.id == row.enterprise_id).where(*ended).group_by(row.provider_id)
    )
    for key, count, accepted, in_time in db.session.execute(counted):
        _put(found[key], {"projects": Decimal(count), "accepted_pct": _pct(accepted, count), "on_time_pct": _pct(in_time, count)})
    for key, firm in db.session.execute(select(row.provider_id, row.enterprise_id).join(Enterprise, Enterprise.id == row.enterprise_id).where(*ended)):
        found[key].firms.add(firm)
    _rate(found, _ratings(row.provider_id, city_id, year).where(row.provider_id.is_not(None)), _least(city_id))
    return found


def _ratings(key: Any, city_id: int, year: int) -> Select[Any]:
    """Mean rating and number of answers about visits of projects, by a column of the project."""
    return (
        select(key, func.avg(VisitAnswer.rating), func.count(VisitAnswer.rating)).join(Visit, Visit.project_id == ServiceProject.id)
        .join(VisitAnswer, VisitAnswer.visit_id == Visit.id).join(Enterprise, Enterprise.id == ServiceProject.enterprise_id)
        .where(Enterprise.city_id == city_id, Visit.state == "complete", Visit.visited_on.between(*_days(year)), VisitAnswer.rating.is_not(None)).group_by(key)
    )


def _rate(found: dict[int, Known], query: Select[Any], least: int) -> None:
    for key, mean, count in db.session.execute(query):
        if count >= least:
            found[key].facts["rating"] = Decimal(str(mean)).quantize(Decimal("0.01"))


def _put(known: Known, facts: Mapping[str, Decimal | None]) -> None:
    known.facts |= {name: value for name, value in facts.items() if value is not None}


def experts(city_id: int, year: int) -> Mapping[int, Known]:
    """Visits an expert took part in as a member of his team: enterprises, findings closed, promises kept, ratings."""
    found: dict[int, Known] = defaultdict(Known)
    first, last = _days(year)
    there = (
        select(TeamMember.expert_id.label("expert_id"), Visit.id.label("visit_id"), Visit.enterprise_id).distinct()
        .join(VisitPerson, and_(VisitPerson.user_id == TeamMember.user_id, VisitPerson.team_id == TeamMember.team_id))
        .join(Visit, Visit.id == VisitPerson.visit_id).join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(
            TeamMember.expert_id.is_not(None), TeamMember.user_id.is_not(None), Enterprise.city_id == city_id, Visit.state == "complete",
            Visit.visited_on.between(first, last), TeamMember.valid_from <= Visit.visited_on,
            or_(TeamMember.valid_to.is_(None), TeamMember.valid_to >= Visit.visited_on),
        ).subquery("there")
    )
    by_firm = select(there.c.expert_id, there.c.enterprise_id, func.count()).group_by(there.c.expert_id, there.c.enterprise_id)
    for key, firm, visits in db.session.execute(by_firm):
        found[key].firms.add(firm)
        found[key].facts["visits"] = found[key].facts.get("visits", Decimal(0)) + visits
    for model, settled, fact in ((Finding, ("done",), "closed_pct"), (Promise, ("done",), "kept_pct")):
        counted = select(there.c.expert_id, func.count(), func.sum(case((model.state.in_(settled), 1), else_=0)))
        for key, count, done in db.session.execute(counted.join(model, model.visit_id == there.c.visit_id).group_by(there.c.expert_id)):
            _put(found[key], {fact: _pct(done, count)})
    rated = select(there.c.expert_id, func.avg(VisitAnswer.rating), func.count(VisitAnswer.rating)).join(VisitAnswer, VisitAnswer.visit_id == there.c.visit_id)
    _rate(found, rated.where(VisitAnswer.rating.is_not(None)).group_by(there.c.expert_id), _least(city_id))
    return found


def projects(city_id: int, year: int) -> Mapping[int, Known]:
    """Service projects that ended in the year: visits as cases, in time, findings closed, results improved, ratings."""
    row, found = ServiceProject, dict[int, Known]()
    query = select(row.id, row.title, row.enterprise_id, row.delivered_on, row.ends_on, Enterprise.name).join(Enterprise, Enterprise.id == row.enterprise_id)
    for id_, title, firm, delivered, ends, name in db.session.execute(query.where(_closed_in(year), Enterprise.city_id == city_id, row.state != "draft")):
        known = Known({firm}, {}, f"{title}（{name}）", 0)
        known.facts["on_time_pct"] = HUNDRED if delivered is not None and delivered <= ends else Decimal(0)
        found[id_] = known
    done = Visit.state == "complete"
    for key, count in db.session.execute(select(Visit.project_id, func.count()).where(Visit.project_id.is_not(None), done).group_by(Visit.project_id)):
        if key in found:
            found[key].cases = count
            found[key].facts["visits"] = Decimal(count)
    closed = select(Visit.project_id, func.count(), func.sum(case((Finding.state.in_(("done",)), 1), else_=0)))
    for key, count, settled in db.session.execute(
        closed.join(Finding, Finding.visit_id == Visit.id).where(Visit.project_id.is_not(None), done).group_by(Visit.project_id)
    ):
        if key in found:
            _put(found[key], {"closed_pct": _pct(settled, count)})
    both = (ProjectResult.before.is_not(None), ProjectResult.after.is_not(None))
    for key, count in db.session.execute(select(ProjectResult.project_id, func.count()).where(*both).group_by(ProjectResult.project_id)):
        if key in found:
            found[key].facts["results"] = Decimal(count)
    ratings = _ratings(ServiceProject.id, city_id, year)
    for key, mean, count in db.session.execute(ratings):
        if key in found and count >= _least(city_id):
            found[key].facts["rating"] = Decimal(str(mean)).quantize(Decimal("0.01"))
    return found
