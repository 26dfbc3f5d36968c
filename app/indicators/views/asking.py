"""What an indicator page is asked for, and which part of the city's table the reader may see."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request

from app.indicators import queries
from app.indicators.queries import Row, Table
from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import current_scope, has
from app.infra.web.navigation import carried_city, path_for
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.queries import Place, current_pack, pack_known, towns_in_scope

FIRST_YEAR = 1990


@dataclass(frozen=True)
class Shown:
    """The city's table with the reader's part of it. ``rows``: his ranked towns; ``all_rows``: with 区直 and functional areas, for sums.

    ``whole_city``: he may read every town. ``listed``: town ids whose numbers open a list for him.
    """

    table: Table
    rows: list[Row]
    all_rows: list[Row]
    whole_city: bool
    listed: frozenset[int]
    unit: str
    query: dict[str, Any] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """Data years to choose from."""
        return sorted({*self.table.stored_years, self.table.year, queries.last_data_year()}, reverse=True)

    @property
    def units(self) -> list[tuple[str, str]]:
        return sorted({row.place.unit_code: row.place.unit_name for row in self.all_rows if row.place.unit_code}.items())

    @property
    def chosen(self) -> list[Row]:
        """Rows of the chosen unit, 区直 included."""
        return [row for row in self.all_rows if not self.unit or row.place.unit_code == self.unit]

    @property
    def as_of(self) -> str:
        """数据截至 in words."""
        known = f"，按 {self.table.known_on:%Y-%m-%d} 结束时已登记的数据" if self.table.known_on else ""
        future = "（尚未到期，按现有登记推算）" if self.table.day > clock.today() else ""
        return f"数据截至 {self.table.day:%Y-%m-%d}{future}{known}"

    def link(self, code: str, key: str, towns: list[Row]) -> str | None:
        """Address of the list behind a number, or None when the reader may not see all of these firms' places."""
        if not towns or any(row.place.town_id not in self.listed for row in towns):
            return None
        return f"{self.list_base}{code}/{key}{self.list_query}"

    @property
    def list_base(self) -> str:
        return f"{path_for('indicators.index')}{self.table.year}/"

    @property
    def list_query(self) -> str:
        said = {key: value for key, value in self.query.items() if key in ("as_of", "known_on")} | carried_city()
        return f"?{urlencode(said)}" if said else ""


def shown(year: int | None = None) -> Shown:
    """Read the question of this request and take the reader's part of the table. Raises ``Invalid`` for a year or date that is none."""
    when, year = asof.as_of(), year or year_argument()
    day, known_on = when.day, when.known_on
    pack = pack_known(known_on)
    table = queries.city_table(pack, year, day, known_on)
    scope = current_scope()
    mine = queries.rows_in_scope(scope, table)
    unit = request.values.get("unit", "")[:20]
    rows = [row for row in mine if row.place.ranked and (not unit or row.place.unit_code == unit)]
    said = {"year": year, "as_of": day, "known_on": known_on, "unit": unit or None}
    return Shown(
        table, rows, mine, len(mine) == len(table.rows), listed_towns([row.place for row in table.rows]), unit,
        {key: str(value) for key, value in said.items() if value is not None},
    )


def listed_towns(where: list[Place]) -> frozenset[int]:
    """Towns whose enterprises this person may see by name."""
    if not (has(Permission.ENTERPRISE_VIEW) and has(Permission.INDICATOR_VIEW)):
        return frozenset()
    return frozenset(place.town_id for place in towns_in_scope(current_scope(Permission.ENTERPRISE_VIEW), where))


def year_argument() -> int:
    """The data year of the request; without one the last year that is over."""
    text = request.values.get("year", "").strip()
    if not text:
        return queries.last_data_year()
    return checked_year(int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0)


def checked_year(year: int) -> int:
    """Raises ``Invalid`` outside 1990 to next year."""
    last = clock.today().year + 1
    if not FIRST_YEAR <= year <= last:
        raise Invalid("year", f"数据年度应在 {FIRST_YEAR} 至 {last} 之间，请修改后重试。", "year")
    return year


def towns_of(view: Shown, code: str) -> tuple[str, list[Row]]:
    """Name and rows of a town, a unit or the city by its code, inside what the reader may list. Raises ``NotFound``."""
    pack = current_pack()
    if code == pack.area_code:
        name, rows = pack.content.manifest.area_name, view.table.rows
    else:
        rows = [row for row in view.table.rows if code in (row.place.code, row.place.unit_code)]
        name = "" if not rows else rows[0].place.name if rows[0].place.code == code else rows[0].place.unit_name
    if not rows or any(row.place.town_id not in view.listed for row in rows):
        raise NotFound("没有找到这个镇街或县（市、区），可能不在您的管辖范围内。请从指标表重新进入。")
    return name, rows
