"""Demo rows of the life-cycle desk and of applications: yearly updates of every holder, and a few batches in every state."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.areas.models import Area
from app.enterprises.models import Enterprise
from app.infra import clock, dialect
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.actions import applications as acting
from app.ladder.models import Application, ApplicationItem, ApplicationWindow, Recognition, YearlyDuty
from app.ladder.queries.counting import struck_off
from app.ladder.queries.duties import editions_of
from app.ladder.rules.duties import owed
from app.packs import Pack
from app.policies.queries import pack_of_city

YEARS_BACK = 2
EACH = 24
"""Enterprises in one batch; each is diagnosed, so a batch is a sample, not everybody."""
_DUTY = ("enterprise_id", "title_code", "year", "outcome", "done_on", "evidence", "source", "recorded_at")


def load(city_code: str, *, by: Actor) -> int:
    """Add what is missing; returns how many rows. A second call adds nothing. Flushes, does not commit."""
    city_id = db.session.scalars(select(Area.id).where(Area.code == city_code, Area.kind == "city")).one()
    pack = pack_of_city(city_id)
    added = 0
    if db.session.scalar(select(YearlyDuty.id).limit(1)) is None:
        added += dialect.load_rows(db.session(), YearlyDuty.__table__, _DUTY, _updates(pack, city_id))  # type: ignore[arg-type]
    if db.session.scalar(select(ApplicationWindow.id).limit(1)) is None:
        added += _batches(pack, city_id, by)
    db.session.flush()
    return added


def _updates(pack: Pack, city_id: int) -> Iterator[tuple[Any, ...]]:
    """Of ten holders about eight have updated, one has not, one nobody has reported on; the same firms every time."""
    today = clock.today()
    editions = {title.code: editions_of(pack, title.code) for title in pack.titles() if title.renewal_due}
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    rows = db.session.execute(
        select(Recognition.enterprise_id, Recognition.title_code, start, Recognition.valid_to)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(
            Enterprise.city_id == city_id, Recognition.title_code.in_(sorted(editions)), Recognition.superseded_at.is_(None),
            Recognition.voided.is_(False), Recognition.revoked_on.is_(None), start.is_not(None), Recognition.valid_to.is_not(None),
            ~struck_off(Recognition.enterprise_id, today, None),
        ).order_by(Recognition.enterprise_id, Recognition.title_code)
    ).all()
    seen: set[tuple[int, str, int]] = set()
    for enterprise_id, title, since, valid_to in rows:
        for one in owed(editions[title], since, valid_to, today):
            key = (enterprise_id, title, one.year)
            if one.year < today.year - YEARS_BACK or one.due_on > today or key in seen:
                continue
            seen.add(key)
            roll = (enterprise_id * 7919 + one.year * 31) % 100
            if roll < 84:
                done_on = one.due_on - timedelta(days=roll % 40) if roll >= 4 else one.due_on + timedelta(days=5 + roll)
                yield *key, "done", done_on, "平台导出名单（演示）", "演示数据", clock.start_of_day(min(done_on + timedelta(days=3), today))
            elif roll < 90:
                yield *key, "missed", None, "平台未见更新记录（演示）", "演示数据", clock.start_of_day(min(one.due_on + timedelta(days=20), today))


def _batches(pack: Pack, city_id: int, by: Actor) -> int:
    """One batch behind us with every outcome, one under way, one ahead whose dates are last year's."""
    year = clock.today().year
    plans = (
        ("little_giant", "nation", year, date(year, 4, 25), date(year, 5, 25), date(year, 6, 10), date(year, 6, 25), True, "srdi"),
        ("innovative_sme", "province", year, date(year, 7, 1), date(year, 7, 31), date(year, 8, 10), date(year, 8, 31), True, "tech_sme"),
        ("srdi", "province", year + 1, date(year + 1, 3, 1), date(year + 1, 4, 30), date(year + 1, 5, 15), date(year + 1, 5, 31), False, "innovative_sme"),
    )
    added = 0
    for number, (title, level, batch_year, opens, closes, county, city, confirmed, below) in enumerate(plans):
        if pack.find_title(title) is None:
            continue
        draft = acting.WindowDraft(title, level, "new", batch_year, "", opens, closes, county, city, None, "演示批次", confirmed)
        window = acting.open_window(city_id=city_id, draft=draft, by=by)
        firms = _candidates(city_id, below, title)
        ids = acting.add_candidates(window=window, enterprises=firms, by=by).application_ids
        for place, id_ in enumerate(ids):
            _advance(db.session.get_one(Application, id_), place, number < 2, by)
        added += 1 + len(ids)
    return added


def _candidates(city_id: int, below: str, title: str) -> list[Enterprise]:
    """Holders of the title below that do not hold this one, by number."""
    holds = select(Recognition.id).where(Recognition.enterprise_id == Enterprise.id, Recognition.superseded_at.is_(None), Recognition.voided.is_(False))
    return list(db.session.scalars(
        select(Enterprise).where(
            Enterprise.city_id == city_id, Enterprise.status == "active", Enterprise.merged_into_id.is_(None),
            holds.where(Recognition.title_code == below, Recognition.valid_to >= clock.today()).exists(),
            ~holds.where(Recognition.title_code == title).exists(),
        ).order_by(Enterprise.id).limit(EACH)
    ))


_WAYS = (
    ("submit", "county_pass", "recommend"), ("submit", "county_pass", "recommend", "refuse"), ("submit", "county_pass"), ("submit",), (),
    ("submit", "county_return"), ("submit", "county_pass", "not_recommend"), ("withdraw",),
)
_REASONS = {
    "county_pass": "实地核查通过（演示）", "county_return": "审计报告未列示主营业务收入（演示）", "recommend": "聊工信〔演示〕1号",
    "not_recommend": "平台评价得分未达要求（演示）", "refuse": "省级评审未通过（演示）", "withdraw": "企业暂不申报（演示）",
}


def _advance(row: Application, place: int, late: bool, by: Actor) -> None:
    """Evidence and steps by the row's place in the batch; a batch ahead of us is still being prepared."""
    enterprise = db.session.get_one(Enterprise, row.enterprise_id)
    items = db.session.scalars(select(ApplicationItem).where(ApplicationItem.application_id == row.id).order_by(ApplicationItem.position)).all()
    for number, item in enumerate(items):
        if (number + place) % 4 or (late and place % len(_WAYS) < 4):
            item.state, item.note, item.changed_at = "ready", "已收纸质件（演示）", clock.now()
    for step in _WAYS[place % len(_WAYS)] if late else ():
        acting.take_step(application=row, enterprise=enterprise, step=step, version=row.version, reason=_REASONS.get(step), by=by)
