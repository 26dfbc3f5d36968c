"""Decisions about the lines of an official list, and recording what was confirmed. Nothing is recorded without an officer's confirmation.

Actions flush, the caller commits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select, update

from app.enterprises import actions as enterprises
from app.enterprises.actions.records import NewEnterprise, create_enterprise
from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import audit, clock, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.ladder.models import NameMatch, OfficialList, OfficialListRow, Recognition
from app.ladder.queries import current_pack
from app.ladder.queries.lists import Line, Matcher
from app.ladder.rules import Draft
from app.ladder.rules import problems as draft_problems
from app.packs import Pack
from app.policies.queries import PackByCity, find_title, packs_by_city

PART = 900
HEAD = ("name", "purpose", "stage", "title_code", "level", "batch_year", "as_of", "announced_on", "document", "valid_from", "valid_to")
"""What may be said of a list as a whole."""
_GRANTS = cast(Table, Recognition.__table__)
_SAID = ("document", "announced_on", "valid_from", "valid_to")
_BATCH_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _parts(ids: Collection[int]) -> list[list[int]]:
    wanted = sorted(set(ids))
    return [wanted[start : start + PART] for start in range(0, len(wanted), PART)]


def _subject(row: OfficialList) -> Subject:
    return Subject("official_list", row.id, row.name)


def edit_head(*, listed: OfficialList, values: Mapping[str, Any], version: int, by: Actor) -> None:
    """Say what the list is about. Raises ``Conflict`` when somebody else did meanwhile, ``Invalid`` for what cannot be."""
    if listed.version != version:
        raise Conflict("list_changed", "这份名单的信息刚刚被别人修改过，您的修改没有保存。请核对最新内容后再改。")
    today = clock.today()
    wanted = {name: values[name] for name in HEAD if name in values}
    packs = [city.pack for city in packs_by_city() if city.pack is not None]
    title = find_title(packs, wanted["title_code"]) if wanted.get("title_code") else None
    if wanted.get("title_code") and title is None:
        raise Invalid("title", "政策包里没有这项称号，请从列表中选择。", "title_code")
    if title is not None and title.levels and wanted.get("level") not in {level.value for level in title.levels}:
        raise Invalid("level", f"这项称号的级别只能是：{'、'.join(level.label for level in title.levels)}。请重新选择。", "level")
    if title is not None and not title.levels:
        wanted["level"] = ""
    if wanted.get("announced_on") and wanted["announced_on"] > today:
        raise Invalid("announced_on", "公布日期晚于今天。公示不是认定，请在正式公布后填写。", "announced_on")
    start = wanted.get("valid_from") or wanted.get("announced_on")
    if start and wanted.get("valid_to") and wanted["valid_to"] < start:
        raise Invalid("valid_to", "有效期止早于起始日期，请检查。", "valid_to")
    before = {name: getattr(listed, name) for name in wanted}
    old, new = audit.changes(before, wanted)
    if not new:
        return
    for name, value in new.items():
        setattr(listed, name, value)
    listed.version += 1
    db.session.flush()
    audit.record("list.edited", _subject(listed), old, new, by=by)


# --- whose line it is


def confirm(*, listed: OfficialList, choices: Mapping[int, int], scope: Scope, by: Actor) -> int:
    """Line id -> enterprise id, as the officer chose. Pairs are remembered for later lists. Returns how many lines changed.

    Raises ``Invalid`` when a firm is out of the officer's scope; lines already recorded are left alone.
    """
    seen: set[int] = set()
    for part in _parts(set(choices.values())):
        seen |= set(db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_(part), in_scope(scope))))
    if set(choices.values()) - seen:
        raise Invalid("enterprise_unknown", "所选企业不在您的管辖范围内，或已被合并。请刷新名单后重新选择。")
    changed = 0
    for row in _rows(listed.id, choices):
        if row.recorded is None and (row.decision, row.enterprise_id) != ("confirmed", choices[row.id]):
            how = next((c[1] for c in row.candidates or () if c[0] == choices[row.id]), "manual")
            _decide(row, "confirmed", choices[row.id], how, by)
            changed += 1
    db.session.flush()
    _remember(listed.id, choices, by)
    if changed:
        audit.record("list.confirmed", _subject(listed), None, {"lines": changed}, by=by)
    return changed


def confirm_sure(*, listed: OfficialList, scope: Scope, by: Actor) -> int:
    """Every open line with exactly one firm of its code, of its very name, or of a name confirmed before."""
    row = OfficialListRow
    query = select(row.id, row.enterprise_id).where(row.list_id == listed.id, row.decision == "open", row.sure == 1, row.enterprise_id.is_not(None))
    proposed: Any = db.session.execute(query).all()
    return confirm(listed=listed, choices=dict(proposed), scope=scope, by=by)


def mark_foreign(*, listed: OfficialList, row_ids: Collection[int], by: Actor) -> int:
    """Not firms of ours: said once, kept, and taken back by ``reopen``."""
    return _mark(listed, row_ids, "foreign", by)


def reopen(*, listed: OfficialList, row_ids: Collection[int], by: Actor) -> int:
    """Decide again; the pair is forgotten, too. Recorded lines stay: their recognition is corrected or voided instead."""
    rows = [row for row in _rows(listed.id, row_ids) if row.recorded is None and row.decision == "confirmed"]
    for row in rows:
        pair = select(NameMatch).where(NameMatch.name_key == row.name_key, NameMatch.enterprise_id == row.enterprise_id)
        for match in db.session.scalars(pair):
            db.session.delete(match)
    return _mark(listed, row_ids, "open", by)


def _mark(listed: OfficialList, row_ids: Collection[int], decision: str, by: Actor) -> int:
    changed = 0
    for row in _rows(listed.id, row_ids):
        if row.recorded is None and row.decision != decision:
            best: Any = (row.candidates or [[None, None]])[0] if decision == "open" and row.sure else (None, None)
            _decide(row, decision, best[0], best[1], by)
            changed += 1
    db.session.flush()
    if changed:
        audit.record(f"list.{decision}", _subject(listed), None, {"lines": changed}, by=by)
    return changed


def _decide(row: OfficialListRow, decision: str, enterprise_id: int | None, how: str | None, by: Actor) -> None:
    row.decision, row.enterprise_id, row.how = decision, enterprise_id, how
    row.decided_at, row.decided_by = clock.now(), by.user_id


def _rows(list_id: int, ids: Collection[int]) -> list[OfficialListRow]:
    return [
        row for part in _parts(ids)
        for row in db.session.scalars(select(OfficialListRow).where(OfficialListRow.list_id == list_id, OfficialListRow.id.in_(part)).with_for_update())
    ]


def _remember(list_id: int, choices: Mapping[int, int], by: Actor) -> None:
    """The writing of the list and the firm it is, for the next list."""
    keys = {row.id: row.name_key for row in _rows(list_id, choices)}
    wanted = {(keys[row_id], firm) for row_id, firm in choices.items() if row_id in keys}
    known: set[tuple[str, int]] = set()
    for part in _parts({firm for _, firm in wanted}):
        found = db.session.execute(select(NameMatch.name_key, NameMatch.enterprise_id).where(NameMatch.enterprise_id.in_(part)))
        known |= {(key, firm) for key, firm in found}
    for key, firm in sorted(wanted - known):
        db.session.add(NameMatch(name_key=key, enterprise_id=firm, confirmed_at=clock.now(), confirmed_by=by.user_id))
    db.session.flush()


def create_firm(*, listed: OfficialList, row: OfficialListRow, new: NewEnterprise, scope: Scope, by: Actor) -> Enterprise:
    """The line names a firm we do not have yet: make it and confirm the line."""
    firm = create_enterprise(scope=scope, new=new, values={}, by=by)
    confirm(listed=listed, choices={row.id: firm.id}, scope=scope, by=by)
    row.how = "created"
    db.session.flush()
    return firm


def rematch(*, listed: OfficialList, scope: Scope, by: Actor) -> int:
    """Look for the firms of open lines again (firms were imported or renamed meanwhile). Returns how many lines got other candidates."""
    rows = list(db.session.scalars(select(OfficialListRow).where(OfficialListRow.list_id == listed.id, OfficialListRow.decision == "open")))
    answers = Matcher(db.session(), scope).match([Line(row.name, row.credit_code, row.unit_id) for row in rows])
    changed = 0
    for row, found in zip(rows, answers, strict=True):
        plain: Any = [[c.enterprise_id, c.how, c.points] for c in found.candidates]
        if plain != row.candidates or bool(row.sure) != found.sure:
            row.candidates, row.sure = plain, int(found.sure)
            row.enterprise_id, row.how = (plain[0][0], plain[0][1]) if found.sure else (None, None)
            changed += 1
    db.session.flush()
    if changed:
        audit.record("list.rematched", _subject(listed), None, {"lines": changed}, by=by)
    return changed


# --- recording


@dataclass(frozen=True)
class ToRecord:
    """What recording would do with one confirmed line: ``new``, ``same``, ``differs`` or ``refused`` with ``why``."""

    row: OfficialListRow
    draft: Draft | None
    outcome: str
    why: str = ""
    known: Recognition | None = None


def draft_of_line(listed: OfficialList, row: OfficialListRow, pack: Pack) -> tuple[Draft | None, str]:
    """The recognition a line stands for: its own words, else those of the list; or why there is none."""
    said = row.values or {}
    code, level = listed.title_code, listed.level
    if "title" in said or ("level" in said and code is None):
        match = pack.match_title(str(said.get("title") or ""), said.get("level"))
        if match.title_code is None:
            return None, match.message_zh
        code, level = match.title_code, match.level.value if match.level else ""
    title = pack.find_title(code or "")
    if code is None or title is None:
        return None, "还没有说明这份名单是哪项称号；请先填写名单信息。"
    values: dict[str, Any] = {name: _day(said[name]) if name != "document" and name in said else said.get(name) or getattr(listed, name) for name in _SAID}
    years = set(_BATCH_YEAR.findall(str(said.get("batch") or "")))
    year = said.get("batch_year") or (int(years.pop()) if len(years) == 1 else 0) or listed.batch_year
    year = year or (values["announced_on"].year if values["announced_on"] else 0)
    draft = Draft(title.code, level, int(year), **values)
    found = draft_problems(draft, title.levels, clock.today())
    return (None, found[0][1]) if found else (draft, "")


def _day(value: Any) -> date | None:
    day = date.fromisoformat(value) if isinstance(value, str) else None
    return None if day is not None and day.year == 9999 else day


def plan_recording(listed: OfficialList, only: Collection[int] | None = None) -> list[ToRecord]:
    """What ``record`` would do now, line by line. ``only``: these lines, recorded before or not; else every confirmed line not yet recorded."""
    row = OfficialListRow
    query = select(row).where(row.list_id == listed.id, row.decision == "confirmed").order_by(row.row, row.id)
    if only is None:
        rows = list(db.session.scalars(query.where(row.recorded.is_(None))))
    else:
        rows = [found for part in _parts(only) for found in db.session.scalars(query.where(row.id.in_(part)))]
    held = _held({r.enterprise_id for r in rows if r.enterprise_id})
    pack_of, seen = _packs_of({r.enterprise_id for r in rows if r.enterprise_id}), set[tuple[int, str, str, int]]()
    return [_plan(listed, r, pack_of(r.enterprise_id), held, seen) for r in rows]


def _plan(
    listed: OfficialList, row: OfficialListRow, pack: Pack, held: Mapping[tuple[int, str, str, int], Recognition], seen: set[tuple[int, str, str, int]],
) -> ToRecord:
    draft, why = draft_of_line(listed, row, pack)
    if draft is None:
        return ToRecord(row, None, "refused", why)
    key = (row.enterprise_id or 0, draft.title_code, draft.level, draft.batch_year)
    if key in seen:
        return ToRecord(row, draft, "same", "名单中重复")
    seen.add(key)
    known = held.get(key)
    if known is None:
        return ToRecord(row, draft, "new")
    if known.voided:
        return ToRecord(row, draft, "refused", "系统中这条认定已经作废；如确有这项称号，请在企业档案里重新登记。", known)
    said = [name for name in _SAID if getattr(draft, name) is not None and getattr(draft, name) != getattr(known, name)]
    return ToRecord(row, draft, "differs" if said else "same", "", known)


def _packs_of(ids: Collection[int]) -> Callable[[int | None], Pack]:
    """Enterprise id -> the pack of its city: a line is read by the policy of the firm's own city."""
    packs, cities = PackByCity(), dict[int, int]()
    for part in _parts(ids):
        cities |= {id_: city_id for id_, city_id in db.session.execute(select(Enterprise.id, Enterprise.city_id).where(Enterprise.id.in_(part)))}  # noqa: C416
    return lambda enterprise_id: packs.of(cities[enterprise_id]) if enterprise_id in cities else current_pack()


def _held(ids: Collection[int]) -> dict[tuple[int, str, str, int], Recognition]:
    found: dict[tuple[int, str, str, int], Recognition] = {}
    for part in _parts(ids):
        for r in db.session.scalars(select(Recognition).where(Recognition.enterprise_id.in_(part), Recognition.superseded_at.is_(None))):
            found[r.enterprise_id, r.title_code, r.level, r.batch_year] = r
    return found


def record(
    *, listed: OfficialList, scope: Scope, by: Actor, correcting: bool = False, only: Collection[int] | None = None,
) -> dict[str, int]:
    """Record the confirmed lines as recognitions; ``correcting``: also bring recorded ones with other values in line with the list.

    Returns lines per outcome. A list of a public notice is refused: 公示 is not 认定. Set-based: 3,000 lines are a handful of statements.
    """
    if listed.stage == "noticed":
        raise Conflict("not_yet_recognised", "这是公示名单，公示不是认定，不能登记。请在正式公布后导入公布的名单。")
    plans = plan_recording(listed, only)
    inside: set[int] = set()
    for part in _parts({p.row.enterprise_id for p in plans if p.row.enterprise_id}):
        inside |= set(db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_(part), in_scope(scope))))
    plans = [p for p in plans if p.row.enterprise_id in inside]
    writing = [p for p in plans if p.outcome == "new" or (correcting and p.outcome == "differs")]
    _write(listed, writing, by)
    written = {p.row.id for p in writing}
    for p in plans:
        if p.row.id in written or p.outcome == "same":
            p.row.recorded = {"new": "new", "differs": "corrected"}.get(p.outcome, "same")
    db.session.flush()
    counts = {name: sum(p.outcome == name for p in plans) for name in ("new", "same", "differs", "refused")}
    if writing:
        audit.record("list.recorded", _subject(listed), None, counts | {"written": len(writing)}, by=by)
        enterprises.after_bulk(db.session(), sorted({cast(int, p.row.enterprise_id) for p in writing}))
    return counts


def _write(listed: OfficialList, plans: Sequence[ToRecord], by: Actor) -> None:
    now, pack_of = clock.now(), _packs_of({p.row.enterprise_id for p in plans if p.row.enterprise_id})
    gone = [p.known.id for p in plans if p.known is not None]
    for part in _parts(gone):
        closed = update(Recognition).where(Recognition.id.in_(part), Recognition.superseded_at.is_(None)).values(superseded_at=now)
        if db.session.execute(closed.execution_options(synchronize_session=False)).rowcount != len(part):  # type: ignore[attr-defined]
            raise Conflict("recognition_changed", "有认定刚刚被别人更正过，没有登记任何内容。请刷新后重试。")
    ids = dialect.reserve_ids(db.session(), _GRANTS, len(plans))
    columns = (
        "id", "enterprise_id", "title_code", "level", "batch_year", *_SAID, "open_ended", "voided", "revoked_on", "revoked_reason", "evidence", "source",
        "recorded_at", "recorded_by",
    )
    dialect.load_rows(db.session(), _GRANTS, columns, (
        (i, p.row.enterprise_id, *_values(p, pack_of(p.row.enterprise_id)), f"公布名单：{listed.name}"[:60], now, by.user_id)
        for i, p in zip(ids, plans, strict=True)
    ))


def _values(plan: ToRecord, pack: Pack) -> tuple[Any, ...]:
    """Blank words of the list keep what is known; a revocation stays."""
    draft, known = cast(Draft, plan.draft), plan.known
    if known is not None:
        draft = replace(draft, **{name: getattr(known, name) for name in _SAID if getattr(draft, name) is None})
    open_ended = pack.title(draft.title_code).open_ended and draft.valid_to is None
    kept = (known.revoked_on, known.revoked_reason, known.evidence) if known is not None else (None, None, None)
    return (draft.title_code, draft.level, draft.batch_year, *(getattr(draft, name) for name in _SAID), open_ended, False, *kept)
