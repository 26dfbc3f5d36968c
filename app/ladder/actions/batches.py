"""Batches: entered and corrected as versions. Actions flush, the caller commits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.areas.models import Area
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.scope import Scope
from app.ladder.models import BatchVersion, RecognitionBatch
from app.ladder.queries import current_pack
from app.ladder.queries.batches import Key, find_version
from app.ladder.rules import FIRST_YEAR


@dataclass(frozen=True)
class BatchDraft:
    """What is to be known of a batch. 推荐, 公示 and 公告 each have a day and a document."""

    issuer: str | None = None
    recommended_on: date | None = None
    recommended_document: str | None = None
    noticed_on: date | None = None
    noticed_until: date | None = None
    noticed_document: str | None = None
    announced_on: date | None = None
    document: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str | None = None


def city_to_edit(scope: Scope) -> int:
    """The one city whose batches the person keeps. Raises ``Forbidden``: a batch is the city's, a county sees it."""
    cities = list(db.session.scalars(select(Area.id).where(Area.kind == "city", Area.id.in_(sorted(scope.city_ids))))) if not scope.everything else []
    if scope.everything:
        cities = list(db.session.scalars(select(Area.id).where(Area.kind == "city").limit(2)))
    if len(cities) != 1:
        raise Forbidden("batch_of_city", "批次信息（文件、日期）由市局维护，县（市、区）可以查看。如有出入请联系市局经办人员。")
    return cities[0]


def save_batch(*, scope: Scope, key: Key, draft: BatchDraft, by: Actor, version_id: int | None = None) -> RecognitionBatch:
    """Enter a batch, or correct what is known of it (``version_id``: what the editor saw). Raises ``Invalid``, ``Forbidden`` or ``Conflict``."""
    city_id = city_to_edit(scope)
    _check(key, draft)
    batch = _find(city_id, key)
    if batch is None:
        batch = RecognitionBatch(
            city_id=city_id, title_code=key.title_code, level=key.level, batch_year=key.year, number=key.number, created_at=clock.now(),
        )
        db.session.add(batch)
        _flush()
        old = None
    else:
        current = find_version(batch.id)
        old = BatchDraft(**{name: getattr(current, name) for name in BatchDraft.__dataclass_fields__})
        if version_id is not None and version_id != current.id:
            raise Conflict("batch_changed", "这个批次刚刚被别人更正过，您的修改没有保存。请打开最新内容核对后再改。")
        if version_id is None:
            raise Conflict("batch_exists", "这个批次已经登记过，请直接打开更正。", "number")
        if old == draft:
            return batch
        _supersede(current)
    db.session.add(BatchVersion(batch_id=batch.id, **asdict(draft), recorded_at=clock.now(), recorded_by=by.user_id))
    _flush()
    before, after = audit.changes(asdict(old) if old else {}, asdict(draft))
    label = f"{current_pack().title_label(key.title_code)} {key.year}年{f'第{key.number}批' if key.number else ''}"
    audit.record("batch.saved", Subject("recognition_batch", batch.id, label), before or None, after, by=by)
    return batch


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody entered the same batch at the same moment
        raise Conflict("batch_exists", "这个批次刚刚已由他人登记，请刷新后核对。") from error


def _supersede(row: BatchVersion) -> None:
    closed = update(BatchVersion).where(BatchVersion.id == row.id, BatchVersion.superseded_at.is_(None)).values(superseded_at=clock.now())
    if not db.session.execute(closed).rowcount:  # type: ignore[attr-defined]
        raise Conflict("batch_changed", "这个批次刚刚被别人更正过，您的修改没有保存。请打开最新内容核对后再改。")


def _find(city_id: int, key: Key) -> RecognitionBatch | None:
    batch = RecognitionBatch
    return db.session.scalars(select(batch).where(
        batch.city_id == city_id, batch.title_code == key.title_code, batch.level == key.level, batch.batch_year == key.year, batch.number == key.number,
    )).first()


def _check(key: Key, draft: BatchDraft) -> None:
    title, today = current_pack().find_title(key.title_code), clock.today()
    if title is None:
        raise Invalid("title", "政策包里没有这项称号，请从列表中选择。", "title_code")
    if (title.levels and key.level not in {level.value for level in title.levels}) or (not title.levels and key.level):
        names = "、".join(level.label for level in title.levels) or "不分级别"
        raise Invalid("level", f"这项称号的级别只能是：{names}。请重新选择。", "level")
    if not FIRST_YEAR <= key.year <= today.year + 1:
        raise Invalid("batch_year", f"批次年度应在 {FIRST_YEAR} 至 {today.year + 1} 之间。", "batch_year")
    if not 0 <= key.number <= 99:
        raise Invalid("number", "批次序号应为 1 至 99；一年只有一批时留空。", "number")
    if draft.announced_on and draft.announced_on > today:
        raise Invalid("announced_on", "公告日期晚于今天。公示不是认定，请在正式公告后填写。", "announced_on")
    order = [("noticed_until", draft.noticed_on, draft.noticed_until, "公示截止早于公示开始，请检查。"),
             ("announced_on", draft.noticed_on, draft.announced_on, "公告日期早于公示日期，请检查。"),
             ("valid_to", draft.valid_from or draft.announced_on, draft.valid_to, "有效期止早于起始日期，请检查。")]
    for field, first, last, message in order:
        if first and last and last < first:
            raise Invalid(field, message, field)
