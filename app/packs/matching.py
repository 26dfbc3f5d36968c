"""From the words of a spreadsheet (称号, 级别) to a title code and a level.

People write 省级“专精特新”企业, 专精特新小巨人（国家级）, 2023年度山东省瞪羚企业. Quotes, brackets, blanks, years, batches, region names and level
words are taken off step by step until a known word is left; level words found on the way count as the level.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.level import Level
from app.packs.schema import PackContent, Title, TitleFamily

Candidate = tuple[str, Level | None]
Subject = Title | TitleFamily

_QUOTES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"'“”‘’「」『』《》〈〉«»<>`\u00b4·•,;:.。、*_]+")
_BRACKETED = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_BRACKETS = re.compile(r"[()\[\]【】〔〕{}]")
_BATCH = re.compile(r"^(?:(?:19|20)\d{2}(?:年度|年)?|第?[一二三四五六七八九十百\d]+批次?|获评|荣获|认定为?|新认定|新增|有效期内|培育|首批)")
_TAIL = re.compile(r"(?:荣誉称号|称号|荣誉|认定|名单|评定|入库|库)$")
_ENTERPRISE = re.compile(r"(?<!中小)企业$")
_BLANK = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "不适用", "未填", "n/a", "na", "none", "null"})


class MatchProblem(StrEnum):
    """Why a text has no single answer."""

    TITLE_BLANK = "title_blank"
    TITLE_UNKNOWN = "title_unknown"
    LEVEL_MISSING = "level_missing"
    LEVEL_UNKNOWN = "level_unknown"
    LEVEL_CONFLICT = "level_conflict"
    LEVEL_NOT_ALLOWED = "level_not_allowed"


@dataclass(frozen=True)
class _Hint:
    """A level found inside the title text. A place name (山东省瞪羚企业) is a weak one: it may only say where the firm is."""

    level: Level
    firm: bool


@dataclass(frozen=True)
class TitleMatch:
    """Either ``title_code`` and ``level`` (None for titles that know no level), or a ``problem`` with candidates and a sentence."""

    title_code: str | None
    level: Level | None
    candidates: tuple[Candidate, ...] = ()
    problem: MatchProblem | None = None
    message_zh: str = ""

    @property
    def ok(self) -> bool:
        return self.title_code is not None


def title_key(text: str) -> str:
    """A title text with everything removed that does not distinguish titles: width, case, blanks, quotes, brackets, a trailing 企业."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _ENTERPRISE.sub("", re.sub(r"[-—\u2013~/]+", "", _BRACKETS.sub("", _QUOTES.sub("", plain))))


class TitleIndex:
    """All words for the titles of one pack. Unknown texts cost a search, so answers are remembered."""

    def __init__(self, content: PackContent) -> None:
        self._titles = {title.code: title for title in content.titles if not title.disabled}
        self._words: dict[str, Subject] = {}
        for family in content.title_families:
            if not family.disabled:
                self._learn(family, family.aliases)
        for title in self._titles.values():
            self._learn(title, (title.code, title.label, *title.aliases))
        self._levels = _level_words(content)
        head = content.manifest
        self._places = {title_key(name) for name in (head.province_name, head.province_short, head.area_name, head.area_short)}
        self._cache: dict[tuple[str, str], TitleMatch] = {}

    def match(self, text: str, level_text: str | None = None) -> TitleMatch:
        """See `Pack.match_title`."""
        key = (text, level_text or "")
        if key not in self._cache:
            if len(self._cache) > 4096:
                self._cache.clear()
            self._cache[key] = self._match(*key)
        return self._cache[key]

    def _learn(self, subject: Subject, words: tuple[str, ...]) -> None:
        for word in words:
            self._words.setdefault(title_key(word), subject)

    def _match(self, text: str, level_text: str) -> TitleMatch:
        if title_key(text) in _BLANK:
            return _no(MatchProblem.TITLE_BLANK, "没有写称号，请补填称号名称。")
        subject, hint = self._find(text[:200])
        if subject is None:
            return self._unknown(text)
        given = None
        if _simple(level_text) not in _BLANK:
            given = self.level(level_text)
            if given is None and _levels_of(subject):
                return self._level_problem(MatchProblem.LEVEL_UNKNOWN, subject, f"级别“{level_text[:20]}”不认识")
        if given and hint and hint.firm and given is not hint.level:
            said = f"称号写的是{hint.level.label}，级别写的是{given.label}，两处不一致"
            return self._level_problem(MatchProblem.LEVEL_CONFLICT, subject, said)
        if hint and (hint.firm or hint.level in _levels_of(subject)):
            given = given or hint.level
        return self._resolve(subject, given)

    def level(self, text: str) -> Level | None:
        """A level word, a level code, or the name of the pack's province or city."""
        plain = _simple(text)
        return Level.parse(plain) or self._levels.get(plain)

    def _find(self, text: str) -> tuple[Subject | None, _Hint | None]:
        plain = unicodedata.normalize("NFKC", text).lower()
        hint = None
        for bracket in _BRACKETED.finditer(plain):
            if (level := self.level(bracket[1])) is not None:
                hint, plain = _Hint(level, True), plain.replace(bracket[0], "", 1)
        for variant in (plain, _BRACKETED.sub("", plain)):
            found, inner = self._peel(title_key(variant))
            if found is not None:
                return found, hint or inner
        return None, None

    def _peel(self, key: str) -> tuple[Subject | None, _Hint | None]:
        hint: _Hint | None = None
        for _ in range(12):
            if key in self._words:
                return self._words[key], hint
            shorter = _ENTERPRISE.sub("", _TAIL.sub("", _BATCH.sub("", key, count=1)))
            if shorter == key:
                shorter, found = self._without_level(key)
                hint = found if hint is None or not hint.firm else hint
            if shorter == key or not shorter:
                break
            key = shorter
        return None, None

    def _without_level(self, key: str) -> tuple[str, _Hint | None]:
        for word in sorted(self._levels, key=len, reverse=True):
            hint = _Hint(self._levels[word], word not in self._places)
            if key.startswith(word):
                return key[len(word):], hint
            if word.endswith("级") and key.endswith(word):
                return key[: -len(word)], hint
        return key, None

    def _resolve(self, subject: Subject, level: Level | None) -> TitleMatch:
        if isinstance(subject, TitleFamily):
            chosen = level or subject.default
            if chosen is None:
                return self._level_problem(MatchProblem.LEVEL_MISSING, subject, f"{subject.label}没有写明级别")
            if chosen not in subject.members:
                return self._level_problem(MatchProblem.LEVEL_NOT_ALLOWED, subject, f"{subject.label}没有{chosen.label}这一级")
            return TitleMatch(subject.members[chosen], chosen)
        if not subject.levels:
            return TitleMatch(subject.code, None)
        chosen = level or subject.level
        if chosen is None:
            return self._level_problem(MatchProblem.LEVEL_MISSING, subject, f"{subject.label}没有写明级别")
        if chosen not in subject.levels:
            return self._level_problem(MatchProblem.LEVEL_NOT_ALLOWED, subject, f"{subject.label}没有{chosen.label}这一级")
        return TitleMatch(subject.code, chosen)

    def _level_problem(self, problem: MatchProblem, subject: Subject, reason: str) -> TitleMatch:
        candidates = tuple(_candidates(subject))
        choice = "、".join(level.label for _, level in candidates if level)
        return _no(problem, f"{reason}，请把级别写成：{choice}。", candidates)

    def _unknown(self, text: str) -> TitleMatch:
        near = difflib.get_close_matches(title_key(text)[:60], self._words, n=3, cutoff=0.5)
        candidates = tuple(dict.fromkeys(one for word in near for one in _candidates(self._words[word])))
        labels = "、".join(dict.fromkeys(self._words[word].label for word in near))
        advice = f"是否指：{labels}？" if labels else "请对照政策包中的称号名称填写。"
        return _no(MatchProblem.TITLE_UNKNOWN, f"不认识称号“{text[:30]}”，{advice}", candidates)


def _candidates(subject: Subject) -> Iterator[Candidate]:
    if isinstance(subject, TitleFamily):
        yield from ((code, level) for level, code in sorted(subject.members.items(), key=lambda item: item[0].rank))
    else:
        yield from ((subject.code, level) for level in subject.levels or (None,))


def _levels_of(subject: Subject) -> tuple[Level, ...]:
    return tuple(level for _, level in _candidates(subject) if level)


def _level_words(content: PackContent) -> dict[str, Level]:
    head = content.manifest
    words = {"国家级": Level.NATION, "国家": Level.NATION, "全国": Level.NATION, "工信部": Level.NATION, "工业和信息化部": Level.NATION}
    for level, names in {
        Level.PROVINCE: (head.province_name, head.province_short, "省"),
        Level.CITY: (head.area_name, head.area_short, "市", "地市"),
        Level.COUNTY: ("县", "区县"),
    }.items():
        for name in names:
            words[title_key(name)] = words[title_key(f"{name}级")] = level
    return words


def _simple(text: str) -> str:
    return _QUOTES.sub("", unicodedata.normalize("NFKC", text)).lower()


def _no(problem: MatchProblem, message: str, candidates: tuple[Candidate, ...] = ()) -> TitleMatch:
    return TitleMatch(None, None, candidates, problem, message)
