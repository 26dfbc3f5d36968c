"""强镇评选数据: a department's file, one row per town, columns 1, 2, 3, 4, 5a … 26. Blank cells say nothing; （清空） takes a value back.

A cell of a graded item holds the panel's mark (a number, or one grade), or the grades of all reviewers (优良良); growth may be 不适用; 26 is 有 or 无.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange import queries as batches
from app.exchange.bulk import CHUNK, chunked, write_journal
from app.exchange.packing import pack as packed
from app.exchange.packing import unpack
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
from app.exchange.rules.fields import Choice, Field, Kind, words
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.indicators.actions.contest import Said, check_open, record_value, same
from app.indicators.models.contest import DEPARTMENT, TOWN, VALUE_SOURCES, ContestRound, ContestValue
from app.indicators.queries import city_places, table_columns, year_end
from app.indicators.queries import contest as queries
from app.indicators.rules.scheme import ItemKind, Scheme, ScoredItem
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.ladder.queries import towns_in_scope
from app.packs import Pack
from app.policies.queries import current_pack

TOWN_FIELDS: tuple[Field, ...] = (
    Field("town", "镇街代码", Kind.CODE, required=True, clearable=False, max_length=12, sample="371502001",
          synonyms=words("代码 编码 区划代码 镇街编码 乡镇代码 乡镇街道代码 乡镇（街道）代码 行政区划代码 统计区划代码 town_code towncode town code")),
    Field("name", "乡镇（街道）", Kind.NAME, clearable=False, synonyms=words("镇街 镇街名称 乡镇名称 乡镇 名称 乡镇街道 town_name name"), note="仅供核对"),
)
KEYS = tuple(key for seq in range(1, 27) for key in ((f"{seq}a", f"{seq}b") if seq in (5, 6) else (str(seq),)))
"""Columns of the file: fixed, because a file is read before anybody asks which policy pack it belongs to."""
ITEM_FIELDS = tuple(Field(f"item_{key}", key, Kind.TEXT, (f"第{key}号", f"{key}号", f"指标{key}"), max_length=100) for key in KEYS)
NOT_APPLICABLE = ("不适用", "不计")
VETO_WORDS = {
    "无": 0, "否": 0, "没有": 0, "未发生": 0, "0": 0, "有": 1, "是": 1, "发生": 1, "1": 1, "否决": 1, "待核查": 2, "待核": 2, "核查中": 2, "2": 2,
}
_SEPARATORS = re.compile(r"[\s,，、;；/|]+")


class Town(NamedTuple):
    """A town of the round."""

    id: int
    code: str
    name: str
    visible: bool


class Planner:
    """Plan of one file for one round."""

    def __init__(self, context: PlanContext) -> None:
        self._context = context
        self._source = context.options.get("source") or DEPARTMENT
        pack, year = current_pack(), int(context.options.get("round") or 0)
        self._round, self._year = queries.find_round(pack, year), year
        self._scheme = None if self._round is None else Scheme.from_plain(self._round.scheme)
        self._towns = {} if self._round is None else _towns(pack, self._round, context)
        self._standing = {} if self._round is None else _standing(context.session, self._round.id, self._source)
        self._seen: dict[str, tuple[int, str]] = {}
        self._header = context.column("town") or "镇街代码"

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        return [self._one(row) for row in rows]

    def _one(self, row: ParsedRow) -> Planned:
        code, name = str(row.values.get("town") or "").strip(), str(row.values.get("name") or "")
        town = self._towns.get(code)
        problems = [Reason(p.header, p.code, p.message_zh) for p in row.problems]
        if town is None or not town.visible or self._round is None or self._scheme is None:
            return Planned.refused(row, code, "", [self._unknown(code, town)])
        try:
            check_open(self._round)
        except DomainError as error:
            problems.append(Reason("", error.code, error.message_zh))
        notes = [f"{n.header}：{n.message_zh}" if n.header else n.message_zh for n in row.notes]
        if name and name not in town.name and town.name not in name:
            notes.append(f"表中名称“{name[:20]}”与代码对应的“{town.name}”不同，按代码计")
        given = self._given(row, problems, notes)
        if not given and not problems:
            problems.append(Reason("", "values_missing", "这一行没有任何指标数据；请补填，或删除该行。"))
        if problems:
            return Planned.refused(row, code, town.name, problems)
        return self._twin(row, town, given) or self._planned(row, town, given, notes)

    def _unknown(self, code: str, town: Town | None) -> Reason:
        if self._round is None:
            return Reason("", "round_unknown", f"{self._year} 年度的强镇评选还没有启动；请先由市局启动本轮。")
        if town is not None:
            return Reason(self._header, "out_of_scope", "这个乡镇（街道）不在您的管辖范围内，不能导入。")
        return Reason(self._header, "town_unknown", f"本轮没有代码为“{code[:12]}”的参评乡镇（街道）；请核对代码（区直和功能区不参评）。")

    def _given(self, row: ParsedRow, problems: list[Reason], notes: list[str]) -> dict[str, Said | None]:
        """Item -> what the row says of it; None = taken back."""
        assert self._scheme is not None
        found: dict[str, Said | None] = {}
        for slot, cell in row.values.items():
            if not slot.startswith("item_"):
                continue
            key = slot.removeprefix("item_")
            if cell is CLEAR:
                found[key] = None
                continue
            try:
                found[key] = read_value(self._scheme, key, str(cell), notes)
            except ValueError as error:
                problems.append(Reason(self._context.column(slot) or key, "value_invalid", str(error)))
        return found

    def _twin(self, row: ParsedRow, town: Town, given: Mapping[str, Said | None]) -> Planned | None:
        said = repr(sorted(given.items()))
        first, before = self._seen.setdefault(town.code, (row.row, said))
        if first == row.row:
            return None
        if before == said:
            return Planned(row.row, UNCHANGED, town.code, town.name, subject_id=town.id, notes=(f"与第 {first} 行相同",))
        return Planned.refused(row, town.code, town.name, [
            Reason(self._header, "duplicate_in_file", f"与第 {first} 行是同一个镇街但内容不同；请核对后只保留一行。"),
        ])

    def _planned(self, row: ParsedRow, town: Town, given: Mapping[str, Said | None], notes: list[str]) -> Planned:
        content, changes, fresh = [], {}, True
        for key, said in given.items():
            before = self._standing.get((town.id, key))
            fresh = fresh and before is None
            if (before is None and said is None) or (before is not None and said is not None and same(before, said)):
                continue
            content.append((key, before.id if before is not None else 0, None if said is None else _plain(said)))
            changes[f"item_{key}"] = (None if before is None else shown(before), None if said is None else shown(said))
        if not content:
            return Planned(row.row, UNCHANGED, town.code, town.name, subject_id=town.id, notes=tuple(notes))
        body = (self._year, self._source, content)
        if fresh:
            return Planned(row.row, CREATED, town.code, town.name, 0, INSERT, town.id, 0, body, notes=tuple(notes))
        return Planned(row.row, UPDATED, town.code, town.name, 0, UPDATE, town.id, 0, body, changes, notes=tuple(notes))


def read_value(scheme: Scheme, key: str, text: str, notes: list[str]) -> Said:
    """The text of a cell as a value of the item. Raises ``ValueError`` with what to do."""
    text = text.strip()
    if key == queries.VETO_ITEM:
        if text not in VETO_WORDS:
            raise ValueError(f"第 26 号请填写“有”“无”或“待核查”，现为“{text[:20]}”。")
        return Said(Decimal(VETO_WORDS[text]))
    item = scheme.by_key.get(key)
    if item is None:
        raise ValueError(f"本轮的计分方案没有第 {key} 号，请删去这一列。")
    if text in NOT_APPLICABLE:
        if item.amount is None:
            raise ValueError(f"只有增速可以写“不适用”，第 {key} 号请填写数值。")
        return Said(applies=False)
    if item.kind is ItemKind.GRADED:
        return _graded(scheme, item, text, notes)
    number = _number(text.removesuffix("%") if item.unit == "%" else text, key)
    if item.kind is ItemKind.COUNT and (number < 0 or number != number.to_integral_value()):
        raise ValueError(f"第 {key} 号是个数，应为不小于 0 的整数，现为“{text[:20]}”。")
    if number < 0 and item.unit != "%":
        raise ValueError(f"第 {key} 号不能小于 0，现为“{text[:20]}”。")
    return Said(number)


def _graded(scheme: Scheme, item: ScoredItem, text: str, notes: list[str]) -> Said:
    marks = _SEPARATORS.sub("", text)
    if marks and all(mark in scheme.marks for mark in marks):
        if len(marks) == 1:
            notes.append(f"第 {item.key} 号只写了一个等次，按评审组结论计")
            return Said(Decimal(scheme.marks[marks]))
        if len(marks) > 60:
            raise ValueError(f"第 {item.key} 号的等次太多，请核对。")
        if len(marks) < scheme.graders_min:
            notes.append(f"第 {item.key} 号只有 {len(marks)} 个等次，不足 {scheme.graders_min} 个，暂按缺数据计")
        return Said(marks=marks)
    number = _number(text, item.key)
    if not 0 <= number <= 100:
        raise ValueError(f"第 {item.key} 号是定性指标，请填写等次（{'、'.join(scheme.marks)}）或 0 至 100 的评审组得分，现为“{text[:20]}”。")
    return Said(number)


def _number(text: str, key: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**12:
        raise ValueError(f"第 {key} 号应为数值，现为“{text[:20]}”；没有数据请留空。")
    if number != (rounded := round(number, 6)):
        return rounded
    return number.normalize() + 0


def shown(value: Said | ContestValue) -> str:
    """A value in words for the preview."""
    if not value.applies:
        return "不适用"
    return value.marks or ("" if value.value is None else format(value.value.normalize(), "f"))


def _plain(said: Said) -> tuple[str | None, str | None, bool]:
    return (None if said.value is None else str(said.value), said.marks, said.applies)


def _towns(pack: Pack, found: ContestRound, context: PlanContext) -> dict[str, Town]:
    places = [place for place in city_places(pack, found.year, year_end(found.year)) if place.ranked]
    mine = {place.town_id for place in towns_in_scope(context.scope, places)}
    return {place.code: Town(place.town_id, place.code, place.name, place.town_id in mine) for place in places}


def _standing(session: Session, round_id: int, source: str) -> dict[tuple[int, str], ContestValue]:
    query = select(ContestValue).where(ContestValue.round_id == round_id, ContestValue.source == source, ContestValue.superseded_at.is_(None))
    return {(value.town_id, value.item): value for value in session.scalars(query)}


class ContestImporter:
    """强镇评选数据."""

    kind = "contest"
    label = "强镇评选数据"
    unit = "个镇街"
    permission = Permission.CONTEST_RUN
    options: tuple[Option, ...] = (
        Option("round", "评选的数据年度", help_zh="该年度的评选须已启动"),
        Option("source", "数据来源", tuple(Choice(code, VALUE_SOURCES[code]) for code in (DEPARTMENT, TOWN)), DEPARTMENT),
    )
    notes: tuple[str, ...] = (
        "一行是一个参评乡镇（街道），以区划代码对应；空白格不改动已有数据，（清空）表示撤回。",
        "定性指标（7、8、16、18、19、23）填写评审组得分（0 至 100）、一个等次，或各评审员的等次（如“优良良”，至少 3 个）。",
        "5b、6b 增速不适用时写“不适用”，其权重并入总量。26 号填写“有”“无”或“待核查”。",
        "系统能自动计算的指标也可以填写：部门提供的数优先于系统台账，差异会列出。",
    )

    fields: tuple[Field, ...] = (*TOWN_FIELDS, *ITEM_FIELDS)

    def planner(self, context: PlanContext) -> Planner:
        return Planner(context)

    def context_key(self, session: Session) -> str:
        rounds = session.execute(select(ContestRound.id, ContestRound.version).order_by(ContestRound.id)).all()
        return sha256(f"{current_pack().hash}{[tuple(row) for row in rounds]}".encode()).hexdigest()

    def apply(self, run: Run) -> None:
        done, pack, scope = 0, current_pack(), batches.scope_of(run.session, run.batch_id)
        for action in (INSERT, UPDATE):
            for rows in chunked(run.rows(action), CHUNK):
                for row in rows:
                    year, source, content = row.content
                    found = queries.get_round(pack, int(year))
                    if not in_reach(pack, found, scope, int(row.subject_id)):
                        raise Outdated
                    _write(run, found, row, str(source), content)
                done += len(rows)
                run.progress(done)

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found = Undoable()
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, batch_id, action):
                for line in lines:
                    if _still_there(session, unpack(line.before)):
                        found.rows.append((line.row, line.part))
                    else:
                        found.kept.append((line.row, line.part, line.label, "导入后数据又有改动"))
        return found

    def undo(self, run: Run, undoable: Undoable) -> None:
        """Imported versions step down, what stood before stands again."""
        wanted, done = set(undoable.rows), 0
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(run.session, run.batch_id, action):
                for line in lines:
                    if (line.row, line.part) in wanted:
                        _take_back(run, unpack(line.before))
                        done += 1
                run.progress(done)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if value in (None, "") else str(value) for value in values]


def in_reach(pack: Pack, found: ContestRound, scope: Any, town_id: int) -> bool:
    """Whether the town is of the round and inside the scope."""
    places = [place for place in city_places(pack, found.year, year_end(found.year)) if place.ranked and place.town_id == town_id]
    return bool(towns_in_scope(scope, places))


def _write(run: Run, found: ContestRound, row: Any, source: str, content: Sequence[Any]) -> None:
    offices = {column.key: column.owner for column in table_columns(current_pack(), found.year)}
    lines = []
    for key, before_id, plain in content:
        standing = run.session.scalar(_standing_id(found.id, row.subject_id, key, source))
        if (standing or 0) != before_id:
            raise Outdated
        if plain is None:
            run.session.get_one(ContestValue, before_id).superseded_at = run.now
            lines.append((0, before_id))
            continue
        said = Said(None if plain[0] is None else Decimal(plain[0]), plain[1], plain[2])
        made = record_value(
            found=found, town_id=row.subject_id, item=key, source=source, said=said, by=run.actor, reporter=run.author, reported_on=run.on,
            office=offices.get(key.rstrip("ab"), "")[:80] or None if source == DEPARTMENT else None,
        )
        if made is not None:
            lines.append((made.id, before_id))
    run.session.flush()
    action = UPDATE if any(before for _, before in lines) else INSERT
    write_journal(run.session, run.batch_id, [Journal(row.row, row.part, action, row.subject_id, row.label, packed(lines))])


def _standing_id(round_id: int, town_id: int, item: str, source: str) -> Any:
    return select(ContestValue.id).where(
        ContestValue.round_id == round_id, ContestValue.town_id == town_id, ContestValue.item == item, ContestValue.source == source,
        ContestValue.superseded_at.is_(None),
    )


def _still_there(session: Session, pairs: Sequence[tuple[int, int]]) -> bool:
    """The imported versions stand, and of what was taken back nothing new was said."""
    for made_id, before_id in pairs:
        value = session.get(ContestValue, made_id or before_id)
        if value is None:
            return False
        standing = session.scalar(_standing_id(value.round_id, value.town_id, value.item, value.source))
        if (standing or 0) != made_id:
            return False
    return True


def _take_back(run: Run, pairs: Sequence[tuple[int, int]]) -> None:
    for made_id, before_id in pairs:
        if made_id:
            run.session.get_one(ContestValue, made_id).superseded_at = run.now
            run.session.flush()
        if before_id:
            run.session.get_one(ContestValue, before_id).superseded_at = None
        run.session.flush()
