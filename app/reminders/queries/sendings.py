"""What left the house, what failed and why; the channels of groups; the last collections. For officers, within their areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select

from app.areas.models import Area
from app.identity.models import Post, User
from app.identity.queries.signin import held_today
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.reminders.models import Channel, Delivery, DueRow, Refresh


@dataclass(frozen=True)
class Asked:
    """A state (key of ``DELIVERY_STATES``, empty = all) and a channel."""

    state: str = ""
    channel: str = ""


def _areas(scope: Scope) -> ColumnElement[bool]:
    """Condition on ``Area``: inside the reach."""
    ids = sorted(scope.city_ids | scope.unit_ids | scope.town_ids)
    return Area.id.is_not(None) if scope.everything else or_(Area.id.in_(ids), Area.city_id.in_(sorted(scope.city_ids))) if ids else false()


def _mine(scope: Scope) -> ColumnElement[bool]:
    """Messages to groups of the areas, and to people who belong there."""
    areas = select(Area.id).where(_areas(scope))
    people = select(User.id).where(or_(
        User.area_id.in_(areas), User.id.in_(select(Post.user_id).where(Post.area_id.in_(areas), held_today())),
    ))
    return or_(Delivery.area_id.in_(areas), Delivery.user_id.in_(people))


def _conditions(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [_mine(scope)]
    if asked.state:
        found.append(Delivery.state == asked.state)
    if asked.channel:
        found.append(Delivery.channel == asked.channel)
    return found


def list_sendings(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Newest first, with the person's or the channel's name; addresses are not among the columns."""
    edge, conditions = decode(cursor, (int,)), _conditions(scope, asked)
    backwards = bool(edge and edge.backwards)
    query = (
        select(
            Delivery.id, Delivery.channel, Delivery.title, Delivery.state, Delivery.attempts, Delivery.created_at, Delivery.sent_at, Delivery.not_before,
            Delivery.error, Delivery.settled_by, Delivery.due_id, User.name.label("person"), Channel.name.label("group"),
        )
        .outerjoin(User, User.id == Delivery.user_id).outerjoin(Channel, Channel.id == Delivery.channel_id).where(*conditions)
    )
    if edge:
        query = query.where(Delivery.id > edge.values[0] if backwards else Delivery.id < edge.values[0])
    rows = db.session.execute(query.order_by(Delivery.id if backwards else Delivery.id.desc()).limit(size + 1)).all()
    inner = select(Delivery.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return cut(rows, size, edge, lambda row: (row.id,), db.session.scalar(select(func.count()).select_from(inner)) or 0)


def count_states(scope: Scope) -> dict[str, int]:
    """Messages per state, each up to the cap + 1."""
    found = {}
    for state in ("waiting", "sending", "sent", "failed", "unknown", "cancelled"):
        inner = select(Delivery.id).where(*_conditions(scope, Asked(state))).limit(COUNT_CAP + 1).subquery()
        found[state] = db.session.scalar(select(func.count()).select_from(inner)) or 0
    return found


def get_sending(scope: Scope, delivery_id: int) -> Delivery:
    """One message. Raises ``NotFound`` outside the reach."""
    row = db.session.scalars(select(Delivery).where(Delivery.id == delivery_id, _mine(scope)).with_for_update()).first()
    if row is None:
        raise NotFound("没有找到这条发送记录，可能不在您的管辖范围内。请返回发送记录重新进入。")
    return row


def list_channels(scope: Scope) -> Sequence[Any]:
    """Channels of the areas, without addresses and secrets."""
    return db.session.execute(
        select(
            Channel.id, Channel.kind, Channel.name, Channel.host, Channel.mode, Channel.enabled, Channel.honours_key, Channel.codes, Channel.version,
            Area.name.label("area"),
        ).join(Area, Area.id == Channel.area_id).where(_areas(scope)).order_by(Channel.id)
    ).all()


def get_channel(scope: Scope, channel_id: int) -> Channel:
    """One channel. Raises ``NotFound`` outside the reach."""
    row = db.session.scalars(select(Channel).join(Area, Area.id == Channel.area_id).where(Channel.id == channel_id, _areas(scope))).first()
    if row is None:
        raise NotFound("没有找到这个通道，可能不在您的管辖范围内。请返回通道列表重新进入。")
    return row


def areas_for_channels(scope: Scope) -> Sequence[Any]:
    """Cities and their counties and zones within the reach."""
    return db.session.execute(
        select(Area.id, Area.code, Area.name).where(_areas(scope), Area.kind.in_(("city", "county", "zone"))).order_by(Area.kind != "city", Area.code)
    ).all()


def collections() -> Sequence[Refresh]:
    """The last collection of every capability."""
    return db.session.scalars(select(Refresh).order_by(Refresh.capability)).all()


def counts_by_code(city_id: int | None) -> dict[str, int]:
    """Open items per kind in a city."""
    rows = db.session.execute(
        select(DueRow.capability, DueRow.kind, func.count()).where(DueRow.state == "open", DueRow.city_id == city_id).group_by(DueRow.capability, DueRow.kind)
    )
    return {f"{capability}.{kind}": count for capability, kind, count in rows}
