"""What is kept in step with recognitions: titles and rung in the list summaries, enterprises per title, rung and town of today.

Set-based: the same statements serve one enterprise and a million.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, Select, case, delete, func, insert, literal, select, update

from app.enterprises.models import EnterpriseSummary, EnterpriseTown
from app.infra import clock
from app.infra.db import db
from app.ladder.models import Recognition, TitleCount, TitleCountState
from app.ladder.queries import (
    current_pack,
    data_years,
    struck_off,
    title_count_statements,
    title_counts_definition,
    valid_on,
)
from app.ladder.queries.today import per_town
from app.ladder.rules import rung_by_title
from app.packs import Pack


def refresh_some(enterprise_ids: Collection[int]) -> None:
    """Recognitions or towns of these enterprises changed."""
    refresh_titles(enterprise_ids)
    towns = set(db.session.scalars(select(EnterpriseTown.town_id).where(EnterpriseTown.enterprise_id.in_(list(enterprise_ids)))))
    refresh_counts(towns)


def refresh_all(_ids: Collection[int] = ()) -> None:
    """After an import or anything else that changed many rows."""
    refresh_titles(None)
    refresh_counts(None)


def refresh_new(_ids: Collection[int] = ()) -> None:
    """After an import of new firms: they hold nothing yet, so only their number changes."""
    if _is_current():
        _recount("all")
    else:
        refresh_counts(None)


def refresh_day(today: date) -> int:
    """A new day: titles that ran out or began. Returns how many summaries changed."""
    changed = refresh_titles(None, today)
    refresh_counts(None, today)
    return changed


# --- titles and rung in the summaries


def refresh_titles(enterprise_ids: Collection[int] | None, day: date | None = None) -> int:
    """Titles held and rung on ``day`` (today) in the summaries of these enterprises (None = all); returns how many summaries changed."""
    day, pack = day or clock.today(), current_pack()
    held = (
        select(Recognition.enterprise_id, *_flags(pack), _rung_code(pack))
        .where(Recognition.superseded_at.is_(None), valid_on(day), ~struck_off(Recognition.enterprise_id, day, None))
        .group_by(Recognition.enterprise_id)
    )
    if enterprise_ids is not None:
        held = held.where(Recognition.enterprise_id.in_(list(enterprise_ids)))
    db.session.flush()
    _add_missing_summaries(enterprise_ids)
    changed = _write_summaries(held, enterprise_ids)
    for row in [row for row in db.session.identity_map.values() if isinstance(row, EnterpriseSummary)]:
        db.session.expire(row, ["titles", "rung"])
    return changed


def _flags(pack: Pack) -> list[Any]:
    """One column per title of the pack: ``code,`` when it is held, else an empty text."""
    titles = [title.code for title in pack.entries("titles", disabled=True)]
    return [func.max(case((Recognition.title_code == code, f"{code},"), else_="")).label(f"held_{place}") for place, code in enumerate(titles)]


def _rung_code(pack: Pack) -> Any:
    """Code of the highest rung of the city's main ladder (the first of its pack), or NULL."""
    rungs = pack.ladders()[0].rungs
    position = func.max(case(rung_by_title([rung.titles for rung in rungs]), value=Recognition.title_code, else_=-1))
    return case({place: rung.code for place, rung in enumerate(rungs)}, value=position, else_=None).label("rung")


def _write_summaries(held: Select[Any], enterprise_ids: Collection[int] | None) -> int:
    """Write only summaries that differ: a nightly run over a million firms touches those whose titles changed."""
    found, summary = held.subquery("held"), EnterpriseSummary
    titles: Any = literal(",")
    for name in found.c.keys():  # noqa: SIM118  (a collection of columns, not a dict)
        titles = titles + found.c[name] if name.startswith("held_") else titles
    differs = (summary.titles != titles) | (func.coalesce(summary.rung, "") != func.coalesce(found.c.rung, ""))
    gained = update(summary).values(titles=titles, rung=found.c.rung).where(summary.enterprise_id == found.c.enterprise_id, differs)
    lost = update(summary).values(titles=",", rung=None).where(summary.titles != ",", summary.enterprise_id.not_in(select(found.c.enterprise_id)))
    if enterprise_ids is not None:
        lost = lost.where(summary.enterprise_id.in_(list(enterprise_ids)))
    results = [db.session.execute(statement.execution_options(synchronize_session=False)) for statement in (gained, lost)]
    return sum(cast("CursorResult[Any]", result).rowcount for result in results)


def _add_missing_summaries(enterprise_ids: Collection[int] | None) -> None:
    """A firm that has recognitions and no summary yet gets an empty one."""
    without = (
        select(Recognition.enterprise_id, literal(",")).distinct()
        .where(~select(EnterpriseSummary.enterprise_id).where(EnterpriseSummary.enterprise_id == Recognition.enterprise_id).exists())
    )
    if enterprise_ids is not None:
        without = without.where(Recognition.enterprise_id.in_(list(enterprise_ids)))
    db.session.execute(insert(EnterpriseSummary).from_select(["enterprise_id", "titles"], without))


# --- enterprises per title, rung and town


def refresh_counts(towns: Collection[int] | None, today: date | None = None) -> None:
    """Recompute the stored counts of some towns; of all (None), too, when they stand for another day or another edition of the pack."""
    today, definition = today or clock.today(), title_counts_definition(current_pack())
    state = db.session.get(TitleCountState, 1) or TitleCountState(id=1)
    if (state.day, state.definition) != (today, definition):
        towns = None
    db.session.flush()
    db.session.execute(_forget(towns))
    for statement in title_count_statements(current_pack(), today, towns):
        db.session.execute(insert(TitleCount).from_select(["subject", "town_id", "firms"], statement))
    if towns is None:
        state.first_year = min(data_years())
    state.day, state.definition, state.computed_at = today, definition, clock.now()
    db.session.add(state)
    db.session.flush()


def _is_current() -> bool:
    """The stored counts stand for today and this edition of the pack."""
    state = db.session.get(TitleCountState, 1)
    return state is not None and (state.day, state.definition) == (clock.today(), title_counts_definition(current_pack()))


def _recount(subject: str) -> None:
    """One subject that does not depend on recognitions, in every town."""
    db.session.flush()
    db.session.execute(delete(TitleCount).where(TitleCount.subject == subject).execution_options(synchronize_session=False))
    db.session.execute(insert(TitleCount).from_select(["subject", "town_id", "firms"], per_town(subject, None)))
    db.session.get_one(TitleCountState, 1).computed_at = clock.now()
    db.session.flush()


def _forget(towns: Collection[int] | None) -> Any:
    gone = delete(TitleCount) if towns is None else delete(TitleCount).where(TitleCount.town_id.in_(sorted(towns)))
    return gone.execution_options(synchronize_session=False)


__all__: Sequence[str] = ["refresh_all", "refresh_counts", "refresh_day", "refresh_new", "refresh_some", "refresh_titles"]
