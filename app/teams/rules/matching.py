"""Which resource or expert suits an enterprise: ranked by plain comparisons, each with its reason in words. Pure; no weights are invented."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.teams.rules.balancing import Firm, area_fit, industry_fit


@dataclass(frozen=True)
class Need:
    """What is looked for. ``domains``: service domains, most wanted first; empty = whatever."""

    firm: Firm
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What a match needs to know of an offer. ``load``: enterprises served now; ``score``: of the last year that has one."""

    key: tuple[str, int]
    name: str
    domains: frozenset[str]
    industries: frozenset[str]
    units: frozenset[int]
    capacity: int | None
    load: int = 0
    free: bool = False
    warned: bool = False
    score: Decimal | None = None

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.load >= self.capacity


@dataclass(frozen=True)
class Match:
    """One candidate with what speaks for and against it."""

    key: tuple[str, int]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def rank(need: Need, candidates: Iterable[Candidate], labels: dict[str, str]) -> list[Match]:
    """Suitable candidates, best first: more of the wanted domains, nearer industry, meant for the place, room, not warned, free, score, name.

    Who serves other places only, or none of the wanted domains, is left out.
    """
    wanted = [c for c in candidates if area_fit(need.firm.unit_id, c.units) >= 0 and (not need.domains or c.domains & set(need.domains))]
    return [Match(c.key, *_words(need, c, labels)) for c in sorted(wanted, key=lambda c: _order(need, c))]


def _order(need: Need, c: Candidate) -> tuple[object, ...]:
    hits = len(c.domains & set(need.domains))
    first = min((place for place, code in enumerate(need.domains) if code in c.domains), default=99)
    return (
        -hits, -industry_fit(need.firm, c.industries), -area_fit(need.firm.unit_id, c.units), c.full, c.warned, first, not c.free,
        -(c.score if c.score is not None else Decimal(-1)), c.name, c.key,
    )


def _words(need: Need, c: Candidate, labels: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reasons: list[str] = []
    warnings: list[str] = []
    hits: Sequence[str] = [labels.get(code, code) for code in need.domains if code in c.domains]
    if hits:
        reasons.append(f"擅长{'、'.join(hits)}")
    trade = industry_fit(need.firm, c.industries)
    if trade > 0:
        reasons.append("行业大类对口" if trade == 2 else "行业门类对口")
    elif trade < 0:
        warnings.append("主要服务其他行业")
    if area_fit(need.firm.unit_id, c.units) == 1:
        reasons.append("服务本县区")
    if c.full:
        warnings.append(f"已服务 {c.load} 家，达到服务能力")
    elif c.capacity:
        reasons.append(f"还能服务 {c.capacity - c.load} 家")
    if c.free:
        reasons.append("免费")
    if c.warned:
        warnings.append("被警示")
    if c.score is not None:
        reasons.append(f"上次年度评价 {c.score} 分")
    return tuple(reasons) or ("全市通用",), tuple(warnings)
