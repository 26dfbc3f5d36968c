"""The list of a city's counties and towns as a CSV file, read and checked before anything is written.

Shipped for three cities (data/areas.csv, data/zones_<code>.csv); a further city brings its own ``areas.csv`` (and ``zones.csv``) in its pack
directory. Columns: docs/howto/add-a-city.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.areas.models import TOWN_KINDS
from app.kernel.errors import Invalid, NotFound
from app.kernel.text import clean_name

DATA = Path(__file__).with_name("data")
PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省",
    "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省",
    "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
}
"""First two digits of every code (GB/T 2260)."""
KINDS = ("city", "county", *TOWN_KINDS, "functional_area")
NEEDED = ("code", "name", "kind", "parent_code")
ZONES_NEEDED = ("zone", "town_code", "town_name")
MAX_BYTES, MAX_ROWS = 4_000_000, 20_000
_CITY, _TOWN = re.compile(r"[1-9][0-9]{5}\Z"), re.compile(r"[1-9][0-9]{8}\Z")


@dataclass(frozen=True)
class Line:
    """One row of the list; ``parent_code``: city of a county, county of a town."""

    code: str
    name: str
    kind: str
    parent_code: str


@dataclass(frozen=True)
class ZoneLine:
    """A town managed by a development zone. ``town_code`` empty: a town without an official code, founded on a day by a document."""

    zone: str
    town_code: str
    town_name: str
    county_code: str
    founded: date | None
    document: str


@dataclass(frozen=True)
class CityList:
    """A checked list."""

    city: Line
    counties: tuple[Line, ...]
    towns: tuple[Line, ...]
    zones: tuple[ZoneLine, ...]

    @property
    def province(self) -> tuple[str, str]:
        """Code and name."""
        return f"{self.city.code[:2]}0000", PROVINCES[self.city.code[:2]]


def read_city(city_code: str, places: list[tuple[Path, Path]]) -> CityList:
    """The list of a city from the first of ``places`` (areas file, zones file) that has it, else from the shipped one.

    Raises NotFound when no list has the city, Invalid with file and line for a fault.
    """
    if not _CITY.match(city_code):
        raise Invalid("city_code", f"“{city_code[:20]}”不是城市代码，应为 6 位数字，例如 371500。")
    for areas, zones in [*places, (DATA / "areas.csv", DATA / f"zones_{city_code}.csv")]:
        lines = _lines(areas, city_code) if areas.is_file() else []
        if lines:
            return _checked(lines, _zones(zones) if zones.is_file() else [], city_code, areas, zones)
    raise NotFound(f"没有城市 {city_code} 的区划清单。请在该市政策包目录里放一个 areas.csv，或用 --file 指定文件（写法见 docs/howto/add-a-city.md）。")


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells; UTF-8 (with or without a mark) or GB 18030."""
    if path.stat().st_size > MAX_BYTES:
        raise Invalid("file_too_large", f"{path.name} 超过 {MAX_BYTES // 1_000_000} MB，不像一个城市的区划清单，请核对文件。")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Invalid("bad_encoding", f"{path.name} 不是 UTF-8 编码的文字文件，请另存为“CSV UTF-8”后重试。") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in needed if name not in (reader.fieldnames or [])]
    if missing:
        raise Invalid("column_missing", f"{path.name} 第 1 行缺少列：{'、'.join(missing)}。表头应为：{','.join(needed)}。")
    try:
        for number, row in enumerate(reader, 2):
            if number > MAX_ROWS:
                raise Invalid("too_many_rows", f"{path.name} 超过 {MAX_ROWS} 行，不像一个城市的区划清单，请核对文件。")
            yield number, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str) and not isinstance(value, list)}
    except csv.Error as error:
        raise Invalid("bad_csv", f"{path.name} 第 {reader.line_num} 行附近不是有效的 CSV（{error}），请检查引号。") from error


def _lines(path: Path, city_code: str) -> list[tuple[int, Line]]:
    found = [(number, Line(row["code"], clean_name(row["name"]), row["kind"], row["parent_code"])) for number, row in _rows(path, NEEDED)]
    mine = [(number, line) for number, line in found if line.code == city_code or line.parent_code.startswith(city_code[:4])]
    return mine if any(line.code == city_code for _, line in mine) else []


def _zones(path: Path) -> list[tuple[int, ZoneLine]]:
    found = []
    for number, row in _rows(path, ZONES_NEEDED):
        try:
            founded = date.fromisoformat(row["founded"]) if row.get("founded") else None
        except ValueError as error:
            raise Invalid("founded", f"{path.name} 第 {number} 行的设立日期“{row['founded'][:20]}”不是日期，请写成 2025-05-18。") from error
        found.append((number, ZoneLine(
            clean_name(row["zone"]), row["town_code"], clean_name(row["town_name"]), row.get("county_code", ""), founded, row.get("document", ""),
        )))
    return found


def _checked(
    lines: list[tuple[int, Line]], zones: list[tuple[int, ZoneLine]], city_code: str, areas_path: Path, zones_path: Path,
) -> CityList:
    if city_code[:2] not in PROVINCES:
        raise Invalid("province", f"{areas_path.name}：代码 {city_code} 的前两位不是省级代码，请核对。")
    seen: dict[str, Line] = {}
    for number, line in lines:
        problem = _fault(line, city_code, seen)
        if problem:
            raise Invalid("area_row", f"{areas_path.name} 第 {number} 行（{line.code or '无代码'} {line.name}）：{problem}")
        seen[line.code] = line
    of_kind = {kind: tuple(line for _, line in lines if line.kind == kind) for kind in KINDS}
    counties = of_kind["county"]
    towns = tuple(line for _, line in lines if line.kind not in ("city", "county"))
    orphan = next((line for line in towns if line.parent_code not in {county.code for county in counties}), None)
    if orphan is not None:
        raise Invalid("area_row", f"{areas_path.name}：{orphan.code} {orphan.name} 的上级 {orphan.parent_code} 不在清单里，请补上这个县（市、区）。")
    for number, zone in zones:
        if not zone.zone or (zone.town_code and zone.town_code not in {town.code for town in towns}):
            raise Invalid("zone_row", f"{zones_path.name} 第 {number} 行：开发区名称不能空，镇街 {zone.town_code} 应在 {areas_path.name} 里。")
        if not zone.town_code and not (zone.town_name and zone.founded and zone.county_code in {county.code for county in counties}):
            raise Invalid("zone_row", f"{zones_path.name} 第 {number} 行：没有代码的镇街要写 town_name、county_code 和 founded（设立日期）。")
    return CityList(seen[city_code], counties, towns, tuple(zone for _, zone in zones))


def _fault(line: Line, city_code: str, seen: dict[str, Line]) -> str | None:
    if line.kind not in KINDS:
        return f"kind 写的是“{line.kind[:20]}”，只能是 {'、'.join(KINDS)}。"
    if not (_TOWN if line.kind not in ("city", "county") else _CITY).match(line.code):
        return "代码应为数字：市、县 6 位，镇街 9 位。"
    if line.code in seen:
        return "代码重复，请删去一行。"
    if not 2 <= len(line.name) <= 60:
        return "名称应为 2 至 60 个字。"
    if line.kind == "city" and line.code != city_code:
        return "一个清单里只能有一个同前缀的城市。"
    if line.kind == "county" and (line.parent_code != city_code or line.code[:4] != city_code[:4]):
        return f"县（市、区）的上级应是 {city_code}，代码以 {city_code[:4]} 开头。"
    if line.kind not in ("city", "county") and line.code[:6] != line.parent_code:
        return "镇街代码的前 6 位应是上级县（市、区）的代码。"
    return None
