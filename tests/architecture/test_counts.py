"""A number equals the rows behind it: for every role, on every page with counts, over random histories.

Each number of a page is compared with an independent count in SQL (``raw_counts``); a sample of the links is followed through all pages of
the list. ``YUMIAO_COUNT_SEEDS=20`` tries twenty worlds, ``YUMIAO_COUNT_LINKS=40`` follows more links of every page.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from random import Random
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.areas.models import Area
from app.identity.models import Post, User
from app.infra import clock
from app.infra.db import db
from app.ladder.queries import current_pack
from app.packs import Pack
from app.policies.queries import active_pack
from tests.architecture import raw_counts
from tests.factories import histories, ladder
from tests.factories.histories import TODAY, Histories
from tests.pages import Page, read
from tests.personas import PERSONAS, Browser

As = Callable[[str], Browser]
SEEDS = range(1, 1 + int(os.environ.get("YUMIAO_COUNT_SEEDS", "1")))
LINKS = int(os.environ.get("YUMIAO_COUNT_LINKS", "3"))
NUMBER = re.compile(r"[\d,]+\+?\Z")
LISTS = re.compile(r"/(ladder/(holders|gaps)|indicators/\d|enterprises/|expiring)")
TWO_POSTS = "two_posts"
"""Officer of one county, reporter of a town of another, member of a team: three posts, three different rights."""


def two_posts() -> None:
    """Give the county officer two more posts elsewhere, under a login of its own."""
    county, town = ladder.area("371502"), ladder.area("371522101")
    user = User(login=TWO_POSTS, name="兼职甲", password_hash="-", must_change_password=False, area_id=county.id, created_at=clock.now(),
                password_changed_at=clock.now())  # fmt: skip
    db.session.add(user)
    db.session.flush()
    db.session.add_all([
        Post(user_id=user.id, role_code="county_officer", area_id=county.id), Post(user_id=user.id, role_code="town_reporter", area_id=town.id),
        Post(user_id=user.id, role_code="expert", team_id=1),
    ])


@pytest.fixture(params=SEEDS)
def world(app: Flask, request: pytest.FixtureRequest) -> Iterator[Random]:
    """A city full of histories, on a fixed day."""
    clock.freeze(histories.NOW)
    Histories(request.param).fill()
    two_posts()
    db.session.commit()
    yield Random(request.param)


# --- reading a page


def words(content: str) -> str:
    return re.sub(r"\s+", " ", content).strip()


def rows(page: Page) -> list[list[str]]:
    """Cells of every table row below a head, as text."""
    found: list[list[str]] = []
    for element in page.elements:
        if element.tag == "tr":
            found.append([])
        elif element.tag in ("td", "th") and found:
            found[-1].append(words(element.text))
    return found


def numbers(page: Page) -> list[tuple[int, str]]:
    """(number, address) of every link that is a number and opens a list."""
    found = []
    for element in page.all("a"):
        address, shown = element.attributes.get("href", ""), words(element.text)
        if NUMBER.match(shown) and LISTS.match(address):
            found.append((int(shown.replace(",", "").rstrip("+")), address))
    return found


def sized(address: str, size: int = 20) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{urlencode([*parse_qsl(parts.query), ('size', size)])}"


def behind(browser: Browser, address: str) -> int:
    """Rows of the list behind an address, all pages of it; every page must say the same total."""
    address, total, seen = sized(address), 0, set()
    for _ in range(100):
        response = browser.get(address)
        assert response.status_code == 200, (browser.persona, address, response.status_code)
        total += sum(len(re.findall(r"<tr[ >]", body)) for body in re.findall(r"<tbody.*?</tbody>", response.text, re.S))
        seen |= {int(said.replace(",", "")) for said in re.findall(r"共 ([\d,]+) [家条项]", response.text)}
        following = re.search(r'rel="next" href="([^"]+)"', response.text)
        if not following:
            assert not seen or seen == {total}, (browser.persona, address, seen, total)
            return total
        address = unescape(following[1])
    raise AssertionError(f"{address}: more than a hundred pages")


def opened(browser: Browser, address: str) -> Page | None:
    """The page, or None where this role may not go; every sampled number of it has as many rows behind it."""
    page = read(browser.get(address))
    if page.status in (403, 404):
        return None
    assert page.status == 200, (browser.persona, address, page.status)
    return page


def follow(browser: Browser, page: Page, random: Random, address: str) -> int:
    links = sorted(set(numbers(page)))
    wrong = []
    for number, link in random.sample(links, min(LINKS, len(links))):
        count = behind(browser, link)
        if count != number:
            wrong.append(f"{number} shown, {count} rows behind {link}")
    assert not wrong, f"{browser.persona} {address}:\n  " + "\n  ".join(wrong)
    return len(links)


# --- what a person may count, from the posts and the map of the day


def reach(name: str, day: date, known_on: date | None = None) -> set[int]:
    """Town ids a persona answers for on the day."""
    persona = PERSONAS[name]
    towns, unit_of = raw_counts.town_codes(), raw_counts.units(day, known_on)
    if persona.team_id or persona.enterprise_id or persona.role.endswith("_admin") or persona.role == "provider":
        return set()
    if persona.place in towns:
        return {towns[persona.place]}
    if persona.place == "all":
        return set(towns.values())
    if persona.place.endswith("0000"):
        return {id_ for code, id_ in towns.items() if code.startswith(persona.place[:2])}
    if persona.place.endswith("00"):
        return {id_ for code, id_ in towns.items() if code.startswith(persona.place[:4])}
    return {town for town, (_, code) in unit_of.items() if code == persona.place}


def policy(name: str) -> Pack:
    """The pack of a persona's own city; whoever sees several begins with the installation's."""
    place = PERSONAS[name].place if name in PERSONAS else "371500"
    return active_pack("371500" if place == "all" or place.endswith("0000") else f"{place[:4]}00")


BY_AREA = ("bureau", "leader", "county", "zone", "town", "department", "trainer", "reviewer", "stranger", "stranger_city", "yingkou")


def asking(random: Random) -> tuple[dict[str, str], date, date | None]:
    """A question: arguments of the address, the day, the knowledge."""
    day = random.choice([TODAY, TODAY, date(2023, 12, 31), date(2024, 6, 30), date(2024, 7, 1), date(2025, 1, 1), date(2025, 12, 31)])
    known_on = random.choice([None, None, date(2023, 12, 31), date(2025, 6, 30)])
    said = {"as_of": day.isoformat() if day != TODAY else "", "known_on": known_on.isoformat() if known_on else ""}
    return {name: value for name, value in said.items() if value}, day, known_on


def counted(kind: str, titles: tuple[str, ...], day: date, year: int, known_on: date | None) -> dict[int, int]:
    if kind == "new":
        return raw_counts.new(titles, day, year, known_on)
    return (raw_counts.stock if kind == "stock" else raw_counts.cumulative)(titles, day, known_on)


# --- the pages


def check_titles_by_place(world: Random, as_: As) -> None:
    """称号分布: every cell of the table for every role by area, at three counts and several days."""
    names = {area.name: area.code for area in db.session.scalars(select(Area).where(Area.kind.in_(("county", "zone"))))}
    for name in (*BY_AREA, TWO_POSTS):
        browser, labels = as_(name), {title.label: title.code for title in policy(name).titles()}
        for kind in ("stock", "new", "cumulative"):
            arguments, day, known_on = asking(world)
            year = world.choice([day.year, 2023])
            address = f"/ladder/titles?{urlencode({'count': kind, 'year': year, **arguments})}"
            page = opened(browser, address)
            assert page is not None
            follow(browser, page, world, address)
            if name == TWO_POSTS:
                continue
            mine, unit_of = reach(name, day, known_on), raw_counts.units(day, known_on)
            head, *lines = [row for row in rows(page) if row] or [[]]
            for line in lines:
                raw = counted(kind, (labels[line[0]],), day, year, known_on)
                expected = {"合计": sum(raw.get(town, 0) for town in mine)}
                for town in mine & unit_of.keys():
                    expected[unit_of[town][1]] = expected.get(unit_of[town][1], 0) + raw.get(town, 0)
                for place, shown in zip(head[1:], line[1:], strict=True):
                    code = place if place == "合计" else names[place]
                    assert int(shown.replace(",", "")) == expected.get(code, 0), (name, address, line[0], place)


def check_one_unit(world: Random, as_: As) -> None:
    """The same table narrowed to a county, a zone, a town."""
    labels = {title.label: title.code for title in current_pack().titles()}
    towns = raw_counts.town_codes()
    for name, unit in (("bureau", "371502"), ("leader", "3715Z3"), ("county", "371502"), ("zone", "3715Z1"), ("department", "371502"), ("town", "")):
        browser, (arguments, day, known_on) = as_(name), asking(world)
        address = f"/ladder/titles?{urlencode({'unit': unit, **arguments})}"
        page = opened(browser, address)
        assert page is not None
        named = {area.name: area.code for area in db.session.scalars(select(Area).where(Area.code.in_(towns)))}
        for line in rows(page)[1:]:
            raw = raw_counts.stock((labels[line[0]],), day, known_on)
            for place, shown in list(zip(rows(page)[0], line, strict=True))[2:]:
                if unit:
                    same_name = {towns[c] for c in towns if named.get(place) == c}
                    assert int(shown.replace(",", "")) == sum(raw.get(t, 0) for t in same_name), (name, address, line[0], place)
        follow(browser, page, world, address)


def check_board_and_funnel(world: Random, as_: As) -> None:
    """Each firm on its highest rung; the funnel adds the rungs above; every ladder of the pack."""
    for name in (*BY_AREA, "team_leader", "expert", "liaison", TWO_POSTS):
        browser = as_(name)
        for chosen in (policy(name).ladders()[0], world.choice(policy(name).ladders())):
            arguments, day, known_on = asking(world)
            query = urlencode({"ladder": chosen.code, **arguments})
            board, funnel = opened(browser, f"/ladder/?{query}"), opened(browser, f"/ladder/funnel?{query}")
            if board is None or funnel is None:
                assert name in ("town", "department", "reviewer"), name
                continue
            if name in BY_AREA:
                mine = reach(name, day, known_on)
                raw = raw_counts.rungs([rung.titles for rung in chosen.rungs], day, known_on)
                standing = [sum(raw[place].get(town, 0) for town in mine) for place in range(len(chosen.rungs))]
                reached = [sum(standing[place:]) for place in range(len(standing))]
                shown = [row for row in rows(funnel) if row and row[0] in {rung.label for rung in chosen.rungs} and len(row) == 3]
                assert [int(row[1].replace(",", "")) for row in shown] == reached, (name, query)
                note = re.search(r"共 ([\d,]+) 家", board.text)
                assert note and int(note[1].replace(",", "")) == sum(standing), (name, query)
            follow(browser, board, world, f"/ladder/?{query}")
            follow(browser, funnel, world, f"/ladder/funnel?{query}")


def check_indicators(world: Random, as_: As) -> None:
    """强镇: every computed cell of the three tables for every role that may read them."""
    towns = raw_counts.town_codes()
    for name in ("bureau", "leader", "county", "zone", "town", "department", "reviewer", "stranger", "stranger_city"):
        browser = as_(name)
        year = world.choice([2023, 2024, 2025])
        day, known_on = date(year, 12, 31), world.choice([None, None, date(2025, 6, 30)])
        arguments = {"year": str(year)}
        if world.random() < 0.4:
            day = date(2024, 6, 30)
            arguments["as_of"] = day.isoformat()
        if known_on:
            arguments["known_on"] = known_on.isoformat()
        mine = {t for t in reach(name, day, known_on) if t in {i for c, i in towns.items() if c.startswith("3715")}}
        raw = {item: raw_counts.indicator(item, year, day, known_on) for item in ("2", "3", *raw_counts.INDICATORS)}
        for path in ("/indicators/", "/indicators/counties", "/indicators/city", "/indicators/ranking"):
            address = f"{path}?{urlencode(arguments)}"
            page = opened(browser, address)
            assert page is not None, (name, address)
            if path == "/indicators/":
                check_town_table(page, raw, mine, day, known_on, f"{name} {address}")
            follow(browser, page, world, address)


def check_town_table(page: Page, raw: dict[str, dict[int, int]], mine: set[int], day: date, known_on: date | None, where: str) -> None:
    """Rows are towns of my reach, cells are the raw counts, the last row is the sum with 区直 and functional areas."""
    ids = {frozenset((*unit.split(), town.name)): town.id for town, unit in town_names(day, known_on)}
    lines = [row for row in rows(page) if len(row) == 27]
    assert bool(lines) == bool(mine), where
    for line in lines:
        towns = mine
        if line[0] != "合计":
            towns = {ids[frozenset(line[0].split())]}
            assert towns <= mine, (where, line[0])
        for item, by_town in raw.items():
            shown = line[int(item)]
            assert shown == f"{sum(by_town.get(t, 0) for t in towns):,}", (where, line[0], item, shown)
        assert {line[n] for n in (1, 4, 5, 6, 7, 8, 26)} == {"待报"}, (where, line[0])


def town_names(day: date, known_on: date | None) -> list[tuple[Area, str]]:
    unit_of = raw_counts.units(day, known_on)
    areas = {area.id: area for area in db.session.scalars(select(Area))}
    return [(areas[town], areas[unit_of[town][0]].name if town in unit_of else "") for town in raw_counts.town_codes().values()]


def check_home(world: Random, as_: As) -> None:
    """Every number of the first page, for everybody."""
    for name in (*PERSONAS, TWO_POSTS):
        main = policy(name).ladders()[0]
        raw = raw_counts.rungs([rung.titles for rung in main.rungs], TODAY)
        browser = as_(name)
        page = opened(browser, "/")
        assert page is not None
        assert "暂时无法显示" not in page.text, name
        if name in BY_AREA:
            mine = reach(name, TODAY)
            standing = [sum(raw[place].get(town, 0) for town in mine) for place in range(len(main.rungs))]
            shown = dict(re.findall(r"(\S+) ([\d,]+) ?家 达到该级及以上", page.text))
            for place, rung in enumerate(main.rungs):
                assert shown[rung.label] == f"{sum(standing[place:]):,}", (name, rung.label)
        follow(browser, page, world, "/")
        follow_todos(browser, page)


def follow_todos(browser: Browser, page: Page) -> None:
    """需要我处理: the count of a line and the rows its button opens."""
    items = [e for e in page.elements if e.tag == "li" and "todo" in e.attributes.get("class", "").split()]
    for item in items:
        place = page.elements.index(item)
        link = next(e for e in page.elements[place:] if e.tag == "a").attributes["href"]
        said = re.search(r"([\d,]+) [项个]", words(item.text))
        if said is None or link.startswith(("/areas", "/exchange")):
            continue
        assert behind(browser, link) == int(said[1].replace(",", "")), (browser.persona, words(item.text), link)


def check_enterprise_list(world: Random, as_: As) -> None:
    """The total of a filtered list is its rows, and the rows are those of the tables."""
    towns = raw_counts.town_codes()
    units = {code: id_ for id_, code in db.session.execute(text("SELECT id, code FROM area WHERE kind IN ('county', 'zone')"))}
    asked: list[tuple[dict[str, object], str]] = [
        ({}, "1 = 1"), ({"unit": units["371502"]}, f"e.unit_id = {units['371502']}"),
        ({"town": towns["371502001"]}, f"e.town_id = {towns['371502001']}"),
        ({"status": "cancelled"}, "e.status = 'cancelled'"), ({"control": "unknown"}, "e.control_type IS NULL"), ({"section": "C"}, "e.industry_code = '3451'"),
    ]
    for title in world.sample(histories.TITLES, 3):
        held = f"""EXISTS (SELECT 1 FROM recognition r WHERE r.enterprise_id = e.id AND r.superseded_at IS NULL AND r.title_code = '{title}'
         AND {raw_counts.VALID}) {raw_counts.NOT_CANCELLED}"""
        asked.append(({"title": title}, held))
    for name in ("bureau", "county", "zone", "expert", "contact", "stranger", "stranger_city", "yingkou", "province", "installation"):
        browser = as_(name)
        for arguments, condition in asked:
            address = f"/enterprises/?{urlencode({**arguments, 'sort': world.choice(['id', 'name', '-revenue', 'growth', '-updated'])})}"
            expected = raw_counts.run(
                f"SELECT count(*) FROM enterprise e WHERE e.merged_into_id IS NULL AND {own(name)} AND {condition}", TODAY, TODAY,
            )[0][0]
            assert behind(browser, address) == expected, (name, address)


def own(name: str) -> str:
    """Condition on ``e``: firms this persona may open today."""
    persona = PERSONAS[name]
    if persona.enterprise_id:
        return f"e.id = {persona.enterprise_id}"
    if persona.team_id:
        return f"""EXISTS (SELECT 1 FROM enterprise_assignment a WHERE a.enterprise_id = e.id AND a.team_id = {persona.team_id}
         AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to >= :day))"""
    if persona.place == "all":
        return "1 = 1"
    if persona.place.endswith("0000"):
        return f"e.city_id IN (SELECT c.id FROM area c JOIN area p ON p.id = c.parent_id WHERE c.kind = 'city' AND p.code = '{persona.place}')"
    if persona.place.endswith("00"):
        return f"e.city_id = (SELECT id FROM area WHERE code = '{persona.place}')"
    return f"""EXISTS (SELECT 1 FROM enterprise_town t JOIN area_membership m ON m.town_id = t.town_id JOIN area u ON u.id = m.unit_id
     WHERE t.enterprise_id = e.id AND t.superseded_at IS NULL AND t.valid_from <= :day AND (t.valid_to IS NULL OR t.valid_to >= :day)
     AND m.superseded_at IS NULL AND m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to >= :day) AND u.code = '{persona.place}')"""


def check_cities(world: Random, as_: As) -> None:
    """Who sees several cities: titles city by city, and the board and funnel of each city's own ladder."""
    towns = raw_counts.town_codes()
    for name, cities in (("province", {"聊城市": "3715", "烟台市": "3706"}), ("installation", {"聊城市": "3715", "烟台市": "3706", "营口市": "2108"})):
        browser = as_(name)
        page = opened(browser, "/ladder/titles")
        assert page is not None
        labels = {title.label: title.code for code in cities.values() for title in active_pack(f"{code}00").titles()}
        head, *lines = [row for row in rows(page) if row]
        assert set(head[2:]) == set(cities), name
        for line in lines:
            raw = raw_counts.stock((labels[line[0]],), TODAY, None)
            for place, shown in zip(head[2:], line[2:], strict=True):
                mine = {id_ for code, id_ in towns.items() if code.startswith(cities[place])}
                assert int(shown.replace(",", "")) == sum(raw.get(town, 0) for town in mine), (name, line[0], place)
        follow(browser, page, world, "/ladder/titles")
        for prefix in cities.values():
            for path in ("/ladder/", "/ladder/funnel", "/"):
                address = f"{path}?city={prefix}00"
                found = opened(browser, address)
                assert found is not None, address
                follow(browser, found, world, address)


def check_areas(world: Random, as_: As) -> None:
    """行政区划: the numbers of towns in the heads are the rows below them, on any day."""
    for name in ("bureau", "county", "town", "system"):
        browser = as_(name)
        for day in (TODAY, date(2024, 6, 30), date(2027, 2, 1)):
            page = opened(browser, f"/areas/?on={day}")
            assert page is not None
            said = re.search(r"参加排名镇街 (\d+) 个", page.text)
            ranked = [row for row in rows(page) if len(row) == 6 and row[2] in ("街道", "镇", "乡")]
            raw = raw_counts.run(
                """SELECT count(*) FROM area a JOIN area c ON c.id = a.city_id WHERE c.code = '371500' AND a.kind IN ('subdistrict', 'town', 'township')
                 AND (a.valid_from IS NULL OR a.valid_from <= :day) AND (a.valid_to IS NULL OR a.valid_to >= :day)""", day,
            )[0][0]
            assert said and int(said[1]) == len(ranked) == raw, (name, day, said, len(ranked), raw)
            feet = [int(n) for n in re.findall(r"代码 \w+，排名镇街 (\d+) 个", page.text)]
            assert sum(feet) == int(said[1]), (name, day, feet)


PAGES = (check_titles_by_place, check_one_unit, check_board_and_funnel, check_indicators, check_home, check_enterprise_list, check_cities, check_areas)


def test_every_number_is_its_rows(world: Random, as_: As) -> None:
    """One world per seed, all pages, all roles."""
    kept: dict[str, Browser] = {}

    def signed_in(name: str) -> Browser:
        if name not in kept:
            kept[name] = as_(name)
        return kept[name]

    for check in PAGES:
        check(world, signed_in)
