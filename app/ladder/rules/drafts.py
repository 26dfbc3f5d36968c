"""What may be recorded as a recognition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.level import Level


@dataclass(frozen=True)
class Draft:
    """A recognition as somebody wants it recorded. Dates may be blank; text is stripped; ``batch_year`` 0 = blank."""

    title_code: str
    level: str = ""
    batch_year: int = 0
    document: str | None = None
    announced_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    evidence: str | None = None
    revoked_on: date | None = None
    revoked_reason: str | None = None


FIRST_YEAR = 1990


def problems(draft: Draft, allowed: Sequence[Level], today: date) -> list[tuple[str, str]]:
    """What is wrong as (field, Chinese sentence); empty = may be recorded. ``allowed``: levels the title is granted at (none = knows no level)."""
    return [*_level_problems(draft, allowed), *_date_problems(draft, today)]


def _level_problems(draft: Draft, allowed: Sequence[Level]) -> list[tuple[str, str]]:
    names = "、".join(level.label for level in allowed)
    if allowed and draft.level not in {level.value for level in allowed}:
        return [("level", f"这项称号的级别只能是：{names}。请重新选择。")]
    if not allowed and draft.level:
        return [("level", "这项称号不分级别，请选择“不分级别”。")]
    return []


def _date_problems(draft: Draft, today: date) -> list[tuple[str, str]]:
    start, found = draft.valid_from or draft.announced_on, []
    if draft.batch_year and not FIRST_YEAR <= draft.batch_year <= today.year + 1:
        found.append(("batch_year", f"批次年度应在 {FIRST_YEAR} 至 {today.year + 1} 之间。"))
    if start is None:
        found.append(("announced_on", "公布日期和有效期起至少填写一项，否则无法判断从哪一天起计数。"))
    if draft.announced_on and draft.announced_on > today:
        found.append(("announced_on", "公布日期晚于今天。公示不是认定，请在正式公布后登记。"))
    if start and draft.valid_to and draft.valid_to < start:
        found.append(("valid_to", f"有效期止早于起始日期（{start:%Y-%m-%d}），请检查。"))
    if draft.revoked_on and start and draft.revoked_on < start:
        found.append(("revoked_on", f"撤销日期早于起始日期（{start:%Y-%m-%d}），请检查；从未生效的认定请用“作废”。"))
    if draft.revoked_on and draft.revoked_on > today:
        found.append(("revoked_on", "撤销日期晚于今天，请在撤销生效后登记。"))
    return found
