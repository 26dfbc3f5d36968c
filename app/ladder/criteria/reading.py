"""A situation written by hand: names of `app.packs.vocabulary`, numbers in the printed units (金额 in 万元), years as keys.

``revenue: 1500`` is last year's; ``revenue: {2025: 1500, 2024: 1300}`` names the years; a list is in the order of the years and ends with last
year; ``years: {2025: {revenue: 1500, rd_expense: 60}}`` gathers a year; ``{value: 1500, source: 部门提供, on: 2026-03-01}`` says where a number
comes from; a text may carry its unit ("1.2亿元", "3%"). ``titles`` lists every valid title (any other counts as not held).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.kernel.errors import Invalid
from app.ladder.criteria.facts import Facts, Key, Origin, exact
from app.packs import vocabulary
from app.packs.schema.criteria import APPLICATION_LABELS, APPLICATIONS, PERIOD_OFFSETS
from app.packs.vocabulary import MONEY_UNITS, TITLE_PREFIX, FactField

HEAD = ("as_of", "region", "city", "application", "type", "title", "judgements", "parameters", "titles", "years", "note", "situation")
_NUMBER = re.compile(r"^(-?[0-9][0-9,]*(?:\.[0-9]+)?)\s*(元|万元|亿元|%|个百分点|[\u4e00-\u9fff]{0,4})$")
_WITH_YEAR = re.compile(r"^(.+)_((?:19|20)[0-9]{2})$")
_TRUE, _FALSE = frozenset({"是", "有", "true"}), frozenset({"否", "无", "没有", "false"})
_IP: dict[str, dict[str, int]] = {
    "high_value": {"high_value_ip": 1, "class1_ip": 1},
    "self_class1": {"high_value_ip": 0, "self_class1_ip": 1, "class1_ip": 1},
    "class1": {"high_value_ip": 0, "self_class1_ip": 0, "class1_ip": 1},
    "class2": {"high_value_ip": 0, "self_class1_ip": 0, "class1_ip": 0, "class2_ip": 1},
    "none": {"high_value_ip": 0, "self_class1_ip": 0, "class1_ip": 0, "class2_ip": 0},
}
TitleFinder = Callable[[str], str | None]


@dataclass(frozen=True)
class Situation:
    """Facts, and what the text says about the question itself (None = not said)."""

    facts: Facts
    title: str | None = None
    application: str | None = None
    region: str | None = None
    city: str | None = None
    judgements: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read_facts(
    data: Any, *, as_of: date, application: str | None = None, region: str | None = None, title_codes: Mapping[str, str] | None = None,
    find_title: TitleFinder | None = None, declared: Mapping[str, FactField] | None = None, parameter_codes: Collection[str] = (),
) -> Situation:
    """``as_of`` and ``application`` are what holds when the text does not say it; ``title_codes``: code -> label of the known titles;
    ``find_title``: understands other words for titles; ``parameter_codes``: parameters that may also stand beside the facts.
    Raises Invalid with every fault in one message."""
    if not isinstance(data, Mapping):
        raise Invalid("facts_shape", "数据文件最外层应是“数据项: 值”，请检查格式。")
    loose = {name: value for name, value in data.items() if name in parameter_codes}
    if loose and isinstance(data.get("parameters") or {}, Mapping):
        data = {name: value for name, value in data.items() if name not in loose} | {"parameters": {**loose, **(data.get("parameters") or {})}}
    reader = _Reader(data, as_of, application, region, title_codes or {}, find_title or (lambda text: None), dict(declared or {}))
    return reader.read()


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


class _Reader:
    def __init__(
        self, data: Mapping[Any, Any], as_of: date, application: str | None, region: str | None, title_codes: Mapping[str, str],
        find_title: TitleFinder, declared: dict[str, FactField],
    ) -> None:
        self._data, self._titles, self._find_title, self._declared = data, title_codes, find_title, declared
        self._faults: list[str] = []
        self._values: dict[Key, Any] = {}
        self._origins: dict[Key, Origin] = {}
        said = _day(data.get("as_of"))
        self._as_of = said or as_of
        if said is None and data.get("as_of") is not None:
            self._faults.append(f"as_of“{data['as_of']}”应为日期，写成 2026-06-01")
        kind = data.get("application") or data.get("type") or application
        self._application = {label: code for code, label in APPLICATION_LABELS.items()}.get(str(kind), kind)
        if self._application not in (None, *APPLICATIONS):
            self._faults.append(f"application“{self._application}”只能是 new（新申报）或 review（复核）")
        self._region = self._text("region") or region

    def read(self) -> Situation:
        self._read_titles()
        for year, rows in self._mapping("years").items():
            if not isinstance(rows, Mapping):
                self._faults.append(f"years 下的 {year} 应是“数据项: 值”")
                continue
            for name, value in rows.items():
                self._one(str(name), {year: value})
        for name, value in self._data.items():
            if name not in HEAD:
                self._one(str(name), value)
        judgements, parameters = self._judgements(), self._mapping("parameters")
        if self._faults:
            raise Invalid("facts_invalid", "数据文件有误：" + "；".join(self._faults) + "。请改正后重试。")
        facts = Facts(self._as_of, self._values, self._region or "000000", self._origins)
        return Situation(
            facts, self._text("title"), self._application, self._region, self._text("city"), judgements, parameters,
        )

    def _text(self, name: str) -> str | None:
        value = self._data.get(name)
        return None if value is None else str(value)

    def _mapping(self, name: str) -> Mapping[Any, Any]:
        value = self._data.get(name)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self._faults.append(f"{name} 应是“名称: 值”")
        return {}

    def _judgements(self) -> dict[str, Any]:
        found = {}
        for name, value in self._mapping("judgements").items():
            said = value.get("result") if isinstance(value, Mapping) else value
            if isinstance(said, str):
                said = {"met": True, "符合": True, "unmet": False, "不符合": False}.get(said, self._flag(said))
            if not isinstance(said, (bool, int, Decimal)):
                self._faults.append(f"judgements 里的 {name} 应为 true、false 或得分")
                continue
            found[str(name)] = said if isinstance(said, bool) else exact(said)
        return found

    def _read_titles(self) -> None:
        given = self._data.get("titles")
        if given is None:
            return
        if isinstance(given, Mapping):
            for name, held in given.items():
                code = self._title(str(name))
                if code and isinstance(held, bool):
                    self._values[TITLE_PREFIX + code, None] = held
            return
        if not isinstance(given, (list, tuple)):
            self._faults.append("titles 应是列表，如 [innovative_sme, tech_sme]")
            return
        held_codes = {self._title(str(name)) for name in given}
        for code in self._titles:
            self._values[TITLE_PREFIX + code, None] = code in held_codes

    def _title(self, text: str) -> str | None:
        code = text.removeprefix(TITLE_PREFIX)
        found = code if code in self._titles else self._find_title(text)
        if found is None:
            self._faults.append(f"不认识称号“{text[:40]}”")
        return found

    def _one(self, name: str, value: Any) -> None:
        if name == "ip_related":
            self._ip_related(value)
            return
        if name == "credit_code" and isinstance(value, str):
            self._values["credit_code", None] = value.strip().upper()
            return
        match = _WITH_YEAR.match(name)
        if match and self._field(match[1]) is not None:
            name, value = match[1], {int(match[2]): value}
        known = self._field(name)
        if known is None:
            self._unknown(name)
            return
        unit = "元" if name.endswith("_yuan") else None
        for year, one in self._by_year(known, value):
            self._put(known, year, one, unit)

    def _field(self, name: str) -> FactField | None:
        code = name.removeprefix(TITLE_PREFIX)
        if code in self._titles:
            return vocabulary.find(TITLE_PREFIX + code)
        found = vocabulary.find(vocabulary.ALIASES.get(name, name), self._declared)
        return None if found is not None and found.code.startswith(TITLE_PREFIX) else found

    def _unknown(self, name: str) -> None:
        near = difflib.get_close_matches(name, [*vocabulary.BY_CODE, *vocabulary.ALIASES, *self._declared, *self._titles], n=3)
        self._faults.append(f"不认识数据项“{name[:40]}”" + (f"，是否指：{'、'.join(near)}" if near else ""))

    def _by_year(self, known: FactField, value: Any) -> Iterator[tuple[int | None, Any]]:
        """(year, value); None for states."""
        if known.period == "state":
            yield None, self._latest(known, value)
        elif isinstance(value, Mapping) and "value" not in value:
            for name, one in value.items():
                year = self._year(name)
                if year is None:
                    self._faults.append(f"{known.code} 的年度“{name}”看不懂，请写 2025 或 last_year")
                else:
                    yield year, one
        elif isinstance(value, (list, tuple)):
            for back, one in enumerate(reversed(value)):
                yield self._as_of.year - 1 - back, one
        else:
            this_year = known.code == "platform_score" and self._application != "review"
            yield self._as_of.year - (0 if this_year else 1), value

    def _latest(self, known: FactField, value: Any) -> Any:
        """A state written by years: the latest year that is not after the day."""
        if not isinstance(value, Mapping) or "value" in value:
            return value
        years = {self._year(name): one for name, one in value.items()}
        if None in years or not years:
            self._faults.append(f"{known.code} 的年度看不懂，请写 2025")
            return None
        past = [year for year in years if year is not None and year <= self._as_of.year]
        return years[max(past)] if past else None

    def _year(self, name: Any) -> int | None:
        if isinstance(name, int):
            return name
        text = str(name).strip().upper()
        if text.isdecimal():
            return int(text)
        if re.fullmatch(r"Y(-[0-9])?", text):
            return self._as_of.year + int(text[1:] or 0)
        offsets = PERIOD_OFFSETS.get(str(name), ())
        return self._as_of.year - offsets[0] if len(offsets) == 1 else None

    def _put(self, known: FactField, year: int | None, value: Any, unit: str | None) -> None:
        if isinstance(value, Mapping):
            on = value.get("on")
            self._origins[known.code, year] = Origin(str(value.get("source", "")), on if isinstance(on, date) else None, value.get("evidence"))
            value = value.get("value")
        if value is None:
            return
        read = self._read(known, value, unit)
        if read is None:
            wanted = "日期" if known.kind == "day" else "true 或 false" if known.kind == "flag" else "数字" if known.numeric else "、".join(
                f"{code}（{label}）" for code, label in known.choices
            ) or "文字"
            self._faults.append(f"{known.code}（{known.label}）的值“{str(value)[:30]}”不对，应为{wanted}")
        elif known.numeric and known.floor_zero and read < 0:
            self._faults.append(f"{known.code}（{known.label}）不能是负数")
        else:
            self._values[known.code, year] = read

    def _read(self, known: FactField, value: Any, unit: str | None) -> Any:
        if known.numeric:
            return self._number(known, value, unit)
        if known.kind == "flag":
            return self._flag(value)
        if known.kind == "choice":
            codes = {label: code for code, label in known.choices}
            return value if value in codes.values() else codes.get(str(value))
        if known.kind == "day":
            return _day(value)
        return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None

    def _number(self, known: FactField, value: Any, unit: str | None) -> Any:
        if isinstance(value, str):
            match = _NUMBER.match(value.strip())
            if match is None or (known.kind == "money" and match[2] not in ("", *MONEY_UNITS)):
                return None
            unit = match[2] or unit
            try:
                value = Decimal(match[1].replace(",", ""))
            except InvalidOperation:
                return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        return exact(value) * MONEY_UNITS.get(unit or known.unit, 1) if known.kind == "money" else exact(value)

    def _flag(self, value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        return True if text in _TRUE else False if text in _FALSE else None

    def _ip_related(self, value: Any) -> None:
        """The categories of the innovative-SME table as one word."""
        if value not in _IP:
            self._faults.append(f"ip_related 的值“{value}”只能是：{'、'.join(_IP)}")
            return
        for name, count in _IP[value].items():
            self._values[name, None] = count
