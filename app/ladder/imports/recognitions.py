"""称号认定: one record per enterprise, title, level and batch year. The same key with other values is a correction (a new version); a blank cell
never clears, （清空） does. 公示 is not 认定. A blank batch year is the year of the announcement. (exact rules of counting)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.enterprises import actions as enterprises
from app.enterprises.imports import Firm, Firms, recheck_scope
from app.enterprises.imports.columns import AUTHOR, CREDIT_CODE, NAME, ON
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, update_rows, write_journal
from app.exchange.packing import dates_back, pack, unpack
from app.exchange.registry import (
    CREATED,
    INSERT,
    UNCHANGED,
    UPDATE,
    UPDATED,
    Journal,
    Outdated,
    PlanContext,
    Planned,
    Reason,
    Run,
    Undoable,
)
from app.exchange.rules.dates import OPEN_END
from app.exchange.rules.fields import Field, Kind, words
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.infra import dialect
from app.kernel.level import Level
from app.kernel.permission import Permission
from app.ladder.models import Recognition
from app.ladder.queries import current_pack
from app.ladder.rules import Draft
from app.ladder.rules import problems as draft_problems
from app.packs.schema import Title
from app.policies.queries import PackByCity, packs_key

FIELDS: tuple[Field, ...] = (
    replace(NAME, note="有代码时仅供核对；没有代码时按企业名称（含曾用名）精确对应"),
    replace(CREDIT_CODE, required=False),
    Field(
        "title", "称号", Kind.TEXT, required=True, clearable=False, max_length=100, sample="专精特新中小企业",
        synonyms=words("称号名称 荣誉称号 荣誉 认定称号 认定类别 认定类型 企业称号 资质 资质名称 认定名称 培育类型 称号类别 荣誉名称 荣誉资质 资质荣誉"),
    ),
    Field("level", "级别", Kind.TEXT, clearable=False, max_length=20, synonyms=words("层级 认定级别 称号级别 等级 荣誉级别"), sample="省级"),
    Field(
        "batch_year", "批次年度", Kind.YEAR, clearable=False, minimum=1990, maximum=2100,
        synonyms=words("认定年度 年度 认定年份 获评年度 年份 入选年度 入库年度"),
        sample="2023", note="不填按公布日期的年份",
    ),
    Field(
        "batch", "批次", Kind.CODE, max_length=60, clearable=False, offered=False, synonyms=words("认定批次 批次名称 公布批次 入库批次"),
        note="没有批次年度时，取其中的年份（2023年第一批）",
    ),
    Field(
        "announced_on", "公布日期", Kind.DATE,
        synonyms=words(
            "公布时间 认定日期 认定时间 发文日期 发布日期 获评日期 发文时间 公告日期 "
            "发证日期 发证时间 颁证日期 批准日期 获得日期 授予日期"
        ),
        sample="2023-07-14",
    ),
    Field(
        "valid_from", "有效期起", Kind.DATE,
        synonyms=words("有效期开始 有效期自 起始日期 有效起始日期 有效期起始 有效期开始日期 有效期从"),
        sample="2023-07-14",
    ),
    Field(
        "valid_to", "有效期止", Kind.DATE, month_end=True, open_ended=True, sample="2026-07-13",
        synonyms=words(
            "有效期至 有效期截止 截止日期 到期日期 到期时间 有效期限 有效期终止 有效期到 有效截止日期 有效期结束 "
            "有效期截至 有效期"
        ),
    ),
    Field(
        "document", "文号", Kind.CODE, max_length=120, synonyms=words("文件号 发文字号 认定文号 文件文号 认定文件 公布文件 发文文号"),
        sample="示例文〔2023〕1号",
    ),
    Field(
        "stage", "认定状态", Kind.TEXT, clearable=False, max_length=40, synonyms=words("状态 阶段 认定阶段 认定情况"),
        note="只导入已正式认定的；公示阶段的不导入",
    ),
    Field("revoked_on", "撤销日期", Kind.DATE, synonyms=words("撤销时间 取消日期")),
    Field("revoked_reason", "撤销原因", Kind.TEXT, max_length=200, synonyms=words("取消原因")),
    Field("evidence", "佐证材料", Kind.TEXT, max_length=200, synonyms=words("佐证 证书编号 佐证资料")),
    AUTHOR,
    ON,
)
SAID = ("document", "announced_on", "valid_from", "valid_to", "revoked_on", "revoked_reason", "evidence")
"""Fields a row may say about a grant; together with the key and the open end they are a version."""
_PUBLIC_NOTICE = re.compile(r"公示(?!(?:期)?(?:已)?(?:结束|期满|无异议))|拟认定|拟推荐|待认定|拟入库|推荐名单")
_BATCH_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CODES = {
    "level": "level_invalid", "batch_year": "year_invalid", "announced_on": "date_in_future", "valid_to": "validity_reversed",
    "revoked_on": "revocation_invalid",
}
_TABLE = cast(Table, Recognition.__table__)
_NEW = (
    "id", "enterprise_id", "title_code", "level", "batch_year", *SAID, "open_ended", "voided", "source", "recorded_at", "recorded_by",
)
_DATES = tuple(3 + SAID.index(name) for name in ("announced_on", "valid_from", "valid_to", "revoked_on"))
"""Places of dates in a staged content: title, level, batch year come first."""
_SAID_COLUMNS = [getattr(Recognition, name) for name in SAID]
_Key = tuple[int, str, str, int]


class Known(NamedTuple):
    """A version in force."""

    id: int
    key: _Key
    said: tuple[Any, ...]
    open_ended: bool
    voided: bool
    source: str | None


class Planner:
    """Plan of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._session, self._pack = context, context.session, current_pack()
        self._cities = PackByCity()
        self._firms = Firms(context)
        self._seen: dict[_Key, tuple[int, int]] = {}
        self._granted: dict[int, set[str]] = {}
        self._headers = {f.key: context.column(f.key) or f.label for f in FIELDS}

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        self._firms.prepare(rows)
        firms = [self._firms.find(row) for row in rows]
        known = _current(self._session, {f.id for f in firms if isinstance(f, Firm)})
        return [self._one(row, firm, known) for row, firm in zip(rows, firms, strict=True)]

    def _one(self, row: ParsedRow, firm: Firm | Reason, known: Mapping[int, list[Known]]) -> Planned:
        values = row.values
        code = values.get("credit_code") or (firm.code if isinstance(firm, Firm) else "")
        label = firm.name if isinstance(firm, Firm) else str(values.get("name") or "")
        if isinstance(firm, Reason) and firm.code == "out_of_scope":
            return Planned.refused(row, code, label, [firm])
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        if isinstance(firm, Reason) and not any(p.code == "credit_code_invalid" for p in problems):
            problems.insert(0, firm)
        if isinstance(firm, Firm):
            self._pack = self._cities.of(firm.city_id)  # a title is read by the policy of the firm's own city
        match = self._title(row, problems)
        self._not_yet(row, problems)
        if problems or match is None or isinstance(firm, Reason):
            return Planned.refused(row, code, label, problems)
        return self._grant(row, firm, match[0], match[1], known.get(firm.id, []))

    def _title(self, row: ParsedRow, problems: list[Reason]) -> tuple[str, Level | None] | None:
        if any(p.slot in ("title", "level") for p in row.problems):
            return None
        match = self._pack.match_title(str(row.values.get("title") or ""), row.values.get("level"))
        if match.title_code is not None:
            return match.title_code, match.level
        column = "level" if match.problem and match.problem.value.startswith("level") and self._context.has("level") else "title"
        problems.append(Reason(self._headers[column], match.problem.value if match.problem else "title_unknown", match.message_zh))
        return None

    def _not_yet(self, row: ParsedRow, problems: list[Reason]) -> None:
        """公示 is a step before the decision: such a row is no recognition."""
        for key in ("stage", "title", "document"):
            text = row.values.get(key)
            if isinstance(text, str) and _PUBLIC_NOTICE.search(text):
                problems.append(Reason(self._headers[key], "not_yet_recognised", f"“{text[:30]}”：公示不是认定；请在正式公布后再导入。"))
                return

    def _grant(self, row: ParsedRow, firm: Firm, title_code: str, level: Level | None, known: Sequence[Known]) -> Planned:
        values, level_code = row.values, level.value if level else ""
        same = [k for k in known if k.key[1] == title_code and k.key[2] == level_code]
        year = self._batch_year(values, same)
        key = (firm.id, title_code, level_code, year)
        label = f"{firm.name} {self._pack.title_label(title_code)}{f'（{year}年）' if year else ''}"
        old = next((k for k in same if k.key[3] == year), None)
        said = self._said(values, old)
        if said[3] == OPEN_END:
            said = (*said[:3], None, *said[4:])
        title = self._pack.title(title_code)
        open_ended = title.open_ended and said[3] is None
        problems = self._check(values, _draft(key, said), title, old)
        if not year and "batch" in values:
            message = f"“{str(values['batch'])[:30]}”没有写明年份；请写成“2023年第一批”，或增加“批次年度”列。"
            problems.append(Reason(self._headers["batch"], "year_missing", message))
        if problems:
            return Planned.refused(row, firm.code, firm.name, problems)
        if twin := self._twin(row, firm, key, label):
            return twin
        notes = self._notes(row, firm, said, year, title, known, open_ended)
        self._granted.setdefault(firm.id, set()).add(title_code)
        if old is None:
            content = (*key[1:], *said, open_ended, self._source(values))
            return Planned(row.row, CREATED, firm.code, label, 0, INSERT, firm.id, 0, content, notes=notes)
        changes = {name: (b, a) for name, b, a in zip(SAID, old.said, said, strict=True) if a != b}
        if open_ended != old.open_ended:
            changes["open_ended"] = (old.open_ended, open_ended)
        if not changes:
            return Planned(row.row, UNCHANGED, firm.code, label, subject_id=firm.id, version=old.id, notes=notes)
        content = (*key[1:], *said, open_ended, self._source(values) or old.source)
        return Planned(row.row, UPDATED, firm.code, label, 0, UPDATE, firm.id, old.id, content, changes, notes=notes)

    def _batch_year(self, values: Mapping[str, Any], same: Sequence[Known]) -> int:
        """The row's own, else the one its batch names, else the year of the announcement, else that of the only grant of this title we know (0 = blank)."""
        if "batch_year" in values:
            return int(values["batch_year"])
        if years := set(_BATCH_YEAR.findall(str(values.get("batch") or ""))):
            return int(years.pop()) if len(years) == 1 else 0
        if isinstance(values.get("announced_on"), date):
            return int(values["announced_on"].year)
        current = [k for k in same if not k.voided]
        return current[0].key[3] if len(current) == 1 else 0

    def _said(self, values: Mapping[str, Any], old: Known | None) -> tuple[Any, ...]:
        before = old.said if old is not None else (None,) * len(SAID)
        return tuple(b if (v := values.get(name)) is None else None if v is CLEAR else v for name, b in zip(SAID, before, strict=True))

    def _check(self, values: Mapping[str, Any], draft: Draft, title: Title, old: Known | None) -> list[Reason]:
        found = [
            Reason(self._headers[field], _CODES.get(field, "recognition_invalid"), sentence)
            for field, sentence in draft_problems(draft, title.levels, self._context.today)
            if not (field == "announced_on" and draft.announced_on is None)  # no date at all: kept, counted nowhere, said in the notes
        ]
        if values.get("valid_to") == OPEN_END and not title.open_ended:
            found.append(Reason(self._headers["valid_to"], "validity_open", "这项称号有有效期，不能填“长期”；请填写截止日期，不清楚时留空。"))
        if old is not None and old.voided:
            found.append(Reason(self._headers["title"], "recognition_voided", "这条认定已在系统中作废；如确有这项称号，请在企业档案里重新登记。"))
        return found

    def _twin(self, row: ParsedRow, firm: Firm, key: _Key, label: str) -> Planned | None:
        print_ = hash(tuple(str(row.values.get(name)) for name in SAID))
        first = self._seen.setdefault(key, (row.row, print_))
        if first[0] == row.row:
            return None
        if first[1] == print_:
            return Planned(row.row, UNCHANGED, firm.code, label, subject_id=firm.id, notes=(f"与第 {first[0]} 行相同",))
        message = f"与第 {first[0]} 行是同一家企业同一批次的同一称号但内容不同；请核对后只保留一行。"
        return Planned.refused(row, firm.code, firm.name, [Reason(self._headers["title"], "duplicate_in_file", message)])

    def _notes(
        self, row: ParsedRow, firm: Firm, said: tuple[Any, ...], year: int, title: Title, known: Sequence[Known], open_ended: bool
    ) -> list[str]:
        notes = [f"{n.header}：{n.message_zh}" if n.header else n.message_zh for n in row.notes]
        if remark := self._firms.name_note(firm, row):
            notes.append(remark)
        if said[1] is None and said[2] is None:
            notes.append("公布日期和有效期起都没有，补填之前不计入任何统计")
        elif said[3] is None and not open_ended:
            notes.append("没有有效期止，补填之前不计入存量")
        if not year:
            notes.append("没有批次年度和公布日期，补填之前不计入新增")
        held = {k.key[1] for k in known if not k.voided} | self._granted.get(firm.id, set())
        below = {t.code for t in self._pack.titles(track="srdi") if t.rank < title.rank} if title.track == "srdi" else set()
        if below and not held & below and title.code not in held:
            notes.append("提醒：系统中没有这家企业同一系列较低层级的称号，请核对是否跨级")
        return notes

    def _source(self, values: Mapping[str, Any]) -> str | None:
        """The original author, and when he reported it."""
        author, on = values.get("source_author") or self._context.author, values.get("source_on") or self._context.on
        parts = [str(v) for v in (author, on) if v is not None and v is not CLEAR]
        return " ".join(parts)[:60] or None


def _draft(key: _Key, said: Sequence[Any]) -> Draft:
    """The version as the ladder's own rules judge it."""
    values = dict(zip(SAID, said, strict=True))
    return Draft(title_code=key[1], level=key[2], batch_year=key[3], **values)


def _current(session: Session, ids: Collection[int]) -> dict[int, list[Known]]:
    found: dict[int, list[Known]] = {}
    if ids:
        for known in _read(session, Recognition.enterprise_id.in_(ids) & Recognition.superseded_at.is_(None)):
            found.setdefault(known.key[0], []).append(known)
    return found


def _read(session: Session, condition: Any) -> Iterator[Known]:
    query = select(
        Recognition.id, Recognition.enterprise_id, Recognition.title_code, Recognition.level, Recognition.batch_year, *_SAID_COLUMNS,
        Recognition.open_ended, Recognition.voided, Recognition.source,
    )
    for row in session.execute(query.where(condition)).all():
        yield Known(row[0], tuple(row[1:5]), tuple(row[5 : 5 + len(SAID)]), *row[5 + len(SAID) :])


class RecognitionImporter:
    """称号认定."""

    kind = "recognitions"
    label = "称号认定"
    unit = "条"
    permission = Permission.RECOGNITION_EDIT
    fields = FIELDS
    any_of = ("credit_code", "name")
    options = ()
    notes = (
        "企业必须已在企业库中；以统一社会信用代码对应，没有代码时按企业名称（含曾用名）精确对应。",
        "同一企业、同一称号、同一级别、同一批次年度再次导入，内容不同的视为更正，原内容保留在历史中。",
        "公示不是认定：公示、拟认定的名单请在正式公布后再导入。",
        "有效期止请按文件填写；不填的称号不计入存量。",
    )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return packs_key()

    def apply(self, run: Run) -> None:
        session, done, touched = run.session, 0, set[int]()
        scope = batches.scope_of(session, run.batch_id)
        for action in (UPDATE, INSERT):
            for rows in chunked(run.rows(action), CHUNK):
                if not recheck_scope(session, scope, {cast(int, r.subject_id) for r in rows}):
                    raise Outdated
                if action == UPDATE:
                    _supersede(run, [cast(int, r.version) for r in rows])
                contents = [dates_back(r.content, _DATES) for r in rows]
                ids = _write(run, [(r.subject_id, *c[:-1], False, c[-1]) for r, c in zip(rows, contents, strict=True)])
                write_journal(session, run.batch_id, (
                    Journal(r.row, r.part, action, key, r.label, pack(r.version)) for key, r in zip(ids, rows, strict=True)
                ))
                touched |= {cast(int, r.subject_id) for r in rows}
                done += len(rows)
                run.progress(done)
        if touched:
            enterprises.after_bulk(session, sorted(touched))

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, batch_id, action):
                written, current = _pairs(session, lines)
                for line in lines:
                    mine = written.get(line.subject_id)
                    now = current.get(mine.key) if mine is not None else None
                    if mine is not None and now is not None and now[2:5] == mine[2:5]:
                        found.rows.append((line.row, line.part))
                    else:
                        found.kept.append((line.row, line.part, line.label, "导入后这条认定又被更正、撤销或作废过"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        """The imported version is superseded; the one before a correction comes back as a new version."""
        session, wanted, touched = run.session, set(undoable.rows), set[int]()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, run.batch_id, action):
                mine = [line for line in lines if (line.row, line.part) in wanted]
                written, current = _pairs(session, mine)
                _supersede(run, [current[k.key].id for k in written.values()])
                if action == UPDATE:
                    before = _read(session, Recognition.id.in_([unpack(line.before) for line in mine]))
                    _write(run, [(*k.key, *k.said, k.open_ended, k.voided, k.source) for k in before])
                touched |= {k.key[0] for k in written.values()}
                run.progress(len(touched))
        if touched:
            enterprises.after_bulk(session, sorted(touched))

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if v is None else {True: "是", False: "否"}[v] if isinstance(v, bool) else str(v) for v in values]


def _pairs(session: Session, lines: Sequence[Any]) -> tuple[dict[int, Known], dict[_Key, Known]]:
    """The versions an import wrote, and what is in force now under the same keys."""
    written = {k.id: k for k in _read(session, Recognition.id.in_([line.subject_id for line in lines]))}
    current = _current(session, {k.key[0] for k in written.values()})
    return written, {k.key: k for group in current.values() for k in group}


def _supersede(run: Run, ids: Sequence[int]) -> None:
    still = run.session.execute(select(Recognition.id).where(Recognition.id.in_(ids), Recognition.superseded_at.is_(None))).all()
    if len(still) != len(ids) or update_rows(run.session, _TABLE, ("id",), ("superseded_at",), [(i, run.now) for i in ids]) != len(ids):
        raise Outdated


def _write(run: Run, contents: Sequence[Sequence[Any]]) -> Sequence[int]:
    ids = dialect.reserve_ids(run.session, _TABLE, len(contents))
    by = (run.now, run.actor.user_id)
    dialect.load_rows(run.session, _TABLE, _NEW, ((key, *content, *by) for key, content in zip(ids, contents, strict=True)))
    return ids
