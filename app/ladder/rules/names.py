"""Names of enterprises as announcements write them, made comparable with ours: brackets, width, blanks, traditional characters, legal form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from app.enterprises.rules.naming import core_name, likeness, search_key
from app.kernel.text import clean_name

SIMILAR = 0.6
"""From this share of common neighbouring characters on a name is offered as similar (a working value of the screen, not of any policy)."""
_OTHER_NAME = re.compile(r"[（(\[【](?:原名称?|曾用名|更名前|原|现名称?|现更名为|已更名为|更名为|变更为)[:：为]?([^（）()\[\]【】]{4,60})[）)\]】]")
_REMARK = re.compile(r"[（(\[【](?:第[^（）()]{1,8}批|复核|新认定|已更名|重点|联合体|\*+|注\d*)[）)\]】]$|[*＊※★☆△▲#]+$|^[*＊※★☆△▲]+")
_ORDINAL = re.compile(r"^\s*(?:\(?\d{1,4}\)?[.、．)）]|[①-⑳])\s*(?=\D)")
POINTS = {"code": 100, "remembered": 99, "exact": 98, "normal": 92, "former": 90, "form": 84}
"""Order of the ways to find a firm; a similar name gets its likeness times 80."""
IN_PLACE, ELSEWHERE = 4, -6
"""Points for standing in the county the list names, or in another one."""


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


class _Simplified(dict[int, str]):
    """Character code -> simplified character, filled as names come by."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        found = self[code] = character if code < 0x3400 else str(_converter().convert(character))
        return found


_SIMPLIFIED = _Simplified()


def name_key(name: str) -> str:
    """The comparable form: 山東聊城(集團)機電 有限公司 -> 山东聊城集团机电有限公司."""
    return search_key(name).translate(_SIMPLIFIED)[:120]


def names_in(text: str) -> list[str]:
    """The names a cell holds, the announced one first: ordinals and remarks taken off, former or new names in brackets apart."""
    plain = clean_name(_ORDINAL.sub("", text))
    others = [clean_name(found) for found in _OTHER_NAME.findall(plain)]
    plain = _REMARK.sub("", _OTHER_NAME.sub("", plain)).strip()
    return [name for name in dict.fromkeys([plain, *others]) if len(name) >= 2]


def alike(first: str, second: str) -> tuple[str, float] | None:
    """How two names are one: ``normal`` (only the writing differs), ``form`` (only the legal form), ``similar`` with its likeness; None: they are not."""
    a, b = name_key(first), name_key(second)
    if a == b:
        return "normal", 1.0
    first_core, second_core = core_name(a), core_name(b)
    if first_core == second_core:
        return "form", 1.0
    share = likeness(first_core, second_core)
    return ("similar", share) if share >= SIMILAR else None


def points(how: str, share: float, in_place: bool | None) -> int:
    """0 to 100; ``in_place``: whether the firm stands in the county the list names (None: it names none)."""
    base = POINTS.get(how, round(share * 80))
    if in_place is None or how in ("code", "remembered"):
        return base
    return max(0, min(base + (IN_PLACE if in_place else ELSEWHERE), 99 if how == "exact" else base + IN_PLACE))
