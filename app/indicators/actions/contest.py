"""Opening and moving a round, recording values: one action per change, whoever calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.areas.models import Area
from app.indicators.models.contest import ENTRY_STAGES, STAGES, ContestRound, ContestStep, ContestValue
from app.indicators.queries import contest as queries
from app.indicators.queries import year_end
from app.indicators.queries.vetoes import publication_faults
from app.indicators.rules.scheme import Scheme, scheme_of
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.packs import Pack


def open_round(*, pack: Pack, year: int, scheme: str | None = None, by: Actor) -> ContestRound:
    """Start the round of a data year with a locked copy of the scheme (the pack's first one unless named)."""
    if queries.find_round(pack, year) is not None:
        raise Conflict("round_exists", f"{year} 年度的强镇评选已经启动，不能重复启动。请直接打开该轮次。")
    made = round_scheme(pack, year, scheme)
    city_id = db.session.scalar(select(Area.id).where(Area.code == pack.area_code))
    if city_id is None:
        raise Invalid("city_unknown", f"区划中没有{pack.label}，不能启动评选。请先加载区划。")
    found = ContestRound(city_id=city_id, year=year, scheme=made.plain(), opened_at=clock.now(), opened_name=by.name[:80], stage="filling")
    db.session.add(found)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("round_exists", f"{year} 年度的强镇评选刚刚由他人启动，请刷新后查看。") from error
    _step(found, "filling", None, by)
    audit.record("contest.opened", subject(found), None, {"year": year, "scheme": made.code}, by=by)
    return found


def round_scheme(pack: Pack, year: int, code: str | None = None) -> Scheme:
    """The scheme a round of that year opens with. Raises ``Invalid`` when the pack has none."""
    on = year_end(year)
    rows = pack.indicators(on) or pack.indicators()
    entries = pack.scoring_schemes(on) or pack.scoring_schemes()
    entry = next((one for one in entries if code in (None, one.code)), None)
    if entry is None or not rows:
        raise Invalid("no_scheme", f"{pack.label}的政策包没有强镇计分方案，不能启动评选。请先在政策包中补上计分方案。")
    return scheme_of(entry, [row for row in rows if row.system == entry.system])


def subject(found: ContestRound) -> Subject:
    return Subject("contest_round", found.id, f"{found.year}年度强镇评选")


def _step(found: ContestRound, stage: str, reason: str | None, by: Actor) -> None:
    db.session.add(ContestStep(round_id=found.id, stage=stage, reason=reason, recorded_at=clock.now(), recorded_name=by.name[:80]))


def move_round(*, pack: Pack, found: ContestRound, stage: str, reason: str | None, version: int, by: Actor) -> None:
    """To the next stage, or back to an earlier one with a reason. Pending vetoes and missing sign-offs keep a round from being published."""
    _unchanged(found, version)
    order = list(STAGES)
    if stage not in STAGES or stage == found.stage or order.index(stage) > order.index(found.stage) + 1:
        raise Invalid("stage", "只能进入下一阶段，或退回以前的阶段，请重新选择。", "stage")
    back = order.index(stage) < order.index(found.stage)
    if back and not (reason or "").strip():
        raise Invalid("reason", "退回以前的阶段要写明原因。", "reason")
    if stage == "publicity" and not back:
        _may_publish(pack, found)
    old = found.stage
    found.stage, found.version = stage, found.version + 1
    _step(found, stage, (reason or "").strip()[:300] or None, by)
    audit.record("contest.moved", subject(found), {"stage": old}, {"stage": stage, "reason": reason}, by=by)
    db.session.flush()


def _may_publish(pack: Pack, found: ContestRound) -> None:
    made = queries.sheet(pack, found)
    faults = publication_faults(pack, found, made.score(), {place.code: place.town_id for place in made.places})
    if found.frozen is None:
        faults.append("参照值还没有锁定")
    if faults:
        raise Conflict("not_publishable", f"还不能公示：{'；'.join(faults)}。请办完后再进入公示。")


def freeze(*, pack: Pack, found: ContestRound, version: int, by: Actor) -> None:
    """Lock the references as they are now: values that come later are scored against them."""
    _unchanged(found, version)
    made = queries.sheet(pack, found).score()
    found.frozen = {key: one.plain() for key, one in made.references.items()}
    found.frozen_at, found.frozen_name, found.version = clock.now(), by.name[:80], found.version + 1
    audit.record("contest.frozen", subject(found), None, {"items": len(made.references)}, by=by)
    db.session.flush()


def thaw(*, found: ContestRound, reason: str, version: int, by: Actor) -> None:
    """Take the lock of the references away, with a reason; refused once published."""
    _unchanged(found, version)
    if found.published:
        raise Invalid("published", "本轮已经公示，参照值不能再解除锁定。")
    if not reason.strip():
        raise Invalid("reason", "解除锁定要写明原因。", "reason")
    found.frozen, found.frozen_at, found.frozen_name, found.version = None, None, None, found.version + 1
    audit.record("contest.thawed", subject(found), None, {"reason": reason.strip()}, by=by)
    db.session.flush()


def _unchanged(found: ContestRound, version: int) -> None:
    db.session.refresh(found, with_for_update=True)
    if found.version != version:
        raise Conflict("round_changed", f"{found.year} 年度的评选刚刚被他人改过（现在是“{STAGES[found.stage]}”），请刷新后再操作。")


@dataclass(frozen=True)
class Said:
    """One value as somebody gives it. Exactly one of ``value``, ``marks``, ``applies`` False."""

    value: Decimal | None = None
    marks: str | None = None
    applies: bool = True


def check_open(found: ContestRound) -> None:
    """Raises ``Conflict`` when values of the round may not change any more."""
    if found.stage not in ENTRY_STAGES:
        raise Conflict("round_closed", f"{found.year} 年度的评选已到“{STAGES[found.stage]}”阶段，数据不能再改。如有异议，请按异议程序办理。")


def record_value(
    *, found: ContestRound, town_id: int, item: str, source: str, said: Said, by: Actor, office: str | None = None, reporter: str | None = None,
    reported_on: date | None = None, note: str | None = None, seen: int | None = None,
) -> ContestValue | None:
    """Add a version; None when it says the same as the standing one. ``seen``: id of the version the person looked at (0: none)."""
    check_open(found)
    query = select(ContestValue).where(
        ContestValue.round_id == found.id, ContestValue.town_id == town_id, ContestValue.item == item, ContestValue.source == source,
        ContestValue.superseded_at.is_(None),
    )
    before = db.session.scalars(query.with_for_update()).first()
    if before is not None and same(before, said) and before.note == note:
        return None
    if seen is not None and seen != (before.id if before is not None else 0):
        raise Conflict("value_changed", f"第 {item} 号的数据在您打开页面之后被他人改过，您填写的内容还在，请刷新核对后再保存。")
    now = clock.now()
    if before is not None:
        before.superseded_at = now
        db.session.flush()
    made = ContestValue(
        round_id=found.id, town_id=town_id, item=item, source=source, value=said.value, marks=said.marks, applies=said.applies, office=office,
        reporter=reporter, reported_on=reported_on, note=note, recorded_at=now, recorded_by=by.user_id, recorded_name=by.name[:80],
    )
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("value_changed", f"第 {item} 号的数据刚刚被他人改过，请刷新后核对。") from error
    audit.record(
        "contest.value", Subject("contest_value", made.id, f"{found.year}年度第{item}号"), None if before is None else plain(before),
        plain(made) | {"town_id": town_id, "source": source}, by=by,
    )
    return made


def same(stored: ContestValue, said: Said) -> bool:
    return (stored.value, stored.marks, stored.applies) == (said.value, said.marks, said.applies)


def plain(value: ContestValue) -> dict[str, object]:
    return {"value": value.value, "marks": value.marks, "applies": value.applies, "note": value.note}


def record_export(*, found: ContestRound, towns: int, method: str, by: Actor) -> None:
    """A score sheet left the system."""
    audit.record("contest.exported", subject(found), None, {"towns": towns, "method": method}, by=by)
