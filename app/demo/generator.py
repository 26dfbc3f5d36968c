"""Pure generation: a seed and the towns give the same enterprises, figures and recognitions every time. No database here.

Figures come first (three closed years, lognormal around the trade's typical revenue); recognitions follow from them, so that a
little giant has the revenue and research a little giant has. Money in whole 元.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from app.demo.trades import BRANDS_A, BRANDS_B, COMMON, GIVEN, KNOWN_FOR, RARE, SUFFIXES, SURNAMES, TRADES, Trade
from app.kernel.credit_code import ALPHABET, check_character, organisation_check

DISTRICT = "379999"


@dataclass(frozen=True)
class Region:
    """What is different in another city: ``district`` of the credit codes (none that exists), words names may begin with, and whether the
    province has 雏鹰 between high-tech firm and gazelle."""

    district: str = DISTRICT
    words: tuple[str, str] = ("聊城", "山东")
    eaglets: bool = False


LIAOCHENG = Region()
REGIONS = {"371500": LIAOCHENG, "370600": Region("379998", ("烟台", "山东")), "210800": Region("219999", ("营口", "辽宁"), eaglets=True)}


def region_of(city_code: str, city_name: str) -> Region:
    """The region of a city; one that does not ship gets a district of its own."""
    return REGIONS.get(city_code) or Region(f"{city_code[:4]}99", (city_name.removesuffix("市"),) * 2)


@dataclass(frozen=True)
class Town:
    """Where demo enterprises may be: ids of the area tree and the statistical county that decides the trades."""

    id: int
    unit_id: int
    city_id: int
    county_code: str
    place: str
    kind: str
    since: date | None = None


@dataclass
class Year:
    """Figures of one year; None = not reported."""

    year: int
    source: str
    revenue: int | None
    main_revenue: int | None
    profit: int | None
    assets: int | None
    debt: int | None
    rd: int | None
    tax: int | None
    exports: int | None
    employees: int | None
    rd_staff: int | None
    ip1: int | None
    ip2: int | None
    digital: int | None
    niche_years: int | None
    reported_on: date


@dataclass
class Grant:
    """One recognition."""

    title: str
    level: str
    batch: int
    announced: date
    start: date
    end: date | None
    document: str | None
    open_ended: bool = False
    revoked: date | None = None


@dataclass
class Firm:
    """One demo enterprise with everything that hangs on it."""

    number: int
    code: str
    name: str
    short: str
    former: str | None
    trade: Trade
    town: Town
    founded: date
    control: str
    status: str
    person: str
    contact: str
    phone: str
    years: list[Year] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)


_WEIGHT_OF_KIND = {"subdistrict": 5.0, "town": 2.0, "township": 1.2, "direct": 2.0, "functional_area": 0.6}


class Generator:
    """Yields firms one by one; ``today`` decides which three years are closed."""

    def __init__(self, towns: Sequence[Town], seed: int, today: date, region: Region = LIAOCHENG) -> None:
        self.region = region
        self.rng = random.Random(seed)  # noqa: S311 (demo data, not a secret)
        self.towns, self.today = list(towns), today
        shape = [self.rng.paretovariate(1.6) for _ in self.towns]
        self.town_weights = list(accumulate(_WEIGHT_OF_KIND.get(t.kind, 1) * s for t, s in zip(self.towns, shape, strict=True)))
        self.trades = {code: self._trades_of(code) for code in {t.county_code for t in self.towns}}

    @staticmethod
    def _trades_of(county: str) -> tuple[list[Trade], list[float]]:
        weights = dict(COMMON)
        for key, extra in KNOWN_FOR.get(county, {"machine": 4}).items():
            weights[key] = weights.get(key, 0) + extra
        return [TRADES[k] for k in weights], list(accumulate(weights.values()))

    def firms(self, count: int, first: int = 0) -> Iterator[Firm]:
        """``count`` firms numbered from ``first``; the same numbers always give the same codes."""
        for number in range(first, first + count):
            yield self._firm(number)

    def _firm(self, number: int) -> Firm:
        rng = self.rng
        town = rng.choices(self.towns, cum_weights=self.town_weights)[0]
        trades, cumulative = self.trades[town.county_code]
        trade = rng.choices(trades, cum_weights=cumulative)[0]
        founded = date(rng.randint(1996, self.today.year - 2), rng.randint(1, 12), rng.randint(1, 28))
        brand = rng.choice(BRANDS_A) + rng.choice(BRANDS_B)
        if number % 997 == 5:
            brand = RARE[number % len(RARE)] + brand[1]
        word = rng.choice(trade.words)
        suffix = rng.choice(SUFFIXES)
        if suffix[:2] in word or word.endswith(suffix[:2]):
            suffix = "有限公司"
        place = rng.choice((*self.region.words, town.place, town.place))
        firm = Firm(
            number=number, code=credit_code(number, self.region.district), name=f"{place}{brand}{word}{suffix}", short=f"{brand}{word[:2]}",
            former=f"{place}{rng.choice(BRANDS_A)}{rng.choice(BRANDS_B)}{word}厂" if rng.random() < 0.05 else None,
            trade=trade, town=town, founded=founded, control=_pick(rng, (("private", 90), ("collective", 3), ("state", 5), ("foreign", 2))),
            status=_pick(rng, (("active", 965), ("suspended", 15), ("moved_out", 5), ("cancelled", 15))),
            person=_person(rng), contact=_person(rng), phone=f"1{rng.choice('3578')}{rng.randrange(10**9):09d}",
        )
        firm.years = self._years(firm)
        firm.grants = self._grants(firm)
        return firm

    def _years(self, firm: Firm) -> list[Year]:
        rng, trade = self.rng, firm.trade
        revenue = trade.scale * 10_000 * rng.lognormvariate(-0.55, 1.15)
        growth = rng.gauss(0.08, 0.16)
        research = max(0.0, rng.gauss(0.05, 0.02)) if rng.random() < trade.innovative + 0.1 else max(0.0, rng.gauss(0.008, 0.01))
        ip1 = int(rng.paretovariate(1.1)) if research > 0.025 else 0
        employees = max(2, int(revenue / 10_000 / rng.uniform(35, 130)))
        out: list[Year] = []
        for year in range(self.today.year - 3, self.today.year):
            if year < firm.founded.year or rng.random() < 0.06:
                revenue *= 1 + growth
                continue
            out.append(self._year(year, revenue, research, ip1, employees, firm))
            step = growth + rng.gauss(0, 0.06)
            revenue, employees = revenue * (1 + step), max(2, int(employees * (1 + step * 0.4)))
            ip1 += int(research > 0.03 and rng.random() < 0.3)
        return out

    def _year(self, year: int, revenue: float, research: float, ip1: int, employees: int, firm: Firm) -> Year:
        rng = self.rng
        whole = int(revenue)
        assets = int(revenue * rng.uniform(0.5, 1.6))
        return Year(
            year=year, source=_pick(rng, (("enterprise", 78), ("platform", 14), ("department", 8))),
            revenue=whole, main_revenue=int(whole * rng.uniform(0.78, 1.0)), profit=int(whole * rng.gauss(0.055, 0.05)),
            assets=assets, debt=int(assets * rng.uniform(0.2, 0.86)), rd=int(whole * research) if rng.random() > 0.08 else None,
            tax=int(whole * rng.uniform(0.01, 0.05)), exports=int(whole * rng.uniform(0, 0.4)) if rng.random() < 0.2 else 0,
            employees=employees, rd_staff=int(employees * min(0.5, research * rng.uniform(2, 5))),
            ip1=ip1, ip2=int(ip1 * rng.uniform(1, 5)) + (1 if research > 0.02 else 0),
            digital=rng.choice((1, 1, 2, 2, 3)) if rng.random() < 0.5 else None,
            niche_years=max(1, year - firm.founded.year - 1), reported_on=date(year + 1, rng.randint(2, 5), rng.randint(1, 28)),
        )

    def _grants(self, firm: Firm) -> list[Grant]:
        if len(firm.years) < 2 or firm.status in ("cancelled", "moved_out"):
            return []
        grants: list[Grant] = []
        last, prior = firm.years[-1], firm.years[-2]
        revenue, before = last.revenue or 0, prior.revenue or 1
        ratio = (last.rd or 0) / max(revenue, 1)
        industrial = "06" <= firm.trade.code[:2] <= "46"
        if industrial and revenue >= 20_000_000 and self.rng.random() < 0.93:
            self._scale_up(firm, grants)
        if firm.trade.innovative >= 0.15:
            self._technology(ratio, last, grants)
            self._specialised(ratio, revenue, last, grants)
            if revenue >= 10_000_000 and revenue / before >= 1.2 and ratio >= 0.025 and self.rng.random() < 0.22:
                self._grant(grants, "gazelle", "province", 3, 10)
        if self.region.eaglets and {"high_tech"} & {g.title for g in grants} and self.rng.random() < 0.4:
            self._grant(grants, "eaglet", "province", 3, 10)
        self._certificates(revenue, industrial, grants)
        kept = [g for g in grants if g.announced >= firm.founded]
        steps = {g.title for g in kept}
        return [g for g in kept if "srdi" in steps or g.title not in ("little_giant", "single_champion")]  # no rung is skipped

    def _scale_up(self, firm: Firm, grants: list[Grant]) -> None:
        first = self.rng.randint(max(2016, firm.founded.year + 1), self.today.year - 1) if firm.founded.year < self.today.year - 1 else 0
        if first:
            on = date(first, 12, 31)
            grants.append(Grant("scale_up", "", first, on, on, None, None, open_ended=True))

    def _technology(self, ratio: float, last: Year, grants: list[Grant]) -> None:
        rng = self.rng
        if ratio >= 0.03 and (last.employees or 0) <= 500 and (last.revenue or 0) <= 200_000_000 and rng.random() < 0.6:
            for year in range(self.today.year - rng.choice((1, 2, 3)), self.today.year + 1):
                if rng.random() < 0.85:
                    day = date(year, rng.choice((7, 8, 9)), rng.randint(1, 28))
                    if day <= self.today:
                        grants.append(Grant("tech_sme", "nation", year, day, day, date(year + 1, 3, 31), None))
        if ratio >= 0.03 and (last.ip1 or 0) >= 1 and rng.random() < 0.5:
            self._grant(grants, "high_tech", "nation", 3, 12)

    def _specialised(self, ratio: float, revenue: int, last: Year, grants: list[Grant]) -> None:
        rng = self.rng
        if ratio < 0.02 or rng.random() > 0.55:
            return
        self._grant(grants, "innovative_sme", "province", 3, 6)
        if rng.random() < 0.25:
            self._grant(grants, "srdi_city", "city", 3, 5)
        if ratio >= 0.03 and revenue >= 15_000_000 and (last.ip1 or 0) >= 1 and rng.random() < 0.6:
            self._grant(grants, "srdi", "province", 3, 7)
            if revenue >= 50_000_000 and (last.ip1 or 0) >= 3 and rng.random() < 0.3:
                self._grant(grants, "little_giant", "nation", 3, 8)
                if revenue >= 200_000_000 and rng.random() < 0.12:
                    self._grant(grants, "single_champion", "nation", 3, 11)
            if revenue >= 150_000_000 and rng.random() < 0.25:
                self._grant(grants, "single_champion_province", "province", 3, 11)
            if revenue >= 400_000_000 and rng.random() < 0.02:
                day = date(self.today.year - 2, 10, 20)
                grants.append(Grant("unicorn", "province", day.year, day, day, None, f"演示〔{day.year}〕9号", open_ended=True))

    def _certificates(self, revenue: int, industrial: bool, grants: list[Grant]) -> None:
        rng = self.rng
        if industrial and revenue >= 80_000_000 and rng.random() < 0.06:
            level = _pick(rng, (("city", 6), ("province", 3), ("nation", 1)))
            day = date(rng.randint(self.today.year - 3, self.today.year - 1), 12, rng.randint(1, 28))
            grants.append(Grant("green_factory", level, day.year, day, day, None, f"演示〔{day.year}〕{rng.randint(10, 99)}号", open_ended=True))
        if revenue >= 40_000_000 and rng.random() < 0.05:
            self._grant(grants, "iii_standard", "", 3, 9)
        if revenue >= 40_000_000 and rng.random() < 0.012:
            self._grant(grants, "dcmm", "", 3, 9)

    def _grant(self, grants: list[Grant], title: str, level: str, term: int, month: int) -> None:
        """A grant of a title with a term, now and then renewed, lapsed, revoked, or with its end not yet filled in."""
        rng = self.rng
        year = rng.randint(self.today.year - 5, self.today.year)
        announced = date(year, month, rng.randint(5, 28))
        if announced > self.today:
            year, announced = year - 1, announced.replace(year=year - 1)
        document = f"演示〔{year}〕{rng.randint(10, 199)}号"
        end: date | None = date(year + term, 12, 31) if rng.random() < 0.5 else announced.replace(year=year + term) - timedelta(days=1)
        if rng.random() < 0.02:
            end = None
        revoked = announced + timedelta(days=rng.randint(200, 700)) if rng.random() < 0.02 else None
        if revoked and revoked > self.today:
            revoked = None
        grants.append(Grant(title, level, year, announced, announced, end, document, revoked=revoked))
        if end and not revoked and end < self.today and rng.random() < 0.7:
            again = end + timedelta(days=1)
            if again <= self.today and again.year != year:
                until = again.replace(year=again.year + term) - timedelta(days=1)
                grants.append(Grant(title, level, again.year, again, again, until, f"演示〔{again.year}〕{rng.randint(10, 199)}号"))


def credit_code(number: int, district: str = DISTRICT) -> str:
    """A valid demo code: 91 + a district that does not exist + MA-style organisation code counted from ``number`` (below 31^6)."""
    digits = ""
    rest = number
    for _ in range(6):
        rest, digit = divmod(rest, 31)
        digits = ALPHABET[digit] + digits
    body = f"MA{digits}"
    inner = organisation_check(body)
    first = f"91{district}{body}{inner}"
    return first + check_character(first)


def _pick(rng: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    total = sum(w for _, w in weighted)
    roll = rng.random() * total
    for value, weight in weighted:
        roll -= weight
        if roll < 0:
            return value
    return weighted[-1][0]


def _person(rng: random.Random) -> str:
    given = rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.7 else "")
    return rng.choice(SURNAMES) + given
