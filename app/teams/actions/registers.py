"""Entries of the three registers: written down, stepped on, changed by their own provider after a look."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.areas.actions import save_organisation
from app.enterprises.actions.records import checked_code
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.identity.queries.people import find_in_city
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.policies.queries import pack_of_city
from app.teams.actions.phones import set_phone
from app.teams.models import Provider, RegisterStep
from app.teams.models.registers import (
    ORIGINS,
    PLATFORM_TIERS,
    PROPOSED,
    PROVIDER_KINDS,
    REGISTERS,
    RESOURCE_KINDS,
    STATE_LABELS,
    STEP_LABELS,
    STRENGTHS,
)
from app.teams.queries import registers as queries
from app.teams.queries.reach import city_of_page, said, stored
from app.teams.rules import registers as rules
from app.teams.rules import texts

LONGEST_TERM = 366 * 10
_TEXTS = {
    "intro": 1000, "contact_name": 60, "document": 120, "qualification": 500, "address": 200, "title": 60, "selection": 300, "conflict": 500,
    "price_note": 120,
}
_NAMES = {"provider": "服务商名称", "expert": "专家姓名", "resource": "资源名称"}


def subject(register: str, entry: Any) -> Subject:
    """The entry as the subject of an audit row."""
    return Subject(f"register.{register}", entry.id, entry.name)


def save_entry(
    *, scope: Scope, register: str, values: Mapping[str, Any], by: Actor, entry_id: int | None = None, version: int | None = None,
    on: date | None = None, reason: str = "",
) -> Any:
    """Write a new entry down (state: proposed) or change one. ``values``: any of ``queries.fields_of`` and ``phone``; what is not given stays.

    Raises ``Invalid`` with the field, ``Conflict`` when somebody else saved meanwhile.
    """
    model = queries.MODELS[register]
    entry = queries.get_entry(scope, register, entry_id, lock=True) if entry_id is not None else None
    if entry is not None and version is not None and entry.version != version:
        raise Conflict("stale", f"“{entry.name}”在您编辑期间已被他人修改，请刷新页面核对后重新填写。")
    city_id = entry.city_id if entry is not None else city_of_page(scope).id
    given = {key: values[key] for key in queries.fields_of(register) if key in values}
    taken = checked(register, given, city_id)
    if entry is None:
        before: dict[str, Any] = {}
        entry = _new(register, model, city_id, taken)
    else:
        before = _shown(register, entry)
        for key, value in taken.items():
            setattr(entry, key, value)
        if register == "provider":
            save_organisation(name=entry.name, kind="provider", area_id=city_id, organisation_id=entry.id)
    _check_whole(register, entry)
    set_phone(entry, values.get("phone"))
    entry.updated_at, entry.version = clock.now(), entry.version + 1
    _flush(register, entry)
    if not before:
        add_step(register, entry, rules.PROPOSED, on or clock.today(), reason, entry.document, by)
    old, new = audit.changes(before, _shown(register, entry))
    if new or not before:
        audit.record("register.saved", subject(register, entry), old, new, by=by)
    return entry


def _new(register: str, model: Any, city_id: int, taken: dict[str, Any]) -> Any:
    now = clock.now()
    more = {}
    if register == "provider":
        more = {"id": save_organisation(name=taken["name"], kind="provider", area_id=city_id).id}
    entry = model(city_id=city_id, state=PROPOSED, created_at=now, updated_at=now, version=0, **more, **taken)
    if register == "resource" and entry.free is None:
        entry.free = False
    db.session.add(entry)
    return entry


def _flush(register: str, entry: Any) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Invalid("known", f"“{entry.name}”已在{REGISTERS[register]}中登记，没有重复登记。请在列表中查找后修改。", "name") from error


def _shown(register: str, entry: Any) -> dict[str, Any]:
    return {key: getattr(entry, key) for key in (*queries.fields_of(register), "phone_masked", "state")}


def checked(register: str, given: Mapping[str, Any], city_id: int) -> dict[str, Any]:
    """Values as they are stored. Raises ``Invalid``."""
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key in _TEXTS:
            found[key] = texts.text(value, _TEXTS[key])
        elif key == "name":
            found[key] = texts.name(value, _NAMES[register], 120)
        elif key in ("employer", "owner"):
            found[key] = texts.name(value, "工作单位" if key == "employer" else "提供单位", 120, key)
        elif key in ("capacity", "staff_count"):
            found[key] = _whole(value, key)
        elif key in _LISTS:
            found[key] = _LISTS[key](value, city_id)
        elif key in _CHOICES:
            found[key] = _choice(register, key, value)
        else:
            found[key] = _OTHERS.get(key, _as_is)(value, city_id)
    return found


def _whole(value: Any, field: str) -> int | None:
    if value is None:
        return None
    if not 1 <= int(value) <= 100_000:
        raise Invalid(field, "应为 1 至 100,000 的整数。", field)
    return int(value)


_CHOICES: dict[str, dict[str, str]] = {"origin": ORIGINS, "tier": PLATFORM_TIERS, "kind": {**PROVIDER_KINDS, **RESOURCE_KINDS}}


def _choice(register: str, key: str, value: Any) -> str | None:
    allowed = (PROVIDER_KINDS if register == "provider" else RESOURCE_KINDS) if key == "kind" else _CHOICES[key]
    if not value and key == "tier":
        return None
    if value not in allowed:
        raise Invalid(key, "请从列表中选择。", key)
    return str(value)


def _domains(value: str, city_id: int) -> str:
    known = {entry.code for entry in pack_of_city(city_id).entries("service_domains", disabled=True)}
    return _known(value, known, "domains", "服务领域")


def _industries(value: str, _city_id: int) -> str:
    return _known(value, {*industry.sections(), *industry.divisions()}, "industries", "行业")


def _units(value: str, city_id: int) -> str:
    known = {str(place.id) for place in places().by_id.values() if place.city_id == city_id and place.kind in ("county", "zone")}
    return _known(value, known, "units", "服务区域")


def _strengths(value: str, _city_id: int) -> str:
    return _known(value, set(STRENGTHS), "strengths", "专长类别")


def _known(value: str, known: set[str], field: str, what: str) -> str:
    codes = said(value)
    if wrong := [code for code in codes if code not in known]:
        raise Invalid(field, f"{what}“{wrong[0][:20]}”不在可选范围内，请从列表中选择。", field)
    return stored(codes)


_LISTS: dict[str, Any] = {"domains": _domains, "industries": _industries, "units": _units, "strengths": _strengths}


def _code(value: str | None, _city_id: int) -> str | None:
    return checked_code(value) if value and value.strip() else None


def _platform(value: int | None, city_id: int) -> int | None:
    if value is None:
        return None
    found = db.session.scalar(select(Provider.id).where(Provider.id == value, Provider.city_id == city_id))
    if found is None:
        raise Invalid("provider_id", "请从列表中选择服务商。", "provider_id")
    return found


def _price(value: Decimal | None, _city_id: int) -> Decimal | None:
    if value is not None and not 0 <= value < Decimal(10) ** 12:
        raise Invalid("price_yuan", "价格应为 0 或正数。", "price_yuan")
    return value


def _as_is(value: Any, _city_id: int) -> Any:
    return value


_OTHERS: dict[str, Any] = {"credit_code": _code, "provider_id": _platform, "parent_id": _platform, "price_yuan": _price}


def _check_whole(register: str, entry: Any) -> None:
    texts.period(entry.valid_from, entry.valid_to)
    if entry.valid_to is not None and entry.valid_to > clock.today() + timedelta(days=LONGEST_TERM):
        raise Invalid("dates", "有效期超过 10 年，请核对截止日期。", "valid_to")
    if register == "resource" and entry.free and entry.price_yuan:
        raise Invalid("price", "免费的资源不填价格；收费的请去掉“免费”。", "price_yuan")
    if register == "provider" and entry.parent_id is not None and entry.parent_id == entry.id:
        raise Invalid("parent", "上级平台不能是本机构。", "parent_id")


def account_of(login: str, city_id: int) -> int | None:
    """The account an expert signs in with. Raises ``Invalid``."""
    if not login.strip():
        return None
    user = find_in_city(login, city_id)
    if user is None:
        raise Invalid("login", f"没有登录名为“{login.strip()[:40]}”的可用账号，请核对，或请系统管理员先开通。", "login")
    return user.id


def take_step(
    *, scope: Scope, register: str, entry_id: int, kind: str, on: date | None, reason: str, document: str = "", valid_to: date | None = None,
    version: int | None, by: Actor,
) -> Any:
    """Admit, refuse, warn, clear, renew or end an entry on a day, with the reason. Raises ``Invalid``, ``Conflict``."""
    entry = queries.get_entry(scope, register, entry_id, lock=True)
    labels = STEP_LABELS[register]
    if version is not None and entry.version != version:
        raise Conflict("stale", f"“{entry.name}”刚被他人办理或修改，请刷新页面核对后再办理。")
    if kind not in rules.MAY_FOLLOW[entry.state]:
        now = STATE_LABELS[register][entry.state]
        raise Conflict("step", f"“{entry.name}”现为{now}，不能办理{labels.get(kind, '这一步')}。请刷新页面查看。")
    day = texts.day(on, clock.today(), what="日期", field="on")
    last = queries.steps_of(register, entry.id)
    if last and day < last[0].happened_on:
        raise Invalid("order", f"日期早于上一步“{labels[last[0].kind]}”（{last[0].happened_on:%Y-%m-%d}），请核对。", "on")
    if kind in rules.DATED:
        _renew(entry, kind, day, valid_to)
    if kind == rules.ENDED:
        entry.valid_to = day
    why = texts.reason(reason)
    before = entry.state
    entry.state = rules.state_after(entry.state, kind)
    entry.document = texts.text(document, 120) or entry.document
    entry.updated_at, entry.version = clock.now(), entry.version + 1
    add_step(register, entry, kind, day, why, texts.text(document, 120), by)
    new = {"state": entry.state, "on": day, "reason": why, "valid_to": entry.valid_to}
    audit.record(f"register.{kind}", subject(register, entry), {"state": before}, new, by=by)
    return entry


def _renew(entry: Any, kind: str, day: date, valid_to: date | None) -> None:
    if valid_to is None:
        raise Invalid("valid_to", "请填写有效期（聘期）截止日期。", "valid_to")
    texts.period(day, valid_to)
    if kind == rules.ADMITTED:
        entry.valid_from = day
    entry.valid_to = valid_to
    _check_whole("", entry)


def add_step(register: str, entry: Any, kind: str, on: date, reason: str, document: str | None, by: Actor) -> None:
    db.session.add(RegisterStep(
        register=register, subject_id=entry.id, kind=kind, state=entry.state, happened_on=on, reason=texts.text(reason, 300), document=document,
        recorded_at=clock.now(), recorded_by=by.user_id, recorded_name=by.name[:80],
    ))
    db.session.flush()
