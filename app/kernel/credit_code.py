"""统一社会信用代码 (GB 32100-2015) and the organisation code inside it (GB 11714-1997).

18 characters of a 31-character alphabet (no I O S V Z): 1 registering authority, 2 category, 3-8 first registered district (digits), 9-17
organisation code with its own check character, 18 check character. The district is where the body was first registered: never derive the
present town from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from app.kernel.text import plain_signs, strip_invisible

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: tuple[int, ...] = tuple(int(pow(3, i, 31)) for i in range(17))
_VALUES = bytes(ALPHABET.index(chr(c)) if chr(c) in ALPHABET else 255 for c in range(256))
_BASE36 = bytes(int(chr(c), 36) if c < 128 and chr(c).isalnum() else 0 for c in range(256))
_SHAPE = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_LETTERS = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_NOISE = re.compile(r"[\s'’‘`´\"“”-]+")
_LOOKALIKES = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}


@dataclass(frozen=True, slots=True)
class CreditCodeCheck:
    """``code``: the normalised text. ``reason_zh`` is empty when it is valid. ``suggestion``: a valid code that differs by a likely slip.
    ``warning_zh``: valid, but the inner organisation code does not verify (older registrations do exist)."""

    code: str
    reason_zh: str = ""
    suggestion: str = ""
    warning_zh: str = ""

    @property
    def valid(self) -> bool:
        return not self.reason_zh


def normalize(text: str) -> str:
    """Half width, upper case, without blanks, zero-width characters, apostrophes, quotes and hyphens."""
    return _NOISE.sub("", plain_signs(strip_invisible(text))).upper()


def check_character(first17: str) -> str:
    """The 18th character for the first 17 (all of the alphabet; ValueError otherwise)."""
    values = first17.encode("ascii", "replace").translate(_VALUES)
    if len(values) != 17 or 255 in values:
        raise ValueError("17 characters of the GB 32100 alphabet are needed")
    return ALPHABET[-sum(map(mul, _WEIGHTS, values)) % 31]


def is_valid(code: str) -> bool:
    """True for a normalised code of the right shape whose check character verifies. The fast path of an import."""
    if len(code) != 18 or _SHAPE.fullmatch(code) is None:
        return False
    values = code.encode("ascii").translate(_VALUES)
    return bool((sum(map(mul, _WEIGHTS, values)) + values[17]) % 31 == 0)


_COLUMN = re.compile(rf"(?:{_SHAPE.pattern}\n)*+\Z")
_TIMES = [bytes(v * weight % 31 if v < 31 else 255 for v in _VALUES) for weight in (*_WEIGHTS, 1)]
_ORG_TIMES = [bytes(v * weight % 11 for v in _BASE36) for weight in _ORG_WEIGHTS]
_ORG_TIMES.append(bytes(10 if c == ord("X") else c - 48 if 48 <= c < 58 else 5 for c in range(256)))
_ORG_ODD = re.compile("[A-WYZ]")


def all_agree(codes: Sequence[str]) -> bool:
    """Whether every text is a normalised code that ``is_valid`` and whose organisation part agrees: a column at a time, for imports."""
    text = "".join([code + "\n" for code in codes])
    if len(text) != 19 * len(codes) or _COLUMN.match(text) is None:
        return False
    rows = text.encode("ascii")
    whole = [rows[i::19].translate(_TIMES[i]) for i in range(18)]
    if any(total % 31 for total in set(map(sum, zip(*whole, strict=True)))):
        return False
    if _ORG_ODD.search(text[16::19]):
        return False
    inner = [rows[8 + i :: 19].translate(_ORG_TIMES[i]) for i in range(9)]
    return not any(total % 11 for total in set(map(sum, zip(*inner, strict=True))))


def organisation_check(code8: str) -> str:
    """The check character of GB 11714 for an 8-character organisation code (A=10 ... Z=35; 10 is written X)."""
    total = sum(weight * int(c, 36) for weight, c in zip(_ORG_WEIGHTS, code8, strict=True))
    return "0123456789X0"[11 - total % 11]


def organisation_part_agrees(code: str) -> bool:
    """Whether positions 9-17 of a valid code verify as an organisation code."""
    values = code[8:16].encode("ascii").translate(_BASE36)
    return "0123456789X0"[11 - sum(map(mul, _ORG_WEIGHTS, values)) % 11] == code[16]


def inspect(text: str) -> CreditCodeCheck:
    """Judge any text as a credit code: normalise, verify, explain in Chinese, suggest the likely correction."""
    code = normalize(text)
    if is_valid(code):
        return CreditCodeCheck(code, warning_zh=_warning(code))
    return CreditCodeCheck(code, _reason(code), suggest(code))


def _warning(code: str) -> str:
    return "" if organisation_part_agrees(code) else "第 9 至 17 位（组织机构代码部分）的校验码不符，请核对营业执照。"


def _reason(code: str) -> str:
    if len(code) != 18:
        return _length_reason(code)
    wrong = sorted(set(code) - set(ALPHABET))
    if wrong:
        return f"含有统一社会信用代码不使用的字符“{'、'.join(wrong[:5])}”（不使用字母 I、O、S、V、Z）"
    if not code[2:8].isdigit():
        return "第 3 至 8 位应为登记机关行政区划码（6 位数字）"
    if code[0] not in "123456789ANY":
        return f"第 1 位“{code[0]}”不是登记管理部门代码"
    return "校验位不符，18 位中至少有一位填错"


def _length_reason(code: str) -> str:
    if len(code) == 15 and code.isdigit():
        return "15 位数字是旧的工商注册号，请填写 18 位统一社会信用代码"
    if len(code) == 9:
        return "9 位是旧的组织机构代码，请填写 18 位统一社会信用代码"
    return f"应为 18 位，现为 {len(code)} 位"


def suggest(code: str) -> str:
    """The one valid code reachable by a usual slip (I for 1, O for 0 …, two neighbours swapped), or "" when none or several are."""
    if len(code) != 18:
        return ""
    candidates = {repaired for repaired in (_repair_letters(code), *_swaps(code)) if is_valid(repaired)}
    agreeing = {c for c in candidates if organisation_part_agrees(c)} or candidates
    return agreeing.pop() if len(agreeing) == 1 else ""


def _repair_letters(code: str) -> str:
    return "".join(_LOOKALIKES.get(c, c) for c in code)


def _swaps(code: str) -> list[str]:
    if _LETTERS.fullmatch(code) is None:
        return []
    return [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(17) if code[i] != code[i + 1]]
