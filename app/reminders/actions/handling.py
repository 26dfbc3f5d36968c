"""What people do with their items: done, back again, another day, quiet until, handed over, urged, supervised. Each with a note and an audit row."""

from datetime import date, timedelta
from typing import Any

from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.reminders.actions.firing import matter_of
from app.reminders.actions.saying import Saying, say
from app.reminders.models import NOTE_KINDS, DueNote, DueRow
from app.reminders.queries.book import Book
from app.reminders.queries.staff import present
from app.reminders.rules.people import holder_of
from app.reminders.rules.steps import first_at

FARTHEST = timedelta(days=366)
LONGEST = 300


def finish(*, row: DueRow, note: str, version: int, by: Actor) -> DueRow:
    """Done, as far as the person is concerned: off the desk, no more reminders. Its source may still announce it."""
    _expect(row, version, "open")
    return _change(row, "done", by, note, state="done", closed_at=clock.now(), next_at=None, supervised_at=None)


def reopen(*, row: DueRow, note: str, version: int, by: Actor) -> DueRow:
    """Back on the desk."""
    _expect(row, version, "done")
    _change(row, "reopened", by, note, state="open", closed_at=None)
    return _replan(row)


def plan(*, row: DueRow, day: date, note: str, version: int, by: Actor) -> DueRow:
    """To be done on another day: the desk sorts by it, and it speaks on that morning. The deadline itself stays what it is."""
    _expect(row, version, "open")
    _change(row, "planned", by, note, day=_ahead(day, "day"), plan_on=day, snoozed_until=day if day > clock.today() else None)
    return _replan(row)


def snooze(*, row: DueRow, day: date, note: str, version: int, by: Actor) -> DueRow:
    """Quiet until a day; the levels above are still told when it is overdue."""
    _expect(row, version, "open")
    if day <= clock.today():
        raise Invalid("snooze_day", "暂缓到的日期应晚于今天，请改选日期。", "day")
    _change(row, "snoozed", by, note, day=_ahead(day, "day"), snoozed_until=day)
    return _replan(row)


def hand_over(*, row: DueRow, holder: str, note: str, version: int, by: Actor) -> DueRow:
    """To another person, team or office: on his desk from now on, and he is told at once."""
    _expect(row, version, "open")
    _words(note, "请写明转办的原因或要求，对方会看到。")
    staff = present()
    if not staff.of(holder):
        raise Invalid("holder_absent", "转办对象没有在岗人员，请改选其他人员或单位。", "holder")
    if holder == row.holder:
        raise Invalid("holder_same", "事项本来就由该对象办理，请改选其他人员或单位。", "holder")
    _change(row, "handed", by, note, holder=holder, values_holder=holder, handed_to=holder, handed_by=by.user_id, snoozed_until=None)
    _tell(row, staff.of(holder) - {by.user_id or 0}, f"〔转办〕{row.label}", f"{by.name}转给您办理：{note}", by)
    return row


def urge(*, row: DueRow, note: str, version: int, by: Actor) -> DueRow:
    """催办: those who have it on the desk are told now, in the words of the one who asks."""
    _expect(row, version, "open")
    staff = present()
    _change(row, "urged", by, note)
    _tell(row, staff.of(row.holder), f"〔催办〕{row.label}", f"{by.name}催办：{note or '请尽快处理。'}", by)
    return row


def supervise(*, row: DueRow, note: str, version: int, by: Actor) -> DueRow:
    """督办: marked on every list until it is done; the holder, the team leader and the county or zone are told."""
    _expect(row, version, "open")
    if row.supervised_at is not None:
        raise Conflict("supervised", f"“{row.label}”已在督办中，不必重复操作。需要再提醒一次请用“催办”。")
    _words(note, "请写明督办要求和期限，承办人会看到。")
    staff, matter = present(), matter_of(row)
    people = staff.of(row.holder).union(*(staff.of(holder_of(level, matter)) for level in ("team_leader", "unit")))
    _change(row, "supervised", by, note, supervised_at=clock.now())
    _tell(row, people, f"〔督办〕{row.label}", f"{by.name}督办：{note}", by)
    return row


def lift(*, row: DueRow, note: str, version: int, by: Actor) -> DueRow:
    """No longer supervised."""
    _expect(row, version, "open")
    if row.supervised_at is None:
        raise Conflict("not_supervised", f"“{row.label}”没有在督办，可能已被他人解除。请刷新后查看。")
    return _change(row, "lifted", by, note, supervised_at=None)


def _expect(row: DueRow, version: int, state: str) -> None:
    if row.state == "closed":
        raise Conflict("due_closed", f"“{row.label}”已经了结，不需要再处理。请返回工作台查看其他事项。")
    if row.version != version or row.state != state:
        raise Conflict("due_changed", f"“{row.label}”刚被他人处理过，本次操作没有保存。请核对最新情况后再操作。")


def _words(note: str, message: str) -> None:
    if not note.strip():
        raise Invalid("note_missing", message, "note")


def _ahead(day: date, field: str) -> date:
    if not clock.today() <= day <= clock.today() + FARTHEST:
        raise Invalid("plan_day", "日期应在今天起一年之内，请改选日期。", field)
    return day


def _change(row: DueRow, kind: str, by: Actor, note: str, *, day: date | None = None, values_holder: str | None = None, **values: Any) -> DueRow:
    text = " ".join(note.split())
    if len(text) > LONGEST:
        raise Invalid("note_long", f"说明最多 {LONGEST} 字，现在有 {len(text)} 字，请精简后再提交。", "note")
    old = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    db.session.add(DueNote(
        due_id=row.id, kind=kind, by_id=by.user_id or 0, by_name=by.name[:80], at=clock.now(), note=text or None, day=day, holder=values_holder,
    ))
    subject = Subject("due_item", row.id, row.label[:200])
    audit.record(f"reminder.{kind}", subject, old or None, {**values, "note": text, "step": NOTE_KINDS[kind]}, by=by)
    db.session.flush()
    return row


def _replan(row: DueRow) -> DueRow:
    """When it speaks next, after a person changed its day."""
    page = Book().of(row.city_id)
    rule = page.rule(row.code)
    planned = page.planned(rule, row.due_on, row.due_at, row.snoozed_until) if rule is not None else []
    row.next_at = first_at(planned, row.spoken_until)
    db.session.flush()
    return row


def _tell(row: DueRow, people: frozenset[int], title: str, text: str, by: Actor) -> None:
    """At once, under the number of the note: twice pressed is refused by the version before it gets here."""
    key = f"{row.id}:v{row.version}"
    say([
        Saying(user, key, row.code, "person", title, text, "reminders.item", {"due_id": row.id}, row.id, row.due_on, alone=True)
        for user in sorted(people)
    ], Book())
