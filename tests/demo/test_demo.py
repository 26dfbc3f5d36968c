"""Demo data: believable, deterministic, recognisably not real, and resumable."""

from datetime import date

from flask import Flask
from sqlalchemy import func, select

from app.demo import accounts, load
from app.demo.generator import Generator, Town, credit_code
from app.enterprises.models import Enterprise, EnterpriseYear
from app.identity import passwords
from app.identity.models import User
from app.identity.roles import ROLES
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.credit_code import is_valid
from app.ladder.models import Recognition
from tests.personas import PERSONAS

TOWNS = [Town(1, 10, 100, "371502", "东昌府", "subdistrict"), Town(2, 11, 100, "371581", "临清", "town")]
TODAY = date(2026, 11, 20)


def test_same_seed_gives_the_same_firms() -> None:
    first, again = (list(Generator(TOWNS, 7, TODAY).firms(200)) for _ in range(2))
    assert first == again
    assert list(Generator(TOWNS, 8, TODAY).firms(200)) != first


def test_codes_are_valid_and_from_the_district_that_does_not_exist() -> None:
    codes = [credit_code(n) for n in range(5000)]
    assert all(is_valid(code) and code[2:8] == "379999" for code in codes)
    assert len(set(codes)) == 5000
    assert codes[1:3] == ["91379999MA0000015K", "91379999MA0000023E"]


def test_recognitions_match_the_figures() -> None:
    firms = list(Generator(TOWNS, 3, TODAY).firms(4000))
    giants = [f for f in firms if any(g.title == "little_giant" for g in f.grants)]
    assert giants
    for firm in giants:
        assert (firm.years[-1].revenue or 0) >= 50_000_000
        assert (firm.years[-1].rd or 0) >= 0.029 * (firm.years[-1].revenue or 1)
        assert any(g.title == "srdi" for g in firm.grants)
    for firm in firms:
        assert all(g.announced >= firm.founded and g.announced <= TODAY for g in firm.grants)
        assert {y.year for y in firm.years} <= {2023, 2024, 2025}


def test_an_interrupted_load_goes_on_and_ends_with_the_same_firms(app: Flask) -> None:
    load.load(30, 5, city_code="371500", by=SYSTEM)
    load.load(80, 5, city_code="371500", by=SYSTEM)
    resumed = list(db.session.execute(select(Enterprise.credit_code, Enterprise.name).order_by(Enterprise.id)))
    names = [f.name for f in Generator(load.towns_of("371500"), 5, clock.today()).firms(80)]
    assert [name for _, name in resumed] == names
    assert load.load(80, 5, city_code="371500", by=SYSTEM) == 0


def test_every_firm_has_a_current_town_and_a_summary(app: Flask) -> None:
    load.load(120, 5, city_code="371500", by=SYSTEM)
    from app.enterprises.models import EnterpriseSummary, EnterpriseTown

    assert db.session.scalar(select(func.count()).select_from(EnterpriseTown)) == 120
    assert db.session.scalar(select(func.count()).select_from(EnterpriseSummary)) == 120
    assert (db.session.scalar(select(func.count()).select_from(EnterpriseYear)) or 0) > 250
    assert (db.session.scalar(select(func.count()).select_from(Recognition)) or 0) > 20
    growth = [g for g in db.session.scalars(select(EnterpriseSummary.growth_pct)) if g is not None]
    assert growth and max(abs(g) for g in growth) < 500


def test_one_account_per_role_signs_in_with_the_printed_password(app: Flask) -> None:
    load.load(5, 5, city_code="371500", by=SYSTEM)
    accounts.load(by=SYSTEM)
    assert accounts.load(by=SYSTEM) == 0
    assert {a.role for a in accounts.ACCOUNTS} == set(ROLES)
    stored = {u.login: u for u in db.session.scalars(select(User))}
    assert all(passwords.matches(accounts.PASSWORD, stored[a.login].password_hash) for a in accounts.ACCOUNTS if a.login not in PERSONAS)
