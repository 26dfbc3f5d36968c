"""Demo round of the contest: a department's figures for every town, grades, one gap, one veto, one substitute; the same every time."""

from datetime import date
from decimal import Decimal
from random import Random

from sqlalchemy import func, select

from app.indicators.actions.contest import Said, open_round, record_value
from app.indicators.actions.vetoes import Report, decide, register
from app.indicators.models.contest import DEPARTMENT, SUBSTITUTE, ContestRound, ContestValue
from app.indicators.queries import city_places, last_data_year, table_columns, year_end
from app.indicators.rules.scheme import ItemKind, Scheme, ScoredItem
from app.infra import clock, dialect
from app.infra.db import db
from app.kernel.actor import Actor
from app.policies.queries import current_pack

GRADES = ("优优优", "优优良", "优良良", "良良良", "良良中", "良中中", "中中中", "中中差")
LEVELS = {"1": (260, 640), "2": (0, 42), "3": (0, 18), "4": (0, 2), "5a": (3, 160), "6a": (0.2, 14), "20": (34, 47), "13": (0, 1), "24": (0, 2), "25": (4, 60)}
"""Least and most of a plausible town; a town's strength moves between them."""


def load(*, by: Actor) -> int:
    """Open the round of the last data year and fill it; returns how many values. Nothing when there is a round."""
    pack, year = current_pack(), last_data_year()
    if not pack.scoring_schemes() or db.session.scalar(select(func.count()).select_from(ContestRound)):
        return 0
    found = open_round(pack=pack, year=year, by=by)
    scheme = Scheme.from_plain(found.scheme)
    owners = {column.key: column.owner[:80] for column in table_columns(pack, year)}
    places = [place for place in city_places(pack, year, year_end(year)) if place.ranked]
    rows = []
    rng, now = Random(2023), clock.now()  # noqa: S311 (demo data)
    for number, place in enumerate(places):
        strength = rng.betavariate(1.6, 2.6)
        for item in scheme.items:
            if item.key in LEVELS or item.kind is ItemKind.GRADED or item.unit == "%":
                value, marks, applies = _value(item, strength, rng)
                if (number, item.key) not in ((17, "6a"), (40, "20"), (52, "25")):
                    rows.append((
                        found.id, place.town_id, item.key, DEPARTMENT, value, marks, applies, owners[item.key.rstrip("ab")], "演示数据", now, by.name[:80],
                    ))
    columns = ("round_id", "town_id", "item", "source", "value", "marks", "applies", "office", "reporter", "recorded_at", "recorded_name")
    dialect.load_rows(db.session(), ContestValue.__table__, columns, rows)  # type: ignore[arg-type]
    for place, item, source, said, note in (
        (places[52], "25", SUBSTITUTE, Said(Decimal(12)), "市局同意按上年培训人数替代（演示）"),
        (places[9], "26", DEPARTMENT, Said(Decimal(1)), "较大生产安全责任事故（演示）"),
        (places[21], "26", DEPARTMENT, Said(Decimal(2)), "环境事件正在核查（演示）"),
    ):
        record_value(found=found, town_id=place.town_id, item=item, source=source, said=said, note=note, by=by)
    happened = date(year - 1, 6, 18)
    report = Report("environment", "larger", happened, None, "生态环境部门通报（演示）", "废水超标排放，正在核查")
    register(town_id=places[33].town_id, report=report, by=by)
    older = register(town_id=places[60].town_id, report=Report("accident", "larger", date(year - 2, 3, 9), None, "应急管理部门通报（演示）", ""), by=by)
    decide(event=older, state="dismissed", reason="调查认定为一般事故，不属于否决情形（演示）", found_on=None, version=older.version, by=by)
    db.session.flush()
    return len(rows) + 5


def _value(item: ScoredItem, strength: float, rng: Random) -> tuple[Decimal | None, str | None, bool]:
    """A value that goes with the strength of the town, with some chance in it."""
    noise = min(max(strength + rng.gauss(0, 0.13), 0), 1)
    if item.kind is ItemKind.GRADED:
        return None, GRADES[min(int((1 - noise) * len(GRADES)), len(GRADES) - 1)], True
    if item.unit == "%":
        if item.amount and rng.random() < 0.03:
            return None, None, False
        return Decimal(str(round(rng.gauss(6 + 6 * strength, 7), 2))), None, True
    least, most = LEVELS[item.key]
    if item.inverse:
        noise = 1 - noise
    value = least + (most - least) * noise ** (1.8 if item.kind is ItemKind.COUNT else 1.2)
    return Decimal(int(value)) if item.kind is ItemKind.COUNT else Decimal(str(round(value, 2))), None, True
