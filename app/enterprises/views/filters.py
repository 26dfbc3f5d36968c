"""The list's address: query arguments to ``Filters`` and back into words (chips, caption of an export)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from app.enterprises.columns import Words
from app.enterprises.models import CONTROL_TYPES, SIZE_CLASSES, STATUSES
from app.enterprises.queries.listing import FIGURE_SORTS, Filters, Sort
from app.enterprises.rules import industry
from app.exchange.rules import amounts
from app.exchange.rules.outcome import Cleaned
from app.infra import clock

ARGUMENTS = (
    "q", "unit", "town", "section", "division", "rung", "title", "scale", "status", "control", "revenue_from", "revenue_to", "tag", "no_year",
)  # fmt: skip
FIGURE_ARGUMENTS = frozenset({"revenue_from", "revenue_to", "no_year"})


@dataclass(frozen=True)
class Asked:
    """What an address asks for. ``ignored``: arguments that could not be understood (said on the page)."""

    filters: Filters
    sort: Sort
    ignored: tuple[str, ...] = ()


def parse(args: "MultiDict[str, str]", *, figures: bool) -> Asked:
    """Read the arguments; ``figures`` False: the viewer may not see figures, so he may not filter or sort by them either."""
    ignored: list[str] = []
    known = {name: (args.get(name) or "").strip()[:100] for name in ARGUMENTS if figures or name not in FIGURE_ARGUMENTS}

    def pick(name: str, allowed: Any) -> str | None:
        value = known.get(name, "")
        if value and value not in allowed:
            ignored.append(name)
        return value if value and value in allowed else None

    def number(name: str, low: int, high: int) -> int | None:
        value = known.get(name, "")
        fits = value.isascii() and value.isdigit() and len(value) < 19 and low <= int(value) <= high
        if value and not fits:
            ignored.append(name)
        return int(value) if fits else None

    def money(name: str) -> Decimal | None:
        value = known.get(name, "")
        if not value:
            return None
        found = amounts.money_from_text(value, "万元")
        found = found.value if isinstance(found, Cleaned) else found
        if not isinstance(found, Decimal):
            ignored.append(name)
        return found if isinstance(found, Decimal) else None

    sort = Sort.parse(args.get("sort"))
    filters = Filters(
        text=known["q"], unit_id=number("unit", 1, 2**31 - 1), town_id=number("town", 1, 2**31 - 1), section=pick("section", industry.sections()),
        division=pick("division", industry.divisions()), rung=known["rung"][:40] or None, title=known["title"][:40] or None,
        size=pick("scale", {*SIZE_CLASSES, "unknown"}), status=pick("status", STATUSES), control=pick("control", {*CONTROL_TYPES, "unknown"}),
        revenue_min=money("revenue_from"), revenue_max=money("revenue_to"), tag=known["tag"][:40] or None,
        no_year=number("no_year", 1990, clock.today().year),
    )  # fmt: skip
    return Asked(filters, Sort("id") if sort.key in FIGURE_SORTS and not figures else sort, tuple(ignored))


def chips(filters: Filters, words: Words) -> list[tuple[str, str]]:
    """Active conditions as (argument, words)."""
    ladder, places = words.ladder, words.places
    found: Mapping[str, str | None] = {
        "q": f"搜索“{filters.text}”" if filters.text else None,
        "unit": places.name(filters.unit_id) or f"单位 {filters.unit_id}" if filters.unit_id else None,
        "town": places.full_name(filters.town_id) or f"镇街 {filters.town_id}" if filters.town_id else None,
        "section": industry.sections().get(filters.section or ""),
        "division": industry.divisions()[filters.division].name if filters.division else None,
        "rung": "未入梯队" if filters.rung == "none" else f"梯度：{ladder.rung_label(filters.rung)}" if filters.rung else None,
        "title": f"持有：{ladder.titles.get(filters.title, filters.title)}" if filters.title else None,
        "scale": "规模未知" if filters.size == "unknown" else SIZE_CLASSES.get(filters.size or ""),
        "status": STATUSES.get(filters.status or ""),
        "control": "控股类型未知" if filters.control == "unknown" else CONTROL_TYPES.get(filters.control or ""),
        "revenue_from": f"营业收入 ≥ {_wan(filters.revenue_min)} 万元" if filters.revenue_min is not None else None,
        "revenue_to": f"营业收入 ≤ {_wan(filters.revenue_max)} 万元" if filters.revenue_max is not None else None,
        "tag": f"标签：{filters.tag}" if filters.tag else None,
        "no_year": f"缺 {filters.no_year} 年数据" if filters.no_year else None,
    }
    return [(name, text) for name, text in found.items() if text]


def _wan(value: Decimal) -> str:
    text = f"{value / 10_000:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
