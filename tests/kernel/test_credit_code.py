"""统一社会信用代码: the check digit is verified, slips are explained, nothing is corrected silently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import credit_code as cc

VALID = ["91110000600037341L", "91379999MA0000015K", "91379999MA0000023E", "92379999MA00A0B1XN", "93379999MA9X9Y9TXM"]
first17 = st.builds(
    lambda a, b, area, body: a + b + area + body,
    st.sampled_from("123456789ANY"),
    st.sampled_from(cc.ALPHABET),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(cc.ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", VALID)
def test_known_codes_are_valid(code: str) -> None:
    assert cc.is_valid(code)
    assert cc.inspect(code) == cc.CreditCodeCheck(code)


@pytest.mark.parametrize(
    "text",
    [
        "91379999ma0000015k",
        " 9137 9999 MA00 0001 5K ",
        "９１３７９９９９ＭＡ０００００１５Ｋ",
        "'91379999MA0000015K",
        "91379999\u200bMA0000015K\ufeff",
        "91379999-MA0000015-K",
    ],
)
def test_width_case_blanks_and_apostrophes_do_not_matter(text: str) -> None:
    assert cc.inspect(text) == cc.CreditCodeCheck("91379999MA0000015K")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("91110000600037341M", "校验位"),
        ("9111000060003734L", "17 位"),
        ("370000000000000", "工商注册号"),
        ("600037341", "组织机构代码"),
        ("9111000060003734IL", "I"),
        ("9A11A000600037341L", "行政区划"),
        ("000000000000000000", "登记管理部门"),
    ],
)
def test_the_reason_says_what_is_wrong(text: str, word: str) -> None:
    found = cc.inspect(text)
    assert not found.valid
    assert word in found.reason_zh


def test_all_zeros_pass_the_checksum_but_are_no_code() -> None:
    assert not cc.is_valid("0" * 18)


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("91110000600037314L", "91110000600037341L"),
        ("9111OOOO600O37341L", "91110000600037341L"),
        ("9I379999MA00000I5K", "91379999MA0000015K"),
        ("91110000600037341M", ""),
    ],
)
def test_a_likely_slip_is_suggested_and_a_guess_is_not(text: str, suggested: str) -> None:
    assert cc.inspect(text).suggestion == suggested


def test_the_inner_organisation_code_is_only_a_warning() -> None:
    body = "91379999MA0000010"
    found = cc.inspect(body + cc.check_character(body))
    assert found.valid
    assert "9 至 17" in found.warning_zh


@given(first17)
def test_every_completed_code_is_valid(body: str) -> None:
    assert cc.is_valid(body + cc.check_character(body))


@given(first17, st.integers(0, 17), st.sampled_from(cc.ALPHABET))
def test_one_wrong_character_is_always_found(body: str, at: int, other: str) -> None:
    code = body + cc.check_character(body)
    changed = code[:at] + other + code[at + 1 :]
    assert cc.is_valid(changed) == (changed == code)


@given(first17, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_found(body: str, at: int) -> None:
    code = body + cc.check_character(body)
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert cc.is_valid(swapped) == (swapped == code)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = cc.inspect(text)
    assert found.valid == cc.is_valid(found.code)
    assert cc.normalize(found.code) == found.code
