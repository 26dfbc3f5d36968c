"""The veto register as a round sees it, candidates and who signed for them, and what keeps a round from being published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from app.areas.models import Area
from app.indicators.models.contest import ContestRound, ContestStep
from app.indicators.models.vetoes import VetoEvent, VetoSignoff
from app.indicators.rules.scoring import Outcome, Status, Veto
from app.indicators.rules.vetoes import KINDS, Event, bars, worst
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.packs import Pack

QUOTA_METRIC = "town.strong_cultivated"


def event_of(row: VetoEvent) -> Event:
    return Event(row.kind, row.grade, row.state, row.happened_on, row.found_on)


def window_years(pack: Pack) -> int:
    """Statistical years the annex looks back on."""
    return next((row.window_years for row in pack.indicators() if row.nature == "veto" and row.window_years), 3)


def decided_on(found: ContestRound) -> date:
    """The day the window ends: when the round was published, today before that."""
    if found.published:
        query = select(ContestStep.recorded_at).where(ContestStep.round_id == found.id, ContestStep.stage == "publicity").order_by(ContestStep.id.desc())
        moment = db.session.scalar(query.limit(1))
        if moment is not None:
            return clock.local(moment).date()
    return clock.today()


def vetoes(pack: Pack, found: ContestRound) -> dict[int, Veto]:
    """Town -> what the register says for this round; towns without any event are not in it."""
    by_town: dict[int, list[Veto]] = {}
    day, years = decided_on(found), window_years(pack)
    for row in list_events(found.city_id):
        by_town.setdefault(row.town_id, []).append(bars(event_of(row), found.year, years, day))
    return {town_id: worst(said) for town_id, said in by_town.items()}


def list_events(city_id: int, towns: Collection[int] | None = None) -> Sequence[VetoEvent]:
    """Of the city (``towns``: only those), latest first."""
    query = select(VetoEvent).join(Area, Area.id == VetoEvent.town_id).where(Area.city_id == city_id)
    if towns is not None:
        query = query.where(VetoEvent.town_id.in_(sorted(towns)))
    return db.session.scalars(query.order_by(VetoEvent.happened_on.desc(), VetoEvent.id.desc())).all()


def get_event(city_id: int, event_id: int) -> VetoEvent:
    """Raises ``NotFound`` outside the city."""
    query = select(VetoEvent).join(Area, Area.id == VetoEvent.town_id).where(Area.city_id == city_id, VetoEvent.id == event_id)
    row = db.session.scalars(query).first()
    if row is None:
        raise NotFound("没有找到这条否决事项，请从否决核查页面重新进入。")
    return row


def signoffs(round_id: int) -> dict[tuple[int, str], VetoSignoff]:
    """(town, kind) -> the standing answer."""
    rows = db.session.scalars(select(VetoSignoff).where(VetoSignoff.round_id == round_id, VetoSignoff.superseded_at.is_(None)))
    return {(row.town_id, row.kind): row for row in rows}


def quota(pack: Pack) -> int:
    """How many towns a year are named, from the targets of the plan; 0: the plan does not say."""
    return next((int(target.value) for target in pack.targets() if target.metric == QUOTA_METRIC and target.value is not None), 0)


def candidates(pack: Pack, made: Outcome) -> list[str]:
    """Codes of the towns in line for naming: by rank, ties at the end included."""
    most = quota(pack)
    return [town.code for town in made.towns if town.rank is not None and (not most or town.rank <= most)]


def publication_faults(pack: Pack, found: ContestRound, made: Outcome, town_ids: Mapping[str, int]) -> list[str]:
    """What still keeps the round from being published, in words."""
    faults = []
    pending = [town.code for town in made.towns if town.status is Status.PROVISIONAL]
    if pending:
        faults.append(f"{len(pending)} 个镇街的否决事项待核查")
    signed = signoffs(found.id)
    lacking = sum((town_ids[code], kind) not in signed for code in candidates(pack, made) for kind in KINDS)
    if lacking:
        faults.append(f"候选镇街还缺 {lacking} 项部门会签")
    found_something = sum(not signed[town_ids[c], kind].clear for c in candidates(pack, made) for kind in KINDS if (town_ids[c], kind) in signed)
    if found_something:
        faults.append(f"{found_something} 项会签结论为“有”但登记簿没有属实事项")
    return faults
