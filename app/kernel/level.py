"""Administrative level of a title, carrier or document (级别): nation, province, city, county.

Codes are stored as they are; labels are Chinese. `Level.parse` reads what people type into spreadsheets.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Level(StrEnum):
    """Four levels. Compare with `rank` or `at_least`: as strings they would sort by alphabet."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"

    @property
    def rank(self) -> int:
        """1 for county up to 4 for nation."""
        return _RANKS[self]

    @property
    def label(self) -> str:
        """市级, 省级 and so on, as shown to users."""
        return _LABELS[self]

    def at_least(self, other: Level) -> bool:
        """True for this level and every higher one: "省级以上" includes 省级."""
        return self.rank >= other.rank

    @classmethod
    def parse(cls, text: str) -> Level | None:
        """Read a Chinese level word or a level code; None when it is neither.

        Accepts 国家级, 国家, 国, 省级, 省, 市级, 地市级, 县级, 区县级, 县（市、区）级 and the codes themselves,
        with full-width letters, blanks and brackets ignored.
        """
        return _WORDS.get(_simplify(text))


_RANKS = {Level.COUNTY: 1, Level.CITY: 2, Level.PROVINCE: 3, Level.NATION: 4}
_LABELS = {Level.COUNTY: "县级", Level.CITY: "市级", Level.PROVINCE: "省级", Level.NATION: "国家级"}
_SPELLINGS = {
    Level.NATION: ("nation", "national", "国", "国家", "全国", "国家部委", "部"),
    Level.PROVINCE: ("province", "provincial", "省", "全省", "省部"),
    Level.CITY: ("city", "municipal", "市", "全市", "地市", "设区市", "地级市"),
    Level.COUNTY: ("county", "县", "区", "区县", "县区", "县市区", "市县区", "区市县"),
}
_WORDS = {word: level for level, words in _SPELLINGS.items() for word in words}
_NOISE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff()\[\]【】、,/·\-]+")


def _simplify(text: str) -> str:
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    return plain.removesuffix("级")
