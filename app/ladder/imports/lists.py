"""公布名单: an announced list read as it is (序号, 企业名称, 所在地 perhaps; usually no code). Nothing is recorded by the import: every line gets ranked
candidates, and an officer confirms them on the page of the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from app.enterprises.imports.columns import CREDIT_CODE, NAME
from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, write_journal
from app.exchange.models import ImportBatch
from app.exchange.registry import CREATED, INSERT, REJECTED, Journal, Option, PlanContext, Planned, Reason, Run, Undoable
from app.exchange.rules.fields import Choice, Field, Kind, words
from app.exchange.rules.values import ParsedRow
from app.infra import dialect
from app.kernel.permission import Permission
from app.ladder.imports import recognitions
from app.ladder.models import OfficialList, OfficialListRow
from app.ladder.models.lists import PURPOSES
from app.ladder.queries.lists import Line, Matcher, Units
from app.ladder.rules.names import name_key
from app.policies.queries import find_title, packs_by_city, packs_in, packs_key

VALUES = ("title", "level", "batch_year", "batch", "announced_on", "valid_from", "valid_to", "document")
"""What a line may say of its own beside name and place."""
_PLACE = Field(
    "place", "所在地", Kind.TEXT, max_length=120, clearable=False, sample="",
    synonyms=words(
        "所属地区 地区 所在地区 所属区域 县（市、区） 县市区 县区 区县 所在县区 所属县区 所在县（市、区） "
        "所属县（市、区） 所在县市区 所属县市区 省市 所在省市 所属市 所在市 市 地市 所属地市 "
        "推荐单位 推荐地区 注册地 所在市县 市县 区域 属地 所属地 镇街 乡镇（街道） 乡镇 所在镇街 所属镇街 县 区 城市"
    ),
    note="用来区分重名企业，可不填",
)
FIELDS: tuple[Field, ...] = (
    replace(NAME, required=True, note="照公布的名单填写"), replace(CREDIT_CODE, required=False), _PLACE,
    *(replace(f, required=False, offered=f.key in ("title", "level")) for f in recognitions.FIELDS if f.key in VALUES),
)
_HEAD = re.compile(r"^(?:附件[:：]?\d*|关于|公布|公示|印发|下达|认定|拟|\d+[.、]|《|“)+")
_TAIL = re.compile(r"(?:》|的|拟认定|认定|推荐|公示|通过复核|复核通过|复核|名单|名录|一览表|汇总表|情况表|统计表|公告|通知|通告|（[^（）]*）|\([^()]*\))+$")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NOTICE = re.compile(r"公示|拟认定|拟推荐|拟入选")


class Planner:
    """Plan of one list: a staged line per row with its candidates."""

    def __init__(self, context: PlanContext) -> None:
        self._context, self._headers = context, {f.key: context.column(f.key) or f.label for f in FIELDS}
        self._matcher, self._units = Matcher(context.session, context.scope), Units(context.session, context.scope)
        self._first, self._seen = True, dict[str, int]()
        self._packs = packs_in(context.scope)

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        lines = [self._line(row) for row in rows]
        known = [line for line in lines if line is not None]
        matched = iter(self._matcher.match(known))
        return [self._one(row, line, next(matched) if line is not None else None) for row, line in zip(rows, lines, strict=True)]

    def _line(self, row: ParsedRow) -> Line | None:
        name = row.values.get("name")
        if not isinstance(name, str) or len(name) < 2 or not name_key(name):
            return None
        return Line(name, row.values.get("credit_code"), self._units.find(row.values.get("place")))

    def _one(self, row: ParsedRow, line: Line | None, found: Any) -> Planned:
        if line is None:
            reason = Reason(self._headers["name"], "name_missing", "没有填写企业名称；请补填后重新导入。")
            return Planned(row.row, REJECTED, "", "", problems=(reason,))
        notes = [f"{n.header}：{n.message_zh}" for n in row.notes]
        notes += [f"{p.header}：{p.message_zh}（这一格没有读取，按名称对应）" for p in row.problems]
        key = name_key(line.name)
        first = self._seen.setdefault(key, row.row)
        if first != row.row:
            notes.append(f"与第 {first} 行名称相同，名单中重复")
        said = {name: _plain(row.values[name]) for name in VALUES if name in row.values}
        proposed = found.candidates[0] if found.sure else None
        content = [
            line.name, key, line.credit_code, row.values.get("place"), line.unit_id, said or None,
            [[c.enterprise_id, c.how, c.points] for c in found.candidates], proposed.enterprise_id if proposed else None,
            proposed.how if proposed else None, int(found.sure), self._head() if self._first else None,
        ]
        self._first = False
        return Planned(row.row, CREATED, line.credit_code or "", line.name, 0, INSERT, None, 0, content, notes=tuple(notes))

    def _head(self) -> dict[str, Any]:
        """What the list as a whole is about, from the questions of the upload and the title above the table."""
        title, options = self._context.header.title or "", self._context.options
        code, level = options.get("title"), ""
        if code:
            entry = find_title(self._packs, code)
            level = entry.level.value if entry is not None and entry.level else ""
        elif title:
            bare = _TAIL.sub("", _HEAD.sub("", title)).removesuffix("企业")
            ways = (title, bare, f"{bare}企业", bare.removeprefix("通过复核").removeprefix("有效期内"))
            match = next((m for way in ways for pack in self._packs if (m := pack.match_title(way)).title_code is not None), None)
            code, level = (match.title_code, match.level.value if match.level else "") if match else (None, "")
        years = set(_YEAR.findall(title))
        year = options.get("year") or (years.pop() if len(years) == 1 else 0)
        stage = "noticed" if _NOTICE.search(title) else "announced"
        return {"name": title, "title": code, "level": level, "year": int(year), "stage": stage, "purpose": options.get("purpose") or "announced"}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, str | int) else None


_ROWS = cast(Table, OfficialListRow.__table__)
_COLUMNS = (
    "id", "list_id", "row", "name", "name_key", "credit_code", "place", "unit_id", "said", "candidates", "enterprise_id", "how", "sure", "decision",
)


class ListImporter:
    """公布名单."""

    kind = "lists"
    label = "公布名单"
    unit = "行"
    permission = Permission.RECOGNITION_EDIT
    fields = FIELDS
    any_of = ("name",)
    notes = (
        "公告、公示附件里的企业名单可以直接导入，只要有企业名称；系统按名称、曾用名和相近写法找出企业，由经办人逐一确认后才登记。",
        "导入名单本身不登记任何称号；确认企业后，在名单页面登记认定，或与系统内的认定逐家核对。",
        "公示名单只能核对，不能登记认定。",
    )
    follow_up = ("ladder.list_of_import", "去确认企业")

    @property
    def options(self) -> tuple[Option, ...]:
        known = {title.code: title.label for city in packs_by_city() if city.pack is not None for title in city.pack.titles()}
        titles = tuple(Choice(code, label) for code, label in known.items())
        return (
            Option("title", "称号", titles, help_zh="不选时按表头标题识别，之后可以在名单页面修改"),
            Option("year", "批次年度", help_zh="四位年份，不填时按表头标题识别"),
            Option("purpose", "用途", tuple(Choice(code, label) for code, label in PURPOSES.items()), "announced"),
        )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        return packs_key()

    def apply(self, run: Run) -> None:
        made: OfficialList | None = None
        done = 0
        for rows in chunked(run.rows(INSERT), CHUNK):
            if made is None:
                made = _new_list(run, rows[0].content[10] or {})
            ids = dialect.reserve_ids(run.session, _ROWS, len(rows))
            lines = ((i, made.id, r.row, *_cut(r.content), "open") for i, r in zip(ids, rows, strict=True))
            dialect.load_rows(run.session, _ROWS, _COLUMNS, lines)
            write_journal(run.session, run.batch_id, (Journal(r.row, r.part, INSERT, i, r.label, None) for i, r in zip(ids, rows, strict=True)))
            done += len(rows)
            run.progress(done)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for lines in batches.journal_chunks(session, batch_id, INSERT):
            state: dict[int, str | None] = {}
            for start in range(0, len(lines), 900):
                ids = [line.subject_id for line in lines[start : start + 900]]
                state |= {row[0]: row[1] for row in session.execute(select(OfficialListRow.id, OfficialListRow.recorded).where(OfficialListRow.id.in_(ids)))}
            for line in lines:
                if line.subject_id in state and state[line.subject_id] is None:
                    found.rows.append((line.row, line.part))
                else:
                    found.kept.append((line.row, line.part, line.label, "这一行的认定已经登记，请先更正或作废认定记录"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        """Lines that led to nothing go; a list without lines goes with them, and so do remembered decisions about its differences."""
        wanted = set(undoable.rows)
        list_id = run.session.scalar(select(OfficialList.id).where(OfficialList.import_id == run.batch_id))
        for lines in batches.journal_chunks(run.session, run.batch_id, INSERT):
            ids = [line.subject_id for line in lines if (line.row, line.part) in wanted]
            for start in range(0, len(ids), 900):
                gone = delete(OfficialListRow).where(OfficialListRow.id.in_(ids[start : start + 900]))
                run.session.execute(gone.execution_options(synchronize_session=False))
        left = run.session.scalar(select(func.count()).select_from(OfficialListRow).where(OfficialListRow.list_id == list_id))
        if list_id is not None and not left:
            from app.ladder.models import SettledDifference

            for model, column in ((SettledDifference, SettledDifference.list_id), (OfficialList, OfficialList.id)):
                run.session.execute(delete(model).where(column == list_id).execution_options(synchronize_session=False))
        run.progress(len(wanted))

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if v is None else str(v) for v in values]


def _cut(content: Sequence[Any]) -> tuple[Any, ...]:
    name, key, code, place, unit, said, candidates, enterprise, how, sure, _ = content
    return name[:120], key[:120], code, place and place[:120], unit, said, candidates, enterprise, how, sure


def _new_list(run: Run, head: dict[str, Any]) -> OfficialList:
    batch = run.session.get_one(ImportBatch, run.batch_id)
    made = OfficialList(
        name=(head.get("name") or run.label)[:200], purpose=head.get("purpose") or "announced", stage=head.get("stage") or "announced",
        title_code=head.get("title"), level=head.get("level") or "", batch_year=head.get("year") or 0,
        as_of=run.today if head.get("purpose") == "stock" else None,
        area_id=batch.area_id, scope=batch.scope, import_id=batch.id, created_at=run.now, created_by=run.actor.user_id, created_name=batch.created_name[:80],
    )
    run.session.add(made)
    run.session.flush()
    return made
