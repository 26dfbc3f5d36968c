"""Pools as pack data: what a pack may say about one, and what every shipped pack says."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.packs import read_pack
from app.packs.schema import Pool

BASE: dict[str, Any] = {
    "code": "p", "label": "试验库", "document": "d", "clause": "一", "effective_from": "2024-01-01", "confidence": "confirmed", "member": "enterprise",
}
STAGE = {"code": "in", "label": "入库"}


@pytest.mark.parametrize(("said", "message"), [
    ({"stages": [STAGE, STAGE]}, "重复"), ({"member": "provider", "stages": [STAGE]}, "企业或乡镇"), ({"titles": ["srdi"]}, "要写 stages"),
    ({"member": "town", "stages": [STAGE], "screening": True}, "screening"), ({"member": "town", "stages": [STAGE], "titles": ["srdi"]}, "只用于成员是企业"),
    ({"stages": [STAGE], "capacity": 0}, "greater"), ({"stages": [{**STAGE, "colour": "red"}]}, "extra"), ({"stages": [STAGE], "term": "weekly"}, "permanent"),
])
def test_what_a_pool_may_not_say(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as error:
        Pool.model_validate(BASE | said)
    assert message in str(error.value)


@pytest.mark.parametrize("city", ["liaocheng", "yantai", "yingkou"])
def test_every_city_keeps_its_pools(city: str) -> None:
    pack = read_pack(city, None)
    kept = [pool for pool in pack.entries("pools") if isinstance(pool, Pool) and pool.kept]
    assert kept and all(pool.clause and pack.document(pool.document) for pool in kept)
    assert all(pack.find_title(code) for pool in kept for code in (*pool.titles, *pool.leaves_out))
    assert all(any(stage.goal for stage in pool.stages) for pool in kept)


def test_liaocheng_names_the_pools_of_its_documents() -> None:
    kept = {pool.code: pool for pool in read_pack("liaocheng", None).entries("pools") if isinstance(pool, Pool) and pool.kept}
    assert set(kept) == {"above_scale_pipeline", "four_above_pipeline", "key_cultivation", "service_cohort", "listing_pipeline", "town_pipeline"}
    assert {code for code, pool in kept.items() if pool.capacity} == {"service_cohort"} and kept["service_cohort"].capacity == 1000
    assert kept["town_pipeline"].admitted_by == "city" and kept["town_pipeline"].term == "yearly"
    assert kept["above_scale_pipeline"].stages[0].confidence == "待核"
