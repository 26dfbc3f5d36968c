"""Text as people type it, made comparable: width, invisible characters, white space, Chinese numerals. Pure, no locale."""

from __future__ import annotations

import re
import unicodedata

# Full-width ASCII (！ to ～) and the ideographic space to their half-width twins.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Further signs that stand for an ASCII one in numbers and codes.
_SIGNS = _HALF | {ord(c): ord("-") for c in "−‐‑‒–﹣"} | {ord("．"): ord("."), ord("﹪"): ord("%"), ord("٪"): ord("%")}

# Never visible and never meaningful in a register: controls (tab and line ends are white space), soft hyphen, zero-width marks, direction
# controls, invisible operators, byte order marks, variation selectors, tags, lone surrogates, non-characters.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
_CJK = "\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SPACE_AT_CJK = re.compile(rf"(?<=[{_CJK}（）《》“”、，。]) +| +(?=[{_CJK}（）《》“”、，。])")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_EMOJI = re.compile("[\u2600-\u26ff\u2700-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")
# One cheap look decides whether a string needs any work at all.
CJK = _CJK
PLAIN_CHARACTERS = rf"!-~{_CJK}·（）、，。；：《》“”—"
"""Inside of a character class: what a plain text without blanks consists of."""
_PLAIN = re.compile(rf"[{PLAIN_CHARACTERS}]+(?: [!-~{_CJK}]+)*\Z")

# Nothing to squeeze: small ASCII letters, digits, ordinary ideographs (compatibility ones have another normal form).
_SQUEEZED = re.compile("[0-9a-z\u3007\u3400-\u4dbf\u4e00-\u9fff]+\\Z")

_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "Ｏ": "0", "两": "2"}


def is_plain(text: str) -> bool:
    """True when ``clean`` would return the text unchanged and nothing about it is worth a remark (a fast, sufficient test)."""
    return _PLAIN.match(text) is not None


def half_width(text: str) -> str:
    """Full-width letters, digits, punctuation and the ideographic space as half-width characters; Chinese brackets included."""
    return text if text.isascii() else text.translate(_HALF)


def plain_signs(text: str) -> str:
    """``half_width`` plus minus and percent variants: for numbers, dates and codes."""
    return text if text.isascii() else text.translate(_SIGNS)


def strip_invisible(text: str) -> str:
    """Without control, zero-width and direction characters and lone surrogates (none of them can be stored or seen safely)."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def clean(text: str, *, multiline: bool = False) -> str:
    """NFC, invisible characters removed, white space collapsed to single blanks and trimmed; line breaks kept only when ``multiline``."""
    if is_plain(text):
        return text
    text = strip_invisible(unicodedata.normalize("NFC", strip_invisible(text)))
    if multiline:
        lines = (_SPACES.sub(" ", line).strip() for line in re.split(r"\r\n|\r|\n|\u2028|\u2029|\x0b|\x0c|\x85", text))
        return "\n".join(lines).strip("\n")
    return _SPACES.sub(" ", text).strip()


def clean_name(text: str) -> str:
    """A registered name in one writing: ``clean``, half-width letters and digits, full-width brackets, no blanks beside Chinese characters."""
    text = clean(text)
    if text.isascii():
        return text
    text = _SPACES.sub(" ", half_width(text)).strip().replace("(", "（").replace(")", "）")
    return _SPACE_AT_CJK.sub("", text)


def squeeze(text: str) -> str:
    """The comparable form: half width, no white space, no invisible characters, case folded."""
    if _SQUEEZED.match(text):
        return text
    return _SPACES.sub("", half_width(strip_invisible(unicodedata.normalize("NFC", text)))).casefold()


def oddities(text: str) -> tuple[str, ...]:
    """What an officer should look at in a kept text, in Chinese; empty for ordinary text."""
    found: list[str] = []
    if _DIRECTION.search(text):
        found.append("文字方向控制符")
    if _PRIVATE.search(text):
        found.append("自造字（他人电脑上可能显示为空框）")
    if _EMOJI.search(text):
        found.append("表情符号")
    return tuple(found)


def chinese_number(text: str) -> int | None:
    """一 to 九十九, 〇 and digit rows such as 二〇二三 as a number; None when it is not one."""
    if not text:
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(_DIGITS[c] for c in text))
    match = re.fullmatch(r"([一二三四五六七八九两])?十([一二三四五六七八九])?", text)
    if match is None:
        return None
    tens = int(_DIGITS[match[1]]) if match[1] else 1
    return tens * 10 + (int(_DIGITS[match[2]]) if match[2] else 0)
