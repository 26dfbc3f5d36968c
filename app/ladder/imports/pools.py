"""培育库成员: one row is one spell of one enterprise in one pool. An open spell is carried on (stage, owner, release), another date of entry is
another spell. The same file twice changes nothing; the export of a pool can be read again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.enterprises.imports import Firm, Firms, recheck_scope
from app.enterprises.imports.columns import CREDIT_CODE, NAME
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, write_journal
from app.exchange.packing import pack, unpack
from app.exchange.registry import (
    CREATED,
    INSERT,
    UNCHANGED,
    UPDATE,
    UPDATED,
    Journal,
    Option,
    Outdated,
    PlanContext,
    Planned,
    Reason,
    Run,
    Undoable,
)
from app.exchange.rules.fields import Field, Kind, words
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.infra import dialect
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.ladder.actions.pools import may_admit, restore
from app.ladder.models import PoolMember, PoolStep
from app.ladder.models.pools import MEMBER_STATES
from app.ladder.queries import pools as queries
from app.ladder.rules import pools as rules
from app.packs.schema import Pool
from app.policies.queries import PackByCity, packs_in, packs_key

FIELDS: tuple[Field, ...] = (
    replace(CREDIT_CODE, required=False),
    replace(NAME, note="有代码时仅供核对；没有代码时按企业名称（含曾用名）精确对应"),
    Field("pool", "培育库", Kind.TEXT, required=True, clearable=False, max_length=60,
          synonyms=words("库 库名 库名称 培育库名称 所在库 入库名称 名单")),
    Field("state", "状态", Kind.TEXT, clearable=False, max_length=20, synonyms=words("在库状态 库内状态 入库状态"), sample="在库",
          note="在库、提名待审、已出库、未入库；不填按日期判断"),
    Field("stage", "阶段", Kind.TEXT, clearable=False, max_length=60, synonyms=words("培育阶段 所处阶段 当前阶段 进展阶段")),
    Field("stage_on", "阶段日期", Kind.DATE, clearable=False, synonyms=words("进入阶段日期 阶段时间 自何日起")),
    Field("owner", "责任人", Kind.TEXT, max_length=60, synonyms=words("负责人 包联人 联系人 责任单位 培育责任人 帮扶责任人")),
    Field("nominated_on", "提名日期", Kind.DATE, clearable=False, synonyms=words("推荐日期 推荐时间 提名时间")),
    Field("entered_on", "入库日期", Kind.DATE, clearable=False, synonyms=words("入库时间 进库日期 纳入日期 纳入时间"), sample="2024-03-01"),
    Field("reason", "入库理由", Kind.TEXT, clearable=False, max_length=300, synonyms=words("入库原因 推荐理由 理由 提名理由")),
    Field("released_on", "出库日期", Kind.DATE, clearable=False, synonyms=words("出库时间 退库日期 退库时间 移出日期")),
    Field("release_reason", "出库原因", Kind.TEXT, clearable=False, max_length=300, synonyms=words("出库理由 退库原因 移出原因 不予入库原因")),
)
_STATES = {label: code for code, label in MEMBER_STATES.items() if code != "voided"} | {
    "提名": "nominated", "待审": "nominated", "线索": "nominated", "在培": "member", "已入库": "member", "入库": "member", "退库": "released",
    "出库": "released", "已退库": "released", "不予入库": "refused", "未通过": "refused",
}
NO_REASON = "导入时未写理由"
_MARKS = re.compile(r"[\s“”\"'‘’（）()《》「」]")


class Known(NamedTuple):
    """A spell as stored."""

    id: int
    enterprise_id: int
    pool_code: str
    state: str
    stage_code: str | None
    owner: str | None
    nominated_on: date | None
    entered_on: date | None
    closed_on: date | None
    version: int
    last_on: date


@dataclass
class Wanted:
    """What a row says, dates in order."""

    firm: Firm
    pool: Pool
    state: str
    stage: str | None
    stage_on: date | None
    owner: str | None
    nominated_on: date | None
    entered_on: date | None
    reason: str
    closed_on: date | None
    close_reason: str
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str, date | None]:
        return (self.firm.id, self.pool.code, self.entered_on or self.nominated_on)


Step = tuple[str, str, str | None, str | None, date, str]
"""Kind, state after, stage after, owner after, day, reason."""


class Refusal(Exception):
    """The row cannot be taken."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(reasons[0].message_zh)
        self.reasons = reasons


def spelled(text: str) -> str:
    """A name without quotes and blanks, for comparing."""
    return _MARKS.sub("", text).casefold()


class Planner:
    """Plan of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session, self._packs = context, context.session, PackByCity()
        self._firms = Firms(context)
        self._kept: dict[int, dict[str, Pool]] = {}
        self._seen: dict[Any, tuple[int, int]] = {}
        self._headers = {f.key: context.column(f.key) or f.label for f in FIELDS}

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        self._firms.prepare(rows)
        firms = [self._firms.find(row) for row in rows]
        known = _known(self._session, {f.id for f in firms if isinstance(f, Firm)})
        return [self._one(row, firm, known) for row, firm in zip(rows, firms, strict=True)]

    def _one(self, row: ParsedRow, firm: Firm | Reason, known: Mapping[int, list[Known]]) -> Planned:
        code = str(row.values.get("credit_code") or (firm.code if isinstance(firm, Firm) else ""))
        label = firm.name if isinstance(firm, Firm) else str(row.values.get("name") or "")
        if isinstance(firm, Reason):
            return Planned.refused(row, code, "" if firm.code == "out_of_scope" else label, [firm])
        if row.problems:
            return Planned.refused(row, code, label, [Reason(p.header, p.code, p.message_zh) for p in row.problems])
        try:
            wanted = self._wanted(row, firm)
            return self._twin(row, wanted) or self._planned(row, wanted, known.get(firm.id, []))
        except Refusal as refusal:
            return Planned.refused(row, firm.code, firm.name, list(refusal.reasons))

    # --- reading

    def _wanted(self, row: ParsedRow, firm: Firm) -> Wanted:
        values = {key: None if value is CLEAR else value for key, value in row.values.items()}
        pool = self._pool(firm, str(values.get("pool") or ""))
        days = {key: values.get(key) for key in ("nominated_on", "entered_on", "stage_on", "released_on")}
        notes = [f"{n.header}：{n.message_zh}" if n.header else n.message_zh for n in row.notes]
        if remark := self._firms.name_note(firm, row):
            notes.append(remark)
        state = self._state(values, days)
        wanted = Wanted(
            firm, pool, state, self._stage(pool, values), days["stage_on"], _text(values.get("owner")), days["nominated_on"], days["entered_on"],
            _text(values.get("reason")) or "", days["released_on"], _text(values.get("release_reason")) or "", notes,
        )
        self._check_days(wanted)
        if state in ("member", "released") and not may_admit(pool, self._context.scope):
            raise Refusal(Reason(self._headers["pool"], "pool_city_only", f"“{pool.label}”由市级决定入库；县级请把状态写成“提名待审”。"))
        return wanted

    def _pools(self, city_id: int) -> dict[str, Pool]:
        """The pools of a city by every way to write them: a firm stands in those of its own city."""
        if city_id not in self._kept:
            kept = queries.kept_pools(self._packs.of(city_id))
            self._kept[city_id] = {spelled(word): pool for pool in kept for word in (pool.label, pool.code)}
        return self._kept[city_id]

    def _pool(self, firm: Firm, text: str) -> Pool:
        pools = self._pools(firm.city_id)
        found = pools.get(spelled(text))
        if found is None:
            near = [pool for key, pool in pools.items() if spelled(text) and (spelled(text) in key or key in spelled(text))]
            found = near[0] if len({pool.code for pool in near}) == 1 else None
        if found is None:
            known = "、".join(dict.fromkeys(pool.label for pool in pools.values()))
            raise Refusal(Reason(self._headers["pool"], "pool_unknown", f"没有名为“{text[:30]}”的培育库；可用的有：{known}。"))
        if found.member != "enterprise":
            raise Refusal(Reason(self._headers["pool"], "pool_of_towns", f"“{found.label}”的成员不是企业；请在培育库页面逐个登记。"))
        return found

    def _state(self, values: Mapping[str, Any], days: Mapping[str, Any]) -> str:
        text = str(values.get("state") or "").strip()
        if text:
            code = _STATES.get(text)
            if code is None:
                raise Refusal(Reason(self._headers["state"], "state_unknown", f"不认识状态“{text[:20]}”；请写在库、提名待审、已出库或未入库。"))
            return code
        if days["released_on"] is not None:
            return "released"
        return "nominated" if days["nominated_on"] is not None and days["entered_on"] is None and not values.get("stage") else "member"

    def _stage(self, pool: Pool, values: Mapping[str, Any]) -> str | None:
        text = str(values.get("stage") or "").strip()
        if not text:
            return None
        for stage in pool.stages:
            if spelled(text) in (spelled(stage.label), stage.code):
                return stage.code
        known = "、".join(stage.label for stage in pool.stages)
        raise Refusal(Reason(self._headers["stage"], "stage_unknown", f"“{pool.label}”没有阶段“{text[:20]}”；可用的有：{known}。"))

    def _check_days(self, wanted: Wanted) -> None:
        before: date | None = None
        for key in ("nominated_on", "entered_on", "stage_on", "closed_on"):
            day = getattr(wanted, key)
            if day is None:
                continue
            header = self._headers["released_on" if key == "closed_on" else key]
            if day > self._context.today:
                raise Refusal(Reason(header, "date_in_future", f"{header} {day:%Y-%m-%d} 晚于今天；请核对年份。"))
            if day < rules.FIRST_DAY:
                raise Refusal(Reason(header, "date_too_early", f"{header} {day:%Y-%m-%d} 早于 {rules.FIRST_DAY:%Y-%m-%d}；请核对年份。"))
            if before is not None and day < before:
                raise Refusal(Reason(header, "dates_reversed", f"{header} {day:%Y-%m-%d} 早于前一步 {before:%Y-%m-%d}；请核对先后。"))
            before = day
        if wanted.state in ("released", "refused") and wanted.closed_on is None:
            raise Refusal(Reason(self._headers["released_on"], "date_missing", "状态为已出库或未入库时，请填写出库日期。"))
        if wanted.state in ("member", "nominated") and wanted.closed_on is not None:
            raise Refusal(Reason(self._headers["state"], "state_conflict", "填写了出库日期，状态却不是已出库；请核对后只保留一种说法。"))

    def _twin(self, row: ParsedRow, wanted: Wanted) -> Planned | None:
        said = hash((wanted.state, wanted.stage, wanted.stage_on, wanted.owner, wanted.closed_on))
        first = self._seen.setdefault(wanted.key, (row.row, said))
        if first[0] == row.row:
            return None
        if first[1] == said:
            return Planned(row.row, UNCHANGED, wanted.firm.code, _label(wanted), subject_id=wanted.firm.id, notes=(f"与第 {first[0]} 行相同",))
        message = f"与第 {first[0]} 行是同一家企业在同一个库的记录但内容不同；请核对后只保留一行。"
        raise Refusal(Reason(self._headers["pool"], "duplicate_in_file", message))

    # --- deciding

    def _planned(self, row: ParsedRow, wanted: Wanted, known: Sequence[Known]) -> Planned:
        mine = [k for k in known if k.pool_code == wanted.pool.code]
        open_ = next((k for k in mine if k.closed_on is None), None)
        began = wanted.entered_on or wanted.nominated_on
        if open_ is not None and (began is None or open_.entered_on is None or began in (open_.entered_on, open_.nominated_on)):
            return self._carried_on(row, wanted, open_)
        same = next((k for k in mine if k.closed_on is not None and began is not None and began in (k.entered_on, k.nominated_on)), None)
        if same is not None:
            return self._over(row, wanted, same)
        if open_ is not None and wanted.state in ("member", "nominated"):
            message = f"这家企业已在库（入库日期 {open_.entered_on or open_.nominated_on:%Y-%m-%d}），与表中日期不同；请核对入库日期，或先办理出库。"
            raise Refusal(Reason(self._headers["entered_on"], "already_member", message))
        return self._new(row, wanted)

    def _over(self, row: ParsedRow, wanted: Wanted, same: Known) -> Planned:
        if wanted.closed_on not in (None, same.closed_on):
            message = f"这段记录已于 {same.closed_on:%Y-%m-%d} 了结，与表中出库日期不同；请在培育库页面撤回后重新登记。"
            raise Refusal(Reason(self._headers["released_on"], "already_closed", message))
        note = () if wanted.closed_on else (f"这段记录已于 {same.closed_on:%Y-%m-%d} 了结，没有改动",)
        return Planned(row.row, UNCHANGED, wanted.firm.code, _label(wanted), subject_id=wanted.firm.id, notes=(*wanted.notes, *note))

    def _carried_on(self, row: ParsedRow, wanted: Wanted, open_: Known) -> Planned:
        steps, changes = self._steps_on(wanted, open_)
        if not steps:
            return Planned(row.row, UNCHANGED, wanted.firm.code, _label(wanted), subject_id=wanted.firm.id, notes=tuple(wanted.notes))
        content = (open_.id, [(*s[:4], s[4].isoformat(), s[5]) for s in steps])
        return Planned(
            row.row, UPDATED, wanted.firm.code, _label(wanted), 0, UPDATE, wanted.firm.id, open_.version, content, changes, notes=tuple(wanted.notes),
        )

    def _steps_on(self, wanted: Wanted, open_: Known) -> tuple[list[Step], dict[str, tuple[Any, Any]]]:
        state, stage, owner = open_.state, open_.stage_code, open_.owner
        steps: list[Step] = []
        changes: dict[str, tuple[Any, Any]] = {}
        last = open_.last_on

        def add(kind: str, on: date | None, header: str, reason: str) -> None:
            nonlocal last
            day = on or self._context.on or self._context.today
            if day < last:
                raise Refusal(Reason(header, "dates_reversed", f"日期 {day:%Y-%m-%d} 早于系统中上一步 {last:%Y-%m-%d}；请核对。"))
            last = day
            steps.append((kind, state, stage, owner, day, reason))

        if wanted.owner and wanted.owner != owner:
            changes["owner"], owner = (owner, wanted.owner), wanted.owner
            owner_only = True
        else:
            owner_only = False
        if state == "nominated" and wanted.state in ("member", "released"):
            changes["state"] = (MEMBER_STATES[state], MEMBER_STATES["member"])
            state, stage = "member", wanted.stage or wanted.pool.stages[0].code
            add("admitted", wanted.entered_on, self._headers["entered_on"], wanted.reason or NO_REASON)
            owner_only = False
        elif state == "member" and wanted.stage and wanted.stage != stage:
            changes["stage"] = (wanted.pool.stage_label(stage), wanted.pool.stage_label(wanted.stage))
            stage = wanted.stage
            add("stage", wanted.stage_on, self._headers["stage_on"], "")
            owner_only = False
        if owner_only:
            add("owner", None, self._headers["owner"], "")
        if wanted.state in ("released", "refused"):
            closing = "refused" if state == "nominated" else "released"
            changes["released_on"] = (None, wanted.closed_on)
            state = closing
            add(closing, wanted.closed_on, self._headers["released_on"], wanted.close_reason or NO_REASON)
        return steps, changes

    def _new(self, row: ParsedRow, wanted: Wanted) -> Planned:
        began = wanted.entered_on or wanted.nominated_on or wanted.stage_on or wanted.closed_on
        if began is None:
            began = self._context.on or self._context.today
            wanted.notes.append(f"没有入库日期，按 {began:%Y-%m-%d} 计")
        if not wanted.reason:
            wanted.notes.append("没有入库理由，请在培育库补充")
        steps = self._first_steps(wanted, began)
        for step in steps:
            if step[4] > self._context.today:
                raise Refusal(Reason(self._headers["entered_on"], "date_in_future", "日期晚于今天；请核对年份。"))
        year = began.year if wanted.pool.term == "yearly" else 0
        content = (wanted.pool.code, year, [(*s[:4], s[4].isoformat(), s[5]) for s in steps])
        return Planned(row.row, CREATED, wanted.firm.code, _label(wanted), 0, INSERT, wanted.firm.id, 0, content, notes=tuple(wanted.notes))

    def _first_steps(self, wanted: Wanted, began: date) -> list[Step]:
        reason, owner = wanted.reason or NO_REASON, wanted.owner
        first, stage = wanted.pool.stages[0].code, wanted.stage or wanted.pool.stages[0].code
        steps: list[Step] = []
        if wanted.nominated_on is not None or wanted.state in ("nominated", "refused"):
            steps.append(("nominated", "nominated", None, owner, wanted.nominated_on or began, reason))
        if wanted.state in ("member", "released"):
            entered = wanted.entered_on or began
            moved = wanted.stage_on is not None and wanted.stage_on > entered and stage != first and wanted.state == "member"
            steps.append(("admitted", "member", first if moved else stage, owner, entered, reason))
            if moved:
                steps.append(("stage", "member", stage, owner, cast(date, wanted.stage_on), ""))
        if wanted.state in ("released", "refused"):
            last = stage if wanted.state == "released" else None
            steps.append((wanted.state, wanted.state, last, owner, cast(date, wanted.closed_on), wanted.close_reason or NO_REASON))
        return steps


def _text(value: Any) -> str | None:
    return (str(value).strip() or None) if value is not None else None


def _label(wanted: Wanted) -> str:
    return f"{wanted.firm.name} {wanted.pool.label}"


def _known(session: Session, ids: Collection[int]) -> dict[int, list[Known]]:
    """Spells of these enterprises with the day of their last step, by two statements."""
    found: dict[int, list[Known]] = {}
    m, standing = PoolMember, PoolStep.superseded_at.is_(None)
    last = select(PoolStep.member_id, func.max(PoolStep.happened_on).label("last_on")).where(standing).group_by(PoolStep.member_id)
    if not ids:
        return found
    last = last.where(PoolStep.member_id.in_(select(m.id).where(m.enterprise_id.in_(ids))))
    days = dict(session.execute(last).all())
    query = select(
        m.id, m.enterprise_id, m.pool_code, m.state, m.stage_code, m.owner, m.nominated_on, m.entered_on, m.closed_on, m.version,
    ).where(m.state != "voided", m.enterprise_id.in_(ids))
    for row in session.execute(query.order_by(m.id)):
        said: Any = (*row, days.get(row[0], rules.FIRST_DAY))
        found.setdefault(said[1], []).append(Known(*said))
    return found


_MEMBERS, _STEPS = cast(Table, PoolMember.__table__), cast(Table, PoolStep.__table__)
_MEMBER_COLUMNS = (
    "id", "pool_code", "enterprise_id", "year", "state", "stage_code", "stage_on", "owner", "nominated_on", "entered_on", "closed_on", "reason", "origin",
    "created_at", "version",
)
_STEP_COLUMNS = ("member_id", "kind", "state", "stage_code", "owner", "happened_on", "reason", "recorded_at", "recorded_by", "recorded_name")


class PoolImporter:
    """培育库成员."""

    kind = "pools"
    label = "培育库成员"
    unit = "条"
    permission = Permission.POOL_EDIT
    fields = FIELDS
    any_of = ("credit_code", "name")
    options: tuple[Option, ...] = ()
    notes: tuple[str, ...] = (
        "企业必须已在企业库中；以统一社会信用代码对应，没有代码时按企业名称（含曾用名）精确对应。",
        "一行是一家企业在一个库的一段记录。企业已在库时，阶段、责任人、出库有变化的记为新的一步，原来的步骤保留。",
        "再次导入同一张表不会重复登记；培育库页面导出的表可以修改后再导入。",
        "填写出库日期即办理出库，请同时写明出库原因。",
    )

    def samples(self, scope: Scope) -> Mapping[str, str]:
        """A pool of the reader's city with its first stage."""
        pools = [pool for pack in packs_in(scope) for pool in queries.kept_pools(pack) if pool.member == "enterprise"]
        return {"pool": pools[0].label, "stage": pools[0].stages[0].label} if pools else {}

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return packs_key()

    def apply(self, run: Run) -> None:
        done, scope = 0, batches.scope_of(run.session, run.batch_id)
        for action, write in ((INSERT, _insert), (UPDATE, _update)):
            for rows in chunked(run.rows(action), CHUNK):
                if not recheck_scope(run.session, scope, {cast(int, r.subject_id) for r in rows}):
                    raise Outdated
                write(run, rows)
                done += len(rows)
                run.progress(done)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, batch_id, action):
                after = _steps_after(session, [(line.subject_id, unpack(line.before)[0]) for line in lines])
                for line in lines:
                    if after.get(line.subject_id, 0) == unpack(line.before)[1]:
                        found.rows.append((line.row, line.part))
                    else:
                        found.kept.append((line.row, line.part, line.label, "导入后又在培育库办理过"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        """The imported steps are taken back; the spell is again what it was before."""
        wanted, done = set(undoable.rows), 0
        for action in (UPDATE, INSERT):
            for lines in batches.journal_chunks(run.session, run.batch_id, action):
                for line in lines:
                    if (line.row, line.part) in wanted:
                        _take_back(run, line.subject_id, unpack(line.before)[0])
                        done += 1
                run.session.flush()
                run.progress(done)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if v is None else str(v) for v in values]


def _steps(content: Sequence[Any]) -> list[Step]:
    return [(*s[:4], date.fromisoformat(s[4]), s[5]) for s in content]  # type: ignore[misc]


def _insert(run: Run, rows: Sequence[Any]) -> None:
    """New spells with their steps."""
    session, by = run.session, run.actor
    keys = dialect.reserve_ids(session, _MEMBERS, len(rows))
    spells = [(key, row, row.content[0], row.content[1], _steps(row.content[2])) for key, row in zip(keys, rows, strict=True)]
    try:
        dialect.load_rows(session, _MEMBERS, _MEMBER_COLUMNS, (_member_row(run, *spell) for spell in spells))
    except Exception as error:
        if dialect.is_duplicate(error):
            raise Outdated from error
        raise
    dialect.load_rows(
        session, _STEPS, _STEP_COLUMNS,
        ((key, *s[:6], run.now, by.user_id, by.name[:80]) for key, _, _, _, steps in spells for s in (_clean(step) for step in steps)),
    )
    write_journal(session, run.batch_id, (Journal(r.row, r.part, INSERT, key, r.label, pack((0, len(steps)))) for key, r, _, _, steps in spells))


def _clean(step: Step) -> Step:
    return (*step[:5], step[5] or None)  # type: ignore[return-value]


def _member_row(run: Run, key: int, row: Any, pool_code: str, year: int, steps: list[Step]) -> tuple[Any, ...]:
    last = steps[-1]
    day = {kind: next((s[4] for s in steps if s[0] == kind), None) for kind in ("nominated", "admitted")}
    closed = None if last[1] in ("nominated", "member") else last[4]
    return (
        key, pool_code, row.subject_id, year, last[1], last[2], last[4], last[3], day["nominated"], day["admitted"], closed, steps[0][5] or None, "import",
        run.now, 1,
    )


def _update(run: Run, rows: Sequence[Any]) -> None:
    """Steps added to open spells."""
    session, journal = run.session, []
    for row in rows:
        member_id, steps = row.content[0], _steps(row.content[1])
        member = session.get(PoolMember, member_id, with_for_update=True)
        if member is None or member.version != row.version:
            raise Outdated
        before = queries.steps_of(member_id)
        added = [
            PoolStep(
                member_id=member_id, kind=s[0], state=s[1], stage_code=s[2], owner=s[3], happened_on=s[4], reason=s[5] or None, recorded_at=run.now,
                recorded_by=run.actor.user_id, recorded_name=run.actor.name[:80],
            ) for s in steps
        ]
        session.add_all(added)
        restore(member, [*before, *added])
        journal.append(Journal(row.row, row.part, UPDATE, member_id, row.label, pack((before[-1].id if before else 0, len(added)))))
    session.flush()
    write_journal(session, run.batch_id, journal)


def _steps_after(session: Session, wanted: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Member -> standing steps behind the given one."""
    limits, found = dict(wanted), dict[int, int]()
    ids = sorted(limits)
    for start in range(0, len(ids), 900):
        query = select(PoolStep.member_id, PoolStep.id).where(PoolStep.member_id.in_(ids[start : start + 900]), PoolStep.superseded_at.is_(None))
        for member_id, step_id in session.execute(query):
            found[member_id] = found.get(member_id, 0) + (step_id > limits[member_id])
    return found


def _take_back(run: Run, member_id: int, last_id: int) -> None:
    member = run.session.get(PoolMember, member_id, with_for_update=True)
    if member is None:
        raise Outdated
    steps = queries.steps_of(member_id)
    for step in steps:
        if step.id > last_id:
            step.superseded_at = run.now
    restore(member, [step for step in steps if step.id <= last_id])


