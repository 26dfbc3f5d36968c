"""Changes of areas: first load from the official list, corrections, dated membership."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import select

from app.areas.models import Area, AreaMembership
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor

DATA = Path(__file__).with_name("data")
SINCE = date(1949, 10, 1)
"""Start of memberships whose real first day is unknown."""
PROVINCES = {"37": ("370000", "山东省"), "21": ("210000", "辽宁省")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with open(DATA / name, encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)


def load_city(city_code: str, *, by: Actor) -> int:
    """Load one city of the official list (cut-off 2023-06-30) with its zones; returns how many areas were added.

    Idempotent: areas already there keep what people corrected. Zone membership is 待核 (``confirmed`` false).
    """
    known = {a.code: a for a in db.session.scalars(select(Area))}
    added: list[Area] = []

    def add(code: str, name: str, kind: str, parent: Area | None, city: Area | None, **more: object) -> Area:
        if code in known:
            return known[code]
        area = Area(code=code, name=name, kind=kind, parent_id=parent.id if parent else None, city_id=city.id if city else None, **more)
        db.session.add(area)
        db.session.flush()
        known[code] = area
        added.append(area)
        return area

    province_code, province_name = PROVINCES[city_code[:2]]
    province = add(province_code, province_name, "province", None, None)
    rows = [r for r in _rows("areas.csv") if r["code"] == city_code or r["parent_code"].startswith(city_code[:4])]
    city = add(city_code, next(r["name"] for r in rows if r["code"] == city_code), "city", province, None)
    city.city_id = city.id
    for row in rows:
        if row["kind"] == "county":
            add(row["code"], row["name"], "county", city, city)
    for row in rows:
        if row["kind"] not in ("city", "county"):
            town = add(row["code"], row["name"], row["kind"], known[row["parent_code"]], city)
            _join(town, known[row["parent_code"]], SINCE, confirmed=True)
    if (DATA / f"zones_{city_code}.csv").exists():
        _load_zones(city, known, add)
    if added:
        audit.record("areas.loaded", Subject("area", city.id, city.name), None, {"added": len(added)}, by=by)
    db.session.flush()
    return len(added)


def _load_zones(city: Area, known: dict[str, Area], add: object) -> None:
    """Development zones as units of their own: provisional codes, their towns, and a 区直 pseudo-town each."""
    zones: dict[str, Area] = {}
    county = known[f"{city.code[:4]}02"]
    for row in _rows(f"zones_{city.code}.csv"):
        zone = zones.get(row["zone"])
        if zone is None:
            code = f"{city.code[:4]}Z{len(zones) + 1}"
            zone = zones[row["zone"]] = add(code, row["zone"], "zone", city, city, provisional=True)  # type: ignore[operator]
            direct = add(f"{code}000", f"{row['zone']}（区直）", "direct", zone, city, provisional=True)  # type: ignore[operator]
            _join(direct, zone, SINCE, confirmed=True)
        if row["town_code"]:
            _move(known[row["town_code"]], zone)
        else:
            founded = date(2025, 5, 18)  # 聊政通字〔2025〕2号
            town = add(  # type: ignore[operator]
                f"{county.code}P01", row["town_name"], "subdistrict", county, city, provisional=True, valid_from=founded,
                note="聊政通字〔2025〕2号设立，暂无正式区划代码",
            )
            _join(town, zone, founded, confirmed=False)


def _join(town: Area, unit: Area, since: date, *, confirmed: bool) -> None:
    if db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == town.id)).first() is None:
        db.session.add(
            AreaMembership(town_id=town.id, unit_id=unit.id, valid_from=since, confirmed=confirmed, recorded_at=clock.now())
        )
        db.session.flush()


def _move(town: Area, zone: Area) -> None:
    """First load only: the zone manages the town from the start of records (the real day is 待核)."""
    row = db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == town.id)).one()
    if row.confirmed and row.unit_id == town.parent_id:
        row.unit_id, row.confirmed = zone.id, False
