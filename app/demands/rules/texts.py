"""What may stand in a demand, and how like two texts are (a hint at duplicates, never a decision)."""

from collections.abc import Iterable

from app.kernel.text import clean, squeeze

LONGEST, SHORTEST = 4000, 5
LIKE = 0.5
"""From which share of common pairs of characters on two texts are shown as possibly the same; a hint, so the number is no policy."""


def cleaned(text: str | None) -> str:
    """The text as it is stored: without invisible characters, line breaks kept."""
    return clean(text or "", multiline=True)


def title_of(text: str) -> str:
    """The first sentence, at most 40 characters: what a list shows."""
    first = next((line for line in text.splitlines() if line.strip()), "").strip()
    for end in "。！？；!?;":
        first = first.split(end)[0] or first
    return first if len(first) <= 40 else first[:39] + "…"


def _pairs(text: str) -> frozenset[str]:
    plain = squeeze(text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def likeness(a: str, b: str) -> float:
    """Share of common character pairs (Dice), 0 to 1."""
    first, second = _pairs(a), _pairs(b)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else float(squeeze(a) == squeeze(b))


def hinted(text: str, words: Iterable[tuple[str, Iterable[str]]]) -> str | None:
    """The code whose words occur most often in the text, None when none does."""
    plain = squeeze(text)
    found = [(sum(plain.count(squeeze(word)) for word in hints), -place, code) for place, (code, hints) in enumerate(words)]
    best = max(found, default=(0, 0, ""))
    return best[2] if best[0] else None
