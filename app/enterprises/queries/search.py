"""Name search: any part of a present, short or former name from two characters, pinyin initials, a part of the credit code from four.

Rare words go through the index; words that very many names hold are compared along the list's own order until the page is full (both
need a few milliseconds at a million rows; the other way round each would need a second).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all

from app.enterprises.models import Enterprise, SearchPending, SearchPiece
from app.enterprises.queries.places import places
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.naming import SHORTEST_TEXT, UNINDEXED, is_code_fragment, query_pieces, query_words, search_key
from app.infra import dialect
from app.infra.db import db
from app.infra.dialect import SEARCH
from app.kernel.credit_code import is_valid
from app.kernel.scope import Scope

EVERYWHERE = 1 << 62
WALK_SHARE_FIRST_PAGE, WALK_SHARE_COUNT = 0.007, 0.05
"""Share of the rows from which walking the list beats the index: to fill a page, and to count up to the cap (measured at a million)."""
WALK_SHARE_GUESS = 0.1
"""The same for longer words, whose share is only guessed from their pieces."""
SMALLEST_WALK = 3000
PENDING = "?"
"""Not a piece: its row in ``SearchPiece`` stands while some enterprises are still to be indexed (see ``actions.index``)."""


def too_short(text: str) -> bool:
    """True when a typed text has no word long enough to search by."""
    words = query_words(text)
    return bool(text.strip()) and not any(len(word) >= SHORTEST_TEXT for word in words)


def escape_like(text: str) -> str:
    """A text that LIKE takes literally (escape character ``\\``)."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class WordPlan:
    """How one word is looked up: ``hits`` estimates how many rows hold it (``EVERYWHERE`` = unknown, assume many)."""

    word: str
    alternatives: list[list[str]]
    hits: int

    @property
    def exact(self) -> bool:
        """The pieces alone decide: two characters are one piece."""
        return len(self.word) == SHORTEST_TEXT


@dataclass(frozen=True)
class SearchPlan:
    """A typed text ready to be put into a query."""

    words: tuple[WordPlan, ...]
    total: int
    code: str | None = None
    pending: bool = False

    @property
    def hits(self) -> int:
        """Upper estimate of matching rows."""
        return 1 if self.code else min((w.hits for w in self.words), default=EVERYWHERE)

    def certainly_more_than(self, cap: int) -> bool:
        """One word of two characters whose counted share exceeds the cap several times over."""
        return len(self.words) == 1 and self.words[0].exact and self.words[0].hits != EVERYWHERE and self.words[0].hits > 5 * cap

    def condition(self, share: float) -> ColumnElement[bool]:
        """Condition on ``Enterprise``. ``share``: from which share of all rows on a word is compared row by row instead of looked up."""
        if self.code:
            return Enterprise.credit_code == self.code
        if not self.words:
            return false()
        rare = [w for w in self.words if w.alternatives and w.hits < max(SMALLEST_WALK, int(self.total * (share if w.exact else WALK_SHARE_GUESS)))]
        if not rare:
            return and_(*(_compare(w.word) for w in self.words))
        parts = [_look_up(w) if w in rare else _like(w.word) for w in self.words]
        indexed = select(SEARCH.c.enterprise_id).where(*parts)
        found = union_all(indexed, self._not_indexed_yet()) if self.pending else indexed
        return Enterprise.id.in_(found.cte("found").prefix_with("MATERIALIZED").select())

    def _not_indexed_yet(self) -> Select[tuple[int]]:
        """Just imported enterprises, compared one by one."""
        waiting = SEARCH.c.enterprise_id.in_(select(SearchPending.id))
        return select(SEARCH.c.enterprise_id).where(waiting, *(_like(w.word) for w in self.words))


def plan(text: str) -> SearchPlan:
    """Look at a typed text: one small query for how common its pieces are."""
    words = query_words(text)
    if len(words) == 1 and is_valid(words[0].upper()):
        return SearchPlan((), 0, words[0].upper())
    if not words or too_short(text):
        return SearchPlan((), 0)
    alternatives = {word: [[p for p in a if p not in UNINDEXED] for a in query_pieces(word)] for word in words}
    wanted = {piece for options in alternatives.values() for pieces in options for piece in pieces}
    known = dict(db.session.execute(select(SearchPiece.piece, SearchPiece.hits).where(SearchPiece.piece.in_(["", PENDING, *sorted(wanted)]))).all())
    return SearchPlan(tuple(_word_plan(w, alternatives[w], known) for w in words), known.get("", 0), pending=PENDING in known)


def _word_plan(word: str, alternatives: list[list[str]], known: dict[str, int]) -> WordPlan:
    """Keep the rare pieces of each alternative; a word without any piece to look up is compared row by row."""
    if len(word) < SHORTEST_TEXT or not alternatives or not all(alternatives):
        return WordPlan(word, [], EVERYWHERE)
    total = known.get("", 0)
    hits = sum(_expected([known.get(p, 0) for p in pieces], total) for pieces in alternatives)
    return WordPlan(word, [sorted(pieces, key=lambda p: known.get(p, 0))[:4] for pieces in alternatives], hits)


def _expected(hits: list[int], total: int) -> int:
    """Rows that hold all pieces, were they spread independently (a guess that errs to the index, which is never very slow)."""
    return int(total * prod(h / total for h in hits)) if total else 0


def rows_with(alternatives: Sequence[Sequence[str]]) -> Select[tuple[int]] | None:
    """Ids of enterprises whose texts hold every piece of one of the alternatives: by the index, and one by one those it does not hold yet. None
    where there is nothing to look up."""
    matches = dialect.search_matches(db.session(), [list(pieces) for pieces in alternatives]) if alternatives else None
    if matches is None:
        return None
    indexed = select(SEARCH.c.enterprise_id).where(matches)
    if db.session.scalar(select(SearchPiece.hits).where(SearchPiece.piece == PENDING)) is None:
        return indexed
    waiting = SEARCH.c.enterprise_id.in_(select(SearchPending.id))
    compared = or_(*(and_(*(_holds(piece) for piece in pieces)) for pieces in alternatives))
    return union_all(indexed, select(SEARCH.c.enterprise_id).where(waiting, compared)).subquery().select()


def _holds(piece: str) -> ColumnElement[bool]:
    """A piece of a name, or of a code."""
    text = f"%{escape_like(piece)}%"
    by_name = SEARCH.c.content.like(text, escape="\\")
    return or_(by_name, SEARCH.c.code.like(text, escape="\\")) if piece.isascii() else by_name


def _look_up(word: WordPlan) -> ColumnElement[bool]:
    matches = dialect.search_matches(db.session(), word.alternatives)
    if matches is None:
        return _like(word.word)
    return matches if word.exact else and_(matches, _like(word.word))


def _like(word: str) -> ColumnElement[bool]:
    by_name = SEARCH.c.content.like(f"%{escape_like(word)}%", escape="\\")
    return or_(by_name, SEARCH.c.code.like(f"%{escape_like(word)}%", escape="\\")) if is_code_fragment(word) else by_name


def _compare(word: str) -> ColumnElement[bool]:
    """The comparison of one row in a scalar subquery, which no planner turns into a join: it stays on the list's own order."""
    return select(_like(word)).where(SEARCH.c.enterprise_id == Enterprise.id).correlate(Enterprise).scalar_subquery().is_(True)


@dataclass(frozen=True)
class Hit:
    """One line of the search palette."""

    id: int
    name: str
    credit_code: str
    town: str


def quick_search(scope: Scope, text: str, limit: int = 8) -> Sequence[Hit]:
    """Enterprises of the scope for a typed text, names that begin with it first, then short names first."""
    if not text.strip() or too_short(text):
        return []
    condition = plan(text).condition(WALK_SHARE_FIRST_PAGE)
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id).where(in_scope(scope), condition).order_by(Enterprise.id).limit(50)
    ).all()
    key = search_key(text)
    ranked = sorted(rows, key=lambda r: (not search_key(r.name).startswith(key), key not in search_key(r.name), len(r.name), r.id))
    names = places()
    return [Hit(r.id, r.name, r.credit_code, names.full_name(r.town_id)) for r in ranked[:limit]]


def count_indexed() -> int:
    """How many enterprises the search index holds."""
    return db.session.scalar(select(func.count()).select_from(SEARCH)) or 0
