"""Which firm a row means: by credit code, else by its exact present or former name, always inside the importer's scope.

One or two statements per chunk of rows; no ORM objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session

from app.enterprises.models import Enterprise, EnterpriseName
from app.enterprises.queries import in_scope
from app.exchange.registry import PlanContext, Reason
from app.exchange.rules.values import ParsedRow
from app.kernel.scope import Scope

OUT_OF_SCOPE_ZH = "这家企业不在您的管辖范围内，不能导入；请由其所在地的经办人导入。"


class Firm(NamedTuple):
    """What a plan knows of a firm. ``visible``: inside the scope (everything else about an invisible one must stay unsaid)."""

    id: int
    code: str
    name: str
    visible: bool
    city_id: int


class Firms:
    """Look-ups of one file. ``find`` answers a firm or a reason; merged records lead to the one that was kept."""

    def __init__(self, context: PlanContext) -> None:
        self._session, self._scope = context.session, context.scope
        self._code_header = context.column("credit_code") or "统一社会信用代码"
        self._name_header = context.column("name") or "企业名称"
        self._by_code: dict[str, Firm] = {}
        self._by_name: dict[str, set[int]] = {}
        self._by_id: dict[int, Firm] = {}
        self._former: dict[int, set[str]] = {}

    def prepare(self, rows: Sequence[ParsedRow]) -> None:
        """Look up everything the rows name."""
        self._by_code, self._by_name, self._by_id, self._former = {}, {}, {}, {}
        codes = {r.values["credit_code"] for r in rows if "credit_code" in r.values}
        self._load_codes(codes)
        names = {r.values["name"] for r in rows if "name" in r.values and "credit_code" not in r.values}
        if names:
            self._load_names(names)
        differing = {f.id for r in rows if (f := self._by_code.get(r.values.get("credit_code", ""))) and r.values.get("name") not in (None, f.name)}
        for chunk_id, name in _former_names(self._session, differing):
            self._former.setdefault(chunk_id, set()).add(name)

    def _load_codes(self, codes: Collection[str]) -> None:
        merged: dict[str, int] = {}
        for key, code, name, into, visible, city_id in _rows(self._session, self._scope, Enterprise.credit_code.in_(codes)) if codes else ():
            if into is None:
                self._by_code[code] = Firm(key, code, name, bool(visible), city_id)
            else:
                merged[code] = into
        if merged:
            kept = {r[0]: Firm(r[0], r[1], r[2], bool(r[4]), r[5]) for r in _rows(self._session, self._scope, Enterprise.id.in_(set(merged.values())))}
            self._by_code |= {code: kept[into] for code, into in merged.items() if into in kept}

    def _load_names(self, names: Collection[str]) -> None:
        """Only firms inside the scope: by name nobody learns of others."""
        former = select(EnterpriseName.enterprise_id).where(EnterpriseName.name.in_(names))
        for key, code, name, _, visible, city_id in _rows(self._session, self._scope, Enterprise.name.in_(names) | Enterprise.id.in_(former)):
            if visible:
                self._by_id[key] = Firm(key, code, name, True, city_id)
                self._by_name.setdefault(name, set()).add(key)
        for key, name in _former_names(self._session, self._by_id):
            if name in names:
                self._by_name.setdefault(name, set()).add(key)

    def find(self, row: ParsedRow) -> Firm | Reason:
        """The firm of a row, or why there is none."""
        code, name = row.values.get("credit_code"), row.values.get("name")
        if code is not None:
            return self._judge(self._by_code.get(code), f"系统中没有代码为 {code} 的企业；请先导入企业名单，或核对代码。")
        if name is None:
            return Reason(self._code_header, "credit_code_invalid", "没有填写统一社会信用代码，也没有企业名称；请补填后重新导入。")
        found = self._by_name.get(name, set())
        if len(found) > 1:
            return Reason(self._name_header, "name_ambiguous", f"有 {len(found)} 家企业叫（或曾叫）“{name[:40]}”；请填写统一社会信用代码。")
        if not found:
            return Reason(
                self._name_header, "enterprise_unknown", f"您的管辖范围内没有名为“{name[:40]}”的企业；请填写统一社会信用代码，或先导入企业名单。"
            )
        return self._by_id[next(iter(found))]

    def _judge(self, firm: Firm | None, unknown_zh: str) -> Firm | Reason:
        if firm is None:
            return Reason(self._code_header, "enterprise_unknown", unknown_zh)
        return firm if firm.visible else Reason(self._code_header, "out_of_scope", OUT_OF_SCOPE_ZH)

    def name_note(self, firm: Firm, row: ParsedRow) -> str | None:
        """A remark when the row names a known code differently from the record and its former names."""
        name = row.values.get("name")
        if name is None or not isinstance(name, str) or name == firm.name or name in self._former.get(firm.id, ()):
            return None
        return f"表中名称为“{name[:40]}”，系统中为“{firm.name}”，按代码对应"


def _rows(session: Session, scope: Scope, condition: Any) -> Iterable[Any]:
    visible = case((in_scope(scope), literal(1)), else_=literal(0))
    return session.execute(
        select(Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.merged_into_id, visible, Enterprise.city_id).where(condition)
    ).all()


def _former_names(session: Session, ids: Collection[int]) -> Iterable[Any]:
    if not ids:
        return ()
    return session.execute(select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(ids))).all()


def recheck_scope(session: Session, scope: Scope, ids: Collection[int]) -> bool:
    """Whether all these firms are (still) inside the scope; asked again in the apply transaction."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 10_000):
        part = wanted[start : start + 10_000]
        if len(session.execute(select(Enterprise.id).where(Enterprise.id.in_(part), in_scope(scope))).all()) != len(part):
            return False
    return True
