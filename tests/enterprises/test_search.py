"""An officer finds a firm by whatever part of it he remembers."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.enterprises import actions
from app.enterprises.models import SearchPiece
from app.enterprises.queries import Filters, count_enterprises, list_enterprises, quick_search
from app.enterprises.queries import search as search_module
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL, NOTHING, Scope
from tests.factories.enterprises import OFFICER, make_credit_code, make_enterprise, town_id


def found(text: str, scope: Scope = ALL) -> list[str]:
    return [row.name for row in list_enterprises(scope, Filters(text=text)).rows]


@pytest.fixture
def firms(prepared: Callable[..., None]) -> None:
    prepared(_four)


def _four() -> None:
    make_enterprise("聊城启岳精密轴承有限公司", short_name="启岳轴承", code=make_credit_code(777_777))
    make_enterprise("聊城（东阿）长城TCL制造股份有限公司")
    make_enterprise("临清重庆火锅店", town="371581001")
    row = make_enterprise("聊城旧名机械厂")
    actions.rename(scope=ALL, enterprise_id=row.id, name="鲁西新名装备有限公司", since=clock.today(), version=row.version, by=OFFICER)


@pytest.mark.parametrize("text", ["轴承", "启岳", "精密轴承", "岳精密", "启岳轴承", "聊城启岳精密轴承有限公司", "聊城 轴承", " 轴承　启岳 "])
def test_any_part_of_the_name_from_two_characters(firms: None, text: str) -> None:
    assert "聊城启岳精密轴承有限公司" in found(text)


@pytest.mark.parametrize("text", ["lcqy", "qyjm", "zcyxgs", "QYZC", "ｑｙｚｃ"])
def test_pinyin_initials(firms: None, text: str) -> None:
    assert "聊城启岳精密轴承有限公司" in found(text)


@pytest.mark.parametrize("text", ["ccTCL", "cctcl", "zctcl", "东阿长城", "（东阿）", "城tcl制"])
def test_brackets_case_and_readings_do_not_matter(firms: None, text: str) -> None:
    assert found(text) == ["聊城（东阿）长城TCL制造股份有限公司"]


def test_former_and_short_name(firms: None) -> None:
    assert found("旧名机械") == ["鲁西新名装备有限公司"]
    assert found("jmjx") == ["鲁西新名装备有限公司"]
    assert found("启岳轴承") == ["聊城启岳精密轴承有限公司"]


def test_every_part_of_the_code_from_four_characters(firms: None) -> None:
    code = make_credit_code(777_777)
    for length in (4, 5, 7, 17, 18):
        for start in range(18 - length + 1):
            assert "聊城启岳精密轴承有限公司" in found(code[start : start + length]), code[start : start + length]
    assert found(code.lower()) == ["聊城启岳精密轴承有限公司"]


@pytest.mark.parametrize(
    "text", ["%", "_", "%%", "__", "'; DROP TABLE enterprise; --", "NEAR(轴 承)", "\\", "轴_精", "不存在的名称", "9Z", '" OR "1"="1', "*:*"]
)
def test_signs_are_no_wildcards(firms: None, text: str) -> None:
    assert found(text) == []


def test_a_sign_inside_a_word_is_only_left_out(firms: None) -> None:
    for text in ("轴%承", "轴承*", '"轴承"', "轴承\x1f"):
        assert found(text) == ["聊城启岳精密轴承有限公司"]


def test_one_character_is_too_short_and_says_so(firms: None) -> None:
    assert search_module.too_short("轴") and search_module.too_short(" 轴 ") and not search_module.too_short("轴承") and not search_module.too_short("")
    assert found("轴") == [] and quick_search(ALL, "轴") == []


def test_a_short_word_beside_a_long_one_still_narrows(firms: None) -> None:
    assert found("聊城 轴") == ["聊城启岳精密轴承有限公司"]
    assert found("聊城 锅") == []


def test_common_words_of_legal_forms_are_found_without_the_index(firms: None) -> None:
    assert len(found("有限公司")) == 3
    assert len(found("公司")) == 3
    assert "临清重庆火锅店" not in found("yxgs")


def test_search_stays_inside_the_scope(firms: None) -> None:
    here = Scope(town_ids=frozenset({town_id("371581001")}))
    assert found("重庆", here) == ["临清重庆火锅店"]
    assert found("轴承", here) == [] and found("轴承", NOTHING) == []
    assert quick_search(here, "轴承") == []


def test_palette_puts_names_that_begin_with_the_text_first(app: Flask) -> None:
    make_enterprise("聊城鲁能机械有限公司")
    make_enterprise("鲁能集团有限公司")
    hits = quick_search(ALL, "鲁能")
    assert [h.name for h in hits] == ["鲁能集团有限公司", "聊城鲁能机械有限公司"]
    assert hits[0].town.endswith("柳园街道")


def test_a_new_name_replaces_the_old_index_row(firms: None) -> None:
    row = make_enterprise("聊城甲乙有限公司")
    actions.update_enterprise(scope=ALL, enterprise_id=row.id, values={"short_name": "丙丁"}, version=row.version, by=OFFICER)
    assert found("丙丁") == ["聊城甲乙有限公司"]
    actions.update_enterprise(scope=ALL, enterprise_id=row.id, values={"short_name": "戊己"}, version=row.version, by=OFFICER)
    assert found("丙丁") == [] and found("戊己") == ["聊城甲乙有限公司"]


def test_rebuilding_gives_the_same_answers(firms: None) -> None:
    texts = ("轴承", "qyjm", "旧名机械", make_credit_code(777_777)[5:11], "有限公司")
    before = [found(t) for t in texts]
    assert actions.reindex_all() == 4
    assert [found(t) for t in texts] == before and all(before)


def test_common_and_rare_words_take_different_ways_to_the_same_answer(firms: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(30):
        make_enterprise(f"聊城普通{i}商贸有限公司")
    by_index = found("聊城"), found("普通"), found("轴承"), found("lc")
    monkeypatch.setattr(search_module, "SMALLEST_WALK", 1)
    db.session.add_all([SearchPiece(piece="", hits=34), SearchPiece(piece="聊城", hits=32), SearchPiece(piece="lc", hits=32)])
    db.session.flush()
    assert (found("聊城"), found("普通"), found("轴承"), found("lc")) == by_index
    assert count_enterprises(ALL, Filters(text="聊城")) == len(by_index[0])


def test_rare_and_four_byte_characters(app: Flask) -> None:
    make_enterprise("聊城𬭊𨰻新材料有限公司")
    assert found("𬭊𨰻") == ["聊城𬭊𨰻新材料有限公司"] == found("𨰻新")


def test_forgotten_enterprises_leave_the_index(firms: None) -> None:
    row = make_enterprise("聊城将撤回有限公司")
    actions.forget(db.session(), [row.id])
    assert found("将撤回") == [] and found("轴承")
