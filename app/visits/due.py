"""Deadlines of service: what a visit left open. Read only, set based.

Kinds: ``visit_unconfirmed`` (from the day it was logged until the enterprise answers), ``measure_overdue``, ``promise_overdue``,
``revisit_due`` (the next contact a visit named, until the enterprise is visited again); requests, appointments, plans and silence stand in
``queries.waiting``.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.visits.models import Measure, Promise, Visit
from app.visits.queries.waiting import waiting_items
from app.visits.rules.promises import OPEN
from app.visits.rules.visit import COMPLETE

CAPABILITY = "visits"
LOOK_AHEAD = timedelta(days=90)
UNCONFIRMED_FOR = timedelta(days=90)
"""An enterprise that has not answered by then will not: the visit stays listed as unconfirmed, but is nobody's task any more."""


def due_items(today: date, scope: Scope) -> Iterator[DueItem]:
    """Everything open that visits left, within the scope."""
    yield from _unconfirmed(today, scope)
    yield from _outcomes(today, scope, Measure, "measure_overdue", "措施", "登记进展")
    yield from _outcomes(today, scope, Promise, "promise_overdue", "承诺", "兑现承诺")
    yield from _next_contacts(today, scope)
    yield from waiting_items(today, scope)


def _unconfirmed(today: date, scope: Scope) -> Iterator[DueItem]:
    since, until = clock.start_of_day(today - UNCONFIRMED_FOR), clock.start_of_day(today)
    rows = db.session.execute(
        select(Visit.id, Visit.logged_at, Visit.visited_on, Visit.created_by, Visit.team_id, Enterprise.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.state == COMPLETE, Visit.confirm_state == "open", Visit.logged_at >= since, Visit.logged_at < until, in_scope(scope))
        .order_by(Visit.logged_at, Visit.id)
    )
    for id_, logged_at, visited_on, author, team, enterprise_id, name in rows:
        day = clock.local(logged_at).date()
        yield DueItem(
            CAPABILITY, "visit_unconfirmed", f"visit:{id_}", day, f"“{name}”{visited_on:%m月%d日}的走访待企业确认", "visits.show", {"visit_id": id_},
            enterprise_id, user_id=author, team_id=team, verb="催企业确认",
        )  # fmt: skip


def _outcomes(today: date, scope: Scope, model: Any, kind: str, word: str, verb: str) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(model.id, model.due_on, model.text, Visit.id, Visit.created_by, Visit.team_id, Enterprise.id, Enterprise.name)
        .join(Visit, Visit.id == model.visit_id).join(Enterprise, Enterprise.id == model.enterprise_id)
        .where(model.state == OPEN, model.due_on <= today + LOOK_AHEAD, Visit.state == COMPLETE, in_scope(scope)).order_by(model.due_on, model.id)
    )
    for id_, due_on, text, visit_id, author, team, enterprise_id, name in rows:
        said = text if len(text) <= 30 else text[:30] + "…"
        subject = f"{kind.partition('_')[0]}:{id_}"
        yield DueItem(
            CAPABILITY, kind, subject, due_on, f"“{name}”的{word}：{said}", "visits.show", {"visit_id": visit_id}, enterprise_id, user_id=author,
            team_id=team, verb=verb,
        )  # fmt: skip


def _next_contacts(today: date, scope: Scope) -> Iterator[DueItem]:
    later = aliased(Visit)
    visited_again = select(later.id).where(
        later.enterprise_id == Visit.enterprise_id, later.state == COMPLETE, later.visited_on > Visit.visited_on,
    ).exists()
    rows = db.session.execute(
        select(Visit.id, Visit.next_contact_on, Visit.next_contact_why, Visit.created_by, Visit.team_id, Enterprise.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.state == COMPLETE, Visit.next_contact_on <= today + LOOK_AHEAD, ~visited_again, in_scope(scope))
        .order_by(Visit.next_contact_on, Visit.id)
    )
    for id_, due_on, why, author, team, enterprise_id, name in rows:
        label = f"回访“{name}”" + (f"：{why}" if why else "")
        yield DueItem(
            CAPABILITY, "revisit_due", f"visit:{id_}", due_on, label, "visits.show", {"visit_id": id_}, enterprise_id, user_id=author, team_id=team,
            verb="登记走访",
        )  # fmt: skip
