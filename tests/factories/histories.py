"""Random histories of enterprises for the tests that count: written into the tables row by row, then changed by real actions.

Nothing here asks the product what to count. The shapes are those of domain.md section 13: renewals, gaps, revocations, voids, blank ends,
late records, moved towns, merged and cancelled enterprises, towns that change their county or zone, a second city.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select, update

from app.areas import actions as areas
from app.areas.models import AreaMembership
from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseEvent, EnterpriseTown, EnterpriseYear
from app.infra import changes
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder import actions as ladder
from app.ladder.models import Recognition
from app.ladder.queries import current_pack
from app.ladder.rules import Draft
from tests.factories import ladder as make

NOW = datetime(2026, 3, 15, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 15)
LONG_AGO = date(2001, 1, 1)
BEGINNING = datetime(2019, 1, 1, tzinfo=UTC)
CROWDED = ("371502001", "371502002")
"""Towns that get most of the firms, so that lists have several pages."""
TOWNS = (
    *CROWDED, "371502108", "371502004", "371502400", "371502P01", "3715Z1000", "3715Z2000", "371581107", "371522101", "371503101", "370602001",
)
TITLES = (
    "scale_up", "innovative_sme", "srdi_city", "srdi", "little_giant", "gazelle", "pre_unicorn", "unicorn", "single_champion_province",
    "single_champion", "eaglet", "tech_sme", "high_tech", "tech_leader", "green_factory", "iii_standard", "dcmm",
)
OPEN_ENDED = frozenset({"scale_up", "unicorn", "green_factory"})


def levels_of(title: str) -> tuple[str, ...]:
    """Levels the pack grants the title at; one that knows none is stored without."""
    found = current_pack().title(title).levels
    return tuple(level.value for level in found) or ("",)


class Histories:
    """One seed, one world. ``firms``: how many enterprises the tables get before the actions change some of them."""

    def __init__(self, seed: int, firms: int = 160) -> None:
        self.random, self.firms = Random(seed), firms
        self.towns = {code: make.area(code) for code in TOWNS}
        self.rows: list[Enterprise] = []

    def fill(self) -> None:
        """Write everything; the caller commits. The map of the city is taken as known from the beginning."""
        db.session.execute(update(AreaMembership).values(recorded_at=BEGINNING))
        self.rows = [self._firm(number) for number in range(self.firms)]
        db.session.flush()
        enterprises.refresh_all_summaries()
        changes.tell("bulk", ())
        self._changes()
        db.session.flush()

    # --- written straight into the tables

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _day(self, first: date, last: date) -> date:
        """Often a day at which something turns: year ends, 1 January, today and its neighbours."""
        near = [d for d in (date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31), TODAY,
                            TODAY - timedelta(1), TODAY + timedelta(1)) if first <= d <= last]
        if near and self._chance(0.3):
            return self.random.choice(near)
        return first + timedelta(self.random.randrange((last - first).days + 1))

    def _moment(self, first: date = date(2021, 1, 1)) -> datetime:
        return datetime.combine(self._day(first, TODAY - timedelta(1)), datetime.min.time(), UTC) + timedelta(seconds=self.random.randrange(86_400))

    def _town(self) -> Any:
        code = self.random.choice(CROWDED if self._chance(0.45) else TOWNS)
        return self.towns[code]

    def _firm(self, number: int) -> Enterprise:
        town = self._town()
        born = self._moment(date(2020, 1, 1)) if self._chance(0.2) else BEGINNING
        row = make.firm(
            town, name=f"计数试验第{number}号有限公司", since=LONG_AGO, recorded_at=born,
            control_type=self.random.choice(["private"] * 4 + ["state", None]), industry_code=self.random.choice(["3451", "5111", "6510", None]),
        )
        self._town_history(row, town)
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            self._title_history(row)
        self._figures(row)
        if self._chance(0.08):
            on = self._day(date(2022, 1, 1), date(2026, 12, 31))
            row.status = "cancelled" if on <= TODAY else "active"
            db.session.add(EnterpriseEvent(enterprise_id=row.id, kind="cancelled", happened_on=on, recorded_at=self._moment()))
        if number == 0 or self._chance(0.15):
            until = None if number == 0 or self._chance(0.7) else self._day(date(2025, 1, 1), date(2026, 12, 31))
            db.session.add(EnterpriseAssignment(enterprise_id=row.id, team_id=1, valid_from=date(2024, 1, 1), valid_to=until))
        return row

    def _town_history(self, row: Enterprise, town: Any) -> None:
        """The firm stood elsewhere before, perhaps twice; perhaps its first place was put down wrongly and corrected later."""
        current = db.session.scalars(select(EnterpriseTown).where(EnterpriseTown.enterprise_id == row.id)).one()
        if self._chance(0.25):
            turn = self._day(date(2022, 6, 1), TODAY)
            current.valid_from = turn
            db.session.add(EnterpriseTown(
                enterprise_id=row.id, town_id=self._town().id, valid_from=LONG_AGO, valid_to=turn - timedelta(1), recorded_at=current.recorded_at,
            ))
        if self._chance(0.1):
            first = current.recorded_at
            current.recorded_at = corrected = first + timedelta(days=self.random.randrange(1, 700))
            db.session.add(EnterpriseTown(
                enterprise_id=row.id, town_id=self._town().id, valid_from=current.valid_from, recorded_at=first, superseded_at=corrected,
            ))

    def _title_history(self, row: Enterprise) -> None:
        """One title over the years: granted, perhaps renewed, with a gap or not, revoked, voided, without an end."""
        title = self.random.choice(TITLES)
        level = self.random.choice(levels_of(title))
        taken = {(r.title_code, r.level, r.batch_year) for r in db.session.scalars(select(Recognition).where(Recognition.enterprise_id == row.id))}
        year = self.random.randrange(2019, 2025)
        for _ in range(self.random.choice((1, 1, 2, 3))):
            batch = 0 if self._chance(0.1) else year
            if (title, level, batch) in taken:
                return
            taken.add((title, level, batch))
            self._version(row, title, level, batch, year)
            year += self.random.choice((1, 3, 3, 4))
            if year > 2026:
                return

    def _version(self, row: Enterprise, title: str, level: str, batch: int, year: int) -> None:
        start = self._day(date(year, 1, 1), date(year, 12, 31))
        end: date | None = date(year + 3, 12, 31) if self._chance(0.4) else self._day(start, date(year + 4, 12, 31))
        if title in OPEN_ENDED or self._chance(0.12):
            end = None if self._chance(0.7) else end
        announced, begins = (start, None) if self._chance(0.25) else (self._day(date(year, 1, 1), start), start)
        if self._chance(0.04):
            announced = begins = None
        values: dict[str, Any] = {
            "level": level, "batch_year": batch, "announced_on": announced, "valid_from": begins, "valid_to": end,
            "open_ended": title in OPEN_ENDED and end is None, "voided": self._chance(0.06), "recorded_at": self._moment(),
            "revoked_on": self._day(start, date(2026, 12, 31)) if self._chance(0.1) and start < date(2026, 12, 31) else None,
        }
        if self._chance(0.15):
            self._corrected(row, title, values)
        make.recognition(row, title, **values)

    def _corrected(self, row: Enterprise, title: str, values: dict[str, Any]) -> None:
        """An earlier version of the same grant with other values, superseded when the present one was recorded."""
        first = values["recorded_at"] - timedelta(days=self.random.randrange(1, 500))
        before = {**values, "recorded_at": first, "superseded_at": values["recorded_at"], "revoked_on": None, "voided": self._chance(0.2)}
        if values["valid_to"]:
            before["valid_to"] = values["valid_to"] - timedelta(days=self.random.randrange(0, 400))
        make.recognition(row, title, **before)

    def _figures(self, row: Enterprise) -> None:
        for year in (2022, 2023, 2024, 2025):
            sources = self.random.sample(["department", "platform", "enterprise", "visit"], self.random.choice((0, 1, 1, 2)))
            for source in sources:
                revenue = self.random.choice([None, Decimal(0), Decimal("99999999.99"), Decimal(100_000_000), Decimal("312345678.9")])
                recorded = self._moment(date(2023, 1, 1))
                if self._chance(0.1):
                    db.session.add(EnterpriseYear(
                        enterprise_id=row.id, year=year, source=source, revenue_yuan=Decimal(100_000_000), recorded_at=recorded - timedelta(days=90),
                        superseded_at=recorded,
                    ))
                db.session.add(EnterpriseYear(enterprise_id=row.id, year=year, source=source, revenue_yuan=revenue, recorded_at=recorded))

    # --- changed by the actions people use, so that stored counts have to follow

    def _changes(self) -> None:
        for row in self.random.sample(self.rows, 4):
            here = [code for code, town in self.towns.items() if town.id != row.town_id]
            enterprises.set_town(
                scope=ALL, enterprise_id=row.id, town_id=self.towns[self.random.choice(here)].id, since=self._day(date(2023, 6, 1), TODAY),
                version=row.version, by=SYSTEM,
            )
        self._merges()
        self._recognitions()
        self._zones()

    def _merges(self) -> None:
        """Three merges, one of them undone."""
        chosen = [row for row in self.random.sample(self.rows, 24) if row.id > 1 and row.status == "active"]
        for place in range(0, 6, 2):
            kept, gone = chosen[place], chosen[place + 1]
            done = enterprises.merge(
                scope=ALL, kept_id=kept.id, merged_id=gone.id, kept_version=kept.version, merged_version=gone.version, reason="重复登记", by=SYSTEM,
            )
            if place == 4:
                enterprises.undo_merge(scope=ALL, merge_id=done.id, by=SYSTEM)

    def _recognitions(self) -> None:
        """Grants, revocations and voids recorded today."""
        standing = list(db.session.execute(
            select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
            .where(
                Recognition.superseded_at.is_(None), Recognition.voided.is_(False), Recognition.revoked_on.is_(None), Enterprise.merged_into_id.is_(None),
                Recognition.valid_from <= TODAY,
            ).order_by(Recognition.id)
        ))
        for place, (recognition, enterprise) in enumerate(self.random.sample(standing, 4)):
            if place % 2:
                ladder.void(recognition=recognition, enterprise=enterprise, reason="登记有误", by=SYSTEM)
            elif recognition.title_code in ("high_tech", "srdi", "little_giant", "tech_sme", "gazelle"):
                ladder.revoke(recognition=recognition, enterprise=enterprise, on=max(date(2025, 6, 1), recognition.valid_from), reason="撤销公告", by=SYSTEM)
        for row in self.random.sample([r for r in self.rows if r.merged_into_id is None], 2):
            draft = Draft("high_tech", levels_of("high_tech")[0], batch_year=2026, valid_from=date(2026, 1, 5), valid_to=date(2029, 1, 4))
            ladder.grant(enterprise=row, draft=draft, by=SYSTEM)

    def _zones(self) -> None:
        """A town comes under a zone in the past, another one goes back to its county, a third one changes in the future."""
        for code, unit, since in (
            ("371502002", "3715Z3", date(2024, 7, 1)), ("371502004", "371502", date(2025, 3, 1)), ("371502001", "3715Z1", date(2027, 1, 1)),
        ):
            areas.move_town(
                self.towns[code], unit_id=make.area(unit).id, since=since, document="聊政字〔2024〕8号", confirmed=True, version=None, by=SYSTEM,
            )


__all__ = ["CROWDED", "NOW", "TITLES", "TODAY", "TOWNS", "Histories"]


def fill(seed: int) -> None:
    """One world, written."""
    Histories(seed).fill()
