"""Several cities in one installation: who gets which, what a page shows without a choice, and that a choice is never lost."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas import actions as areas
from app.areas.models import Area
from app.enterprises.models import EnterpriseSummary
from app.infra import changes, city
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder import actions
from app.ladder.rules import Draft
from app.policies.queries import current_pack, pack_of_city
from tests.exchange import importing
from tests.factories.enterprises import make_enterprise
from tests.factories.ladder import area, recognition
from tests.personas import Browser

As = Callable[[str], Browser]
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LINK = re.compile(r'href="(/[^"#]*)"')


@pytest.fixture
def firms(prepared: Callable[..., dict[str, int]]) -> dict[str, int]:
    """One firm in each city with titles of its own ladder."""
    return prepared(_one_each)


def _one_each() -> dict[str, int]:
    here = make_enterprise("柳园轴承有限公司", town="371502002")
    sea = make_enterprise("芝罘食品有限公司", town="370602001")
    north = make_enterprise("汤池镁业有限公司", town="210882100")
    for firm, title in ((here, "gazelle"), (sea, "innovative_sme"), (sea, "gazelle"), (north, "eaglet")):
        recognition(firm, title, level="province", valid_to=date(2099, 12, 31))
    changes.tell("bulk", ())
    db.session.commit()
    return {"liaocheng": here.id, "yantai": sea.id, "yingkou": north.id}


def test_a_firm_stands_on_the_ladder_of_its_own_city(firms: dict[str, int]) -> None:
    rungs = {name: db.session.scalar(select(EnterpriseSummary.rung).where(EnterpriseSummary.enterprise_id == id_)) for name, id_ in firms.items()}
    assert rungs == {"liaocheng": "gazelle", "yantai": "innovative_sme", "yingkou": "eaglet"}, "瞪羚 is no rung of Yantai's four"


@pytest.mark.parametrize(("persona", "ladder", "never"), [
    ("yingkou", ("科技型中小企业", "高新技术企业", "雏鹰企业", "瞪羚企业", "独角兽企业"), ("育苗扶壮", "小升规")),
    ("stranger_city", ("创新型中小企业", "专精特新中小企业", "制造业单项冠军企业"), ("育苗扶壮", "小升规", "雏鹰")),
    ("bureau", ("小升规", "专精特新", "瞪羚", "单项冠军", "独角兽"), ("雏鹰", "创新型企业梯度培育体系")),
])
def test_officers_see_their_own_ladder_and_no_other(as_: As, firms: dict[str, int], persona: str, ladder: tuple[str, ...], never: tuple[str, ...]) -> None:
    board = as_(persona).get("/ladder/").text
    columns = [board.index(label) for label in ladder]
    assert columns == sorted(columns)
    assert not [word for word in never if word in board]


def test_a_page_of_the_ladder_always_speaks_of_one_city(as_: As, firms: dict[str, int]) -> None:
    browser = as_("installation")
    assert "柳园轴承" in browser.get("/ladder/").text and "汤池镁业" not in browser.get("/ladder/").text
    yingkou = browser.get("/ladder/?city=210800").text
    assert "汤池镁业" in yingkou and "柳园轴承" not in yingkou and "雏鹰" in yingkou
    assert "芝罘食品" in browser.get("/ladder/?city=yantai").text, "the name of the pack means the city, too"


def test_lists_of_several_cities_show_each_firm_with_its_own_rung(as_: As, firms: dict[str, int]) -> None:
    browser = as_("installation")
    page = browser.get("/enterprises/").text
    assert all(name in page for name in ("柳园轴承", "芝罘食品", "汤池镁业"))
    assert "雏鹰企业" in page and "创新型中小企业" in page
    assert "汤池镁业" not in as_("province").get("/enterprises/").text
    narrowed = browser.get("/enterprises/?city=370600").text
    assert "芝罘食品" in narrowed and "柳园轴承" not in narrowed


def test_the_first_page_compares_cities_without_adding_rungs(as_: As, firms: dict[str, int]) -> None:
    page = as_("installation").get("/").text
    assert all(words in page for words in ("聊城市", "烟台市", "营口市", "各市按自己的梯度分别统计"))
    province = as_("province").get("/").text
    assert "烟台市" in province and "营口" not in province


@pytest.mark.parametrize("persona", ["province", "installation"])
@pytest.mark.parametrize("path", ["/", "/ladder/", "/ladder/funnel", "/ladder/titles", "/enterprises/", "/expiring", "/policies/"])
def test_links_of_a_page_keep_its_city(as_: As, firms: dict[str, int], persona: str, path: str) -> None:
    text = as_(persona).get(f"{path}?city=370600").text
    links = [link for link in LINK.findall(text) if not link.startswith(("/static", "/logout", "/account", "/login"))]
    lost = [link for link in links if "city=370600" not in link and "city=" not in link and not link.startswith("/policies/")]
    offered = {f"{path}?city=371500", f"{path}?city=210800", path}  # the choice of another city, or of all
    assert not set(lost) - offered, lost


@pytest.mark.parametrize(("persona", "wanted"), [("yingkou", "371500"), ("yingkou", "liaocheng"), ("province", "210800"), ("bureau", "370600"), ("installation", "999999")])
def test_a_city_out_of_reach_does_not_exist(as_: As, persona: str, wanted: str) -> None:
    for path in ("/", "/ladder/", "/enterprises/", "/search?q=a"):
        assert as_(persona).get(f"{path}{'&' if '?' in path else '?'}city={wanted}").status_code == 404


def test_every_form_that_asks_with_get_keeps_the_city() -> None:
    """A GET form replaces the query of its page; people of several cities would be thrown back to the first one."""
    exempt = ("identity/", "_macros/tables.html", "_macros/forms.html")  # no city there; the column chooser repeats the whole query
    lost = [
        f"{path.relative_to(TEMPLATES)}" for path in TEMPLATES.rglob("*.html")
        if not str(path.relative_to(TEMPLATES)).startswith(exempt)
        for form in re.findall(r'<form\b[^>]*method="get"[^>]*>(.{0,18})', path.read_text("utf-8"), re.S) if not form.startswith("{{ keep_city() }}")
    ]
    assert lost == []


def test_a_recognition_is_judged_by_the_policy_of_the_firms_city(app: Flask, firms: dict[str, int]) -> None:
    from app.enterprises.models import Enterprise

    north, here = (db.session.get_one(Enterprise, firms[name]) for name in ("yingkou", "liaocheng"))
    draft = Draft("hidden_champion", "province", 2023, valid_from=date(2023, 1, 1), valid_to=date(2027, 1, 1))
    assert actions.grant(enterprise=north, draft=draft, by=SYSTEM).title_code == "hidden_champion"
    with pytest.raises(actions.Refused):
        actions.grant(enterprise=here, draft=draft, by=SYSTEM)


def test_an_import_reads_words_by_the_policy_of_each_firms_city(app: Flask, firms: dict[str, int], tmp_path: Path) -> None:
    """隐形冠军 is a title in Yingkou and none in Liaocheng, in one file of an officer of all cities."""
    from app.enterprises.models import Enterprise
    from app.kernel.scope import ALL

    codes = [db.session.get_one(Enterprise, firms[name]).credit_code for name in ("yingkou", "liaocheng")]
    table = [["统一社会信用代码", "称号", "级别", "批次年度", "有效期起"], *([code, "隐形冠军", "省级", 2024, "2024-10-01"] for code in codes)]
    batch = importing.work("exchange.plan", importing.upload(tmp_path, "recognitions", table, scope=ALL, by=SYSTEM), SYSTEM)
    assert (batch.counts["insert"], batch.counts["rejected"]) == (1, 1), batch.counts


def test_a_town_name_of_two_cities_is_asked_for_and_clear_inside_one(app: Flask) -> None:
    """向阳街道 stands in Yantai and in Yingkou's 站前区."""
    from app.areas.queries import Resolver

    city_ids = {code: area(code).id for code in ("370600", "210800")}
    north = Area(code="210882199", name="向阳街道", kind="subdistrict", parent_id=area("210882").id, city_id=city_ids["210800"])
    db.session.add(north)
    db.session.flush()
    both, one = Resolver(city_ids.values()), Resolver([city_ids["210800"]])
    assert both.resolve("向阳街道").status == "ambiguous" and "芝罘区向阳街道" in both.resolve("向阳街道").message_zh
    assert both.resolve("向阳街道", "大石桥市").town is not None
    assert one.resolve("向阳街道").town is not None


def test_the_policy_of_one_piece_of_work_is_forgotten_after_it(app: Flask, as_: As, firms: dict[str, int]) -> None:
    assert current_pack().code == "liaocheng"
    with city.within("210800"):
        assert current_pack().code == "yingkou"
    as_("yingkou").get(f"/enterprises/{firms['yingkou']}")
    assert current_pack().code == "liaocheng"
    assert pack_of_city(area("370600").id).code == "yantai"


def test_the_three_cities_load_whole(app: Flask) -> None:
    """The official lists: 13 county-level units in Yantai, 6 in Yingkou, every town with exactly one manager."""
    for code, counties in (("370600", 13), ("210800", 6)):
        areas.load_city(code, by=SYSTEM)
        found = db.session.scalars(select(Area).where(Area.kind == "county", Area.parent_id == area(code).id)).all()
        assert len(found) == counties, code
        assert areas.load_city(code, by=SYSTEM) == 0
