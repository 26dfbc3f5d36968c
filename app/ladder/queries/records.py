"""Single recognitions: of an enterprise, one with its versions, those with a gap to fill, titles held."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, literal, select, tuple_

from app.enterprises.models import Enterprise, EnterpriseTown
from app.enterprises.queries import in_scope, standing, within
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.counting import seen, struck_off, valid_on
from app.ladder.queries.gaps import incomplete
from app.ladder.queries.places import covers, known
from app.ladder.rules import Grant
from app.policies.queries import speak_of


def held_titles(enterprise_ids: Collection[int], day: date, known_on: date | None = None) -> dict[int, set[str]]:
    """Title codes in stock on the day per enterprise (all given ids are keys)."""
    held: dict[int, set[str]] = {id_: set() for id_ in enterprise_ids}
    for chunk in _chunks(sorted(held)):
        rows = db.session.execute(
            select(Recognition.enterprise_id, Recognition.title_code).where(
                Recognition.enterprise_id.in_(chunk), known(Recognition, known_on), valid_on(day),
                ~struck_off(Recognition.enterprise_id, day, known_on),
            ).distinct()
        )
        for enterprise_id, title_code in rows:
            held[enterprise_id].add(title_code)
    return held


def _chunks(ids: Sequence[int], size: int = 900) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), size):
        yield ids[first:first + size]


def recognitions_of(scope: Scope, enterprise_ids: Collection[int], known_on: date | None = None) -> dict[int, list[Recognition]]:
    """Recognitions of enterprises the viewer may see today, oldest first; voided ones included (they are shown struck through)."""
    found: dict[int, list[Recognition]] = {id_: [] for id_ in enterprise_ids}
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    rows = db.session.scalars(
        select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(Recognition.enterprise_id.in_(sorted(found)), within(scope), standing(known_on), known(Recognition, known_on))
        .order_by(Recognition.enterprise_id, start, Recognition.id)
    )
    for row in rows:
        found[row.enterprise_id].append(row)
    return found


def get_recognition(scope: Scope, recognition_id: int) -> tuple[Recognition, Enterprise]:
    """A recognition in force (not superseded) with its enterprise. Raises NotFound, also when it is out of scope."""
    row = db.session.execute(
        select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(Recognition.id == recognition_id, Recognition.superseded_at.is_(None), in_scope(scope))
    ).first()
    if row is None:
        raise NotFound("没有找到这条认定记录：可能已被更正，或不在您的管辖范围内。请从企业档案重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]


def versions_of(scope: Scope, recognition: Recognition) -> list[Recognition]:
    """Every version of the same grant (enterprise, title, level, batch year), newest first."""
    same = [getattr(Recognition, key) == getattr(recognition, key) for key in ("enterprise_id", "title_code", "level", "batch_year")]
    return list(db.session.scalars(
        select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(*same, in_scope(scope))
        .order_by(Recognition.recorded_at.desc(), Recognition.id.desc())
    ))


def grant_of(row: Recognition) -> Grant:
    """The countable part of a stored recognition."""
    return Grant(
        row.title_code, row.level, row.batch_year, row.announced_on, row.valid_from, row.valid_to, row.open_ended, row.revoked_on, row.voided,
    )


def to_complete(scope: Scope, day: date, *, limit: int = 200) -> list[tuple[Recognition, Enterprise]]:
    """待补: recognitions that leave the stock only because a date is missing, by enterprise."""
    rows = db.session.execute(
        select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(in_scope(scope), incomplete(day)).order_by(Enterprise.id, Recognition.id).limit(limit)
    )
    return [(recognition, enterprise) for recognition, enterprise in rows]


@dataclass(frozen=True)
class GapRow:
    """A recognition to complete with its enterprise; ``visible`` as in ``MemberRow``."""

    recognition: Recognition
    enterprise_id: int
    name: str
    visible: bool


def page_to_complete(scope: Scope, day: date, known_on: date | None, cursor: str | None, size: int) -> Page[GapRow]:
    """``to_complete`` page by page, with its count, on any day as known on another. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int, int))
    keys, backwards = (Enterprise.id, Recognition.id), bool(edge and edge.backwards)
    columns = select(Recognition, Enterprise.id, Enterprise.name, case((within(scope), literal(1)), else_=literal(0)))
    all_of = columns.join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(incomplete(day, known_on))
    if day == clock.today() and known_on is None:
        all_of = all_of.where(in_scope(scope))
    else:
        of_the_day = and_(EnterpriseTown.enterprise_id == Enterprise.id, covers(EnterpriseTown, day), known(EnterpriseTown, known_on))
        all_of = all_of.join(EnterpriseTown, of_the_day).where(standing(known_on), seen(scope, day, known_on))
    total = db.session.scalar(select(func.count()).select_from(all_of.with_only_columns(Recognition.id).limit(COUNT_CAP + 1).subquery()))
    if edge:
        place = tuple_(*(literal(value) for value in edge.values))
        all_of = all_of.where(tuple_(*keys) < place if backwards else tuple_(*keys) > place)
    rows = db.session.execute(all_of.order_by(*(key.desc() if backwards else key.asc() for key in keys)).limit(size + 1))
    found = [GapRow(recognition, id_, name, bool(visible)) for recognition, id_, name, visible in rows]
    return cut(found, size, edge, lambda row: (row.enterprise_id, row.recognition.id), total)


def data_years() -> list[int]:
    """From the earliest recognition known to the current year, newest first; the current year alone when there is none. Reads the whole table."""
    this_year = clock.today().year
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    first = db.session.scalar(select(func.min(start)).where(Recognition.superseded_at.is_(None)))
    return list(range(this_year, min(max(first.year, 2000), this_year) - 1, -1)) if first else [this_year]
