"""历史诉求台账: one demand per line, as it was noted. Ended ones come in as ended and open ones as 待受理; neither gets clocks: limits that nobody set then
are not made up now, so old lines enter no response or closing rate. A line already there is left alone; the same number with other words is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from app.demands.models import NO_DEADLINE, Demand, DemandEvent
from app.demands.queries.departments import Department, list_departments
from app.demands.rules.ledger import entry_key, is_done, outcome_of, rating_of
from app.demands.rules.texts import LONGEST, SHORTEST, cleaned, hinted, title_of
from app.enterprises.imports import Firm, Firms, recheck_scope
from app.enterprises.imports.columns import CREDIT_CODE, NAME
from app.enterprises.models import Enterprise
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, write_journal
from app.exchange.packing import dates_back
from app.exchange.registry import CREATED, INSERT, UNCHANGED, Journal, Outdated, PlanContext, Planned, Reason, Run, Undoable
from app.exchange.rules.fields import Field, Kind, words
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.infra import clock, dialect
from app.kernel.permission import Permission
from app.kernel.text import squeeze
from app.policies.queries import PackByCity, packs_key

FIELDS: tuple[Field, ...] = (
    replace(NAME, note="有代码时仅供核对；没有代码时按企业名称（含曾用名）精确对应"), replace(CREDIT_CODE, required=False),
    Field(
        "number", "诉求编号", Kind.CODE, clearable=False, max_length=60, sample="2023-015", synonyms=words("编号 工单编号 工单号 受理编号 诉求号 台账编号"),
    ),
    Field(
        "text", "诉求内容", Kind.TEXT, required=True, clearable=False, max_length=LONGEST, multiline=True, sample="厂区经常停电，希望增容",
        synonyms=words("诉求 问题 问题描述 问题内容 困难问题 诉求事项 反映问题 存在问题 主要诉求 企业诉求 需求内容"),
    ),
    Field(
        "domain", "诉求类别", Kind.TEXT, clearable=False, max_length=40, sample="水电气热",
        synonyms=words("类别 类型 诉求类型 问题类别 问题类型 领域 诉求领域"),
    ),
    Field(
        "raised_on", "提出日期", Kind.DATE, required=True, clearable=False, sample="2023-05-10",
        synonyms=words("提出时间 登记日期 登记时间 受理日期 受理时间 反映日期 反映时间 收件日期 日期 时间"),
    ),
    Field(
        "department", "承办部门", Kind.TEXT, clearable=False, max_length=80, sample="市发展改革委",
        synonyms=words("承办单位 责任部门 责任单位 办理单位 办理部门 主办单位 主办部门 转办部门 牵头部门 牵头单位"),
    ),
    Field("handler", "承办人", Kind.NAME, clearable=False, max_length=60, synonyms=words("责任人 办理人 经办人 接办人 联系人")),
    Field("state", "办理状态", Kind.TEXT, clearable=False, max_length=40, synonyms=words("状态 办理情况 办理进度 进展 进展情况 是否办结"), sample="已办结"),
    Field("solved_on", "办结日期", Kind.DATE, clearable=False, synonyms=words("办结时间 完成日期 完成时间 答复日期 答复时间 销号日期"), sample="2023-05-20"),
    Field("outcome", "办结方式", Kind.TEXT, clearable=False, max_length=40, synonyms=words("办理结果类型 解决情况 是否解决 结果"), sample="已解决"),
    Field(
        "answer", "办理结果", Kind.TEXT, clearable=False, max_length=LONGEST, multiline=True,
        synonyms=words("答复内容 办理意见 处理结果 解决措施 办理措施 结果说明"),
    ),
    Field("rating", "满意度", Kind.TEXT, clearable=False, max_length=40, synonyms=words("满意程度 评价 企业评价 评价结果 满意情况"), sample="满意"),
)
_DEMAND, _EVENT = cast(Table, Demand.__table__), cast(Table, DemandEvent.__table__)
_CONTENT = ("text", "domain", "raised_on", "organisation", "handler", "done", "solved_on", "outcome", "answer", "rating", "number", "key", "department")
_DATES = (_CONTENT.index("raised_on"), _CONTENT.index("solved_on"))
_COLUMNS = (
    "id", "number", "token", "enterprise_id", "city_id", "unit_id", "town_id", "domain", "title", "text", "source", "raised_at", "raised_by", "raised_name",
    "consent", "fast", "state", "tab", "sort_at", "organisation_id", "handler_name", "ruled", "needs_ruling", "bounce_count", "round", "solved_at",
    "extension_count", "escalation_level", "moved_at", "outcome", "answer", "rating", "rated_at", "rated_via", "closed_at", "reopen_count",
    "call_back_count", "entry_key", "legacy_number", "version", "updated_at",
)
_EVENT_COLUMNS = ("demand_id", "kind", "text", "organisation_id", "at", "by_id", "by_name", "version")


class Planner:
    """Plan of one ledger."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session, self._firms, self._packs = context, context.session, Firms(context), PackByCity()
        self._headers = {f.key: context.column(f.key) or f.label for f in FIELDS}
        self._seen: dict[str, tuple[int, str]] = {}
        self._departments: dict[int, dict[str, Department]] = {}

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        self._firms.prepare(rows)
        firms = [self._firms.find(row) for row in rows]
        keys = [self._key(row, firm) for row, firm in zip(rows, firms, strict=True)]
        wanted = [key for key in keys if key]
        known: dict[str, str] = {}
        for first in range(0, len(wanted), 900):
            part = select(Demand.entry_key, Demand.text).where(Demand.entry_key.in_(wanted[first : first + 900]))
            known |= {row[0]: row[1] for row in self._session.execute(part)}
        return [self._one(row, firm, key, known) for row, firm, key in zip(rows, firms, keys, strict=True)]

    def _key(self, row: ParsedRow, firm: Firm | Reason) -> str:
        day, text = row.values.get("raised_on"), row.values.get("text")
        if isinstance(firm, Reason) or not isinstance(day, date) or not isinstance(text, str):
            return ""
        number = row.values.get("number")
        return entry_key(firm.id, day, number if isinstance(number, str) else None, text)

    def _one(self, row: ParsedRow, firm: Firm | Reason, key: str, known: Mapping[str, str]) -> Planned:
        code = row.values.get("credit_code") or (firm.code if isinstance(firm, Firm) else "")
        label = firm.name if isinstance(firm, Firm) else str(row.values.get("name") or "")
        if isinstance(firm, Reason) and firm.code == "out_of_scope":
            return Planned.refused(row, code, label, [firm])
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        if isinstance(firm, Reason):
            return Planned.refused(row, code, label, [firm, *problems])
        values = {name: None if value is CLEAR else value for name, value in row.values.items()}
        problems += self._check(values)
        if problems:
            return Planned.refused(row, code, label, problems)
        body = cleaned(values["text"])
        label = f"{firm.name} {title_of(body)}"[:200]
        first = self._seen.setdefault(key, (row.row, body))
        earlier = known.get(key) if first[0] == row.row else first[1]
        if earlier is not None:
            where = "系统中" if first[0] == row.row else f"第 {first[0]} 行"
            if squeeze(earlier) == squeeze(body):
                return Planned(row.row, UNCHANGED, firm.code, label, subject_id=firm.id, notes=(f"与{where}的诉求相同",))
            message = f"编号与{where}的另一件诉求相同但内容不同；请核对编号，不同的诉求请用不同的编号。"
            return Planned.refused(row, code, firm.name, [Reason(self._headers["number"], "duplicate_in_file", message)])
        content, notes = self._content(values, firm, body, key)
        return Planned(row.row, CREATED, firm.code, label, 0, INSERT, firm.id, 0, content, notes=notes)

    def _check(self, values: Mapping[str, Any]) -> list[Reason]:
        found, today = [], self._context.today

        def refuse(key: str, code: str, message: str) -> None:
            found.append(Reason(self._headers[key], code, message))

        raised, solved = values.get("raised_on"), values.get("solved_on")
        if raised is None:
            refuse("raised_on", "date_missing", "没有提出日期，请补填后重新导入。")
        elif raised > today:
            refuse("raised_on", "date_in_future", f"提出日期 {raised} 晚于今天，请核对。")
        if solved is not None and (solved > today or (raised is not None and solved < raised)):
            refuse("solved_on", "date_invalid", f"办结日期 {solved} 早于提出日期或晚于今天，请核对。")
        if len(cleaned(values.get("text"))) < SHORTEST:
            refuse("text", "text_short", f"诉求内容太短（至少 {SHORTEST} 个字），请写清什么事。")
        if values.get("rating") and rating_of(values["rating"]) is None:
            refuse("rating", "rating_unknown", f"“{str(values['rating'])[:20]}”看不出满意程度，请填 非常满意、满意、基本满意、不满意 或 1 至 5 分。")
        if values.get("state") and solved is None and is_done(values["state"]) is None:
            refuse("state", "state_unknown", f"“{str(values['state'])[:20]}”看不出是否办结，请填 已办结 或 办理中。")
        return found

    def _content(self, values: Mapping[str, Any], firm: Firm, body: str, key: str) -> tuple[tuple[Any, ...], list[str]]:
        notes: list[str] = []
        domain = self._domain(values.get("domain"), firm.city_id, body, notes)
        department = self._department(values.get("department"), firm.city_id, notes)
        done = values.get("solved_on") is not None or bool(values.get("state") and is_done(values["state"]))
        outcome = outcome_of(values.get("outcome") or values.get("state") or "") if done else None
        if done and outcome is None:
            notes.append("没有写明办结方式，不计入四种办结方式")
        if done and values.get("solved_on") is None:
            notes.append("没有办结日期，办结时间按提出日期登记")
        if not done:
            notes.append("未办结的导入后在“待受理”，没有时限，请重新受理")
        rating = rating_of(values["rating"]) if done and values.get("rating") else None
        return (
            body, domain, values["raised_on"], department.id if department else None, values.get("handler"), done, values.get("solved_on"), outcome,
            cleaned(values.get("answer")) or None, rating, values.get("number"), key, values.get("department"),
        ), notes

    def _domain(self, said: str | None, city_id: int, body: str, notes: list[str]) -> str:
        entries = self._packs.of(city_id).entries("demand_domains")
        if said:
            plain = squeeze(said)
            for entry in entries:
                if plain in (squeeze(entry.label), entry.code) or any(squeeze(word) in plain for word in getattr(entry, "words", ())):
                    return entry.code
            notes.append(f"类别“{said[:20]}”不在政策包中，按内容判断")
        return hinted(body, [(entry.code, getattr(entry, "words", ())) for entry in entries]) or "other"

    def _department(self, said: str | None, city_id: int, notes: list[str]) -> Department | None:
        if not said:
            return None
        if city_id not in self._departments:
            pack, found = self._packs.of(city_id), list_departments([city_id], all_of_them=True)
            named = {squeeze(one.name): one for one in found}
            by_code = {one.code: one for one in found}
            for entry in pack.entries("departments", disabled=True):
                for alias in (entry.label, *getattr(entry, "aliases", ())):
                    if entry.code in by_code:
                        named.setdefault(squeeze(alias), by_code[entry.code])
            self._departments[city_id] = named
        department = self._departments[city_id].get(squeeze(said))
        if department is None:
            notes.append(f"承办部门“{said[:30]}”不在承办部门名单中，只记入办理记录")
        return department


class LedgerImporter:
    """历史诉求台账."""

    kind = "demands"
    label = "历史诉求台账"
    unit = "件"
    permission = Permission.DEMAND_DISPATCH
    fields = FIELDS
    any_of = ("credit_code", "name")
    options = ()
    notes = (
        "企业必须已在企业库中；以统一社会信用代码对应，没有代码时按企业名称（含曾用名）精确对应。",
        "有编号的按企业和编号认定是否同一件，没有编号的按企业、提出日期和内容认定；已在系统中的不重复登记。",
        "历史诉求没有时限，不计入响应率和办结率；有满意度的计入满意率。",
        "未办结的导入后在“待受理”，请重新受理。",
    )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return packs_key()

    def apply(self, run: Run) -> None:
        scope, done = batches.scope_of(run.session, run.batch_id), 0
        for rows in chunked(run.rows(INSERT), CHUNK):
            ids = {cast(int, row.subject_id) for row in rows}
            if not recheck_scope(run.session, scope, ids):
                raise Outdated
            contents = [dict(zip(_CONTENT, dates_back(list(row.content), _DATES), strict=True)) for row in rows]
            keys = [content["key"] for content in contents]
            if run.session.scalar(select(func.count()).select_from(Demand).where(Demand.entry_key.in_(keys))):
                raise Outdated
            places = _places(run.session, ids)
            new = dialect.reserve_ids(run.session, _DEMAND, len(rows))
            lines = [_Line(run, key, cast(int, row.subject_id), content, places) for key, row, content in zip(new, rows, contents, strict=True)]
            dialect.load_rows(run.session, _DEMAND, _COLUMNS, (line.demand() for line in lines))
            dialect.load_rows(run.session, _EVENT, _EVENT_COLUMNS, (event for line in lines for event in line.events()))
            write_journal(run.session, run.batch_id, (Journal(r.row, r.part, INSERT, key, r.label, None) for key, r in zip(new, rows, strict=True)))
            done += len(rows)
            run.progress(done)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for lines in batches.journal_chunks(session, batch_id, INSERT):
            ids = [line.subject_id for line in lines]
            untouched = set(session.scalars(select(Demand.id).where(Demand.id.in_(ids), Demand.version == 1)))
            untouched -= set(session.scalars(select(Demand.duplicate_of_id).where(Demand.duplicate_of_id.in_(ids))))
            for line in lines:
                if line.subject_id in untouched:
                    found.rows.append((line.row, line.part))
                else:
                    found.kept.append((line.row, line.part, line.label, "导入后这件诉求又办理过，或有其他诉求并入"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        wanted, done = set(undoable.rows), 0
        for lines in batches.journal_chunks(run.session, run.batch_id, INSERT):
            ids = [line.subject_id for line in lines if (line.row, line.part) in wanted]
            for first in range(0, len(ids), 900):
                part = ids[first : first + 900]
                run.session.execute(delete(DemandEvent).where(DemandEvent.demand_id.in_(part)))
                run.session.execute(delete(Demand).where(Demand.id.in_(part)))
            done += len(ids)
            run.progress(done)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if value is None else str(value) for value in values]


def _places(session: Session, ids: set[int]) -> dict[int, tuple[int, int, int]]:
    found: dict[int, tuple[int, int, int]] = {}
    wanted = sorted(ids)
    for first in range(0, len(wanted), 900):
        part = select(Enterprise.id, Enterprise.city_id, Enterprise.unit_id, Enterprise.town_id).where(Enterprise.id.in_(wanted[first : first + 900]))
        found |= {row[0]: (row[1], row[2], row[3]) for row in session.execute(part)}
    return found


class _Line:
    """One staged line as rows of the two tables. Days of a ledger have no hour: noon stands for them."""

    def __init__(self, run: Run, key: int, enterprise_id: int, content: dict[str, Any], places: dict[int, tuple[int, int, int]]) -> None:
        self.run, self.key, self.enterprise_id, self.content, self.place = run, key, enterprise_id, content, places[enterprise_id]
        self.raised = _noon(content["raised_on"])
        self.ended = (_noon(content["solved_on"]) if content["solved_on"] else self.raised) if content["done"] else None

    def demand(self) -> tuple[Any, ...]:
        said, done = self.content, self.content["done"]
        number = f"SQ{said['raised_on']:%Y%m%d}{self.key:05d}"
        return (
            self.key, number, secrets.token_urlsafe(24), self.enterprise_id, *self.place, said["domain"], title_of(said["text"]), said["text"], "import",
            self.raised, self.run.actor.user_id, self.run.actor.name[:80], True, False, "closed" if done else "new", "done" if done else "intake",
            self.ended if done else NO_DEADLINE, said["organisation"] if done else None, said["handler"], False, False, 0, 1, self.ended, 0, 0,
            self.ended or self.raised, said["outcome"], said["answer"], said["rating"], self.ended if said["rating"] else None,
            "officer" if said["rating"] else None, self.ended, 0, 0, said["key"], said["number"], 1, self.run.now,
        )

    def events(self) -> list[tuple[Any, ...]]:
        said, by = self.content, (self.run.actor.user_id, self.run.actor.name[:80], 1)
        told = "；".join(part for part in (
            f"原编号 {said['number']}" if said["number"] else "", f"承办 {said['department']}" if said["department"] else "",
            f"承办人 {said['handler']}" if said["handler"] else "",
        ) if part)  # fmt: skip
        found = [(self.key, "raised", said["text"], None, self.raised, *by), (self.key, "imported", told or None, said["organisation"], self.run.now, *by)]
        if said["done"] and said["answer"]:
            found.append((self.key, "finish", said["answer"], said["organisation"], self.ended, *by))
        return found


def _noon(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=12)
