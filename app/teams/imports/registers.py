"""One importer for each register. A row is one entry; blank cells change nothing; the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.exchange import queries as batches
from app.exchange.bulk import write_journal
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
from app.exchange.rules.outcome import CLEAR
from app.exchange.rules.values import ParsedRow
from app.infra import crypto
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import registers as actions
from app.teams.imports.columns import FIELDS, KEYS
from app.teams.models import RegisterStep
from app.teams.models.registers import REGISTERS, STRENGTHS
from app.teams.queries import registers as queries
from app.teams.queries.reach import city_of_page, own_city, stored

_SPLIT = str.maketrans(dict.fromkeys("，,；;/ \n|", "、"))
_SERVING = {"在盟", "已入盟", "聘任中", "已聘任", "可用", "已入池", "在用", "在库"}
_SAID = {
    "provider": ("以统一社会信用代码对应，没有代码时按名称对应。", "在盟", "入盟"), "expert": ("以姓名和工作单位对应。", "聘任中", "聘任"),
    "resource": ("以类别、名称和提供单位对应。", "可用", "入池"),
}
_ENDINGS = ("县", "区", "市", "经济技术开发区", "高新技术产业开发区", "旅游度假区")


class Planner:
    """Plan of one file."""

    def __init__(self, register: str, context: PlanContext) -> None:
        self._register, self._context = register, context
        self._city = city_of_page(context.scope)
        self._headers = {f.key: context.column(f.key) or f.label for f in FIELDS[register]}
        self._domains = {word: e.code for e in current_pack().entries("service_domains") for word in (e.label, e.code, *getattr(e, "merges", ()))}
        self._seen: dict[tuple[Any, ...], tuple[int, str]] = {}
        model = queries.MODELS[register]
        rows = context.session.scalars(select(model).where(own_city(context.scope, model.city_id), model.city_id == self._city.id))
        self._known: dict[tuple[Any, ...], Any] = {}
        for row in rows:
            for key in _keys(register, {name: getattr(row, name) for name in KEYS[register]}):
                self._known[key] = row

    def plan(self, rows: Sequence[ParsedRow]) -> list[Planned]:
        return [self._one(row) for row in rows]

    def _one(self, row: ParsedRow) -> Planned:
        given = {key: value for key, value in row.values.items() if key in self._headers}
        label = str(given.get("name") or "")
        code = str(given.get("credit_code") or label)
        if row.problems:
            return Planned.refused(row, code, label, [Reason(p.header, p.code, p.message_zh) for p in row.problems])
        missing = [f for f in FIELDS[self._register] if f.required and given.get(f.key) in (None, "", CLEAR)]
        if missing:
            return Planned.refused(row, code, label, [Reason(self._headers[f.key], "missing", f"请填写{f.label}。") for f in missing])
        problems: list[Reason] = []
        values = {key: self._value(key, value, problems) for key, value in given.items() if key != "state"}
        if problems:
            return Planned.refused(row, code, label, problems)
        keys = _keys(self._register, values)
        said = repr(sorted((k, str(v)) for k, v in values.items()))
        for key in keys:
            first = self._seen.setdefault(key, (row.row, said))
            if first[0] != row.row:
                if first[1] == said:
                    return Planned(row.row, UNCHANGED, code, label, notes=(f"与第 {first[0]} 行相同",))
                reason = Reason(self._headers["name"], "duplicate_in_file", f"与第 {first[0]} 行是同一条记录但内容不同；请核对后只保留一行。")
                return Planned.refused(row, code, label, [reason])
        entry = next((self._known[key] for key in keys if key in self._known), None)
        notes = [f"{n.header}：{n.message_zh}" for n in row.notes]
        return self._new(row, values, given, code, label, notes) if entry is None else self._changed(row, entry, values, code, label, notes)

    def _new(self, row: ParsedRow, values: dict[str, Any], given: Mapping[str, Any], code: str, label: str, notes: list[str]) -> Planned:
        serving = str(given.get("state") or "").strip() in _SERVING
        if serving and not isinstance(values.get("valid_to"), date):
            notes.append("没有有效期止，先按待审登记")
            serving = False
        values.setdefault("free", False) if self._register == "resource" else None
        return Planned(row.row, CREATED, code, label, 0, INSERT, None, 0, pack({"values": values, "admit": serving}), notes=tuple(notes))

    def _changed(self, row: ParsedRow, entry: Any, values: dict[str, Any], code: str, label: str, notes: list[str]) -> Planned:
        new, changes = {}, {}
        for key, value in values.items():
            if key == "phone":
                if value and crypto.mark(str(value)) != entry.phone_mark:
                    new[key], changes[key] = value, (entry.phone_masked, "已更新")
                continue
            if key not in KEYS[self._register] and getattr(entry, key) != value:
                new[key], changes[key] = value, (getattr(entry, key), value)
        if not new:
            return Planned(row.row, UNCHANGED, code, label, subject_id=entry.id, notes=tuple(notes))
        return Planned(row.row, UPDATED, code, label, 0, UPDATE, entry.id, entry.version, pack({"values": new}), changes, notes=tuple(notes))

    # --- cells

    def _value(self, key: str, value: Any, problems: list[Reason]) -> Any:
        if value is CLEAR:
            return "," if key in ("domains", "industries", "units", "strengths") else None
        finder = {"domains": self._domain, "industries": self._industry, "units": self._unit, "strengths": self._strength}.get(key)
        if finder is None:
            return value
        codes, unknown = [], []
        for word in str(value).translate(_SPLIT).split("、"):
            if word and word not in ("全市", "不限"):
                found = finder(word)
                (codes if found else unknown).append(found or word)
        if unknown:
            problems.append(Reason(self._headers[key], "unknown_word", f"不认识“{'、'.join(unknown)[:40]}”；请按模板第二页的写法填写。"))
        return stored(codes)

    def _domain(self, word: str) -> str | None:
        return self._domains.get(word)

    def _industry(self, word: str) -> str | None:
        upper = word.upper()
        if upper in industry.sections():
            return upper
        named = next((code for code, name in industry.sections().items() if name == word), None)
        code = industry.find(word)
        return named or (code[:2] if code else None)

    def _unit(self, word: str) -> str | None:
        mine = (place for place in places().by_id.values() if place.city_id == self._city.id and place.kind in ("county", "zone"))
        return next((str(place.id) for place in mine if place.name in (word, *(word + end for end in _ENDINGS))), None)

    def _strength(self, word: str) -> str | None:
        return next((code for code, label in STRENGTHS.items() if word == label), None)


def _keys(register: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What names the entry: of a provider its code, else its name; of the others all parts together."""
    if register == "provider":
        found: list[tuple[Any, ...]] = [("code", values["credit_code"])] if values.get("credit_code") else []
        return [*found, ("name", values.get("name"))]
    return [tuple(values.get(key) for key in KEYS[register])]


class RegisterImporter:
    """服务商, 专家, 服务资源."""

    unit = "条"
    permission = Permission.TEAM_EDIT
    options: tuple[Option, ...] = ()

    def __init__(self, register: str, kind: str, label: str) -> None:
        self._register, self.kind, self.label = register, kind, label
        self.fields = FIELDS[register]
        named, taken, verb = _SAID[register]
        self.notes = (
            named, f"状态写“{taken}”并有有效期止的，登记后直接办理{verb}；其余为待审。",
            "再次导入同一张表不会重复登记；空白格不改动原值，写（清空）才清除。",
            f"{REGISTERS[register]}页面导出的表可以修改后再导入；导出表中的电话是遮挡的，导入时请留空或改为完整号码。",
        )

    def planner(self, context: PlanContext) -> Planner:
        return Planner(self._register, context)

    def context_key(self, session: Session) -> str:
        return current_pack().hash

    def apply(self, run: Run) -> None:
        scope, done, journal = batches.scope_of(run.session, run.batch_id), 0, list[Journal]()
        for action in (INSERT, UPDATE):
            for row in run.rows(action):
                said = unpack(row.content)
                try:
                    journal.append(self._insert(run, scope, row, said) if action == INSERT else self._update(run, scope, row, said))
                except DomainError as error:
                    raise Outdated from error
                done += 1
                run.progress(done)
        write_journal(run.session, run.batch_id, journal)

    def _insert(self, run: Run, scope: Any, row: Any, said: Mapping[str, Any]) -> Journal:
        values, register = dict(said["values"]), self._register
        start = values.get("valid_from")
        on = min(start, run.today) if isinstance(start, date) else run.today
        entry = actions.save_entry(scope=scope, register=register, values=values, on=on, reason=f"导入：{run.label}"[:300], by=run.actor)
        if said["admit"]:
            actions.take_step(
                scope=scope, register=register, entry_id=entry.id, kind="admitted", on=on, reason=f"导入：{run.label}"[:300], valid_to=values["valid_to"],
                document=values.get("document") or "", version=None, by=run.actor,
            )
        return Journal(row.row, row.part, INSERT, entry.id, row.label, pack((entry.version,)))

    def _update(self, run: Run, scope: Any, row: Any, said: Mapping[str, Any]) -> Journal:
        entry = queries.get_entry(scope, self._register, cast(int, row.subject_id), lock=True)
        if entry.version != row.version:
            raise Outdated
        before = {key: getattr(entry, key) for key in said["values"] if key != "phone"}
        phone = (entry.phone_cipher, entry.phone_mark, entry.phone_masked) if "phone" in said["values"] else None
        actions.save_entry(scope=scope, register=self._register, values=said["values"], entry_id=entry.id, version=row.version, by=run.actor)
        return Journal(row.row, row.part, UPDATE, entry.id, row.label, pack((entry.version, before, phone)))

    def undoable(self, session: Session, batch_id: int) -> Undoable:
        found, model = Undoable(), queries.MODELS[self._register]
        for action in (INSERT, UPDATE):
            for lines in batches.journal_chunks(session, batch_id, action):
                versions = dict(session.execute(select(model.id, model.version).where(model.id.in_([line.subject_id for line in lines]))).all())
                for line in lines:
                    if versions.get(line.subject_id) == unpack(line.before)[0] and not (action == INSERT and self._used(session, line.subject_id)):
                        found.rows.append((line.row, line.part))
                    elif line.subject_id in versions:
                        found.kept.append((line.row, line.part, line.label, "导入后又有改动，或已被引用"))
        return found

    def _used(self, session: Session, entry_id: int) -> bool:
        """Named by a member, a resource, a score …: then it stays."""
        return queries.is_used(self._register, entry_id)

    def undo(self, run: Run, undoable: Undoable) -> None:
        """New entries go with their history; changed ones get their values back."""
        wanted, model, done = set(undoable.rows), queries.MODELS[self._register], 0
        for action in (UPDATE, INSERT):
            for lines in batches.journal_chunks(run.session, run.batch_id, action):
                for line in lines:
                    if (line.row, line.part) not in wanted:
                        continue
                    entry = run.session.get(model, line.subject_id, with_for_update=True)
                    if entry is None:
                        raise Outdated
                    if action == INSERT:
                        steps = delete(RegisterStep).where(RegisterStep.register == self._register, RegisterStep.subject_id == entry.id)
                        run.session.execute(steps.execution_options(synchronize_session=False))
                        run.session.delete(entry)
                    else:
                        _, before, phone = unpack(line.before)
                        for key, value in before.items():
                            setattr(entry, key, value)
                        if phone is not None:
                            entry.phone_cipher, entry.phone_mark, entry.phone_masked = phone
                        entry.version += 1
                    done += 1
                run.session.flush()
                run.progress(done)

    def describe(self, session: Session, key: str, values: Sequence[Any]) -> list[str]:
        return ["—" if value in (None, ",") else str(value).strip(",").replace(",", "、") for value in values]
