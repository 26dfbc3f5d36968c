"""Yantai and Yingkou: the same program, other data."""

import pytest

from app.packs import Pack, available, read_pack


@pytest.fixture(scope="module")
def yantai() -> Pack:
    return read_pack("yantai")


@pytest.fixture(scope="module")
def yingkou() -> Pack:
    return read_pack("yingkou")


def test_three_cities_ship_and_base_packs_are_no_cities() -> None:
    assert set(available()) == {"liaocheng", "yantai", "yingkou"}


def test_yantai_ladders_as_printed(yantai: Pack) -> None:
    rungs = {ladder.code: [rung.label for rung in ladder.rungs] for ladder in yantai.ladders()}
    assert rungs["main"] == ["创新型中小企业", "专精特新中小企业", "专精特新“小巨人”企业", "制造业单项冠军企业"]
    assert rungs["technology"] == ["科技型中小企业", "高新技术企业", "科技领军企业"]
    assert rungs["smart_factory"] == ["市级智能工厂", "省级智能工厂", "国家级智能工厂"]
    assert yantai.ladders()[0].code == yantai.setting("default_ladder") == "main"


def test_yingkou_ladder_as_printed(yingkou: Pack) -> None:
    ladder = yingkou.ladders()[0]
    assert [rung.code for rung in ladder.rungs] == ["tech_sme", "high_tech", "eaglet", "gazelle", "unicorn"]
    assert ladder.ordered


@pytest.mark.parametrize(("city", "count", "prefix"), [("yantai", 24, "YT-T"), ("yingkou", 25, "YK-T")])
def test_all_targets(city: str, count: int, prefix: str) -> None:
    targets = read_pack(city).targets()
    assert [target.code for target in targets] == [f"{prefix}{number:02d}" for number in range(1, count + 1)]


def test_yingkou_keeps_the_figures_of_2020(yingkou: Pack) -> None:
    figures = {(one.metric, one.year): one.value for one in yingkou.content.baselines}
    assert figures["title.hightech", 2020] == 272
    assert len(figures) == 20


def test_rewards_without_an_amount_stay_without(yantai: Pack, yingkou: Pack) -> None:
    for pack in (yantai, yingkou):
        assert all(getattr(entry, "amount_cap_yuan", 0) is None for entry in pack.entries("rewards"))


@pytest.mark.parametrize(("city", "areas"), [
    ("yantai", {"370602", "370611", "370612", "370613", "370614", "370671", "370676", "370681", "370682", "370683", "370685", "370686", "370687"}),
    ("yingkou", {"210802", "210803", "210804", "210811", "210881", "210882"}),
])
def test_the_tile_map_shows_every_county_once(city: str, areas: set[str]) -> None:
    tiles = read_pack(city).setting("tile_map")
    shown = [area for tile in tiles for area in tile["areas"]]
    assert sorted(shown) == sorted(areas)
    assert len({(tile["row"], tile["col"]) for tile in tiles}) == len(tiles)


def test_words_of_a_spreadsheet_are_understood_in_each_city(yantai: Pack, yingkou: Pack) -> None:
    assert yantai.match_title("智能工厂", "省级").title_code == "smart_factory_province"
    assert yantai.match_title("科技型领军企业").title_code == "tech_leader"
    assert yingkou.match_title("雏鹰企业").title_code == "eaglet"
    assert yingkou.match_title("隐形冠军", "省级").title_code == "hidden_champion"


def test_every_city_has_the_national_rules_and_its_provinces_own(yantai: Pack, yingkou: Pack) -> None:
    national = {"inn_2022", "srdi_2022", "srdi_2026", "lg_2022", "lg_2026", "tech_sme_2017", "high_tech_2016", "scale_up_2023", "single_champion_2023"}
    own = {pack.code: {one.code for one in pack.content.criteria} for pack in (yantai, yingkou, read_pack("liaocheng"))}
    assert all(national <= codes for codes in own.values())
    shandong = {"gazelle_shandong_2020", "unicorn_shandong_2018", "pre_unicorn_shandong_2018", "champion_shandong_v1", "champion_shandong_v2"}
    assert own["liaocheng"] == national | shandong
    assert own["yantai"] == national | shandong | {"gazelle_yantai"}
    assert own["yingkou"] == national | {"gazelle_liaoning_2021", "eaglet_liaoning_2021"}
