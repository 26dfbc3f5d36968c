"""An official list beside our records, firm by firm: every difference with its reason code (核对原因)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.ladder.rules.counting import Grant, State
from app.ladder.rules.names import names_in

REASONS = {
    "missing_in_ours": "系统缺这条认定", "missing_in_theirs": "名单中没有", "unconfirmed": "名称待确认", "unknown_firm": "不在企业库",
    "duplicate": "名单中重复",
    "revoked_in_ours": "系统中已撤销", "expired_in_ours": "系统中已到期", "voided_in_ours": "系统中已作废", "not_yet_in_ours": "系统中尚未生效",
    "gap_in_ours": "系统中缺日期", "other_title": "称号或级别不同", "other_batch": "批次不同", "other_date": "日期不同", "other_document": "文号不同",
    "other_place": "所在地不同", "name_differs": "名称不同", "moved_out": "企业已迁出", "cancelled": "企业已注销或吊销",
}
"""In the order they are shown. A line may have several."""
RECORDABLE = ("missing_in_ours",)
CORRECTABLE = ("other_date", "other_document", "gap_in_ours")
"""Differences that can be settled by writing what the list says."""
_STATES = {
    State.REVOKED: "revoked_in_ours", State.EXPIRED: "expired_in_ours", State.NOT_YET: "not_yet_in_ours", State.END_MISSING: "gap_in_ours",
    State.START_MISSING: "gap_in_ours",
}


@dataclass(frozen=True)
class Theirs:
    """A line of the list. ``enterprise_id``: the confirmed firm, of an open line the one proposed; ``decision`` as stored; ``unit_id``: the county it names."""

    row_id: int
    row: int
    name: str
    decision: str
    enterprise_id: int | None
    title_code: str | None
    level: str
    batch_year: int
    announced_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    document: str | None = None
    unit_id: int | None = None
    place: str | None = None


@dataclass(frozen=True)
class Ours:
    """A recognition of ours."""

    id: int
    grant: Grant
    document: str | None = None


@dataclass(frozen=True)
class FirmFacts:
    """What is compared of a firm. ``status_since``: day of its cancellation, where one is known."""

    id: int
    name: str
    former: frozenset[str] = frozenset()
    unit_id: int | None = None
    status: str = "active"
    ended_on: date | None = None


@dataclass(frozen=True)
class Difference:
    """One difference. ``subject``: ``r:<line id>`` or ``e:<enterprise id>``; ``theirs`` and ``ours`` in words."""

    code: str
    subject: str
    name: str
    enterprise_id: int | None = None
    row_id: int | None = None
    row: int | None = None
    recognition_id: int | None = None
    theirs: str = ""
    ours: str = ""


@dataclass
class Comparison:
    """All differences of a list; ``same``: lines that agree with us, ``outside``: lines of other places, not compared."""

    differences: list[Difference] = field(default_factory=list)
    same: int = 0
    outside: int = 0


def compare(
    lines: Sequence[Theirs], ours: Mapping[int, Sequence[Ours]], firms: Mapping[int, FirmFacts], *, purpose: str, day: date, key: tuple[str | None, str, int],
    inside: Iterable[int] | None, words: Mapping[str, str] | None = None,
) -> Comparison:
    """``purpose`` announced: a batch (same title, level and batch year is expected); stock: what is valid on ``day``.

    ``ours``: recognitions by enterprise, of every title the list may be confused with. ``key``: title, level, batch year of the list. ``inside``:
    counties and zones of the viewer (None = all). ``words``: title labels.
    """
    return _Comparing(ours, firms, purpose, day, key, None if inside is None else frozenset(inside), words or {}).run(lines)


class _Comparing:
    def __init__(
        self, ours: Mapping[int, Sequence[Ours]], firms: Mapping[int, FirmFacts], purpose: str, day: date, key: tuple[str | None, str, int],
        inside: frozenset[int] | None, words: Mapping[str, str],
    ) -> None:
        self._ours, self._firms, self._purpose, self._day, self._key = ours, firms, purpose, day, key
        self._inside, self._words, self._found = inside, words, Comparison()

    def run(self, lines: Sequence[Theirs]) -> Comparison:
        seen: dict[int, Theirs] = {}
        proposed = {line.enterprise_id for line in lines if line.decision == "open" and line.enterprise_id}
        for line in lines:
            firm = self._firms.get(line.enterprise_id) if line.enterprise_id and line.decision == "confirmed" else None
            if firm is None and line.decision == "confirmed":
                self._found.outside += 1  # a firm out of the viewer's reach
            elif firm is None:
                self._unmatched(line)
            elif firm.id in seen:
                self._add("duplicate", line, firm, ours=f"与第 {seen[firm.id].row} 行是同一家企业")
            else:
                seen[firm.id] = line
                before = len(self._found.differences)
                self._firm(line, firm)
                self._held(line, firm)
                self._found.same += len(self._found.differences) == before
        self._missing_in_theirs(seen.keys() | proposed)
        order = {code: place for place, code in enumerate(REASONS)}
        self._found.differences.sort(key=lambda d: (order[d.code], d.row or 0, d.enterprise_id or 0))
        return self._found

    def _unmatched(self, line: Theirs) -> None:
        ours = self._inside is None or line.unit_id in self._inside
        if line.place and (line.unit_id is None or not ours):
            self._found.outside += 1
        else:
            self._add("unknown_firm" if line.decision == "foreign" else "unconfirmed", line, None, theirs=line.place or "")

    def _firm(self, line: Theirs, firm: FirmFacts) -> None:
        name = (names_in(line.name) or [line.name])[0]
        if name != firm.name:
            was = "系统中为曾用名，现用名称" if name in firm.former else "系统中名称"
            self._add("name_differs", line, firm, theirs=line.name, ours=f"{was}：{firm.name}")
        if line.unit_id is not None and firm.unit_id is not None and line.unit_id != firm.unit_id:
            self._add("other_place", line, firm, theirs=line.place or "", ours="系统中在另一个县（市、区）或开发区")
        if firm.status == "moved_out":
            self._add("moved_out", line, firm, ours="系统中登记为已迁出")
        elif firm.status in ("cancelled", "revoked") and (firm.ended_on is None or firm.ended_on <= self._day):
            on = f"（{firm.ended_on:%Y-%m-%d}）" if firm.ended_on else ""
            self._add("cancelled", line, firm, ours=f"系统中企业已{'注销' if firm.status == 'cancelled' else '吊销'}{on}")

    def _held(self, line: Theirs, firm: FirmFacts) -> None:
        mine = [o for o in self._ours.get(firm.id, ()) if (o.grant.title_code, o.grant.level) == (line.title_code, line.level)]
        living = [o for o in mine if not o.grant.voided]
        if not living:
            self._not_held(line, firm, mine)
        elif self._purpose == "stock":
            self._in_stock(line, firm, living)
        else:
            self._in_batch(line, firm, living)

    def _not_held(self, line: Theirs, firm: FirmFacts, voided: Sequence[Ours]) -> None:
        if voided:
            self._add("voided_in_ours", line, firm, voided[0])
            return
        others = [o for o in self._ours.get(firm.id, ()) if not o.grant.voided and o.grant.state(self._day) is State.VALID]
        told = "、".join(dict.fromkeys(self._words.get(o.grant.title_code, o.grant.title_code) for o in others))
        if others:
            self._add("other_title", line, firm, others[0], theirs=self._theirs(line), ours=told)
        self._add("missing_in_ours", line, firm, theirs=self._theirs(line))

    def _in_stock(self, line: Theirs, firm: FirmFacts, living: Sequence[Ours]) -> None:
        valid = [o for o in living if o.grant.state(self._day) is State.VALID]
        if not valid:
            last = max(living, key=lambda o: (o.grant.start or date.min, o.grant.batch_year))
            self._add(_STATES[last.grant.state(self._day)], line, firm, last, ours=_span(last))
            return
        named = [o for o in valid if line.batch_year and o.grant.year == line.batch_year] or valid
        self._values(line, firm, named[0])
        if line.batch_year and all(o.grant.year != line.batch_year for o in valid):
            self._add("other_batch", line, firm, valid[0], f"{line.batch_year} 年", f"{valid[0].grant.year or '空白'} 年")

    def _in_batch(self, line: Theirs, firm: FirmFacts, living: Sequence[Ours]) -> None:
        same = [o for o in living if not line.batch_year or o.grant.year == line.batch_year]
        if not same:
            years = "、".join(str(o.grant.year or "空白") for o in living)
            self._add("other_batch", line, firm, living[0], f"{line.batch_year} 年", f"{years} 年")
            return
        state = same[0].grant.state(self._day)
        if state in (State.REVOKED, State.START_MISSING, State.END_MISSING):
            self._add(_STATES[state], line, firm, same[0], ours=_span(same[0]))
        self._values(line, firm, same[0])

    def _values(self, line: Theirs, firm: FirmFacts, mine: Ours) -> None:
        pairs = [
            (line.announced_on, mine.grant.announced_on, "公布"), (line.valid_from, mine.grant.valid_from, "有效期起"),
            (line.valid_to, mine.grant.valid_to, "有效期止"),
        ]
        wrong = [(f"{word} {theirs:%Y-%m-%d}", f"{word} {f'{own:%Y-%m-%d}' if own else '—'}") for theirs, own, word in pairs if theirs and theirs != own]
        if wrong:
            self._add("other_date", line, firm, mine, "，".join(w[0] for w in wrong), "，".join(w[1] for w in wrong))
        if line.document and line.document != (mine.document or ""):
            self._add("other_document", line, firm, mine, line.document, mine.document or "—")

    def _missing_in_theirs(self, named: Collection[int | None]) -> None:
        """Ours that no line names, nor is proposed for a line that waits for its confirmation."""
        title, level, year = self._key
        if title is None:
            return
        for firm_id in sorted(self._ours):
            if firm_id in named or firm_id not in self._firms:
                continue
            for mine in self._ours[firm_id]:
                grant = mine.grant
                if (grant.title_code, grant.level) != (title, level) or grant.voided:
                    continue
                ended = (end := self._firms[firm_id].ended_on) is not None and end <= self._day
                expected = grant.state(self._day) is State.VALID and not ended if self._purpose == "stock" else bool(year) and grant.year == year
                if expected:
                    firm = self._firms[firm_id]
                    self._found.differences.append(Difference(
                        "missing_in_theirs", f"e:{firm.id}", firm.name, firm.id, recognition_id=mine.id, ours=_span(mine),
                    ))
                    break

    def _theirs(self, line: Theirs) -> str:
        return f"{self._words.get(line.title_code or '', line.title_code or '')}{f' {line.batch_year}年' if line.batch_year else ''}"

    def _add(self, code: str, line: Theirs, firm: FirmFacts | None, mine: Ours | None = None, theirs: str = "", ours: str = "") -> None:
        self._found.differences.append(Difference(
            code, f"r:{line.row_id}", firm.name if firm else line.name, firm.id if firm else None, line.row_id, line.row, mine.id if mine else None,
            theirs, ours,
        ))


def _span(mine: Ours) -> str:
    grant = mine.grant
    start = f"{grant.start:%Y-%m-%d}" if grant.start else "—"
    end = f"{grant.valid_to:%Y-%m-%d}" if grant.valid_to else "长期" if grant.open_ended else "—"
    revoked = f"，{grant.revoked_on:%Y-%m-%d} 撤销" if grant.revoked_on else ""
    return f"{grant.year or '批次空白'}{'年批次' if grant.year else ''}，{start} 至 {end}{revoked}"
