"""访前一页纸: what somebody should have read before he visits an enterprise, and what he need not ask again (expectations U11).

Worked out on the spot from what every capability knows; nothing is written. The page, its plain version for phones and the JSON say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.demands.models import Demand
from app.demands.queries.scope import demand_in_scope
from app.demands.rules.states import OPEN_TABS, STATES
from app.enterprises.models import Contact, Enterprise
from app.enterprises.queries import records
from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.expiring import runs_out
from app.ladder.queries.facts import Known, known_of
from app.packs.vocabulary import TITLE_PREFIX
from app.teams.queries import assignment_of
from app.visits.models import Appointment, Finding, Promise, ServiceRequest
from app.visits.queries.appointments import appointments_of
from app.visits.queries.disturbance import Ledger, ledger_of
from app.visits.queries.outcomes import open_of_enterprise
from app.visits.queries.requests import requests_of
from app.visits.queries.visits import visits_of_enterprise
from app.visits.rules.booking import APPOINTMENT_OPEN, REQUEST_OPEN
from app.workbench import gap_card
from app.workbench.gap_card import GapCard, TitleCard
from app.workbench.remedies import Help, Measure, Remedies

AHEAD = timedelta(days=180)
"""Titles that run out within half a year are worth a word."""
MOST_TITLES, MOST_CONDITIONS, MOST_VISITS, MOST_FINDINGS = 3, 4, 3, 8
YEARS_ASKED = 2
"""Figures of the last two years that are on record need not be asked for."""


@dataclass(frozen=True)
class Gap:
    """One title worth talking about: how far it is, and its open conditions in words."""

    title: str
    short: str
    verdict: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Benefit:
    """A policy open to holders of a title the enterprise holds; whether it was used is not on record."""

    title: str
    measure: Measure


@dataclass(frozen=True)
class Brief:
    """Everything on the page."""

    enterprise: Enterprise
    day: date
    team: str
    contacts: Sequence[Contact]
    next: Appointment | None
    requests: list[ServiceRequest]
    ledger: Ledger
    promises: list[Promise]
    visits: list[Any]
    findings: list[Finding]
    gaps: tuple[Gap, ...]
    question: str
    benefits: tuple[Benefit, ...]
    expiring: list[tuple[str, date]]
    demands: list[Demand]
    known: dict[str, list[str]]


def build(enterprise: Enterprise, day: date, scope: Scope, demand_scope: Scope) -> Brief:
    """The brief of one enterprise the viewer may see; ``demand_scope``: how far he sees demands."""
    known = known_of([enterprise.id], as_of=day)[enterprise.id]
    card = gap_card.build(known)
    planned = appointments_of(scope, enterprise.id, states=APPOINTMENT_OPEN, limit=20)
    coming = sorted((one for one in planned if one.planned_on >= day), key=lambda one: (one.planned_on, one.id))
    served = assignment_of(enterprise.id, day)
    return Brief(
        enterprise, day, "" if served is None else served.team, records.contacts(enterprise.id), coming[0] if coming else None,
        [one for one in requests_of(scope, enterprise.id, 10) if one.state in REQUEST_OPEN], ledger_of(enterprise, day), open_of_enterprise(enterprise.id),
        visits_of_enterprise(enterprise.id, day, None, MOST_VISITS), _findings(enterprise.id), tuple(_gaps(card)), _question(card),
        tuple(_benefits(known, card)), _expiring(enterprise.id, day, known), _demands(enterprise.id, demand_scope), _answered(card),
    )


def _findings(enterprise_id: int) -> list[Finding]:
    """Open problems, serious ones first."""
    statement = select(Finding).where(Finding.enterprise_id == enterprise_id, Finding.state == "open")
    return list(db.session.scalars(statement.order_by(Finding.severity, Finding.id.desc()).limit(MOST_FINDINGS)))


def _gaps(card: GapCard) -> Iterator[Gap]:
    steps = [one for one in card.titles if one.next_step] or list(card.titles)
    for one in steps[:MOST_TITLES]:
        yield Gap(one.label, one.short, one.verdict[0], tuple(_lines(one)))


def _lines(card: TitleCard) -> Iterator[str]:
    for row in card.open_rows[:MOST_CONDITIONS]:
        yield f"{row.line}：{row.lack or row.word}"
    if len(card.open_rows) > MOST_CONDITIONS:
        yield f"还有 {len(card.open_rows) - MOST_CONDITIONS} 项，见差距卡"


def _question(card: GapCard) -> str:
    """The one fact whose answer would change most."""
    return "" if card.question is None else card.names.key(card.question.field, card.question.year)


def _benefits(known: Known, card: GapCard) -> Iterator[Benefit]:
    """Rewards the pack connects with a title that is held."""
    remedies, seen = Remedies(known.pack, known.facts.as_of, card.names.declared), set()
    for title in sorted(known.held):
        helps: list[Help] = remedies.for_title(title)
        for measure in (one for help_ in helps for one in help_.measures if one.kind == "政策"):
            if measure.code not in seen:
                seen.add(measure.code)
                yield Benefit(known.pack.title_label(title), measure)


def _expiring(enterprise_id: int, day: date, known: Known) -> list[tuple[str, date]]:
    rows = db.session.execute(
        select(Recognition.title_code, Recognition.valid_to).where(Recognition.enterprise_id == enterprise_id, runs_out(day, day + AHEAD))
        .order_by(Recognition.valid_to, Recognition.id)
    )
    return [(known.pack.title_label(title), valid_to) for title, valid_to in rows if valid_to is not None]


def _demands(enterprise_id: int, scope: Scope) -> list[Demand]:
    statement = select(Demand).where(Demand.enterprise_id == enterprise_id, Demand.tab.in_(OPEN_TABS), demand_in_scope(scope))
    return list(db.session.scalars(statement.order_by(Demand.sort_at, Demand.id).limit(10)))


def _answered(card: GapCard) -> dict[str, list[str]]:
    """What is on record, by year ("" = without one): do not ask for it again."""
    found: dict[str, list[str]] = defaultdict(list)
    facts = card.known.facts
    for code, year in sorted(facts.values, key=lambda key: (-(key[1] or 0), key[0])):
        known, old = card.names.field(code), year is not None and year < facts.as_of.year - YEARS_ASKED
        if known is not None and not old and not code.startswith(TITLE_PREFIX):
            found["" if year is None else f"{year}年"].append(known.label)
    return dict(found)


def plain(brief: Brief, place: str) -> dict[str, Any]:
    """The same as JSON, for the phone: words only, phone numbers masked."""
    row, titles = brief.enterprise, [{"title": gap.title, "state": gap.short, "conditions": list(gap.conditions)} for gap in brief.gaps]
    return {
        "enterprise": {"id": row.id, "name": row.name, "credit_code": row.credit_code, "place": place, "address": row.address, "team": brief.team},
        "day": brief.day.isoformat(),
        "contacts": [{"name": one.name, "title": one.title, "phone": one.phone_masked} for one in brief.contacts],
        "next": None if brief.next is None else {"id": brief.next.id, "on": brief.next.planned_on.isoformat(), "purpose": brief.next.purpose},
        "requests": [one.text for one in brief.requests],
        "disturbance": {"used": brief.ledger.used, "cap": brief.ledger.policy.cap},
        "promises": [{"text": one.text, "owner": one.owner, "due_on": one.due_on.isoformat() if one.due_on else None} for one in brief.promises],
        "visits": [{"on": one.visited_on.isoformat(), "summary": one.summary} for one in brief.visits],
        "findings": [{"text": one.text, "severity": one.severity} for one in brief.findings],
        "gaps": titles, "question": brief.question,
        "benefits": [{"title": one.title, "policy": one.measure.label, "amount": one.measure.amount} for one in brief.benefits],
        "expiring": [{"title": title, "on": on.isoformat()} for title, on in brief.expiring],
        "demands": [{"number": one.number, "title": one.title, "state": STATES[one.state]} for one in brief.demands],
        "known": brief.known,
    }
