"""企业名单: key = credit code. A blank cell never clears, （清空） does; a new name on a known code is a dated rename; name and town are needed
only for a new firm; twin rows: identical = unchanged, different = the second is refused; a firm outside the scope is refused without detail.
(design of the enterprise base, import rules)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, case, func, literal, select
from sqlalchemy.orm import Session

from app.areas.models import Area
from app.enterprises.imports import register_writing as writing
from app.enterprises.imports.columns import ENTERPRISE_FIELDS
from app.enterprises.imports.fresh import Fresh
from app.enterprises.imports.lookup import OUT_OF_SCOPE_ZH
from app.enterprises.imports.towns import Found, Towns, towns_key
from app.enterprises.models import CONTROL_TYPES, STATUSES, Enterprise, EnterpriseName, SearchPending, StagedEnterprise
from app.enterprises.queries import in_scope
from app.enterprises.rules import industry
from app.enterprises.rules.naming import contents, initials
from app.exchange.registry import (
    CREATED,
    INSERT,
    UNCHANGED,
    UPDATE,
    UPDATED,
    ChunkPlan,
    PlanContext,
    Planned,
    Reason,
    Run,
    Undoable,
)
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import Chunk, ParsedRow
from app.kernel.permission import Permission

PLAIN = writing.PLAIN
"""Fields that are columns of the record under the same name. Beside them: town_id (with unit and city), and author and date of the source."""
_COLUMNS = [getattr(Enterprise, name) for name in PLAIN]
_Record = Any  # row of _current: id, code, version, merged into, visible, town, unit, city, control source, author, on, then PLAIN
_TOWN, _UNIT, _CITY, _CONTROL_SOURCE, _AUTHOR, _ON, _FIRST = 5, 6, 7, 8, 9, 10, 11


class Planner:
    """Plan of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session, self._scope = context, context.session, context.scope
        self._towns = Towns(context)
        self._seen: dict[str, tuple[int, int]] = {}
        self._industries: dict[str, str | None] = {}
        self._headers = {f.key: context.column(f.key) or f.label for f in ENTERPRISE_FIELDS}
        self._headers["town"] = self._towns.header
        self._fresh = Fresh(context, self._towns, self._industry)

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        codes = [r.values["credit_code"] for r in rows if "credit_code" in r.values]
        current = {record[1]: record for record in _current(self._session, self._scope, codes)}
        former = self._former_names(rows, current)
        namesakes = self._namesakes(rows, current)
        return [self._one(row, current, former, namesakes) for row in rows]

    def plan_chunk(self, chunk: Chunk) -> ChunkPlan:
        """New firms about which nothing is to be said, column by column; every other row as ``plan`` judges it."""
        fresh = self._fresh.read(chunk, self._seen)
        planned = self.plan([chunk.row(place) for place in fresh.others]) if fresh.others else []
        made = [p for p in planned if p.action == INSERT]
        staged = fresh.staged
        if made:
            for name, values in zip(staged, zip(*((p.row, p.key, *p.content) for p in made), strict=True), strict=True):
                staged[name] += values
            order = sorted(range(len(staged["row"])), key=staged["row"].__getitem__)
            staged = {name: [values[place] for place in order] for name, values in staged.items()}
            planned = [p._replace(content=None) if p.action == INSERT else p for p in planned]
        staged["initials"], staged["search"] = contents(staged["name"], staged["short_name"])
        return ChunkPlan(planned, staged)

    def _former_names(self, rows: Sequence[ParsedRow], current: dict[str, _Record]) -> set[tuple[int, str]]:
        ids = {
            record[0] for r in rows
            if (name := r.values.get("name")) and (record := current.get(r.values.get("credit_code", ""))) and record[_FIRST] != name
        }
        if not ids:
            return set()
        query = select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(ids))
        return {(key, name) for key, name in self._session.execute(query)}

    def _namesakes(self, rows: Sequence[ParsedRow], current: dict[str, _Record]) -> dict[str, str]:
        """Names of new firms that a visible firm already has, with its code (a hint at a duplicate)."""
        names = {r.values["name"] for r in rows if "name" in r.values and r.values.get("credit_code") not in current}
        if not names:
            return {}
        query = select(Enterprise.name, Enterprise.credit_code).where(Enterprise.name.in_(names), in_scope(self._scope))
        return {row[0]: row[1] for row in self._session.execute(query)}

    def _one(self, row: ParsedRow, current: dict[str, _Record], former: set[tuple[int, str]], namesakes: dict[str, str]) -> Planned:
        values = row.values
        code, name = values.get("credit_code"), values.get("name")
        record = current.get(code) if code else None
        label = name if isinstance(name, str) else (record[_FIRST] if record is not None and record[4] else "")
        if record is not None and not record[4]:
            return Planned.refused(row, code, label, [Reason(self._headers["credit_code"], "out_of_scope", OUT_OF_SCOPE_ZH)])
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        if record is not None and record[3] is not None:
            problems.append(Reason(self._headers["credit_code"], "enterprise_merged", "这条记录已并入另一家企业；请改用保留记录的代码，或先撤销合并。"))
        if code is None and not any(p.slot == "credit_code" for p in row.problems):
            problems.insert(0, Reason(self._headers["credit_code"], "credit_code_invalid", "没有填写统一社会信用代码；请对照营业执照补填。"))
        town = self._town(row, record, problems)
        if record is None and code is not None and name is None and not any(p.slot == "name" for p in row.problems):
            problems.append(Reason(self._headers["name"], "name_missing", "新企业没有填写名称；请补填企业全称。"))
        self._check_dates(values, problems)
        if problems:
            return Planned.refused(row, code, label, problems)
        assert code is not None
        twin = self._twin(row, code, label, record)
        if twin is not None:
            return twin
        notes = [f"{n.header}：{n.message_zh}" if n.header else n.message_zh for n in row.notes]
        industry_code = self._industry(values, notes)
        if town is not None and town.note_zh:
            notes.append(f"{self._headers['town']}：{town.note_zh}")
        if record is None:
            return self._new(row, code, town, industry_code, notes, namesakes)
        return self._known(row, record, town, industry_code, notes, former)

    def _town(self, row: ParsedRow, record: _Record | None, problems: list[Reason]) -> Found | None:
        """Town, unit and city of the row; None when the record keeps its own. Adds to ``problems``."""
        text, county = row.values.get("town") or row.values.get("area_code"), row.values.get("county")
        if text is None:
            if record is None and not any(p.slot in ("town", "area_code") for p in row.problems):
                problems.append(Reason(self._headers["town"], "town_unknown", "新企业没有填写乡镇（街道）；请补填。"))
            return None
        found = self._towns.find(text, county)
        if isinstance(found, Reason):
            problems.append(found)
            return None
        if record is not None and found.town_id == record[_TOWN]:
            return None
        if not self._towns.permits(found):
            problems.append(Reason(self._headers["town"], "out_of_scope", "这个乡镇（街道）不在您的管辖范围内，不能把企业导入到那里。"))
            return None
        return found

    def _industry(self, values: dict[str, Any], notes: list[str]) -> Any:
        """Code of the row's industry. Lists describe industries freely: what is not in the standard is left out and said, no reason to refuse a firm."""
        text = values.get("industry_code")
        if text is None or text is CLEAR:
            return text
        if text not in self._industries:
            self._industries[text] = industry.find(text)
        code = self._industries[text]
        if code is None:
            advice = "没有写入；请填写 GB/T 4754-2017 的代码（如 C3451）或大类名称（如 通用设备制造业）"
            notes.append(f"{self._headers['industry_code']}：不认识行业“{text[:30]}”，{advice}")
        return code

    def _check_dates(self, values: dict[str, Any], problems: list[Reason]) -> None:
        for key in ("founded_on", "source_on"):
            day = values.get(key)
            if isinstance(day, date) and day > self._context.today:
                problems.append(Reason(self._headers[key], "date_in_future", f"日期 {day.isoformat()} 在今天之后；请核对。"))

    def _twin(self, row: ParsedRow, code: str, label: str, record: _Record | None) -> Planned | None:
        print_ = self._fresh.print_of(row.values)
        first = self._seen.setdefault(code, (row.row, print_))
        if first[0] == row.row:
            return None
        if first[1] == print_:
            return Planned(row.row, UNCHANGED, code, label, subject_id=record[0] if record else None, notes=(f"与第 {first[0]} 行完全相同",))
        message = f"与第 {first[0]} 行是同一家企业但内容不同；请核对后只保留一行。"
        return Planned.refused(row, code, label, [Reason(self._headers["credit_code"], "duplicate_in_file", message)])

    def _new(
        self, row: ParsedRow, code: str, town: Found | None, industry_code: Any, notes: list[str], namesakes: dict[str, str],
    ) -> Planned:
        assert town is not None
        values = row.values
        plain: dict[str, Any] = {key: None if (v := values.get(key)) is CLEAR else v for key in PLAIN}
        plain["industry_code"] = None if industry_code is CLEAR else industry_code
        plain["status"] = plain["status"] or "active"
        if plain["name"] in namesakes:
            notes.append(f"系统中已有同名企业（代码 {namesakes[plain['name']]}），请核对是否重复")
        author, on = self._source(values)
        control_source = (author or "导入") if plain["control_type"] else None
        content = (*(plain[key] for key in PLAIN), *town[:3], control_source, author, on, self._towns.since(town.town_id))
        return Planned(row.row, CREATED, code, plain["name"], action=INSERT, version=0, content=content, notes=notes)

    def _source(self, values: dict[str, Any]) -> tuple[str | None, date | None]:
        author, on = values.get("source_author"), values.get("source_on")
        return (author if isinstance(author, str) else self._context.author), (on if isinstance(on, date) else self._context.on)

    def _known(
        self, row: ParsedRow, record: _Record, town: Found | None, industry_code: Any, notes: list[str], former: set[tuple[int, str]],
    ) -> Planned:
        values, changes, result = row.values, {}, list(record[_FIRST:])
        for place, key in enumerate(PLAIN):
            given = industry_code if key == "industry_code" else values.get(key)
            if given is None or given == result[place]:
                continue
            if key == "name" and (record[0], given) in former:
                notes.append(f"“{given}”是曾用名，现名“{result[place]}”不变")
                continue
            given = None if given is CLEAR else given
            if given != result[place]:
                changes[key] = (result[place], given)
                result[place] = given
        if town is not None:
            changes["town"] = (record[_TOWN], town.town_id)
        label = result[0]
        if not changes:
            return Planned(row.row, UNCHANGED, record[1], label, subject_id=record[0], version=record[2], notes=notes)
        author, on = self._source(values)
        control_source = (author or "导入") if "control_type" in changes else record[_CONTROL_SOURCE]
        place_ids = town[:3] if town else (record[_TOWN], record[_UNIT], record[_CITY])
        content = (*result, *place_ids, control_source, author or record[_AUTHOR], on or record[_ON], initials(label), on)
        return Planned(
            row.row, UPDATED, record[1], label, action=UPDATE, subject_id=record[0], version=record[2], content=content, changes=changes, notes=notes
        )


def _current(session: Session, scope: Any, codes: Sequence[str]) -> Sequence[_Record]:
    if not codes:
        return []
    visible = case((in_scope(scope), literal(1)), (Enterprise.merged_into_id.is_not(None), literal(1 if scope.everything else 0)), else_=literal(0))
    query = select(
        Enterprise.id, Enterprise.credit_code, Enterprise.version, Enterprise.merged_into_id, visible, Enterprise.town_id, Enterprise.unit_id,
        Enterprise.city_id, Enterprise.control_source, Enterprise.source_author, Enterprise.source_on, *_COLUMNS,
    )
    return session.execute(query.where(Enterprise.credit_code.in_(codes))).all()


class EnterpriseImporter:
    """企业名单."""

    staging, staging_key = cast(Table, StagedEnterprise.__table__), "credit_code"
    kind = "enterprises"
    label = "企业名单"
    unit = "家"
    permission = Permission.ENTERPRISE_EDIT
    fields = ENTERPRISE_FIELDS
    options = ()
    notes = (
        "以统一社会信用代码为准：系统中已有的更新，没有的新增；新增必须填写企业名称和乡镇（街道）。",
        "空白单元格不改动原有内容；需要清除原有内容时填写“（清空）”。",
        "已有企业填写了新的名称，按更名处理，原名称保留为曾用名。",
        "同一文件中同一家企业出现两次：内容完全相同的跳过，内容不同的第二行退回。",
    )

    def afterwards(self, session: Session) -> str | None:
        """What a job still does after a large import; the import itself is complete."""
        waiting = session.scalar(select(func.count()).select_from(SearchPending)) or 0
        return f"后台正在为 {waiting:,} 家新企业补建搜索索引；这些企业现在就能搜到，补建完成后搜索更快。" if waiting else None

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return hashlib.sha256(towns_key(session).encode()).hexdigest()

    def apply(self, run: Run) -> None:
        writing.apply(run)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        return writing.undoable(session, batch_id)

    def undo(self, run: Run, undoable: Undoable) -> None:
        writing.undo(run, undoable)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        if key == "town":
            ids = {v for v in values if v is not None}
            names = {row[0]: row[1] for row in session.execute(select(Area.id, Area.name).where(Area.id.in_(ids)))}
            return [names.get(v, "—") for v in values]
        words = {"control_type": CONTROL_TYPES, "status": STATUSES}.get(key)
        if words:
            return [words.get(v, v) if v is not None else "—" for v in values]
        if key == "industry_code":
            return [industry.label(v) or "—" for v in values]
        return ["—" if v is None else str(v) for v in values]


__all__ = ["PLAIN", "EnterpriseImporter", "Planner"]
