"""Changes of applications: one action per change, each conditional on what the person saw, each with a row of history and of audit.

Two tabs: the second one gets words, nothing is lost. A double click: the second one finds the work done and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.files import StoredFile
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.ladder.actions.recognitions import Refused, checked, grant
from app.ladder.criteria import Diagnosis, Version
from app.ladder.models import Application, ApplicationEvent, ApplicationItem, ApplicationWindow, DiagnosisSnapshot, Recognition
from app.ladder.queries.applications import already_in
from app.ladder.queries.facts import Known, known_of
from app.ladder.queries.readiness import diagnose_on
from app.ladder.queries.snapshots import content_hash, content_of
from app.ladder.rules import Draft
from app.ladder.rules.applications import FINAL, ITEM_STATES, STATES, STEPS, Item, Step, checklist
from app.packs import Pack
from app.packs.schema import Material
from app.policies.queries import pack_of_city

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class WindowDraft:
    """A window as an officer wants it. ``batch`` tells two batches of one year apart."""

    title_code: str
    level: str
    kind: str
    batch_year: int
    batch: str
    opens_on: date
    closes_on: date
    county_due_on: date | None
    city_due_on: date | None
    document: str | None
    note: str | None
    confirmed: bool
    calendar_code: str | None = None


def _checked_window(draft: WindowDraft, pack: Pack) -> None:
    title, found = pack.find_title(draft.title_code), []
    if title is None:
        found.append(("title_code", "政策包里没有这项称号，请从列表中选择。"))
    elif (draft.level or "") not in ({level.value for level in title.levels} if title.levels else {""}):
        found.append(("level", "这项称号没有这个级别，请重新选择。"))
    if not 2000 <= draft.batch_year <= clock.today().year + 5:
        found.append(("batch_year", f"批次年度应在 2000 至 {clock.today().year + 5} 之间。"))
    if draft.closes_on < draft.opens_on:
        found.append(("closes_on", "填报截止早于开始，请检查两个日期。"))
    if (draft.closes_on - draft.opens_on).days > 731:
        found.append(("closes_on", "填报期超过两年，请检查日期。"))
    if draft.county_due_on and draft.county_due_on < draft.opens_on:
        found.append(("county_due_on", "县级审核截止早于填报开始，请检查。"))
    if draft.city_due_on and draft.city_due_on < (draft.county_due_on or draft.opens_on):
        found.append(("city_due_on", "市级推荐截止早于县级审核截止，请检查。"))
    if found:
        raise Refused(found)


def _window_label(window: ApplicationWindow, pack: Pack) -> str:
    return f"{window.batch_year}年{window.batch}{pack.title_label(window.title_code)}申报"


def open_window(*, city_id: int, draft: WindowDraft, by: Actor) -> ApplicationWindow:
    """Set up a batch. Raises ``Refused``, or ``Conflict`` when the same batch exists."""
    pack = pack_of_city(city_id)
    _checked_window(draft, pack)
    window = ApplicationWindow(city_id=city_id, created_at=clock.now(), created_by=by.user_id, **asdict(draft))
    _unique(window, pack)
    audit.record("application_window.opened", Subject("application_window", window.id, _window_label(window, pack)), None, asdict(draft), by=by)
    return window


def _unique(window: ApplicationWindow, pack: Pack) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(window)
            db.session.flush()
    except IntegrityError as error:
        label = f"{window.batch_year}年“{pack.title_label(window.title_code)}”{'（' + window.batch + '）' if window.batch else ''}"
        raise Conflict("window_exists", f"{label}的申报批次已经建过。如是另一批，请填写批次名称（如 第二批）。", "batch") from error


def change_window(*, window: ApplicationWindow, draft: WindowDraft, version: int, by: Actor) -> bool:
    """Correct dates and document. False = nothing differed. Title, level and kind stay once there are applications."""
    pack = pack_of_city(window.city_id)
    _checked_window(draft, pack)
    fields = {name: value for name, value in asdict(draft).items() if name != "calendar_code"}
    before = {name: getattr(window, name) for name in fields}
    old, new = audit.changes(before, fields)
    if not new:
        return False
    if {"title_code", "level", "kind"} & set(new) and _has_applications(window.id):
        raise Conflict("window_in_use", "这个批次已有企业申报，不能改称号、级别和类型。请另建批次。", "title_code")
    try:
        with db.session.begin_nested():
            changed = _update(
                update(ApplicationWindow).where(ApplicationWindow.id == window.id, ApplicationWindow.version == version)
                .values(**new, version=ApplicationWindow.version + 1)
            )
    except IntegrityError as error:
        raise Conflict("window_exists", "同一年度、同一称号的这个批次已经建过，请换一个批次名称。", "batch") from error
    if not changed:
        raise Conflict("window_changed", "这个批次已被别人修改，您的内容没有保存。请返回批次页面查看最新内容后再改。")
    db.session.refresh(window)
    audit.record("application_window.changed", Subject("application_window", window.id, _window_label(window, pack)), old, new, by=by)
    return True


def _has_applications(window_id: int) -> bool:
    return db.session.scalar(select(Application.id).where(Application.window_id == window_id).limit(1)) is not None


def _update(statement: Any) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False))).rowcount


@dataclass(frozen=True)
class Added:
    """Outcome of adding candidates: ids of the new applications, and how many enterprises were in the window before."""

    application_ids: list[int]
    known: int


def add_candidates(*, window: ApplicationWindow, enterprises: Sequence[Enterprise], by: Actor) -> Added:
    """Put enterprises into a window, each with its evidence list and the diagnosis of the day. Those already in are left alone."""
    if len(enterprises) > MOST_AT_ONCE:
        raise Invalid("too_many", f"一次最多加入 {MOST_AT_ONCE} 家，本次选了 {len(enterprises)} 家，请分批加入。")
    if any(enterprise.city_id != window.city_id for enterprise in enterprises):
        raise Invalid("other_city", "所选企业不都在本批次所属的市，没有加入。请重新选择。")
    known_ids = already_in(window.id, [enterprise.id for enterprise in enterprises])
    fresh = [enterprise for enterprise in enterprises if enterprise.id not in known_ids]
    facts = known_of([enterprise.id for enterprise in fresh], as_of=clock.today()) if fresh else {}
    added = []
    for enterprise in fresh:
        known = facts[enterprise.id]
        diagnosis = diagnose_on(known, window.title_code, window.kind, window.closes_on, window.level)
        row = _add(window, enterprise, diagnosis, known, by)
        if row is not None:
            added.append(row.id)
    return Added(added, len(enterprises) - len(added))


def _add(window: ApplicationWindow, enterprise: Enterprise, diagnosis: Diagnosis, known: Known, by: Actor) -> Application | None:
    now = clock.now()
    row = Application(
        window_id=window.id, enterprise_id=enterprise.id, state="preparing", created_at=now, created_by=by.user_id, updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        return None  # another person added it a moment ago
    for name, value in _diagnosed(enterprise.id, known, diagnosis, _window_label(window, known.pack), by).items():
        setattr(row, name, value)
    _write_items(row, evidence_list(window, diagnosis, known.pack))
    _step_row(row, None, "preparing", None, clock.today(), by)
    subject = Subject("application", row.id, f"{enterprise.name} {_window_label(window, known.pack)}")
    audit.record("application.added", subject, None, {"window": window.id, "enterprise": enterprise.id, "verdict": row.verdict}, by=by)
    db.session.flush()
    return row


def _diagnosed(enterprise_id: int, known: Known, diagnosis: Diagnosis, note: str, by: Actor) -> dict[str, Any]:
    """Keep the diagnosis with its inputs (never rewritten) and say what the application goes by."""
    content = content_of(known, [diagnosis])
    verdict = diagnosis.verdict
    row = DiagnosisSnapshot(
        enterprise_id=enterprise_id, as_of=diagnosis.as_of, city=known.pack.code, pack_hash=known.pack.hash,
        headline=f"{diagnosis.title_label}：{verdict.label if verdict else '不作判断'}"[:200], note=note[:200], content=content,
        content_hash=content_hash(content), kept_at=clock.now(), kept_by=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    return {
        "rule": None if diagnosis.version is None else diagnosis.version.code, "verdict": None if verdict is None else verdict.value,
        "snapshot_id": row.id, "diagnosed_on": diagnosis.as_of,
    }


def evidence_list(window: ApplicationWindow, diagnosis: Diagnosis, pack: Pack) -> list[Item]:
    """What has to be handed in: from the criteria version in use, with the papers of the pack."""
    materials = cast("tuple[Material, ...]", pack.entries("materials", clock.today()))
    version = diagnosis.version
    if version is None:
        usable = [one for one in materials if one.always and (not one.titles or window.title_code in one.titles)]
        return [Item(f"m:{one.code}", one.label, one.clause, None, one.code) for one in usable]
    present = {leaf.id for leaf in diagnosis.leaves}
    return checklist(
        version.criterion.rule, _groups(version), materials, title=window.title_code, application=window.kind, present=present or None,
    )


def _groups(version: Version) -> dict[str, Any]:
    return dict(version.groups)


def _write_items(row: Application, items: Sequence[Item]) -> None:
    db.session.add_all([
        ApplicationItem(
            application_id=row.id, key=item.key, position=position, label=item.label, clause=(item.clause or "")[:200] or None, choice=item.choice,
            material=item.material, state="missing",
        )
        for position, item in enumerate(items)
    ])
    db.session.flush()


def refresh_evidence(*, application: Application, window: ApplicationWindow, enterprise: Enterprise, version: int, by: Actor) -> tuple[int, int]:
    """Diagnose anew and bring the evidence list into line with the version in use: (added, removed). What is ready stays ready."""
    _open(application, enterprise)
    known = known_of([enterprise.id], as_of=clock.today())[enterprise.id]
    diagnosis = diagnose_on(known, window.title_code, window.kind, window.closes_on, window.level)
    wanted = evidence_list(window, diagnosis, known.pack)
    _claim(application, enterprise, version, **_diagnosed(enterprise.id, known, diagnosis, _window_label(window, known.pack), by))
    present = {item.key: item for item in db.session.scalars(select(ApplicationItem).where(ApplicationItem.application_id == application.id))}
    keys = {item.key for item in wanted}
    gone = [item.id for key, item in present.items() if key not in keys and item.state == "missing"]
    db.session.execute(delete(ApplicationItem).where(ApplicationItem.id.in_(gone)))
    added = 0
    for position, item in enumerate(wanted):
        old = present.get(item.key)
        if old is None:
            _write_items(application, [item])
            added += 1
        else:
            old.position, old.label, old.choice, old.material = position, item.label, item.choice, item.material
    db.session.flush()
    subject = Subject("application", application.id, enterprise.name)
    audit.record("application.diagnosed", subject, None, {"rule": application.rule, "verdict": application.verdict, "added": added}, by=by)
    return added, len(gone)


def _open(application: Application, enterprise: Enterprise) -> None:
    if application.state in FINAL:
        raise Conflict("application_closed", f"“{enterprise.name}”的申报{STATES[application.state]}，不能再改。")


def _claim(application: Application, enterprise: Enterprise, version: int, **values: Any) -> None:
    """Write on condition that nobody else did since the page was opened."""
    claimed = update(Application).where(Application.id == application.id, Application.version == version)
    if not _update(claimed.values(version=Application.version + 1, updated_at=clock.now(), **values)):
        raise _overtaken(application, enterprise)
    db.session.refresh(application)


def _overtaken(application: Application, enterprise: Enterprise) -> Conflict:
    db.session.refresh(application)
    last = _last_event(application.id)
    who = f"{last.by_name}于 {last.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M} 改动，现在" if last is not None else ""
    text = f"“{enterprise.name}”的申报已有改动（{who}是“{STATES[application.state]}”），您的操作没有执行。请刷新页面查看最新情况后再办理。"
    return Conflict("application_changed", text)


def _last_event(application_id: int) -> ApplicationEvent | None:
    of_it = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    return db.session.scalars(of_it.order_by(ApplicationEvent.id.desc()).limit(1)).first()


def take_step(
    *, application: Application, enterprise: Enterprise, step: str, version: int, reason: str | None, by: Actor, on_day: date | None = None,
) -> bool:
    """One step of the workflow. False = the same person has just done the same (double click). Raises ``Refused`` or ``Conflict``."""
    found, reason, day = STEPS[step], (reason or "").strip()[:200] or None, on_day or clock.today()
    if found.needs_reason and not reason:
        raise Refused([("reason", f"“{found.label}”请写明原因。")])
    if day > clock.today():
        raise Refused([("on_day", "日期晚于今天，请检查。")])
    last = _last_event(application.id)
    if last is not None and day < last.on_day:
        raise Refused([("on_day", f"日期早于上一步“{STATES[last.to_state]}”的 {last.on_day}，请检查。")])
    before = application.state
    claimed = update(Application).where(
        Application.id == application.id, Application.version == version, Application.state.in_(sorted(found.origins))
    )
    values = {"state": found.target, "reason": reason, "decided_on": day, "version": Application.version + 1, "updated_at": clock.now()}
    if not _update(claimed.values(**values)):
        return _repeated(application, enterprise, found, by)
    db.session.refresh(application)
    _step_row(application, before, found.target, reason, day, by)
    subject = Subject("application", application.id, enterprise.name)
    audit.record(f"application.{step}", subject, {"state": before}, {"state": found.target, "reason": reason, "on": day}, by=by)
    db.session.flush()
    return True


def _repeated(application: Application, enterprise: Enterprise, step: Step, by: Actor) -> bool:
    """A second click of the same person is answered like the first; everything else is a conflict in words."""
    db.session.refresh(application)
    last = _last_event(application.id)
    if application.state == step.target and last is not None and last.to_state == step.target and last.by_id == by.user_id:
        return False
    raise _overtaken(application, enterprise)


def _step_row(application: Application, before: str | None, after: str, reason: str | None, day: date, by: Actor) -> None:
    db.session.add(ApplicationEvent(
        application_id=application.id, from_state=before, to_state=after, reason=reason, on_day=day, at=clock.now(), by_id=by.user_id, by_name=by.name[:80],
    ))


def grant_application(*, application: Application, window: ApplicationWindow, enterprise: Enterprise, version: int, draft: Draft, by: Actor) -> bool:
    """The title was granted: the recognition is recorded by the usual action (one already there from the same batch is taken over). False = done before."""
    checked(draft, pack_of_city(enterprise.city_id))
    if not take_step(application=application, enterprise=enterprise, step="grant", version=version, reason=draft.document, by=by, on_day=draft.announced_on):
        return False
    known = db.session.scalars(select(Recognition).where(
        Recognition.enterprise_id == enterprise.id, Recognition.title_code == draft.title_code, Recognition.level == draft.level,
        Recognition.batch_year == draft.batch_year, Recognition.superseded_at.is_(None), Recognition.voided.is_(False),
    )).first()
    row = known or grant(enterprise=enterprise, draft=draft, by=by, source="申报结果登记")
    application.recognition_id = row.id
    db.session.flush()
    return True


def set_evidence(
    *, application: Application, enterprise: Enterprise, item: ApplicationItem, state: str, note: str | None, file: StoredFile | None, alike: bool, by: Actor,
) -> int:
    """Say whether a piece of evidence is there; ``alike``: the same for every condition the same paper proves. Returns how many were changed."""
    _open(application, enterprise)
    if state not in ITEM_STATES:
        raise Refused([("state", "请选择：缺、已备或不需要。")])
    if state == "not_needed" and not (note or "").strip():
        raise Refused([("note", "标为“不需要”请写明原因。")])
    ids = [item.id]
    if alike and item.material:
        ids = list(db.session.scalars(select(ApplicationItem.id).where(
            ApplicationItem.application_id == application.id, ApplicationItem.material == item.material
        )))
    values: dict[str, Any] = {"state": state, "note": (note or "").strip()[:200] or None, "changed_at": clock.now(), "changed_by": by.user_id}
    if file is not None:
        values["file_id"] = file.id
    _update(update(ApplicationItem).where(ApplicationItem.id.in_(ids)).values(**values))
    for id_ in ids:
        changed = db.session.get(ApplicationItem, id_)
        if changed is not None:
            db.session.refresh(changed)
    subject = Subject("application", application.id, enterprise.name)
    said = {"item": item.label, "state": state, "file": None if file is None else file.name, "items": len(ids), "note": values["note"]}
    audit.record("application.evidence", subject, None, said, by=by)
    db.session.flush()
    return len(ids)


def take_out(*, application: Application, enterprise: Enterprise, by: Actor) -> None:
    """Remove a candidate nobody has worked on yet (added by mistake). Raises ``Conflict`` once there is evidence or a step."""
    events = db.session.scalars(select(ApplicationEvent.id).where(ApplicationEvent.application_id == application.id).limit(2)).all()
    worked = db.session.scalar(select(ApplicationItem.id).where(ApplicationItem.application_id == application.id, ApplicationItem.state != "missing").limit(1))
    if len(events) > 1 or worked is not None:
        raise Conflict("application_worked_on", f"“{enterprise.name}”的申报已开始办理，不能移除。不再申报的请用“撤回申报”。")
    for model in (ApplicationEvent, ApplicationItem):
        db.session.execute(delete(model).where(model.application_id == application.id))
    subject = Subject("application", application.id, enterprise.name)
    audit.record("application.removed", subject, {"window": application.window_id}, None, by=by)
    db.session.delete(application)
    db.session.flush()


__all__ = [
    "MOST_AT_ONCE", "Added", "WindowDraft", "add_candidates", "change_window", "evidence_list", "grant_application", "open_window",
    "refresh_evidence", "set_evidence", "take_out", "take_step",
]
