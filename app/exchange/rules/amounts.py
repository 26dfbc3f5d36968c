"""Amounts, counts and percentages. The unit comes from the cell, else the header, else the unit line, else the field; rounding is half up."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.exchange.rules.outcome import Bad, Cleaned, Outcome, shown
from app.kernel.money import CENT, UNITS
from app.kernel.text import plain_signs, strip_invisible

LIMIT: Final = Decimal(10) ** 14  # 100 万亿元; more is a slip, and stays inside Numeric(18, 2)
_ERROR = re.compile(
    r"#(?:REF|VALUE|DIV/0|NAME|N/A|NULL|NUM|SPILL|CALC|GETTING_DATA|FIELD|BLOCKED)[!?]?|#公式未计算|[+-]?nan|[+-]?inf(?:inity)?",
    re.I,
)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"
_HAS_DIGIT = re.compile(r"\.?\d", re.ASCII)
_PLAIN = re.compile(rf"([+-]?)({_NUMBER})", re.ASCII)
_WITH_UNIT = re.compile(rf"([+-]?)({_NUMBER})\s*(元|千元|千|万元|万|百万元|百万|千万元|千万|亿元|亿)整?", re.ASCII)
_TWO_UNITS = re.compile(r"(\d+(?:\.\d+)?)亿(\d+(?:\.\d+)?)万元?", re.ASCII)
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|[¥￥])\s*", re.I)
_FOREIGN = re.compile(r"[$€£]|美元|欧元|港元|港币|日元|USD|EUR|HKD|JPY", re.I)
_COUNTERS = re.compile(r"(?:个|家|人|户|项|件|名|次|台|套|期|亩|平方米|条|种|位)$")
_HALF_UNIT = {"千": "千元", "万": "万元", "百万": "百万元", "千万": "千万元", "亿": "亿元"}


def is_error_text(text: str) -> bool:
    """#REF!, NaN and the like, also when a CSV carries them as text."""
    return _ERROR.fullmatch(text.strip()) is not None


def error_value(text: str) -> Bad:
    return Bad("error_value", f"单元格是错误值“{shown(text)}”；请修正公式或直接填写数值")


def from_float(value: float) -> Decimal | None:
    """A stored number without binary noise (15 significant digits, as a sheet shows them); None for NaN and infinities."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if value == int(value) and abs(value) < 1e15:
        return Decimal(int(value))
    return Decimal(format(value, ".15g"))


def tidy(text: str) -> str:
    """Half width, trimmed, without currency sign and leading apostrophe."""
    return _CURRENCY.sub(
        "", plain_signs(strip_invisible(text)).replace("，", ",").replace("、", ",").strip().lstrip("'’‘").strip()
    ).strip()


def number_from_text(text: str) -> Decimal | None:
    """A plain number with thousands separators, sign, exponent, or accounting brackets for a negative; None when it is none."""
    if len(text) > 60:
        return None
    if text.startswith("(") and text.endswith(")") and not text.startswith(("(-", "(+")):
        inner = number_from_text(text[1:-1].strip())
        return None if inner is None else -inner
    match = _PLAIN.fullmatch(text)
    if match is None or not _HAS_DIGIT.match(match[2]):
        return None
    return Decimal(match[1] + match[2].replace(",", "").replace(" ", ""))


def money_from_text(text: str, unit: str) -> Outcome:
    """元 as Decimal; ``unit`` is that of the column. A unit written in the cell wins and is reported when it differs."""
    plain = tidy(text)
    if is_error_text(plain):
        return error_value(plain)
    number = number_from_text(plain)
    if number is not None:
        note = f"括号金额“{shown(text)}”按负数读取" if plain.startswith("(") else ""
        return in_yuan(number, unit, note)
    return _money_with_unit(plain, text, unit)


def _money_with_unit(plain: str, text: str, unit: str) -> Outcome:
    if len(plain) > 60:
        return _not_money(text)
    negative = plain.startswith("(") and plain.endswith(")")
    body = plain[1:-1].strip() if negative else plain
    if match := _TWO_UNITS.fullmatch(body):
        total = Decimal(match[1]) * 10_000 + Decimal(match[2])
        return in_yuan(-total if negative else total, "万元", f"“{shown(text)}”按 {total.normalize():f} 万元读取")
    match = _WITH_UNIT.fullmatch(body)
    number = number_from_text(match[1] + match[2]) if match else None
    if match is None or number is None:
        return _not_money(text)
    own = _HALF_UNIT.get(match[3], match[3])
    note = "" if own == unit else f"“{shown(text)}”按单元格里的单位“{own}”读取"
    return in_yuan(-number if negative else number, own, note)


def _not_money(text: str) -> Bad:
    if _FOREIGN.search(text):
        return Bad("currency", f"“{shown(text)}”带有外币；请折算成人民币后填写")
    return Bad("money_invalid", f"“{shown(text)}”不是金额；请填写数字，如 1234.5")


def in_yuan(number: Decimal, unit: str, note: str = "") -> Outcome:
    """``number`` of ``unit`` as 元 with two decimals; refused beyond 100 万亿元, reported when digits below 分 were dropped."""
    exact = number * UNITS[unit]
    if not -LIMIT < exact < LIMIT:
        return Bad("out_of_range", f"金额 {number:.6g} {unit}过大；请核对数值和单位")
    amount = exact.quantize(CENT, ROUND_HALF_UP)
    if abs(amount - exact) > Decimal("0.0001"):
        note = note or f"{number} {unit}四舍五入到分，为 {amount} 元"
    return Cleaned(amount, note) if note else amount


def yuan_reader(unit: str) -> Callable[[float], Outcome]:
    """``float -> Outcome`` for one column; the usual magnitudes go through whole 分, which is twice as fast as decimal arithmetic."""
    cents_per_unit = float(UNITS[unit] * 100)

    def read(value: float) -> Outcome:
        exact = value * cents_per_unit
        if -1e12 < exact < 1e12:
            cents = round(exact)
            if -1e-3 < exact - cents < 1e-3:
                return Decimal(cents).scaleb(-2)
        number = from_float(value)
        return error_value("NaN") if number is None else in_yuan(number, unit)

    return read


def number_outcome(text: str) -> Outcome:
    """A Decimal for a plain NUMBER column (万 and 亿 multiply)."""
    plain = _COUNTERS.sub("", tidy(text)).strip()
    if is_error_text(plain):
        return error_value(plain)
    number = number_from_text(plain)
    if number is None and (match := _WITH_UNIT.fullmatch(plain)) and match[3] in ("千", "万", "百万", "千万", "亿"):
        base = number_from_text(match[1] + match[2])
        number = None if base is None else base * UNITS[_HALF_UNIT[match[3]]]
    if number is None:
        return Bad("number_invalid", f"“{shown(text)}”不是数字；请只填写数字")
    return bounded(number)


def bounded(number: Decimal) -> Outcome:
    return number if -LIMIT < number < LIMIT else Bad("out_of_range", f"数值 {number:.6g} 过大；请核对")


def count_outcome(number: Outcome, text: str) -> Outcome:
    """An int >= 0 of a NUMBER outcome."""
    if not isinstance(number, Decimal):
        return number
    if number != number.to_integral_value():
        return Bad("count_invalid", f"“{shown(text)}”不是整数；请填写整数")
    if number < 0:
        return Bad("count_invalid", f"“{shown(text)}”是负数；数量不能为负")
    return int(number) if number < 2_000_000_000 else Bad("out_of_range", f"数量 {shown(text)} 过大；请核对")


def percent_from_text(text: str) -> Outcome:
    """Percent units: 5 and 5% are 5; 0.05 stays 0.05 (only a % sign or a percent-formatted cell scales it)."""
    plain = tidy(text)
    if is_error_text(plain):
        return error_value(plain)
    scale = Decimal("0.1") if plain.endswith("‰") else Decimal(1)
    number = number_from_text(re.sub(r"\s*(?:%|‰|个百分点)$", "", plain))
    if number is None:
        return Bad("percent_invalid", f"“{shown(text)}”不是百分数；请填写如 5 或 5%")
    return bounded(number * scale)
