"""What a provider does for itself: keep its record and its resources current. Nothing of it is seen by others before an officer took it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises.actions.parts import normal_phone
from app.infra import audit, clock, crypto
from app.infra.db import db
from app.infra.web.filters import masked_phone
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import Scope
from app.teams.actions.registers import add_step, checked, save_entry, subject
from app.teams.models import Provider, RegisterChange, ServiceResource
from app.teams.queries import registers as queries
from app.teams.queries.reach import own_city
from app.teams.rules import registers as rules
from app.teams.rules import texts
from app.teams.rules.texts import storable

OWN_FIELDS = ("intro", "contact_name", "phone", "capacity", "staff_count", "domains", "industries", "units", "qualification", "address")
RESOURCE_FIELDS = ("name", "intro", "contact_name", "phone", "capacity", "domains", "industries", "units", "free", "price_yuan", "price_note", "valid_to")


def change_own(*, provider: Provider, values: Mapping[str, Any], by: Actor) -> RegisterChange:
    """The provider wants its own record changed. Raises ``Invalid``, ``Conflict``."""
    return _wish("provider", provider, provider, {key: values[key] for key in OWN_FIELDS if key in values}, by)


def add_resource(*, scope: Scope, provider: Provider, values: Mapping[str, Any], by: Actor) -> ServiceResource:
    """A new resource of the provider: proposed, not yet in the pool."""
    whole = {**values, "owner": provider.name, "provider_id": provider.id}
    entry: ServiceResource = save_entry(scope=scope, register="resource", values=whole, reason="服务机构申报", by=by)
    return entry


def change_resource(*, scope: Scope, provider: Provider, resource_id: int, values: Mapping[str, Any], by: Actor) -> RegisterChange | None:
    """A resource still proposed is changed at once (None); one in the pool only after an officer's look. Raises ``Invalid``, ``Conflict``."""
    entry = queries.get_own_resource(provider, resource_id, lock=True)
    wanted = {key: values[key] for key in RESOURCE_FIELDS if key in values}
    if entry.state == "proposed":
        save_entry(scope=scope, register="resource", values=wanted, entry_id=entry.id, by=by)
        return None
    return _wish("resource", provider, entry, wanted, by)


def _wish(register: str, provider: Provider, entry: Any, values: dict[str, Any], by: Actor) -> RegisterChange:
    """Only what differs is kept; the phone encrypted."""
    phone = values.pop("phone", None)
    changed = {key: value for key, value in checked(register, values, entry.city_id).items() if getattr(entry, key) != value}
    content: dict[str, Any] = {key: [_plain(getattr(entry, key)), _plain(value)] for key, value in changed.items()}
    if phone and phone.strip():
        number = normal_phone(phone)
        if crypto.mark(number) != entry.phone_mark:
            content["phone"] = [entry.phone_masked, masked_phone(number), crypto.encrypt(number)]
    if not content:
        raise Invalid("unchanged", "内容没有变化，不需要提交。")
    if (waiting := queries.open_change(register, entry.id)) is not None:
        raise Conflict("change_open", f"{waiting.made_at:%Y-%m-%d} 提交的变更还在审核，请等审核后再提交，或先撤回。")
    row = RegisterChange(provider_id=provider.id, register=register, subject_id=entry.id, content=content, made_at=clock.now(), made_name=by.name[:80])
    db.session.add(row)
    db.session.flush()
    audit.record("register.change_asked", subject(register, entry), None, {"fields": sorted(content)}, by=by)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"yuan": str(value)} if isinstance(value, Decimal) else value


def _back(value: Any) -> Any:
    """The value of a stored change as the action takes it."""
    if isinstance(value, dict):
        return date.fromisoformat(value["day"]) if "day" in value else Decimal(value["yuan"])
    return value


def withdraw(*, provider: Provider, change_id: int, by: Actor) -> None:
    """The provider takes its wish back."""
    row = db.session.scalars(
        select(RegisterChange).where(RegisterChange.id == storable(change_id), RegisterChange.provider_id == provider.id).with_for_update()
    ).first()
    if row is None:
        raise NotFound("没有找到这次变更，可能不属于本机构。")
    if row.state != "open":
        raise Conflict("change_closed", "这次变更已经处理，不能撤回。请刷新页面查看。")
    row.state, row.decided_at, row.decided_name = "withdrawn", clock.now(), by.name[:80]
    db.session.flush()
    audit.record("register.change_withdrawn", subject(row.register, provider), None, {"change": row.id}, by=by)


def decide(*, scope: Scope, change_id: int, accept: bool, reason: str, by: Actor) -> RegisterChange:
    """An officer takes the change into the register or sends it back with the reason. Raises ``Conflict``."""
    query = select(RegisterChange).join(Provider, Provider.id == RegisterChange.provider_id)
    row = db.session.scalars(
        query.where(RegisterChange.id == storable(change_id), own_city(scope, Provider.city_id)).with_for_update(of=RegisterChange)
    ).first()
    if row is None:
        raise NotFound("没有找到这次变更，可能不在您的管辖范围内。")
    if row.state != "open":
        raise Conflict("change_closed", "这次变更已经处理，没有重复办理。请刷新页面查看。")
    row.reason = texts.text(reason, 300) if accept else texts.reason(reason)
    entry = queries.get_entry(scope, row.register, row.subject_id, lock=True)
    if accept:
        values = {key: _back(pair[1]) for key, pair in row.content.items() if key != "phone"}
        if "phone" in row.content:
            values["phone"] = crypto.decrypt(row.content["phone"][2])
        save_entry(scope=scope, register=row.register, values=values, entry_id=row.subject_id, by=by)
        add_step(row.register, entry, rules.CHANGED, clock.today(), f"{row.made_name}提交，审核通过", None, by)
    row.state, row.decided_at, row.decided_name = ("taken" if accept else "refused"), clock.now(), by.name[:80]
    db.session.flush()
    audit.record("register.change_decided", subject(row.register, entry), None, {"state": row.state, "reason": row.reason}, by=by)
    return row
