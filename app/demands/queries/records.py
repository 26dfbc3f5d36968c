"""One demand with everything around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.demands.models import (
    ACTIVE,
    Demand,
    DemandClock,
    DemandEvent,
    DemandExtension,
    DemandFile,
    DemandLink,
    DemandPart,
    DemandPause,
)
from app.demands.queries.scope import demand_in_scope
from app.demands.rules.states import OPEN_TABS
from app.demands.rules.texts import LIKE, likeness
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.infra.files import StoredFile
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of

FILE_PURPOSE = "demand"
LOOKED_AT = 60
"""How many recent demands of an enterprise a new text is compared with."""


def get_demand(scope: Scope, demand_id: int) -> Demand:
    """One demand. Raises ``NotFound``, also when it is out of scope. Its city's policy answers from here on."""
    row = db.session.scalars(select(Demand).where(Demand.id == demand_id, demand_in_scope(scope))).first()
    if row is None:
        raise NotFound("没有找到这件诉求，可能已转给其他部门，或不在您的管辖范围内。请从“企业诉求”重新进入。")
    speak_of(row.city_id)
    return row


def find_by_token(token: str) -> Demand | None:
    """The demand behind the enterprise's own page."""
    row = db.session.scalars(select(Demand).where(Demand.token == token)).first() if 20 <= len(token) <= 43 else None
    if row is not None:
        speak_of(row.city_id)
    return row


def find_by_number(scope: Scope, number: str) -> Demand | None:
    """By the number as printed on the receipt."""
    return db.session.scalars(select(Demand).where(Demand.number == number.strip().upper()[:24], demand_in_scope(scope))).first()


@dataclass(frozen=True)
class Around:
    """History, departments, clocks of every round, pauses, extensions, papers."""

    events: Sequence[DemandEvent]
    parts: Sequence[DemandPart]
    clocks: Sequence[DemandClock]
    pauses: Sequence[DemandPause]
    extensions: Sequence[DemandExtension]
    files: Sequence[tuple[DemandFile, StoredFile]]

    @property
    def assisting(self) -> list[DemandPart]:
        return [part for part in self.parts if part.role == "assist" and part.state in ACTIVE]


def around(demand_id: int) -> Around:
    """Everything of one demand. The caller has checked the scope."""

    def rows(model: type) -> Sequence[object]:
        return db.session.scalars(select(model).where(model.demand_id == demand_id).order_by(model.id)).all()  # type: ignore[attr-defined]

    papers = db.session.execute(
        select(DemandFile, StoredFile).join(StoredFile, StoredFile.id == DemandFile.file_id).where(DemandFile.demand_id == demand_id).order_by(DemandFile.id)
    )
    return Around(
        rows(DemandEvent), rows(DemandPart), rows(DemandClock), rows(DemandPause), rows(DemandExtension),  # type: ignore[arg-type]
        [(row[0], row[1]) for row in papers],
    )


def get_file(demand_id: int, token: str, *, told: bool = False) -> StoredFile:
    """A paper of the demand; ``told``: only those the enterprise may open. Raises ``NotFound``."""
    statement = (
        select(StoredFile).join(DemandFile, DemandFile.file_id == StoredFile.id)
        .where(DemandFile.demand_id == demand_id, StoredFile.token == token[:43], StoredFile.purpose == FILE_PURPOSE)
    )
    row = db.session.scalars(statement.where(DemandFile.told.is_(True)) if told else statement).first()
    if row is None:
        raise NotFound("没有找到这个附件，可能已被移除。请刷新页面后重试。")
    return row


def similar_demands(scope: Scope, enterprise_id: int, text: str, *, but: int | None = None) -> list[Demand]:
    """Recent demands of the same enterprise whose text is like this one, most alike first: a hint before it is registered twice."""
    statement = select(Demand).where(Demand.enterprise_id == enterprise_id, demand_in_scope(scope), Demand.duplicate_of_id.is_(None))
    recent = db.session.scalars(statement.order_by(Demand.id.desc()).limit(LOOKED_AT)).all()
    found = [(likeness(text, row.text), row) for row in recent if row.id != but]
    return [row for share, row in sorted(found, key=lambda pair: -pair[0]) if share >= LIKE][:5]


def open_demands_of(scope: Scope, enterprise_id: int) -> list[Demand]:
    """Open demands of one enterprise by what is due next (brief, dossier)."""
    statement = select(Demand).where(Demand.enterprise_id == enterprise_id, Demand.tab.in_(OPEN_TABS), demand_in_scope(scope))
    return list(db.session.scalars(statement.order_by(Demand.sort_at, Demand.id).limit(20)))


def demands_of_visit(scope: Scope, visit_id: int) -> list[Demand]:
    """Demands a visit brought home."""
    return list(db.session.scalars(select(Demand).where(Demand.visit_id == visit_id, demand_in_scope(scope)).order_by(Demand.id)))


def events_of_enterprise(enterprise_id: int, day: date, known_on: date | None) -> list[tuple[DemandEvent, Demand]]:
    """Main steps of every demand of an enterprise up to a day, as recorded until another. The caller has checked the scope."""
    last = min(clock.end_of_day(day), clock.end_of_day(known_on)) if known_on else clock.end_of_day(day)
    statement = (
        select(DemandEvent, Demand).join(Demand, Demand.id == DemandEvent.demand_id)
        .where(Demand.enterprise_id == enterprise_id, DemandEvent.kind.in_(("raised", "finish", "rate", "reopen")), DemandEvent.at <= last)
        .order_by(DemandEvent.id.desc()).limit(100)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def enterprise_of(demand: Demand) -> Enterprise | None:
    """The enterprise, None while nobody has matched it."""
    return db.session.get(Enterprise, demand.enterprise_id) if demand.enterprise_id is not None else None


def find_link(token: str) -> DemandLink | None:
    """An open public link of today."""
    row = db.session.scalars(select(DemandLink).where(DemandLink.token == token)).first() if len(token) <= 43 else None
    usable = row is not None and row.active and (row.valid_to is None or row.valid_to >= clock.today())
    return row if usable else None


def list_links(scope: Scope) -> list[DemandLink]:
    """Links of the viewer's places, newest first."""
    statement = select(DemandLink)
    if not scope.everything:
        units = sorted(scope.unit_ids)
        mine = DemandLink.city_id.in_(sorted(scope.city_ids))
        statement = statement.where(mine | DemandLink.unit_id.in_(units) if units else mine)
    return list(db.session.scalars(statement.order_by(DemandLink.id.desc()).limit(200)))


def get_link(scope: Scope, link_id: int) -> DemandLink:
    """One link of the viewer's places. Raises ``NotFound``."""
    row = next((one for one in list_links(scope) if one.id == link_id), None)
    if row is None:
        raise NotFound("没有找到这个链接，可能不在您的管辖范围内。请从“扫码链接”重新进入。")
    return row
