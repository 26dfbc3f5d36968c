"""How a demand comes in: from an officer, a visit, the enterprise's contact, the public link, an old ledger. One action."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.demands.actions._common import calendar_for, done, event, policy_for, show_due, start_clocks
from app.demands.models import Demand, DemandClock
from app.demands.rules.clocks import first_round
from app.demands.rules.states import SOURCES
from app.demands.rules.texts import LONGEST, SHORTEST, cleaned, hinted, title_of
from app.enterprises.actions.parts import normal_phone
from app.enterprises.models import Contact, Enterprise, EnterpriseTag
from app.enterprises.queries.records import get_enterprise
from app.infra import clock, crypto, dialect, outbox
from app.infra.db import db
from app.infra.web.filters import masked_phone
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL, Scope
from app.kernel.text import clean
from app.packs import Pack
from app.policies.queries import pack_of_city


@dataclass(frozen=True)
class Place:
    """Where an unmatched demand belongs until an officer knows the enterprise."""

    city_id: int
    unit_id: int | None = None


@dataclass(frozen=True)
class Claim:
    """What a sender without account says: who he is (as typed) and where the poster hung."""

    place: Place
    name: str
    code: str | None = None
    ip_mark: str | None = None


def raise_demand(
    *, enterprise_id: int | None, text: str, domain: str | None, source: str, visit_id: int | None = None, by: Actor, scope: Scope = ALL,
    contact_name: str | None = None, contact_phone: str | None = None, consent: bool = True, claim: Claim | None = None,
) -> Demand:
    """Register a demand and start its clocks. The same text of the same sender on one day is the same demand (double click, resent phone form).

    ``domain``: a code of the pack; None = guessed from the words, 其他 if nothing hints. ``enterprise_id`` None only together with ``claim``. ``scope``: of
    the person who registers; the visit has checked it already. Raises ``Invalid`` (with field) or ``NotFound``.
    """
    body, now = _checked(text, source), clock.now()
    enterprise = get_enterprise(scope, enterprise_id) if enterprise_id is not None else None
    if enterprise is None and claim is None:
        raise Invalid("enterprise_missing", "请选择提出诉求的企业。", "enterprise_id")
    place = Place(enterprise.city_id, enterprise.unit_id) if enterprise is not None else claim.place if claim is not None else Place(0)
    code = _domain(pack_of_city(place.city_id), domain, body)
    phone = normal_phone(contact_phone) if contact_phone and contact_phone.strip() else None
    who = clean(contact_name or "")[:60] or None
    sender = f"{enterprise_id}|{claim and claim.name}|{phone}|{source}|{visit_id}|{by.user_id}|{clock.today()}|{body}"
    for attempt in range(10):
        key = hashlib.sha256(f"{sender}|{attempt}".encode()).hexdigest()
        known = _by_key(key)
        if known is not None and known.tab != "done":
            return known
        if known is None:
            break
    else:
        raise Conflict("demand_repeated", "这条诉求今天已多次登记并办结，请在原诉求上要求重办。", "text")
    row = Demand(
        number=f"tmp{secrets.token_hex(8)}", token=secrets.token_urlsafe(24), enterprise_id=enterprise_id, city_id=place.city_id, unit_id=place.unit_id,
        town_id=enterprise.town_id if enterprise is not None else None, domain=code, title=title_of(body), text=body, source=source, visit_id=visit_id,
        claimed_name=claim.name[:120] if claim is not None else None, claimed_code=claim.code if claim is not None else None,
        ip_mark=claim.ip_mark if claim is not None else None, raised_at=now, raised_by=by.user_id, raised_name=by.name[:80], contact_name=who,
        consent=consent, entry_key=key, sort_at=now, moved_at=now, updated_at=now,
    )
    set_phone(row, phone)
    if enterprise is not None:
        _fill_from(row, enterprise)
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        known = _by_key(key)
        if not dialect.is_duplicate(error) or known is None:
            raise
        return known
    _begin(row, by)
    return row


def _checked(text: str, source: str) -> str:
    body = cleaned(text)
    if source not in SOURCES:
        raise ValueError(source)
    if len(body) < SHORTEST:
        raise Invalid("text_short", f"请把诉求写具体一些，至少 {SHORTEST} 个字。", "text")
    if len(body) > LONGEST:
        raise Invalid("text_long", f"诉求最多 {LONGEST} 个字，现在 {len(body)} 个字，请精简或改用附件。", "text")
    return body


def _domain(pack: Pack, domain: str | None, body: str) -> str:
    known = {entry.code: tuple(getattr(entry, "words", ())) for entry in pack.entries("demand_domains")}
    if domain:
        if known and domain not in known:
            raise Invalid("domain_unknown", "没有这个诉求类别，请从列表中选择。", "domain")
        return domain[:60]
    return hinted(body, known.items()) or "other"


def _by_key(key: str) -> Demand | None:
    return db.session.scalars(select(Demand).where(Demand.entry_key == key)).first()


def set_phone(row: Demand, phone: str | None) -> None:
    """Keep a checked phone number encrypted; None leaves the row without one."""
    if phone:
        row.contact_phone_cipher, row.contact_phone_mark, row.contact_phone_masked = crypto.encrypt(phone), crypto.mark(phone), masked_phone(phone)


def _fill_from(row: Demand, enterprise: Enterprise) -> None:
    """Contact and fast track of a known enterprise: who has to call within two hours must know whom."""
    if row.contact_phone_cipher is None:
        person = db.session.scalars(
            select(Contact).where(Contact.enterprise_id == enterprise.id, Contact.phone_cipher.is_not(None)).order_by(Contact.is_primary.desc(), Contact.id)
        ).first()
        if person is not None:
            row.contact_name = row.contact_name or person.name
            row.contact_phone_cipher, row.contact_phone_mark, row.contact_phone_masked = person.phone_cipher, person.phone_mark, person.phone_masked
    tags = set(db.session.scalars(select(EnterpriseTag.tag).where(EnterpriseTag.enterprise_id == enterprise.id)))
    row.fast = bool(tags & policy_for(row).fast_tags)


def _begin(row: Demand, by: Actor) -> None:
    """Number, history, clocks, and the word that it came."""
    row.number = f"SQ{clock.local(row.raised_at):%Y%m%d}{row.id:05d}"
    event(row, "raised", row.text, by=by, at=row.raised_at)
    if row.fast:
        event(row, "tagged", "企业带有绿色通道标签，办结时限缩短。", by=by)
    start_clocks(row, first_round(row.raised_at, policy_for(row), calendar_for(row), fast=row.fast))
    outbox.publish("demand.raised", f"demand.raised:{row.id}", {"demand_id": row.id, "enterprise_id": row.enterprise_id, "city_id": row.city_id})
    said = {"number": row.number, "enterprise": row.enterprise_id, "domain": row.domain, "source": row.source, "visit": row.visit_id, "fast": row.fast}
    done(row, "raised", None, said, by=by)


def match_demand(*, demand: Demand, enterprise_id: int, version: int, scope: Scope, by: Actor) -> bool:
    """An officer says which enterprise a demand without account comes from. False = it was matched to the same one before."""
    enterprise = get_enterprise(scope, enterprise_id)
    db.session.refresh(demand, with_for_update=True)
    if demand.enterprise_id == enterprise.id:
        return False
    if demand.enterprise_id is not None:
        raise Conflict("demand_matched", f"诉求 {demand.number} 已由别人对应到其他企业，请刷新页面核对。", "enterprise_id")
    if demand.version != version:
        raise Conflict("demand_changed", f"诉求 {demand.number} 在您办理期间已有变化，请刷新页面核对后再对应企业。", "enterprise_id")
    demand.enterprise_id, demand.city_id, demand.unit_id, demand.town_id = enterprise.id, enterprise.city_id, enterprise.unit_id, enterprise.town_id
    demand.version, demand.updated_at = demand.version + 1, clock.now()
    was_fast = demand.fast
    _fill_from(demand, enterprise)
    if demand.fast and not was_fast:
        _shorten(demand)
        event(demand, "tagged", "企业带有绿色通道标签，办结时限缩短。", by=by)
    event(demand, "matched", f"对应到{enterprise.name}。", by=by)
    done(demand, "matched", {"enterprise": None, "claimed": demand.claimed_name}, {"enterprise": enterprise.id}, by=by)
    return True


def _shorten(demand: Demand) -> None:
    """The fast track is known only now: the clock to solve still counts from the day the demand came."""
    row = db.session.scalars(
        select(DemandClock).where(DemandClock.demand_id == demand.id, DemandClock.round == demand.round, DemandClock.step == "solve")
    ).first()
    fresh = next((due for due in first_round(demand.raised_at, policy_for(demand), calendar_for(demand), fast=True) if due.step == "solve"), None)
    if row is not None and fresh is not None and row.met_at is None and fresh.due_at < row.due_at:
        row.due_at, row.yellow_at, row.limit_words = fresh.due_at, fresh.yellow_at, f"{fresh.limit.value} {fresh.limit.unit}"[:30]
        row.document, row.confirmed = fresh.limit.document, fresh.limit.confirmed
        db.session.flush()
        show_due(demand)


def rate_limited(ip_mark: str, since: datetime, most: int) -> bool:
    """Whether one address has sent as many demands as it may since then."""
    found = db.session.scalars(select(Demand.id).where(Demand.ip_mark == ip_mark, Demand.raised_at >= since).limit(most)).all()
    return most > 0 and len(found) >= most
