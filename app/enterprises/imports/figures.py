"""年度经营数据: one record per enterprise, year and source. A new version only when something differs; a partial row is laid over the previous
version of the same source. One sheet row may hold several years side by side (2022年营业收入, 2023年营业收入).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.enterprises import actions
from app.enterprises.imports.columns import FIGURE_FIELDS, FIGURES
from app.enterprises.imports.lookup import Firm, Firms, recheck_scope
from app.enterprises.models import SOURCES, EnterpriseYear
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, update_rows, write_journal
from app.exchange.packing import amounts_back, dates_back, pack, unpack
from app.exchange.registry import (
    CREATED,
    INSERT,
    NONE,
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
from app.exchange.rules.fields import Choice, Kind
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.infra import dialect
from app.kernel.permission import Permission

VALUES = tuple(f.key for f in FIGURES)
_COLUMNS = [getattr(EnterpriseYear, key) for key in VALUES]
_TABLE = cast(Table, EnterpriseYear.__table__)
_KEPT = (*_COLUMNS, EnterpriseYear.evidence, EnterpriseYear.reported_on)
N = len(VALUES)
_AMOUNTS = tuple(2 + place for place, f in enumerate(FIGURES) if f.kind in (Kind.MONEY, Kind.PERCENT))
_DATES = (3 + N,)
_NEW = ("id", "enterprise_id", "year", "source", *VALUES, "evidence", "reported_on", "recorded_at", "recorded_by")
_Key = tuple[int, int, str]  # enterprise, year, source
_LABELS = {f.key: f.label for f in FIGURES}
_RANK = {CREATED: 2, UPDATED: 1, UNCHANGED: 0}


class Planner:
    """Plan of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session = context, context.session
        self._firms = Firms(context)
        self._seen: dict[_Key, tuple[int, int]] = {}
        self._year = int(context.options["year"]) if context.options.get("year") else None
        self._source = context.options.get("source") or "enterprise"
        self._hint = context.header.year
        self._year_header = context.column("year") or "年度"
        self._slots = {
            c.slot: (c.field.key, c.year, c.header) for c in context.header.columns if c.field is not None and c.field.key in _LABELS
        }

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        self._firms.prepare(rows)
        firms = [self._firms.find(row) for row in rows]
        current = _current(self._session, {f.id for f in firms if isinstance(f, Firm)})
        return [planned for row, firm in zip(rows, firms, strict=True) for planned in self._one(row, firm, current)]

    def _one(self, row: ParsedRow, firm: Firm | Reason, current: Mapping[_Key, Sequence[Any]]) -> list[Planned]:
        values = row.values
        code = values.get("credit_code") or (firm.code if isinstance(firm, Firm) else "")
        label = firm.name if isinstance(firm, Firm) else str(values.get("name") or "")
        if isinstance(firm, Reason) and firm.code == "out_of_scope":
            return [Planned.refused(row, code, label, [firm])]
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        if isinstance(firm, Reason):
            if not any(p.code == "credit_code_invalid" for p in problems):
                problems.insert(0, firm)
            return [Planned.refused(row, code, label, problems)]
        notes = [f"{n.header}：{n.message_zh}" if n.header else n.message_zh for n in row.notes]
        years = self._years(row, problems, notes)
        if not years and not problems:
            problems.append(Reason("", "figures_missing", "这一行没有任何经营数据；请补填，或删除该行。"))
        if problems:
            return [Planned.refused(row, code, label, problems)]
        if remark := self._firms.name_note(firm, row):
            notes.append(remark)
        return self._records(row, firm, years, current, notes)

    def _years(self, row: ParsedRow, problems: list[Reason], notes: list[str]) -> dict[int, dict[str, Any]]:
        """Figures of the row by year."""
        found: dict[int, dict[str, Any]] = {}
        said = row.values.get("year")
        own = said or self._year
        for slot, value in row.values.items():
            if slot not in self._slots:
                continue
            key, year, header = self._slots[slot]
            year = year or own or self._hint
            if year is None:
                problems.append(Reason(self._year_header, "year_missing", "没有写明是哪一年的数据；请增加“年度”列，或在表头写明年份。"))
                return {}
            if year > self._context.today.year:
                problems.append(Reason(self._year_header if said == year else header, "year_in_future", f"{year} 年还没有开始；请核对年度。"))
                return {}
            hinted = f"年度取自表名：{year} 年"
            if not own and not self._slots[slot][1] and hinted not in notes:
                notes.append(hinted)
            found.setdefault(year, {})[key] = value
        return found

    def _records(
        self, row: ParsedRow, firm: Firm, years: Mapping[int, dict[str, Any]], current: Mapping[_Key, Sequence[Any]], notes: list[str],
    ) -> list[Planned]:
        source = row.values.get("source") or self._source
        parts: list[Planned] = []
        for part, (year, given) in enumerate(sorted(years.items())):
            key = (firm.id, year, source)
            print_ = hash(tuple(sorted((k, str(v)) for k, v in given.items())))
            first = self._seen.get(key)
            label = f"{firm.name} {year}年"
            if first is not None and first[1] != print_:
                message = f"与第 {first[0]} 行是同一企业、同一年度、同一来源（{SOURCES[source]}）的数据但内容不同；请核对后只保留一行。"
                return [Planned.refused(row, firm.code, firm.name, [Reason(self._year_header, "duplicate_in_file", message)])]
            if first is not None:
                parts.append(Planned(row.row, UNCHANGED, firm.code, label, part, subject_id=firm.id, notes=(f"与第 {first[0]} 行完全相同",)))
                continue
            parts.append(self._record(row, part, firm, key, label, given, current.get(key), notes if part == 0 else []))
        for year, given in years.items():
            self._seen.setdefault((firm.id, year, source), (row.row, hash(tuple(sorted((k, str(v)) for k, v in given.items())))))
        outcome = max((p.outcome for p in parts), key=_RANK.__getitem__)
        return [p._replace(outcome=outcome) for p in parts]

    def _record(
        self, row: ParsedRow, part: int, firm: Firm, key: _Key, label: str, given: Mapping[str, Any], old: Sequence[Any] | None, notes: list[str],
    ) -> Planned:
        before = dict(zip(VALUES, old[4 : 4 + N], strict=True)) if old is not None else dict.fromkeys(VALUES)
        after = {k: before[k] if k not in given else (None if given[k] is CLEAR else given[k]) for k in VALUES}
        changes = {k: (before[k], after[k]) for k in VALUES if before[k] != after[k]}
        evidence, reported = (old[4 + N], old[5 + N]) if old is not None else (None, None)
        if "evidence" in row.values and (said := self._evidence(row)) != evidence:
            changes["evidence"] = (evidence, said)
        notes = [*notes, *_warnings(after)]
        if not changes:
            return Planned(row.row, UNCHANGED, firm.code, label, part, NONE, firm.id, old[0] if old is not None else 0, notes=notes)
        content = (key[1], key[2], *(after[k] for k in VALUES), self._evidence(row) or evidence, self._reported(row) or reported)
        if old is None:
            return Planned(row.row, CREATED, firm.code, label, part, INSERT, firm.id, 0, content, notes=notes)
        return Planned(row.row, UPDATED, firm.code, label, part, UPDATE, firm.id, old[0], content, changes, notes=notes)

    def _evidence(self, row: ParsedRow) -> str | None:
        """What the row gives, else who reported it: the original author stays with the figures."""
        evidence, author = row.values.get("evidence"), row.values.get("source_author") or self._context.author
        if isinstance(evidence, str):
            return evidence[:200]
        return f"填报人：{author}" if isinstance(author, str) else None

    def _reported(self, row: ParsedRow) -> date | None:
        on = row.values.get("reported_on")
        return on if isinstance(on, date) else self._context.on


def _current(session: Session, ids: Collection[int]) -> dict[_Key, Sequence[Any]]:
    """Current versions of these enterprises: (id, enterprise, year, source, values …) by key."""
    if not ids:
        return {}
    query = select(EnterpriseYear.id, EnterpriseYear.enterprise_id, EnterpriseYear.year, EnterpriseYear.source, *_KEPT)
    rows = session.execute(query.where(EnterpriseYear.enterprise_id.in_(ids), EnterpriseYear.superseded_at.is_(None)))
    return {(row[1], row[2], row[3]): row for row in rows}


def _warnings(after: Mapping[str, Any]) -> Iterator[str]:
    """Likely slips that are accepted and said (研发费用高于营业收入 and the like)."""

    def above(part: str, whole: str) -> bool:
        return isinstance(after[part], Decimal | int) and isinstance(after[whole], Decimal | int) and after[part] > after[whole]

    for part, whole in (("rd_expense_yuan", "revenue_yuan"), ("main_revenue_yuan", "revenue_yuan"), ("rd_staff_count", "employee_count")):
        if above(part, whole):
            yield f"提醒：{_LABELS[part]}大于{_LABELS[whole]}，请核对"


class FiguresImporter:
    """年度经营数据."""

    kind = "figures"
    label = "年度经营数据"
    unit = "条"
    permission = Permission.FIGURES_EDIT
    fields = FIGURE_FIELDS
    any_of = ("credit_code", "name")
    options = (
        Option("year", "数据年度", help_zh="文件里没有年度列、表头也没有年份时填写，如 2023"),
        Option("source", "数据来源", tuple(Choice(code, label) for code, label in SOURCES.items()), "enterprise", "文件里有“数据来源”列时以文件为准"),
    )
    notes = (
        "金额单位默认万元，也可在表头写明元、亿元；单元格里写明单位的以单元格为准。",
        "同一企业、同一年度、同一来源再次导入，只覆盖填写了的数据，空白不改动；需要清除时填写“（清空）”。",
        "多个年度可以并排填写，表头写明年份，如“2022年营业收入（万元）”“2023年营业收入（万元）”。",
    )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return ""

    def apply(self, run: Run) -> None:
        session, done, touched = run.session, 0, set[int]()
        scope = batches.scope_of(session, run.batch_id)
        for action in (UPDATE, INSERT):
            for rows in chunked(run.rows(action), CHUNK):
                if not recheck_scope(session, scope, {cast(int, r.subject_id) for r in rows}):
                    raise Outdated
                if action == UPDATE:
                    _supersede(session, [(r.version, run.now) for r in rows])
                ids = _write(run, [(r.subject_id, *dates_back(amounts_back(r.content, _AMOUNTS), _DATES)) for r in rows])
                write_journal(session, run.batch_id, (
                    Journal(r.row, r.part, action, key, r.label, pack(r.version)) for key, r in zip(ids, rows, strict=True)
                ))
                touched |= {cast(int, r.subject_id) for r in rows}
                done += len(rows)
                run.progress(done)
        if touched:
            actions.after_bulk(session, sorted(touched))

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, batch_id, action):
                written = _versions(session, [line.subject_id for line in lines])
                current = _current(session, {row[1] for row in written.values()})
                for line in lines:
                    row = written.get(line.subject_id)
                    now = current.get((row[1], row[2], row[3])) if row is not None else None
                    if row is not None and now is not None and tuple(now[4:]) == tuple(row[4:]):
                        found.rows.append((line.row, line.part))
                    else:
                        found.kept.append((line.row, line.part, line.label, "导入后这一年度的数据又被修改过"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        """The imported version is superseded; the one before comes back as a new version (what was known when stays true)."""
        session, wanted, touched = run.session, set(undoable.rows), set[int]()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, run.batch_id, action):
                mine = [line for line in lines if (line.row, line.part) in wanted]
                written = _versions(session, [line.subject_id for line in mine])
                current = _current(session, {row[1] for row in written.values()})
                _supersede(session, [(current[row[1], row[2], row[3]][0], run.now) for row in written.values()])
                if action == UPDATE:
                    _copy_back(run, [unpack(line.before) for line in mine])
                touched |= {row[1] for row in written.values()}
                run.progress(len(touched))
        if touched:
            actions.after_bulk(session, sorted(touched))

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        money = key.endswith("_yuan")
        return ["—" if v is None else f"{v / 10_000:,.2f} 万元" if money else str(v) for v in values]


def _supersede(session: Session, rows: Sequence[tuple[Any, Any]]) -> None:
    """Close these versions; one that is closed already means that somebody was faster."""
    still = session.execute(
        select(EnterpriseYear.id).where(EnterpriseYear.id.in_([key for key, _ in rows]), EnterpriseYear.superseded_at.is_(None))
    ).all()
    if len(still) != len(rows) or update_rows(session, _TABLE, ("id",), ("superseded_at",), rows) != len(rows):
        raise Outdated


def _write(run: Run, contents: Sequence[Sequence[Any]]) -> Sequence[int]:
    """New versions: each content holds enterprise, year, source, values, evidence, reported on."""
    ids = dialect.reserve_ids(run.session, _TABLE, len(contents))
    by = (run.now, run.actor.user_id)
    dialect.load_rows(run.session, _TABLE, _NEW, ((key, *content, *by) for key, content in zip(ids, contents, strict=True)))
    return ids


def _versions(session: Session, ids: Collection[int]) -> dict[int, Sequence[Any]]:
    query = select(EnterpriseYear.id, EnterpriseYear.enterprise_id, EnterpriseYear.year, EnterpriseYear.source, *_KEPT)
    return {row[0]: row for row in session.execute(query.where(EnterpriseYear.id.in_(ids)))}


def _copy_back(run: Run, ids: Sequence[int]) -> None:
    columns = (EnterpriseYear.enterprise_id, EnterpriseYear.year, EnterpriseYear.source, *_KEPT)
    _write(run, run.session.execute(select(*columns).where(EnterpriseYear.id.in_(ids))).all())
