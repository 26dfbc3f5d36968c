"""Official lists: which firm of ours a line means, and the lists themselves. Every look-up is set-based or goes through the name index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.areas.models import Area, AreaMembership
from app.areas.queries import Resolver
from app.enterprises.models import Enterprise, EnterpriseName, SearchPiece
from app.enterprises.queries import in_scope
from app.enterprises.rules.naming import UNINDEXED, core_name
from app.infra import dialect
from app.infra.db import db
from app.infra.dialect import SEARCH
from app.infra.web.pagination import Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import NameMatch, OfficialList, OfficialListRow
from app.ladder.rules.names import alike, name_key, names_in, points
from app.policies.queries import speak_of

PART, MOST, TRIED = 900, 8, 200
"""Ids or names per statement; candidates kept per line; firms looked at per name."""
MANY, SMALL_BASE = 50, 60_000
"""From so many unsettled names on, and up to so many firms in reach, the pairs of all names are held in memory: one statement instead of
one per name (60,000 firms: about 2 s once, and 80 MB)."""
TABS = ("sure", "open", "confirmed", "foreign")


@dataclass(frozen=True)
class Candidate:
    """A firm a line may mean."""

    enterprise_id: int
    how: str
    points: int


@dataclass
class Matched:
    """Candidates of one line, likeliest first. ``sure``: exactly one firm by code, by a name confirmed before, or by its very name."""

    candidates: list[Candidate] = field(default_factory=list)
    sure: bool = False


@dataclass(frozen=True)
class Line:
    """What a line of a list says that helps to find the firm."""

    name: str
    credit_code: str | None = None
    unit_id: int | None = None


class Units:
    """Counties and zones named in the place column, each text read once. ``elsewhere``: the text names another city."""

    def __init__(self, session: Session, scope: Scope) -> None:
        query = select(Area.id).where(Area.kind == "city")
        if not scope.everything:
            inside = scope.unit_ids | scope.town_ids
            own = select(Area.city_id).where(Area.id.in_(sorted(inside)))
            query = query.where(or_(Area.id.in_(sorted(scope.city_ids)), Area.id.in_(own)))
        self._index = Resolver(list(session.scalars(query))).index
        self._known: dict[str, int | None] = {}

    def find(self, text: str | None) -> int | None:
        if not text:
            return None
        if text not in self._known:
            units = self._index.unit_ids(text)
            found = next(iter(units)) if len(units) == 1 else None
            if found is None:
                town = self._index.resolve(text).town
                found = town.unit_id if town else None
            self._known[text] = found
        return self._known[text]


class Matcher:
    """Finds the firms of many lines inside one scope."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session, self._scope = session, scope
        self._common: dict[str, int] | None = None
        self._units: dict[int, int] = {}
        self._names: dict[int, list[str]] = {}
        self._coded: dict[int, str] = {}
        self._held: dict[str, list[int]] | None = None

    def match(self, lines: Sequence[Line]) -> list[Matched]:
        """One answer per line: four statements for all of them, and one look into the name index per line that none of these settled."""
        spelled = [names_in(line.name) or [line.name] for line in lines]
        found = [dict[int, tuple[str, float]]() for _ in lines]
        self._by_code(lines, found)
        self._by_name(spelled, found)
        self._remembered(spelled, found)
        unsettled = [i for i, ways in enumerate(found) if not any(how in ("code", "exact", "remembered") for how, _ in ways.values())]
        self._by_index(unsettled, spelled, found)
        return [self._ranked(line, ways) for line, ways in zip(lines, found, strict=True)]

    def _by_code(self, lines: Sequence[Line], found: list[dict[int, tuple[str, float]]]) -> None:
        at: dict[str, list[int]] = {}
        for i, line in enumerate(lines):
            if line.credit_code:
                at.setdefault(line.credit_code, []).append(i)
        for part in _parts(at):
            columns = (Enterprise.credit_code, Enterprise.id, Enterprise.unit_id, Enterprise.name)
            for code, key, unit, name in self._session.execute(select(*columns).where(Enterprise.credit_code.in_(part), in_scope(self._scope))):
                self._units[key], self._coded[key] = unit, name
                for i in at[code]:
                    found[i][key] = ("code", 1.0)

    def _by_name(self, spelled: Sequence[Sequence[str]], found: list[dict[int, tuple[str, float]]]) -> None:
        at = _places(spelled)
        for part in _parts(at):
            present = select(Enterprise.name, Enterprise.id, Enterprise.unit_id, literal("exact")).where(Enterprise.name.in_(part), in_scope(self._scope))
            former = (
                select(EnterpriseName.name, Enterprise.id, Enterprise.unit_id, literal("former"))
                .join(Enterprise, Enterprise.id == EnterpriseName.enterprise_id).where(EnterpriseName.name.in_(part), in_scope(self._scope))
            )
            for query in (present, former):
                for name, key, unit, how in self._session.execute(query):
                    self._units[key] = unit
                    for i in at[name]:
                        _better(found[i], key, how, 1.0)

    def _remembered(self, spelled: Sequence[Sequence[str]], found: list[dict[int, tuple[str, float]]]) -> None:
        at = _places([[name_key(names[0])] for names in spelled])
        for part in _parts(at):
            query = (
                select(NameMatch.name_key, Enterprise.id, Enterprise.unit_id).join(Enterprise, Enterprise.id == NameMatch.enterprise_id)
                .where(NameMatch.name_key.in_(part), in_scope(self._scope))
            )
            for key, firm, unit in self._session.execute(query):
                self._units[firm] = unit
                for i in at[key]:
                    _better(found[i], firm, "remembered", 1.0)

    # --- through the name index

    def _by_index(self, wanted: Sequence[int], spelled: Sequence[Sequence[str]], found: list[dict[int, tuple[str, float]]]) -> None:
        if self._held is None and len(wanted) >= MANY and self._firms_in_reach() <= SMALL_BASE:
            self._hold()
        near = {i: {key for name in spelled[i] for key in self._near(name)} for i in wanted}
        self._load({key for keys in near.values() for key in keys})
        for i, keys in near.items():
            for key in keys & self._names.keys():
                for name in spelled[i]:
                    present, *former = self._names[key]
                    answers = [a for a in (alike(name, present), *(_of_former(alike(name, other)) for other in former)) if a]
                    if answers:
                        _better(found[i], key, *max(answers, key=lambda a: points(a[0], a[1], None)))

    def _firms_in_reach(self) -> int:
        some = select(Enterprise.id).where(in_scope(self._scope)).limit(SMALL_BASE + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) or 0

    def _hold(self) -> None:
        """Pairs of neighbouring characters of every present and former name in reach."""
        held: dict[str, list[int]] = {}
        inside = in_scope(self._scope)
        former = select(Enterprise.id, EnterpriseName.name).join(EnterpriseName, EnterpriseName.enterprise_id == Enterprise.id).where(inside)
        for query in (select(Enterprise.id, Enterprise.name).where(inside), former):
            for key, name in self._session.execute(query):
                for pair in _pairs(name):
                    held.setdefault(pair, []).append(key)
        self._held = held

    def _near(self, name: str) -> list[int]:
        """Firms that share any two of the four rarest pairs of neighbouring characters of the name's core."""
        if self._held is not None:
            return self._near_held(self._held, name)
        pairs = sorted(_pairs(name), key=lambda pair: (self._share(pair), pair))[:4]
        if not pairs:
            return []
        alternatives = [[pair] for pair in pairs] if len(pairs) < 2 else [list(two) for two in combinations(pairs, 2)]
        matches = dialect.search_matches(self._session, alternatives)
        if matches is None:
            return []
        return list(self._session.scalars(select(SEARCH.c.enterprise_id).where(matches).limit(TRIED)))

    def _near_held(self, held: dict[str, list[int]], name: str) -> list[int]:
        rare = sorted((found for pair in _pairs(name) if (found := held.get(pair))), key=len)[:4]
        shared = Counter(key for found in rare for key in set(found))
        least = min(2, len(rare))
        return [key for key, count in shared.most_common(TRIED) if count >= least]

    def _share(self, pair: str) -> int:
        if self._common is None:
            self._common = {row[0]: row[1] for row in self._session.execute(select(SearchPiece.piece, SearchPiece.hits))}
        return self._common.get(pair, 0)

    def _load(self, ids: Collection[int]) -> None:
        for part in _parts(set(ids) - self._names.keys()):
            query = select(Enterprise.id, Enterprise.name, Enterprise.unit_id).where(Enterprise.id.in_(part), in_scope(self._scope))
            inside = []
            for key, name, unit in self._session.execute(query):
                self._names[key], self._units[key] = [name], unit
                inside.append(key)
            former = select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(inside))
            for key, name in self._session.execute(former):
                self._names[key].append(name)

    def _ranked(self, line: Line, ways: dict[int, tuple[str, float]]) -> Matched:
        ranked = [
            Candidate(key, how, points(how, share, None if line.unit_id is None else self._units.get(key) == line.unit_id))
            for key, (how, share) in ways.items()
        ]
        ranked.sort(key=lambda c: (-c.points, c.enterprise_id))
        for how in ("code", "remembered", "exact"):
            firm = [c for c in ranked if c.how == how]
            if len(firm) == 1:
                return Matched([firm[0], *(c for c in ranked if c != firm[0])][:MOST], self._certain(line, firm[0]))
            if firm:
                break
        return Matched(ranked[:MOST])

    def _certain(self, line: Line, firm: Candidate) -> bool:
        """Nothing else in the line speaks against the firm: its very name in another county, or its code under quite another name."""
        if firm.how == "code":
            return any(alike(name, self._coded[firm.enterprise_id]) for name in names_in(line.name))
        return firm.how != "exact" or line.unit_id is None or self._units.get(firm.enterprise_id) == line.unit_id


def _pairs(name: str) -> set[str]:
    """Pairs of neighbouring characters of a name's core, without those of the legal forms."""
    core = core_name(name_key(name))
    return {core[i : i + 2] for i in range(len(core) - 1)} - UNINDEXED


def _of_former(answer: tuple[str, float] | None) -> tuple[str, float] | None:
    """Alike to a former name."""
    return ("former", 1.0) if answer is not None and answer[0] == "normal" else answer


def _better(ways: dict[int, tuple[str, float]], key: int, how: str, share: float) -> None:
    if key not in ways or points(how, share, None) > points(*ways[key], None):
        ways[key] = (how, share)


def _places(spelled: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    at: dict[str, list[int]] = {}
    for i, names in enumerate(spelled):
        for name in dict.fromkeys(names):
            at.setdefault(name, []).append(i)
    return at


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    wanted = sorted(values)
    return (wanted[start : start + PART] for start in range(0, len(wanted), PART))


# --- the lists


def visible(scope: Scope, user_id: int | None) -> ColumnElement[bool]:
    """Lists of the viewer's own area and of what lies inside it; always one's own."""
    own = OfficialList.created_by == user_id if user_id is not None else false()
    if scope.everything:
        return or_(own, OfficialList.id.is_not(None))
    inside: list[ColumnElement[bool]] = [own, OfficialList.area_id.in_(sorted(scope.unit_ids | scope.town_ids | scope.city_ids))]
    if scope.city_ids:
        inside.append(OfficialList.area_id.in_(select(Area.id).where(Area.city_id.in_(sorted(scope.city_ids)))))
    if scope.unit_ids:
        towns = select(AreaMembership.town_id).where(
            AreaMembership.unit_id.in_(sorted(scope.unit_ids)), AreaMembership.valid_to.is_(None), AreaMembership.superseded_at.is_(None)
        )
        inside.append(OfficialList.area_id.in_(towns))
    return or_(*inside)


def list_lists(scope: Scope, user_id: int | None, cursor: str | None, size: int) -> Page[tuple[OfficialList, dict[str, int]]]:
    """Newest first, with the number of lines per tab."""
    edge = decode(cursor, (int,))
    back = bool(edge and edge.backwards)
    query = select(OfficialList).where(visible(scope, user_id))
    if edge:
        query = query.where(OfficialList.id > edge.values[0] if back else OfficialList.id < edge.values[0])
    rows = list(db.session.scalars(query.order_by(OfficialList.id if back else OfficialList.id.desc()).limit(size + 1)))
    counts = counts_of([row.id for row in rows])
    return cut([(row, counts[row.id]) for row in rows], size, edge, lambda pair: (pair[0].id,))


def counts_of(list_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """List id -> lines per tab (``sure`` = open with one exact match) and how many are recorded."""
    found = {key: dict.fromkeys((*TABS, "recorded"), 0) for key in list_ids}
    row = OfficialListRow
    tab = case(((row.decision == "open") & (row.sure == 1), "sure"), else_=row.decision)
    query = select(row.list_id, tab, func.count(), func.count(row.recorded)).where(row.list_id.in_(list(list_ids))).group_by(row.list_id, tab)
    for key, name, count, recorded in db.session.execute(query):
        found[key][name] = count
        found[key]["recorded"] += recorded
    return found


def get_list(scope: Scope, user_id: int | None, list_id: int, *, lock: bool = False) -> OfficialList:
    """One list. Raises ``NotFound``, also when it is another area's."""
    query = select(OfficialList).where(OfficialList.id == list_id, visible(scope, user_id))
    row = db.session.scalars(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("没有找到这份名单，可能已撤回或不在您的管辖范围内。请从公布名单重新进入。")
    area = db.session.get(Area, row.area_id) if row.area_id else None
    if area is not None and area.city_id is not None:
        speak_of(area.city_id)
    return row


def find_by_import(import_id: int) -> int | None:
    """The list an import made."""
    return db.session.scalar(select(OfficialList.id).where(OfficialList.import_id == import_id))


def in_tab(tab: str) -> ColumnElement[bool]:
    row = OfficialListRow
    if tab == "sure":
        return (row.decision == "open") & (row.sure == 1)
    return (row.decision == "open") & (row.sure == 0) if tab == "open" else row.decision == tab


def page_rows(list_id: int, tab: str, cursor: str | None, size: int, total: int) -> Page[OfficialListRow]:
    """Lines of one tab in the order of the list."""
    edge = decode(cursor, (int, int))
    back, keys = bool(edge and edge.backwards), (OfficialListRow.row, OfficialListRow.id)
    query = select(OfficialListRow).where(OfficialListRow.list_id == list_id, in_tab(tab))
    if edge:
        place = tuple_(*(literal(value) for value in edge.values))
        query = query.where(tuple_(*keys) < place if back else tuple_(*keys) > place)
    rows = list(db.session.scalars(query.order_by(*(k.desc() if back else k.asc() for k in keys)).limit(size + 1)))
    return cut(rows, size, edge, lambda row: (row.row, row.id), total)


def get_row(list_id: int, row_id: int) -> OfficialListRow:
    """One line of a list the viewer may open."""
    row = db.session.scalars(select(OfficialListRow).where(OfficialListRow.list_id == list_id, OfficialListRow.id == row_id)).first()
    if row is None:
        raise NotFound("没有找到名单中的这一行，请从名单重新进入。")
    return row


def firms_of(scope: Scope, ids: Collection[int]) -> dict[int, Any]:
    """Id -> (id, name, credit code, town id) of the firms the viewer may see."""
    found: dict[int, Any] = {}
    for part in _parts(set(ids)):
        query = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id).where(Enterprise.id.in_(part), in_scope(scope))
        found |= {row.id: row for row in db.session.execute(query)}
    return found


def candidate_ids(rows: Iterable[OfficialListRow]) -> set[int]:
    """Every firm these lines name or may mean."""
    return {c[0] for row in rows for c in row.candidates or ()} | {row.enterprise_id for row in rows if row.enterprise_id}
