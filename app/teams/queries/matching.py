"""Offers of the pool ranked for an enterprise: a list for pages, matches for a picker."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, or_, select

from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.enterprises.queries import get_enterprise, serving_on
from app.enterprises.rules import industry
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from app.policies.queries import current_pack
from app.teams.models import ServiceScore, TeamMember
from app.teams.queries.reach import said
from app.teams.queries.registers import Asked, Offer, offers
from app.teams.rules.balancing import Firm
from app.teams.rules.matching import Candidate, Need, rank

MOST = 30


@dataclass(frozen=True)
class Found:
    """One offer that suits, with the reasons."""

    offer: Offer
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def for_enterprise(scope: Scope, enterprise: Enterprise, domains: Sequence[str], *, kind: str = "", text: str = "", most: int = MOST) -> list[Found]:
    """The pool of the enterprise's city, best first."""
    division = industry.division_of(enterprise.industry_code)
    firm = Firm(enterprise.id, enterprise.unit_id, division.code if division else "", division.section if division else "")
    offered = {(o.register, o.id): o for o in offers(scope, Asked(kind=kind, text=text)) if o.city_id == enterprise.city_id}
    loads, scores = _loads(), _scores()
    candidates = [
        Candidate(
            key, o.name, frozenset(o.domain_codes), frozenset(said(o.industries)), frozenset(int(code) for code in said(o.units)), o.capacity,
            loads.get(key, 0), o.free, o.state == "warned", scores.get(key),
        ) for key, o in offered.items()
    ]
    labels = {entry.code: entry.label for entry in current_pack().entries("service_domains", disabled=True)}
    found = rank(Need(firm, tuple(domains)), candidates, labels)
    return [Found(offered[match.key], match.reasons, match.warnings) for match in found[:most]]


def for_picker(scope: Scope, text: str, enterprise_id: int | None, domains: Sequence[str]) -> list[Found]:
    """Up to twenty offers whose name or owner holds the text; ranked where an enterprise is given."""
    if enterprise_id is not None:
        return for_enterprise(scope, get_enterprise(scope, enterprise_id), domains, text=text, most=20)
    return [Found(offer, (offer.owner,)) for offer in offers(scope, Asked(text=text), most=20)]


def _loads() -> dict[tuple[str, int], int]:
    """Enterprises served today: by a provider itself, by an expert as the person who answers in his teams."""
    row = EnterpriseAssignment
    by_provider = select(row.provider_id, func.count()).where(row.kind == "provider", serving_on(clock.today())).group_by(row.provider_id)
    by_expert = (
        select(TeamMember.expert_id, func.count()).join(row, row.member_id == TeamMember.id)
        .where(TeamMember.expert_id.is_not(None), row.kind == "team", serving_on(clock.today())).group_by(TeamMember.expert_id)
    )
    found = {("provider", key): count for key, count in db.session.execute(by_provider)}
    return found | {("expert", key): count for key, count in db.session.execute(by_expert)}


def _scores() -> dict[tuple[str, int], Decimal]:
    """The latest score of every provider and expert."""
    found: dict[tuple[str, int], Decimal] = {}
    query = select(ServiceScore.subject, ServiceScore.subject_id, ServiceScore.score).where(
        ServiceScore.score.is_not(None), or_(ServiceScore.subject == "provider", ServiceScore.subject == "expert"),
    )
    for subject, key, score in db.session.execute(query.order_by(ServiceScore.year)):
        found[subject, key] = score
    return found
