"""Providers, experts and resources: lists, counts, one entry with its history; the pool of everything that can be called upon."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, literal, null, or_, select, union_all

from app.enterprises.models import EnterpriseAssignment
from app.enterprises.rules import industry
from app.identity.models import User
from app.infra import clock
from app.infra.db import Yuan, db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.teams.models import Expert, Provider, RegisterChange, RegisterStep, ServiceResource, ServiceScore, TeamMember
from app.teams.models.registers import POOL_KINDS, REGISTERS, SERVING
from app.teams.queries.reach import own_city, said

MODELS: dict[str, Any] = {"provider": Provider, "expert": Expert, "resource": ServiceResource}
OWN = {
    "provider": ("credit_code", "kind", "origin", "tier", "parent_id", "qualification", "staff_count", "address"),
    "expert": ("employer", "title", "strengths", "provider_id", "user_id", "selection", "conflict"),
    "resource": ("kind", "owner", "provider_id", "free", "price_yuan", "price_note"),
}
COMMON = ("name", "domains", "industries", "units", "capacity", "intro", "contact_name", "consent_on", "valid_from", "valid_to", "document")


def fields_of(register: str) -> tuple[str, ...]:
    """What is written down of an entry, the phone aside."""
    return (*COMMON, *OWN[register])


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to; "" and None mean all. ``state`` ``serving`` = admitted, warned or not."""

    state: str = ""
    kind: str = ""
    origin: str = ""
    tier: str = ""
    strength: str = ""
    domain: str = ""
    industry: str = ""
    unit_id: int | None = None
    text: str = ""
    free: bool = False
    provider_id: int | None = None


def _holds(column: Any, code: object) -> ColumnElement[bool]:
    return column.like(f"%,{code},%")


def _industry(column: Any, code: str) -> ColumnElement[bool]:
    """Serves the industry: names its division or its section, or names none."""
    division = industry.divisions().get(code[:2])
    wanted = [code] if division is None else [division.code, division.section]
    if division is None:
        wanted += [d.code for d in industry.divisions().values() if d.section == code]
    return or_(column == ",", *(_holds(column, one) for one in wanted))


def _like(text: str, *columns: Any) -> ColumnElement[bool]:
    word = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(*(column.like(f"%{word}%", escape="\\") for column in columns))


def _conditions(model: Any, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state == "serving":
        found.append(model.state.in_(SERVING))
    elif asked.state:
        found.append(model.state == asked.state)
    for name in ("kind", "origin", "tier"):
        value = getattr(asked, name)
        if value:
            found.append(getattr(model, name) == value if hasattr(model, name) else false())
    if asked.strength:
        found.append(_holds(Expert.strengths, asked.strength) if model is Expert else false())
    if asked.domain:
        found.append(_holds(model.domains, asked.domain))
    if asked.industry:
        found.append(_industry(model.industries, asked.industry))
    if asked.unit_id is not None:
        found.append(or_(model.units == ",", _holds(model.units, asked.unit_id)))
    if asked.text.strip():
        more = {Provider: (Provider.credit_code, Provider.qualification), Expert: (Expert.employer, Expert.title), ServiceResource: (ServiceResource.owner,)}
        found.append(_like(asked.text, model.name, model.intro, *more[model]))
    if asked.free:
        found.append(ServiceResource.free.is_(True) if model is ServiceResource else false())
    if asked.provider_id is not None:
        found.append((model.id if model is Provider else model.provider_id) == asked.provider_id)
    return found


def _query(scope: Scope, register: str, asked: Asked) -> Select[Any]:
    model = MODELS[register]
    return select(model).where(own_city(scope, model.city_id), *_conditions(model, asked))


def page(scope: Scope, register: str, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """One page of a register by name."""
    model, edge = MODELS[register], decode(cursor, (str, int))
    query = _query(scope, register, asked)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(model.id).limit(COUNT_CAP + 1).subquery()))
    backwards = bool(edge and edge.backwards)
    if edge:
        query = query.where(_beyond((model.name, model.id), edge.values, backwards))
    order = (model.name.desc(), model.id.desc()) if backwards else (model.name, model.id)
    return cut(db.session.scalars(query.order_by(*order).limit(size + 1)).all(), size, edge, lambda row: (row.name, row.id), total)


def _beyond(columns: Sequence[Any], values: Sequence[Any], backwards: bool) -> ColumnElement[bool]:
    """Rows behind (before) an edge in the order of the columns, written out for every database."""
    parts = []
    for place, column in enumerate(columns):
        same = [earlier == value for earlier, value in zip(columns[:place], values[:place], strict=True)]
        parts.append(and_(*same, column < values[place] if backwards else column > values[place]))
    return or_(*parts)


def each(scope: Scope, register: str, asked: Asked) -> Iterator[Any]:
    """Every entry of a list by name, for exports."""
    model = MODELS[register]
    yield from db.session.scalars(_query(scope, register, asked).order_by(model.name, model.id))


def count_states(scope: Scope, register: str) -> dict[str, int]:
    """State -> entries of the viewer's cities."""
    model = MODELS[register]
    return dict(db.session.execute(select(model.state, func.count()).where(own_city(scope, model.city_id)).group_by(model.state)).all())


def count_origins(scope: Scope) -> dict[str, int]:
    """Origin -> providers in the alliance today."""
    query = select(Provider.origin, func.count()).where(own_city(scope, Provider.city_id), Provider.state.in_(SERVING))
    return dict(db.session.execute(query.group_by(Provider.origin)).all())


def get_entry(scope: Scope, register: str, entry_id: int, *, lock: bool = False) -> Any:
    """One entry of the viewer's cities. Raises NotFound."""
    model = MODELS[register]
    query = select(model).where(model.id == entry_id, own_city(scope, model.city_id) if 0 < entry_id < 2**31 else false())
    return _found(db.session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query).first(), register)


def find_provider(organisation_id: int) -> Provider | None:
    """The provider of an organisation, if it is one."""
    return db.session.get(Provider, organisation_id)


def get_own(organisation_id: int | None) -> Provider:
    """The provider a person works for. Raises NotFound."""
    row = find_provider(organisation_id) if organisation_id is not None else None
    if row is None:
        raise NotFound("您的账号还没有对应的服务机构，请联系市局把账号归到本机构。", "no_provider")
    speak_of(row.city_id)
    return row


def get_own_resource(provider: Provider, resource_id: int, *, lock: bool = False) -> ServiceResource:
    """A resource of this provider. Raises NotFound."""
    query = select(ServiceResource).where(ServiceResource.id == resource_id if 0 < resource_id < 2**31 else false(), ServiceResource.provider_id == provider.id)
    found: ServiceResource = _found(db.session.scalars(query.with_for_update() if lock else query).first(), "resource")
    return found


def _found(row: Any, register: str) -> Any:
    if row is None:
        raise NotFound(f"没有找到这条记录：可能已删除，或不属于您所在的市。请从“{REGISTERS[register]}”重新进入。")
    speak_of(row.city_id)
    return row


def steps_of(register: str, entry_id: int) -> list[RegisterStep]:
    """History of an entry, latest first; the caller has checked the scope."""
    query = select(RegisterStep).where(RegisterStep.register == register, RegisterStep.subject_id == entry_id)
    return list(db.session.scalars(query.order_by(RegisterStep.happened_on.desc(), RegisterStep.id.desc())))


def resources_of(provider_id: int) -> list[ServiceResource]:
    """Everything of a provider in the pool, whatever its state."""
    query = select(ServiceResource).where(ServiceResource.provider_id == provider_id)
    return list(db.session.scalars(query.order_by(ServiceResource.name, ServiceResource.id)))


def experts_of(provider_id: int) -> list[Expert]:
    return list(db.session.scalars(select(Expert).where(Expert.provider_id == provider_id).order_by(Expert.name, Expert.id)))


def provider_choices(scope: Scope) -> list[tuple[int, str]]:
    """(id, name) of providers in the alliance."""
    query = select(Provider.id, Provider.name).where(own_city(scope, Provider.city_id), Provider.state.in_(SERVING))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Provider.name, Provider.id))]


def expert_choices(scope: Scope) -> list[tuple[int, str]]:
    """(id, name and employer) of appointed experts."""
    query = select(Expert.id, Expert.name, Expert.employer).where(own_city(scope, Expert.city_id), Expert.state.in_(SERVING))
    return [(row[0], f"{row[1]}（{row[2]}）") for row in db.session.execute(query.order_by(Expert.name, Expert.id))]


def provider_names(ids: Collection[int | None]) -> dict[int, str]:
    wanted = sorted({i for i in ids if i is not None})
    return dict(db.session.execute(select(Provider.id, Provider.name).where(Provider.id.in_(wanted))).all()) if wanted else {}


def open_change(register: str, subject_id: int) -> RegisterChange | None:
    """What the provider wants changed and nobody has looked at yet."""
    query = select(RegisterChange).where(RegisterChange.register == register, RegisterChange.subject_id == subject_id, RegisterChange.state == "open")
    return db.session.scalars(query).first()


def open_changes(scope: Scope) -> list[tuple[RegisterChange, Provider]]:
    """Everything providers of the viewer's cities wait for."""
    query = select(RegisterChange, Provider).join(Provider, Provider.id == RegisterChange.provider_id)
    rows = db.session.execute(query.where(RegisterChange.state == "open", own_city(scope, Provider.city_id)).order_by(RegisterChange.id).limit(200))
    return [(row[0], row[1]) for row in rows]


def changes_of(provider_id: int) -> list[RegisterChange]:
    return list(db.session.scalars(select(RegisterChange).where(RegisterChange.provider_id == provider_id).order_by(RegisterChange.id.desc()).limit(50)))


def is_used(register: str, entry_id: int) -> bool:
    """Whether anything names the entry: members, resources, experts, scores, assignments."""
    named: dict[str, tuple[Any, ...]] = {
        "provider": (
            select(ServiceResource.id).where(ServiceResource.provider_id == entry_id), select(Expert.id).where(Expert.provider_id == entry_id),
            select(Provider.id).where(Provider.parent_id == entry_id), select(RegisterChange.id).where(RegisterChange.provider_id == entry_id),
            select(EnterpriseAssignment.id).where(EnterpriseAssignment.provider_id == entry_id), select(User.id).where(User.organisation_id == entry_id),
        ),
        "expert": (select(TeamMember.id).where(TeamMember.expert_id == entry_id),),
        "resource": (select(RegisterChange.id).where(RegisterChange.register == "resource", RegisterChange.subject_id == entry_id),),
    }
    scored = select(ServiceScore.id).where(ServiceScore.subject == register, ServiceScore.subject_id == entry_id)
    return any(db.session.execute(query.limit(1)).first() is not None for query in (scored, *named[register]))


# --- the pool: experts, institutions and resources side by side


@dataclass(frozen=True)
class Offer:
    """One thing the pool offers. ``kind`` of ``POOL_KINDS``; ``register`` and ``id`` lead to its page."""

    register: str
    id: int
    kind: str
    name: str
    owner: str
    city_id: int
    domains: str
    industries: str
    units: str
    capacity: int | None
    free: bool
    price_yuan: Decimal | None
    price_note: str | None
    valid_to: date | None
    phone_masked: str | None
    state: str

    @property
    def domain_codes(self) -> list[str]:
        return said(self.domains)

    @property
    def kind_label(self) -> str:
        return POOL_KINDS[self.kind]


def _offers(scope: Scope, asked: Asked) -> Select[Any]:
    """Everything admitted and valid today, as one relation."""
    today = clock.today()
    no_price = (literal(False).label("free"), cast(null(), Yuan()).label("price_yuan"), cast(null(), String(120)).label("price_note"))
    kinds: dict[Any, tuple[str, Any, Any]] = {
        Expert: ("expert", literal("expert"), Expert.employer), Provider: ("provider", literal("institution"), Provider.name),
        ServiceResource: ("resource", ServiceResource.kind, ServiceResource.owner),
    }
    parts = []
    for model, (register, kind, owner) in kinds.items():
        price = (model.free, model.price_yuan, model.price_note) if model is ServiceResource else no_price
        narrowed = Asked(**{**asked.__dict__, "kind": "", "state": "serving"})
        query = select(
            literal(register).label("register"), model.id, kind.label("kind"), model.name, owner.label("owner"), model.city_id, model.domains,
            model.industries, model.units, model.capacity, *price, model.valid_to, model.phone_masked, model.state,
        ).where(own_city(scope, model.city_id), or_(model.valid_to.is_(None), model.valid_to >= today), *_conditions(model, narrowed))
        parts.append(query)
    relation = union_all(*parts).subquery("offers")
    found = select(relation)
    return found.where(relation.c.kind == asked.kind) if asked.kind else found


def pool_page(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Offer]:
    """One page of the pool by name."""
    query, edge = _offers(scope, asked), decode(cursor, (str, str, int))
    inner = query.selected_columns
    total = db.session.scalar(select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery()))
    backwards = bool(edge and edge.backwards)
    keys = (inner.name, inner.register, inner.id)
    if edge:
        query = query.where(_beyond(keys, edge.values, backwards))
    order = [key.desc() if backwards else key for key in keys]
    rows = [_offer(row) for row in db.session.execute(query.order_by(*order).limit(size + 1))]
    return cut(rows, size, edge, lambda row: (row.name, row.register, row.id), total)


def _offer(row: Any) -> Offer:
    return Offer(*row[:10], bool(row[10]), *row[11:])


def pool_kinds(scope: Scope, asked: Asked) -> dict[str, int]:
    """Kind -> how many the pool offers."""
    relation = _offers(scope, Asked(**{**asked.__dict__, "kind": ""})).subquery()
    return dict(db.session.execute(select(relation.c.kind, func.count()).group_by(relation.c.kind)).all())


def offers(scope: Scope, asked: Asked, most: int = 2_000) -> list[Offer]:
    """The whole pool (of a city some hundred), for matching and exports."""
    query = _offers(scope, asked)
    return [_offer(row) for row in db.session.execute(query.order_by(query.selected_columns.name, query.selected_columns.id).limit(most))]
