"""企业与称号动态: what happened to firms (迁移, 注销, 升规 …), to their recognitions (推荐, 公示, 复核, 撤销, 作废 …) and to towns (管理单位调整).

One row is one event, known by subject, kind and day: the same once more changes nothing, with other details it is a correction. What an event
brings about (town, status, name, end of a recognition) is written with it. 公示 is not 认定 and brings about nothing that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.enterprises.imports import Firms
from app.enterprises.imports.towns import towns_key
from app.exchange.registry import UNCHANGED, PlanContext, Planned, Reason, Run, Undoable
from app.exchange.rules.values import ParsedRow
from app.kernel.permission import Permission
from app.ladder.imports import event_state, events_writing
from app.ladder.imports.event_columns import EVENT_FIELDS, TYPED
from app.ladder.imports.event_firms import FirmEvents
from app.ladder.imports.event_plan import Asked, Refusal
from app.ladder.imports.event_titles import TitleEvents
from app.ladder.imports.event_units import UnitEvents
from app.ladder.rules.events import FIRM, LABELS, TITLE, UNIT_CHANGED, Said, nothing_happened, read_kind
from app.policies.queries import packs_key

_IMPLIED = (("new_unit", UNIT_CHANGED), ("new_town", "moved"), ("new_name", "renamed"))
"""Columns that tell the kind when no word does."""


class Planner:
    """Plan of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session = context, context.session
        self._firms, self._states = Firms(context), dict[int, event_state.Firm]()
        self._headers = {f.key: context.column(f.key) or f.label for f in EVENT_FIELDS}
        self._titled = read_kind(context.header.title) if context.header.title else None
        self._of_firm, self._of_title = FirmEvents(context, self._headers), TitleEvents(context, self._headers)
        self._of_unit = UnitEvents(context, self._headers)
        self._seen: dict[tuple[Any, ...], tuple[int, int]] = {}

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        kinds = [self._kinds(row) for row in rows]
        named = [self._named(row, [said.kind for said, _ in kind] if isinstance(kind, list) else []) for row, kind in zip(rows, kinds, strict=True)]
        self._firms.prepare([way for ways in named for way in ways])
        found = [self._find(ways) for ways in named]
        missing = {f.id for f in found if f is not None and not isinstance(f, Reason)} - self._states.keys()
        self._states |= event_state.load(self._session, missing)
        return [planned for row, kind, firm in zip(rows, kinds, found, strict=True) for planned in self._row(row, kind, firm)]

    # --- what a row is about

    def _kinds(self, row: ParsedRow) -> list[tuple[Said, date | None]] | Reason:
        """The events of a row with their days: usually one, several where each kind has a date column of its own."""
        values = row.values
        text = values.get("kind") or values.get("status")
        said = read_kind(text) if text else None
        if text and said is None:
            message = f"不认识事项“{text[:20]}”；请写成：{'、'.join(LABELS.values())}。"
            return Reason(self._headers["kind" if "kind" in values else "status"], "event_unknown", message)
        if said is not None and said.kind:
            return [(said, self._day(row, said.kind))]
        typed = [kind for kind in TYPED if f"{kind}_on" in values]
        implied = next((kind for column, kind in _IMPLIED if column in values), None)
        if implied is None and said is not None and "title" in values and not typed:
            implied = "changed"
        if implied is not None and implied not in typed:
            typed = [implied]
        if not typed and self._titled is not None and self._titled.kind:
            typed = [self._titled.kind]
        if not typed:
            return Reason(self._headers["kind"], "event_missing", f"没有写明是什么事项；请在“事项”列写：{'、'.join(LABELS.values())}。")
        return [(Said(kind), self._day(row, kind)) for kind in typed]

    def _day(self, row: ParsedRow, kind: str) -> date | None:
        """Its own date column, else 日期, else that of the announcement."""
        values = row.values
        own = values.get(f"{kind}_on") or values.get("on")
        return own or (values.get("announced_on") if kind in TITLE else None)

    def _named(self, row: ParsedRow, kinds: Sequence[str]) -> list[ParsedRow]:
        """The ways to find the firm of a row, the surest first; none for the event of a town."""
        if UNIT_CHANGED in kinds and not ({"name", "credit_code"} & row.values.keys()):
            return []
        if "credit_code" in row.values or any(p.slot == "credit_code" for p in row.problems) or "renamed" not in kinds:
            return [row]
        names = [row.values[key] for key in ("name", "old_name", "old_text", "new_name", "new_text") if key in row.values]
        return [replace(row, values={"name": name}) for name in dict.fromkeys(names)] or [row]

    def _find(self, ways: Sequence[ParsedRow]) -> Any:
        answers = [self._firms.find(way) for way in ways]
        return next((a for a in answers if not isinstance(a, Reason)), answers[0] if answers else None)

    # --- one row

    def _row(self, row: ParsedRow, kinds: list[tuple[Said, date | None]] | Reason, firm: Any) -> list[Planned]:
        code = row.values.get("credit_code") or ""
        label = str(row.values.get("name") or row.values.get("town") or "")
        if isinstance(firm, Reason) and firm.code == "out_of_scope":
            return [Planned.refused(row, code, label, [firm])]
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        unread = {p.slot for p in row.problems}
        if isinstance(kinds, Reason) and "kind" not in unread:
            problems.append(kinds)
        if isinstance(firm, Reason) and not unread & {"credit_code", "name"}:
            problems.insert(0, firm)
        if isinstance(kinds, Reason) and problems == [kinds] and "kind" not in row.values and nothing_happened(str(row.values.get("status") or "")):
            return [Planned(row.row, UNCHANGED, code, label, notes=("没有变动",))]
        if problems or isinstance(kinds, Reason):
            return [Planned.refused(row, code, label, problems)]
        state = self._states[firm.id] if firm is not None else None
        planned: list[Planned] = []
        try:
            for part, (said, on) in enumerate(sorted(kinds, key=lambda pair: pair[1] or date.max)):
                notes = [f"{n.header}：{n.message_zh}" for n in row.notes]
                asked = Asked(row, part, said, self._checked_day(said, on), state, firm.code if firm else "", notes)
                planned.append(self._event(asked))
        except Refusal as refusal:
            return [Planned.refused(row, firm.code if firm else code, firm.name if firm else label, refusal.reasons)]
        if part_outcomes := {p.outcome for p in planned[1:]} - {planned[0].outcome}:
            outcome = next((o for o in ("created", "updated") if o in part_outcomes or o == planned[0].outcome), planned[0].outcome)
            planned = [p._replace(outcome=outcome) for p in planned]
        if firm is not None and (remark := self._firms.name_note(firm, row)) and "renamed" not in {said.kind for said, _ in kinds}:
            planned[0] = planned[0]._replace(notes=(*planned[0].notes, remark))
        return planned

    def _checked_day(self, said: Said, on: date | None) -> date:
        header = self._headers.get(f"{said.kind}_on") if self._context.has(f"{said.kind}_on") else self._headers["on"]
        if on is None:
            if said.kind == "voided":
                return self._context.today
            raise Refusal(Reason(header or "", "date_missing", f"没有填写“{LABELS[said.kind]}”的日期；请补填。"))
        if on > self._context.today and said.kind != UNIT_CHANGED:
            raise Refusal(Reason(header or "", "date_in_future", f"日期 {on:%Y-%m-%d} 晚于今天；请核对，尚未发生的请在发生后导入。"))
        return on

    def _event(self, asked: Asked) -> Planned:
        kind = asked.said.kind
        handler = self._of_unit if kind == UNIT_CHANGED else self._of_title if kind in TITLE or self._concerns_title(asked) else self._of_firm
        identity, told = handler.identity(asked), handler.told(asked)
        first = self._seen.setdefault(identity, (asked.row.row, hash(told)))
        if first[0] != asked.row.row:
            if first[1] == hash(told):
                return asked.unchanged(f"与第 {first[0]} 行相同")
            message = f"与第 {first[0]} 行是同一件事但内容不同；请核对后只保留一行。"
            raise Refusal(Reason(self._headers["kind"], "duplicate_in_file", message))
        try:
            return handler.plan(asked)
        except Refusal:
            self._seen.pop(identity, None)
            raise

    @staticmethod
    def _concerns_title(asked: Asked) -> bool:
        """更名, 合并, 迁移 written together with a title and without the firm's own change is a change of the recognition."""
        values = asked.row.values
        own = {"new_town", "new_name", "new_text"} & values.keys()
        return asked.said.kind in FIRM and asked.said.kind in ("merged", "split") and "title" in values and not own


class EventImporter:
    """企业与称号动态."""

    kind = "events"
    label = "企业与称号动态"
    unit = "件"
    permission = Permission.RECOGNITION_EDIT
    fields = EVENT_FIELDS
    any_of = ("credit_code", "name", "town", "old_name")
    options = ()
    notes = (
        "迁移、注销、升规、退库、个转企、更名等企业变动，称号的推荐、公示、复核、变更、撤销、作废，以及镇街管理单位调整，都可以在一张表里导入。",
        "一行一件事：以企业（或镇街）、事项和日期对应；再次导入相同内容不会重复登记，内容不同的视为更正。",
        "撤销和作废必须写明原因或文号；撤销自当日起退出存量，新增和累计不变；作废的三个数都不计。",
        "推荐和公示只作记录，不计入任何统计；复核通过不算新增。",
        "迁移自当日起改变统计所在镇街，以前年度的统计不变；跨县区的迁移由市局导入。",
    )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        import hashlib

        return hashlib.sha256(f"{packs_key()}|{towns_key(session)}".encode()).hexdigest()

    def apply(self, run: Run) -> None:
        events_writing.apply(run)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        return events_writing.undoable(session, batch_id)

    def undo(self, run: Run, undoable: Undoable) -> None:
        events_writing.undo(run, undoable)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if v is None else str(v) for v in values]
