"""交接: everything one person answers for goes to another on a day; the successor says that he took it over."""

from datetime import date
from typing import Any

from sqlalchemy import select

from app.enterprises import actions as enterprises
from app.enterprises.models import EnterpriseAssignment
from app.enterprises.queries import serving_on
from app.infra import audit, clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import Scope
from app.teams.actions.teams import subject
from app.teams.models import Handover, TeamMember
from app.teams.queries import teams
from app.teams.rules import texts
from app.teams.rules.texts import storable


def portfolio(member_id: int, day: date) -> list[int]:
    """Enterprises a member answers for on a day."""
    row = EnterpriseAssignment
    return list(db.session.scalars(select(row.enterprise_id).where(row.member_id == member_id, serving_on(day)).order_by(row.enterprise_id)))


def hand_over(
    *, scope: Scope, firms: Scope, member_id: int, to_member_id: int | None, on: date | None, reason: str, note: str = "", package: Any = None, by: Actor,
) -> Handover:
    """The successor answers from ``on``. ``firms``: enterprises the actor may assign; all of the portfolio must be among them."""
    member, team = teams.get_member(scope, member_id, lock=True)
    day = texts.day(on, clock.today(), what="交接日期", field="on", ahead=31)
    successor = db.session.get(TeamMember, to_member_id) if to_member_id is not None else None
    if successor is None or successor.id == member.id or successor.team_id != team.id or not _there(successor, day):
        raise Invalid("successor", f"请选择交接当天在“{team.name}”的另一名成员作为接手人。", "to_member_id")
    ids = portfolio(member.id, clock.today())
    if not ids:
        raise Conflict("nothing_left", f"“{member.name}”名下已没有企业，可能刚刚已经交接。请刷新页面查看交接记录。")
    why = texts.reason(reason)
    server = enterprises.Server(team.id, successor.id, successor.user_id)
    done = enterprises.assign(scope=firms, enterprise_ids=ids, server=server, on=day, reason=f"交接：{why}"[:300], by=by)
    if done.left_out:
        raise Invalid("outside", f"“{member.name}”名下有 {done.left_out} 家企业不在您的管辖范围内或已停止经营，请由市级办理，或先解除这些企业的安排。", "on")
    row = Handover(
        team_id=team.id, from_member_id=member.id, to_member_id=successor.id, happened_on=day, reason=why, note=texts.text(note, 1000),
        firm_count=len(done.changed), package=package, made_at=clock.now(), made_name=by.name[:80],
    )
    db.session.add(row)
    db.session.flush()
    audit.record("team.handed_over", subject(team), {"from": member.name}, {"to": successor.name, "on": day, "firms": len(done.changed)}, by=by)
    outbox.publish("team.handed_over", f"handover:{row.id}", {
        "handover_id": row.id, "team_id": team.id, "user_id": successor.user_id, "from": member.name, "firms": row.firm_count,
    })
    return row


def _there(member: TeamMember, day: date) -> bool:
    return member.valid_from <= day and (member.valid_to is None or member.valid_to >= day)


def acknowledge(*, scope: Scope, handover_id: int, note: str, by: Actor) -> Handover:
    """The successor (or, for one without an account, his leader or the office) confirms that he took over. Raises ``Conflict``."""
    row = db.session.scalars(select(Handover).where(Handover.id == storable(handover_id)).with_for_update()).first()
    if row is None:
        raise NotFound("没有找到这次交接，可能不在您的管辖范围内。")
    team = teams.get_team(scope, row.team_id)
    if row.acknowledged_at is not None:
        raise Conflict("acknowledged", f"这次交接已由“{row.acknowledged_name}”确认，没有重复登记。")
    row.acknowledged_at, row.acknowledged_name, row.acknowledged_note = clock.now(), by.name[:80], texts.text(note, 300)
    db.session.flush()
    audit.record("team.handover_acknowledged", subject(team), None, {"handover": row.id, "note": row.acknowledged_note}, by=by)
    return row
