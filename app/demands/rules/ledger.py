"""How old ledgers write states, ends and ratings, and which demand a line is."""

import hashlib
import re
from datetime import date

from app.demands.rules.states import OUTCOMES, RATINGS
from app.kernel.text import squeeze

_OUTCOMES = (
    ("unreachable", r"联系不上|无法联系|失联"), ("cannot", r"不能|无法|未解决|没有解决|暂缓"), ("explained", r"解释|说明|答复|告知|政策解读"),
    ("solved", r"解决|办结|办理完毕|完成"),
)
_DONE, _OPEN = re.compile(r"办结|已解决|完成|已答复|归档|销号|不能解决|无法解决|解释"), re.compile(r"办理中|待办|未办|待受理|受理|转办|跟进|推进|进行")


def outcome_of(text: str) -> str | None:
    """The honest end a ledger means; None when it does not say."""
    plain = squeeze(text)
    known = {squeeze(label): code for code, label in OUTCOMES.items()}
    return known.get(plain) or next((code for code, pattern in _OUTCOMES if re.search(pattern, plain)), None)


def is_done(text: str) -> bool | None:
    """Whether a state means that the matter is closed; None when it cannot be told."""
    plain = squeeze(text)
    if re.search(r"未办结|未完成|未解决", plain):
        return False
    return True if _DONE.search(plain) else False if _OPEN.search(plain) else None


def rating_of(text: str) -> int | None:
    """1 to 5, from words or a number; None when it says neither."""
    plain = squeeze(text)
    known = {squeeze(label): mark for mark, label in RATINGS.items()}
    if plain in known:
        return known[plain]
    found = re.fullmatch(r"([1-5])(?:\.0)?(?:分|星)?", plain)
    if found:
        return int(found[1])
    for word, mark in (("非常不满", 1), ("很不满", 1), ("不满", 2), ("基本满意", 3), ("一般", 3), ("非常满意", 5), ("很满意", 5), ("满意", 4)):
        if word in plain:
            return mark
    return None


def entry_key(enterprise_id: int, raised_on: date, number: str | None, text: str) -> str:
    """What makes a line of a ledger one demand: its own number, else day and words."""
    said = f"no:{number}" if number else f"{raised_on.isoformat()}:{squeeze(text)}"
    return hashlib.sha256(f"ledger|{enterprise_id}|{said}".encode()).hexdigest()
