"""Towns as people type them into spreadsheets."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area, AreaAlias
from app.areas.queries import Resolver
from app.infra.db import db


@pytest.fixture
def resolver(app: Flask) -> Resolver:
    return Resolver([db.session.scalars(select(Area.id).where(Area.code == "371500")).one()])


@pytest.mark.parametrize(
    ("text", "county", "code"),
    [
        ("柳园街道", None, "371502002"),
        ("柳园", None, "371502002"),
        ("柳园办事处", None, "371502002"),
        ("柳园街道办事处", None, "371502002"),
        ("柳园街道办", None, "371502002"),
        ("371502002", None, "371502002"),
        ("３７１５０２００２", None, "371502002"),
        ("371502002000", None, "371502002"),
        (" 柳 园 街 道\u200b", None, "371502002"),
        ("柳园街道", "东昌府区", "371502002"),
        ("柳园街道", "东昌府", "371502002"),
        ("柳园街道", "聊城市东昌府区", "371502002"),
        ("柳园街道", "聊城市", "371502002"),
        ("柳园街道", "371502", "371502002"),
        ("东昌府区柳园街道", None, "371502002"),
        ("东昌府柳园", None, "371502002"),
        ("东昌府区-柳园街道", None, "371502002"),
        ("聊城市东昌府区柳园街道", None, "371502002"),
        ("山东省聊城市东昌府区柳园街道办事处", "东昌府区", "371502002"),
        ("柳园街道（东昌府区）", None, "371502002"),
        ("梁水镇镇", None, "371502103"),
        ("梁水镇", None, "371502103"),
        ("梁水", None, "371502103"),
        ("东昌府区梁水镇", None, "371502103"),
        ("沙镇", None, "371502101"),
        ("沙镇镇", None, "371502101"),
        ("贾镇", None, "371525101"),
        ("冠县贾镇", None, "371525101"),
        ("贾寨", None, "371503109"),
        ("莘亭", "莘县", "371522002"),
        ("许营", "高新区", "371502108"),
        ("许营镇", "东昌府区", "371502108"),
        ("东昌府区许营镇", "高新区", "371502108"),
        ("高新区九州街道", None, "371502P01"),
        ("371502p01", None, "371502P01"),
        ("蒋官屯", "经济技术开发区", "371502010"),
        ("经开区区直", None, "3715Z1000"),
        ("区直", "经开区", "3715Z1000"),
        ("聊城经济技术开发区（区直）", None, "3715Z1000"),
        ("侯营镇人民政府", None, "371502100"),
        ("临清市青年路街道", None, "371581001"),
        ("临清青年路", None, "371581001"),
    ],
)
def test_the_town_is_found(resolver: Resolver, text: str, county: str | None, code: str) -> None:
    found = resolver.resolve(text, county)
    assert found.status == "unique", found
    assert found.town is not None
    assert found.town.code == code


@pytest.mark.parametrize(
    ("text", "county", "status", "reason"),
    [
        ("", None, "none", "blank"),
        ("　", "东昌府区", "none", "blank"),
        ("不存在镇", None, "none", "unknown"),
        ("镇", None, "none", "unknown"),
        ("向阳街道", None, "none", "unknown"),
        ("柳园街道", "济南市历下区", "none", "county_unknown"),
        ("清泉街道", "东昌府区", "none", "county_mismatch"),
        ("冠县柳园街道", None, "none", "county_mismatch"),
        ("东昌府区", None, "ambiguous", "county_only"),
        ("聊城市东昌府区", None, "ambiguous", "county_only"),
    ],
)
def test_anything_else_is_refused_with_its_reason(resolver: Resolver, text: str, county: str | None, status: str, reason: str) -> None:
    found = resolver.resolve(text, county)
    assert (found.status, found.reason, found.town) == (status, reason, None)
    assert found.message_zh


def test_a_wrong_kind_is_found_but_marked(resolver: Resolver) -> None:
    found = resolver.resolve("许营乡")
    assert found.town is not None
    assert (found.town.name, found.exact) == ("许营镇", False)


def test_same_name_in_two_counties_is_ambiguous_until_the_county_is_given(app: Flask) -> None:
    liuyuan, qingquan = (db.session.scalars(select(Area).where(Area.code == c)).one() for c in ("371502002", "371525001"))
    db.session.add_all([AreaAlias(area_id=liuyuan.id, alias="城关镇"), AreaAlias(area_id=qingquan.id, alias="城关镇")])
    db.session.flush()
    resolver = Resolver([liuyuan.city_id])
    assert [t.id for t in resolver.resolve("城关").candidates] == [liuyuan.id, qingquan.id]
    assert "冠县清泉街道" in resolver.resolve("城关镇").message_zh
    assert resolver.resolve("城关镇", "冠县").town.id == qingquan.id
    assert resolver.resolve("冠县城关镇").town.id == qingquan.id


def test_every_town_is_found_by_every_usual_spelling(resolver: Resolver) -> None:
    for town in resolver.index.towns:
        for text in (town.code, town.name, town.label, f"{town.county_name}/{town.name}"):
            assert resolver.resolve(text).town == town, text
        if town.kind in ("town", "subdistrict", "township") and len(town.name) > 2:
            assert resolver.resolve(town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡"), town.county_name).town == town
