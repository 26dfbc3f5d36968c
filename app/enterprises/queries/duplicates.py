"""Hints that two records are one enterprise. Candidates come from indexes, reasons from ``rules.duplicates``."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select, union_all

from app.enterprises.models import Contact, Enterprise, EnterpriseName
from app.enterprises.queries.scope import in_scope
from app.enterprises.queries.search import plan, rows_with
from app.enterprises.rules.duplicates import Identity, Reason, reasons, score
from app.enterprises.rules.naming import core_name
from app.infra.db import db
from app.kernel.scope import Scope

MOST = 60


@dataclass(frozen=True)
class Hint:
    """One possible twin with the reasons, strongest first."""

    id: int
    name: str
    credit_code: str
    reasons: list[Reason]

    @property
    def score(self) -> int:
        return score(self.reasons)


def find_twins(scope: Scope, identity: Identity, *, but: int | None = None) -> list[Hint]:
    """Possible twins inside the scope of a record (stored or about to be), the likeliest first."""
    ids = _same_names(identity) | _indexed(identity) | _same_phone(identity.marks)
    ids.discard(but or 0)
    hints = []
    for other_id, other in _identities(scope, ids).items():
        found = reasons(identity, other)
        if found:
            hints.append(Hint(other_id, other.name, other.credit_code, found))
    return sorted(hints, key=lambda h: (-h.score, h.id))[:MOST]


def twins_of(scope: Scope, enterprise_id: int) -> list[Hint]:
    """Possible twins of a stored enterprise."""
    own = _identities(scope, {enterprise_id}).get(enterprise_id)
    return find_twins(scope, own, but=enterprise_id) if own else []


def _identities(scope: Scope, ids: Collection[int]) -> dict[int, Identity]:
    """What is compared, for records of the scope: three statements for all of them."""
    wanted = sorted(ids)[:2000]
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.short_name, Enterprise.town_id, Enterprise.legal_person).where(
            Enterprise.id.in_(wanted), in_scope(scope)
        )
    ).all()
    names: dict[int, set[str]] = {r.id: {r.short_name} - {None} for r in rows}
    marks: dict[int, set[str]] = {r.id: set() for r in rows}
    if not rows:
        return {}
    for key, name in db.session.execute(select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(list(names)))):
        names[key].add(name)
    for key, mark in db.session.execute(select(Contact.enterprise_id, Contact.phone_mark).where(Contact.enterprise_id.in_(list(names)))):
        marks[key] |= {mark} - {None}
    return {
        r.id: Identity(r.credit_code, r.name, frozenset(names[r.id]), r.town_id, frozenset(marks[r.id]), r.legal_person) for r in rows
    }


def _same_names(identity: Identity) -> set[int]:
    wanted = [identity.name, *identity.names]
    former = select(EnterpriseName.enterprise_id).where(EnterpriseName.name.in_(wanted)).limit(MOST)
    present = select(Enterprise.id).where(Enterprise.name.in_(wanted)).limit(MOST)
    return set(db.session.scalars(union_all(present.subquery().select(), former.subquery().select())))


def _indexed(identity: Identity) -> set[int]:
    """Rows that share the rarest neighbouring pairs of the name's core, or whose code differs by one slip."""
    alternatives = [*_similar_names(core_name(identity.name)), *_code_slips(identity.credit_code.lower())]
    rows = rows_with(alternatives)
    return set() if rows is None else set(db.session.scalars(rows.limit(1000)))


def _similar_names(core: str) -> list[list[str]]:
    """Any two of the four rarest pairs of a name."""
    words = plan(core).words
    if not words or not words[0].alternatives:
        return []
    pairs = words[0].alternatives[0]
    return [pairs] if len(pairs) < 3 else [[a, b] for i, a in enumerate(pairs) for b in pairs[i + 1 :]]


def _code_slips(code: str) -> list[list[str]]:
    """One slip in the distinguishing half leaves the windows of its other part intact."""
    return [[code[8:11], code[10:13]], [code[12:15], code[14:17]]] if len(code) == 18 and code.isalnum() else []


def _same_phone(marks: Collection[str]) -> set[int]:
    if not marks:
        return set()
    return set(db.session.scalars(select(Contact.enterprise_id).where(Contact.phone_mark.in_(list(marks))).limit(MOST)))


@dataclass(frozen=True)
class Group:
    """Records of the scope that share a name."""

    name: str
    count: int
    ids: tuple[int, ...]


def list_same_names(scope: Scope, limit: int = 100) -> list[Group]:
    """Names that stand more than once in the scope, with their records."""
    names = db.session.execute(
        select(Enterprise.name, func.count().label("n")).where(in_scope(scope)).group_by(Enterprise.name).having(func.count() > 1)
        .order_by(func.count().desc(), Enterprise.name).limit(limit)
    ).all()
    found: dict[str, list[int]] = {}
    if names:
        rows = select(Enterprise.id, Enterprise.name).where(in_scope(scope), or_(Enterprise.name.in_([n.name for n in names]))).order_by(Enterprise.id)
        for key, name in db.session.execute(rows):
            found.setdefault(name, []).append(key)
    return [Group(n.name, n.n, tuple(found[n.name])) for n in names]


def count_shared_phones(scope: Scope) -> int:
    """How many phone numbers stand at more than one enterprise of the scope."""
    shared = (
        select(Contact.phone_mark).join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(in_scope(scope), Contact.phone_mark.is_not(None)).group_by(Contact.phone_mark)
        .having(func.count(func.distinct(Contact.enterprise_id)) > 1)
    )
    return db.session.scalar(select(func.count()).select_from(shared.subquery())) or 0
