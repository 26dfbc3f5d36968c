"""Demo rows of batches, of the steps around recognitions and of one announced list: set-based, the same for 50 firms and a million."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, func, select, update

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseEvent
from app.infra import clock, dialect
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import Scope
from app.ladder.models import BatchVersion, OfficialList, OfficialListRow, Recognition, RecognitionBatch, RecognitionEvent
from app.ladder.queries.lists import Line, Matcher, Units
from app.ladder.rules.names import name_key
from app.packs import Pack
from app.policies.queries import pack_of_city

SOURCE = "演示数据"
BY_BATCH = ("innovative_sme", "srdi_city", "srdi", "little_giant", "gazelle", "single_champion_province", "single_champion", "unicorn", "eaglet")
"""Titles granted in batches with a document; certificates have a number of their own, registers none."""
EACH = 40
"""Firms of one batch whose recommendation and public notice are told."""
_STEP = (
    "enterprise_id", "title_code", "level", "batch_year", "kind", "happened_on", "until", "document", "reason", "result", "change", "old_text", "new_text",
    "source", "recorded_at",
)


def load(city_code: str, *, by: Actor) -> int:
    """Add what is missing; returns how many rows. A second call adds nothing. Flushes, does not commit."""
    city_id = db.session.scalars(select(Area.id).where(Area.code == city_code, Area.kind == "city")).one()
    if db.session.scalar(select(RecognitionBatch.id).where(RecognitionBatch.city_id == city_id).limit(1)) is not None:
        return 0
    pack, session = pack_of_city(city_id), db.session()
    batches = _batches(pack, city_id)
    steps = list(_steps(city_id, batches))
    table: Any = RecognitionEvent.__table__
    added = len(batches) + dialect.load_rows(session, table, _STEP, steps) + _list(pack, city_id, city_code, by)
    session.flush()
    return added


def _batches(pack: Pack, city_id: int) -> list[tuple[RecognitionBatch, BatchVersion]]:
    """One batch per title, level and year of what the demo firms hold; their recognitions get its document."""
    keys = (Recognition.title_code, Recognition.level, Recognition.batch_year)
    groups = db.session.execute(
        select(*keys, func.max(Recognition.announced_on), func.max(Recognition.valid_to)).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(
            Enterprise.city_id == city_id, Recognition.source == SOURCE, Recognition.superseded_at.is_(None), Recognition.title_code.in_(BY_BATCH),
            Recognition.document.is_not(None), Recognition.batch_year > 0,
        ).group_by(*keys).order_by(*keys)
    ).all()
    made = []
    for number, (title, level, year, announced, valid_to) in enumerate(groups):
        row = RecognitionBatch(city_id=city_id, title_code=title, level=level, batch_year=year, number=0, created_at=clock.now())
        db.session.add(row)
        db.session.flush()
        document = f"演示〔{year}〕{10 + number}号"
        entry = pack.find_title(title)
        told = BatchVersion(
            batch_id=row.id, issuer=entry.issuer if entry else None, recommended_on=announced - timedelta(days=75),
            recommended_document=f"演示推荐〔{year}〕{number + 1}号", noticed_on=announced - timedelta(days=21),
            noticed_until=announced - timedelta(days=15), noticed_document=f"演示公示〔{year}〕{number + 1}号",
            announced_on=announced, document=document, valid_from=announced, valid_to=valid_to, recorded_at=clock.start_of_day(announced),
        )
        db.session.add(told)
        made.append((row, told))
        mine = select(Enterprise.id).where(Enterprise.city_id == city_id)
        db.session.execute(
            update(Recognition).where(
                Recognition.title_code == title, Recognition.level == level, Recognition.batch_year == year, Recognition.source == SOURCE,
                Recognition.document.is_not(None), Recognition.enterprise_id.in_(mine),
            ).values(document=document).execution_options(synchronize_session=False)
        )
    db.session.flush()
    return made


def _steps(city_id: int, batches: Sequence[tuple[RecognitionBatch, BatchVersion]]) -> Iterator[tuple[Any, ...]]:
    """Recommended and publicly noticed before the decision; renewals as reviews; renames as changes; two firms still under public notice."""
    today = clock.today()
    renamed = select(EnterpriseEvent.enterprise_id).where(EnterpriseEvent.kind == "renamed")
    for row, told in batches:
        key = (row.title_code, row.level, row.batch_year)
        query = (
            select(Recognition.enterprise_id, Recognition.announced_on).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
            .where(
                Enterprise.city_id == city_id, Recognition.title_code == key[0], Recognition.level == key[1], Recognition.batch_year == key[2],
                Recognition.superseded_at.is_(None), Recognition.voided.is_(False), Recognition.announced_on.is_not(None),
            ).order_by(Recognition.enterprise_id).limit(EACH)
        )
        for firm, announced in db.session.execute(query).all():
            yield _step(firm, key, "recommended", announced - timedelta(days=75), told.recommended_document)
            yield _step(firm, key, "noticed", announced - timedelta(days=21), told.noticed_document, until=announced - timedelta(days=15))
        for firm in db.session.scalars(query.with_only_columns(Recognition.enterprise_id).where(Recognition.enterprise_id.in_(renamed)).limit(3)).all():
            if told.announced_on and told.announced_on + timedelta(days=60) <= today:
                yield _step(firm, key, "changed", told.announced_on + timedelta(days=60), "演示变更备案", change="renamed")
    yield from _waiting(city_id, today)


def _waiting(city_id: int, today: date) -> Iterator[tuple[Any, ...]]:
    """Firms without the title under public notice now, one with an objection that is being looked into."""
    held = select(Recognition.id).where(Recognition.enterprise_id == Enterprise.id, Recognition.title_code == "gazelle")
    firms = db.session.scalars(
        select(Enterprise.id).where(Enterprise.city_id == city_id, Enterprise.status == "active", Enterprise.merged_into_id.is_(None), ~held.exists())
        .order_by(Enterprise.id).offset(3).limit(6)
    ).all()
    key, first = ("gazelle", "province", today.year), today - timedelta(days=3)
    for firm in firms:
        yield _step(firm, key, "recommended", first - timedelta(days=30), f"演示推荐〔{today.year}〕90号")
        yield _step(firm, key, "noticed", first, f"演示公示〔{today.year}〕90号", until=first + timedelta(days=6))
    if firms:
        yield _step(firms[0], key, "objected", first + timedelta(days=1), None, reason="来电反映营业收入增长数据不实（演示）", result="open")


def _step(
    firm: int, key: tuple[str, str, int], kind: str, on: date, document: str | None, *, until: date | None = None, reason: str | None = None,
    result: str | None = None, change: str | None = None,
) -> tuple[Any, ...]:
    return (firm, *key, kind, on, until, document, reason, result, change, None, None, SOURCE, clock.start_of_day(on))


def _list(pack: Pack, city_id: int, city_code: str, by: Actor) -> int:
    """An announced list as it arrives: names only, some written differently, some of other places, some we do not have."""
    title = pack.find_title("srdi")
    if title is None:
        return 0
    year, day = clock.today().year - 1, date(clock.today().year - 1, 12, 20)
    here = select(Enterprise.name).where(Enterprise.city_id == city_id, Enterprise.status == "active", Enterprise.merged_into_id.is_(None))
    holds = select(Recognition.id).where(Recognition.enterprise_id == Enterprise.id, Recognition.title_code == "srdi", Recognition.batch_year == year)
    holders = db.session.scalars(here.where(holds.exists()).order_by(Enterprise.id).limit(20)).all()
    names = list(dict.fromkeys([*holders, *db.session.scalars(here.order_by(Enterprise.id).offset(7).limit(5))]))
    shown = [_written(name, place) for place, name in enumerate(names)] + [f"{where}演示智能装备有限公司" for where in ("济南", "青岛")]
    scope = Scope(city_ids=frozenset({city_id}))
    units, session = Units(db.session(), scope), db.session()
    lines = [(name, "济南市" if name.startswith("济南") else "青岛市" if name.startswith("青岛") else None) for name in shown]
    found = Matcher(session, scope).match([Line(name, None, units.find(place)) for name, place in lines])
    row = OfficialList(
        name=f"{year}年度{title.label}名单（演示）", title_code="srdi", level="province", batch_year=year, announced_on=day, document=f"演示〔{year}〕99号",
        valid_from=day, valid_to=day.replace(year=year + 3), area_id=city_id, created_at=clock.now(), created_by=by.user_id, created_name=by.name,
    )
    db.session.add(row)
    db.session.flush()
    table: Table = OfficialListRow.__table__  # type: ignore[assignment]
    columns = ("list_id", "row", "name", "name_key", "place", "candidates", "enterprise_id", "how", "sure", "decision")
    dialect.load_rows(session, table, columns, (
        (row.id, number, name, name_key(name), place, [[c.enterprise_id, c.how, c.points] for c in m.candidates],
         m.candidates[0].enterprise_id if m.sure else None, m.candidates[0].how if m.sure else None, int(m.sure), "open")
        for number, ((name, place), m) in enumerate(zip(lines, found, strict=True), 3)
    ))
    return 1 + len(lines)


def _written(name: str, place: int) -> str:
    """Every third name as lists write it: half-width brackets and blanks, another legal form, one character off."""
    if place % 6 == 1:
        return name.replace("有限公司", "有限责任公司")
    if place % 6 == 3:
        return name.replace("（", "(").replace("）", ")") + " "
    return name[:3] + name[4:] if place % 6 == 5 and len(name) > 9 else name
