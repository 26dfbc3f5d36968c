"""One precompiled parser per column: ``compile_parser(field, unit, date_1904)`` returns a function from a stored cell to an outcome.

A parser never raises. Repeated texts are remembered per column, so a drop-down column costs one dictionary look-up a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from app.exchange.rules import amounts, dates
from app.exchange.rules.cells import DATE, ERROR, FORMULA, PERCENT, Cell, cell_text, number_text
from app.exchange.rules.fields import Field, Kind
from app.exchange.rules.outcome import CLEAR, Bad, Cleaned, Outcome, Parser, shown
from app.kernel import credit_code
from app.kernel import text as words

_CACHE = 4096
_MISSING: Final = object()
_BLANKS = frozenset(
    [
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "———",
        "–",
        "－",
        "_",
        "/",
        "//",
        "\\",
        "无",
        "空",
        "空白",
        "暂无",
        "未填",
        "未填报",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "\\n",
    ]
)
_BLANK_STARTS = frozenset("无空暂未nN")
_CLEARING = frozenset(["(清空)", "（清空）", "(清空）", "（清空)"])
_YES = frozenset(["是", "y", "yes", "true", "t", "√", "✓", "✔", "☑", "对", "1", "有", "已", "属于"])
_NO = frozenset(["否", "n", "no", "false", "f", "×", "✗", "✘", "x", "不", "不是", "0", "没有", "未", "非", "不属于", "☐"])
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:[-转]\d{1,6})?|(?:400|800)-?\d{3}-?\d{4}", re.ASCII)
_MANY_PHONES = re.compile(r"\d{7,}\s*[/,、;；，\s]\s*\d{7,}", re.ASCII)
_YEAR = re.compile(r"((?:19|20|21)\d\d)\s*年?度?", re.ASCII)
_MARKS = re.compile(r"[,，、.。;；:：()（）\[\]【】“”\"'/·—\-]")
_GUARDED = re.compile(r'="(.*)"', re.S)


def blank_or_clear(text: str) -> Outcome:
    """None for a blank, CLEAR for （清空）, else the ``_MISSING`` mark."""
    if len(text) > 16 or (text[:1].isalnum() and text[0] not in _BLANK_STARTS):
        return _MISSING
    bare = text.strip().lower() if text.isascii() else words.strip_invisible(text).strip().lower()
    if bare in _BLANKS:
        return None
    if bare in _CLEARING or (len(bare) < 12 and words.squeeze(bare) == "(清空)"):
        return CLEAR
    return _MISSING


def compile_parser(field: Field, unit: str = "", date_1904: bool = False) -> Parser:
    """The parser of one column."""
    from_text, from_number, from_other = _BUILDERS[field.kind](field, unit or field.unit, date_1904)
    cache: dict[str, Outcome] = {}

    def read_text(text: str) -> Outcome:
        found = _first_words(field, text)
        return from_text(text) if found is _MISSING else found

    def parse(cell: Cell) -> Outcome:
        if type(cell) is str:
            found = cache.get(cell, _MISSING)
            if found is _MISSING:
                found = read_text(cell)
                if len(cache) < _CACHE and len(cell) < 64:
                    cache[cell] = found
            return found
        if type(cell) is float or type(cell) is int:
            return from_number(cell)
        return None if cell is None else _special(cell, from_number, from_other)

    return parse


_HASHED = {str, type(None)}
ColumnParser = Callable[[Sequence[Cell]], Sequence[Outcome]]


def compile_column(field: Field, unit: str = "", date_1904: bool = False) -> ColumnParser:
    """The same for many cells of one column. A run of cells that all are what their column expects is taken in one look."""
    parse = compile_parser(field, unit, date_1904)
    plain = _all_plain(field)

    def read(cells: Sequence[Cell]) -> Sequence[Outcome]:
        if plain(cells):
            return cells
        if not set(map(type, cells)) <= _HASHED:  # 1, 1.0 and True would be one key
            return list(map(parse, cells))
        answers = {cell: parse(cell) for cell in set(cells)}
        return list(map(answers.__getitem__, cells))

    return read


def _all_plain(field: Field) -> Callable[[Sequence[Any]], bool]:
    """Whether the parser would give back every one of these cells as it is (a fast, sufficient test)."""
    if field.kind is Kind.CREDIT_CODE:
        return _only_texts(credit_code.all_agree)
    if field.kind not in (Kind.TEXT, Kind.NAME) or field.multiline:
        return lambda cells: False
    inner = words.PLAIN_CHARACTERS.replace("!-~", "!-')-~") if field.kind is Kind.NAME else words.PLAIN_CHARACTERS
    column = re.compile(rf"(?:[{words.CJK}A-MO-Za-mo-z0-9][{inner}]{{0,{field.max_length - 1}}}+\n)*+\Z")
    rare = re.compile(rf"^[{''.join(_BLANK_STARTS)}]", re.M)

    def plain(cells: Sequence[str]) -> bool:
        text = "\n".join(cells) + "\n"
        if column.match(text) is None or text.count("\n") != len(cells) or rare.search(text) is not None:
            return False
        return field.kind is not Kind.NAME or not any(map(str.isascii, cells))

    return _only_texts(plain)


def _only_texts(test: Callable[[Sequence[str]], bool]) -> Callable[[Sequence[Any]], bool]:
    def plain(cells: Sequence[Any]) -> bool:
        return set(map(type, cells)) == {str} and test(cells)

    return plain


def _first_words(field: Field, text: str) -> Outcome:
    found = blank_or_clear(text)
    if found is CLEAR and not field.clearable:
        return Bad("cannot_clear", f"“{field.label}”不能清空；请填写新值或留空")
    if found is None and field.kind in (Kind.CHOICE, Kind.YES_NO) and text.strip() in ("无", "未"):
        return _MISSING
    return found


def _special(cell: Any, from_number: Callable[[float], Outcome], from_other: Callable[[Any], Outcome]) -> Outcome:
    if type(cell) is bool:
        return from_other(cell)
    tag = cell[0] if cell else ""
    if tag == ERROR:
        return amounts.error_value(str(cell[1]))
    if tag == FORMULA:
        return Bad("formula_without_value", "单元格是公式，但文件里没有计算结果；请用 Excel 或 WPS 打开并保存一次，或改成数值")
    return from_other(cell)


def _as_text(from_text: Callable[[str], Outcome]) -> Callable[[Any], Outcome]:
    return lambda cell: from_text(cell_text(cell))


def _text(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    limit, multiline = field.max_length, field.multiline

    def from_text(text: str) -> Outcome:
        if words.is_plain(text) and len(text) <= limit and text[0] not in "=+-@#":
            return text
        return _odd_text(text, words.clean(text, multiline=multiline), limit)

    return from_text, lambda value: from_text(number_text(value)), _as_text(from_text)


def _odd_text(text: str, cleaned: str, limit: int) -> Outcome:
    if not cleaned:
        return None
    if amounts.is_error_text(cleaned) and cleaned.startswith("#"):
        return amounts.error_value(cleaned)
    if len(cleaned) > limit:
        return Bad("too_long", f"“{shown(cleaned, 12)}”共 {len(cleaned)} 个字，超过 {limit} 个；请缩短")
    remarks = [f"含有{odd}" for odd in words.oddities(text)]
    if len(words.strip_invisible(text)) != len(text):
        remarks.append("去掉了看不见的字符")
    if cleaned[0] in "=+-@" and len(cleaned) > 1 and not cleaned[1:].replace(".", "").isdigit():
        remarks.append("以公式符号开头，只作文字保存")
    return Cleaned(cleaned, f"“{shown(cleaned, 16)}”{'；'.join(remarks)}") if remarks else cleaned


def _name(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    limit = field.max_length
    wrong = Bad("name_invalid", f"“{field.label}”不能只是数字、日期或符号；请填写全称")

    def from_text(text: str) -> Outcome:
        if words.is_plain(text) and len(text) <= limit and "(" not in text and not text.isascii() and " " not in text:
            return text
        cleaned = words.clean_name(text.strip().lstrip("'’‘"))
        if cleaned and not any(c.isalpha() for c in cleaned):
            return amounts.error_value(cleaned) if amounts.is_error_text(cleaned) else wrong
        return _odd_text(text, cleaned, limit)

    return from_text, lambda value: wrong, lambda cell: wrong


def _code(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    limit = field.max_length

    def from_text(text: str) -> Outcome:
        guarded = _GUARDED.fullmatch(text)
        plain = words.plain_signs(words.clean(guarded[1] if guarded else text)).lstrip("'’‘`").strip()
        return _odd_text(text, plain, limit)

    def from_number(value: float) -> Outcome:
        if value != value or abs(value) >= 1e15:
            return Bad("digits_lost", f"数字 {value:g} 已丢失末尾数位；请把该列设为文本格式后重新填写")
        return from_text(number_text(value))

    return from_text, from_number, _as_text(from_text)


def _credit_code(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    def from_text(text: str) -> Outcome:
        if credit_code.is_valid(text):
            return text if credit_code.organisation_part_agrees(text) else _judge_code(text)
        return _judge_code(text)

    def from_number(value: float) -> Outcome:
        if value != value or abs(value) >= 1e15:
            return _lost_digits(f"{value:.10G}")
        return _judge_code(number_text(value))

    return from_text, from_number, _as_text(_judge_code)


def _lost_digits(seen: str) -> Bad:
    return Bad("credit_code_invalid", f"代码被存成了数字 {seen}，末尾数位已丢失；请把该列设为文本格式，对照营业执照重新填写")


def _judge_code(text: str) -> Outcome:
    guarded = _GUARDED.fullmatch(text)
    checked = credit_code.inspect(guarded[1] if guarded else text)
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", checked.code.replace("-", ""), re.ASCII):
        return _lost_digits(shown(text))
    if not checked.code:
        return None
    if not checked.valid:
        hint = f"；是否应为 {checked.suggestion}" if checked.suggestion else ""
        return Bad("credit_code_invalid", f"统一社会信用代码“{shown(text)}”无效：{checked.reason_zh}{hint}。请对照营业执照核对")
    notes = [f"代码“{shown(text)}”整理为 {checked.code}"] if checked.code != text.strip() else []
    notes += [checked.warning_zh] if checked.warning_zh else []
    return Cleaned(checked.code, "；".join(notes)) if notes else checked.code


def _date(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    ends, opens = field.month_end, field.open_ended

    def from_text(text: str) -> Outcome:
        if amounts.is_error_text(text):
            return amounts.error_value(text)
        return dates.date_from_text(text, month_end=ends, open_ended=opens, date_1904=date_1904)

    def from_number(value: float) -> Outcome:
        return dates.date_from_serial(value, month_end=ends, date_1904=date_1904)

    seen: dict[str, Outcome] = {}

    def from_other(cell: Any) -> Outcome:
        if type(cell) is list and cell[0] == DATE:
            iso = str(cell[1])
            if iso not in seen and len(seen) < 50_000:
                seen[iso] = dates.date_from_iso(iso)
            return seen[iso] if iso in seen else dates.date_from_iso(iso)
        return Bad("date_invalid", f"“{shown(cell_text(cell))}”不是日期；请写成 2023-01-05 的样子")

    return from_text, from_number, from_other


def _not_a_number(kind_zh: str, code: str) -> Callable[[Any], Outcome]:
    def refuse(cell: Any) -> Outcome:
        return Bad(code, f"“{shown(cell_text(cell))}”不是{kind_zh}；请检查单元格格式后填写数字")

    return refuse


def _checked(field: Field, outcome: Outcome) -> Outcome:
    """The field's own minimum and maximum (money: in 元)."""
    value = outcome.value if type(outcome) is Cleaned else outcome
    if type(value) is Bad or value is None:
        return outcome
    if field.minimum is not None and value < field.minimum:
        wrong = "不能为负" if field.minimum == 0 else f"不能小于 {field.minimum}"
        return Bad("below_minimum", f"“{field.label}”{wrong}；请核对")
    if field.maximum is not None and value > field.maximum:
        return Bad("above_maximum", f"“{field.label}”不能大于 {field.maximum}；请核对数值和单位")
    return outcome


def _money(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    refuse = _not_a_number("金额", "money_invalid")

    read = amounts.yuan_reader(unit)
    bounded = field.minimum is not None or field.maximum is not None
    from_number = (lambda value: _checked(field, read(value))) if bounded else read
    return lambda text: _checked(field, amounts.money_from_text(text, unit)), from_number, refuse


def _number(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    def from_number(value: float) -> Outcome:
        number = amounts.from_float(value)
        return amounts.error_value("NaN") if number is None else _checked(field, amounts.bounded(number))

    return lambda text: _checked(field, amounts.number_outcome(text)), from_number, _not_a_number("数字", "number_invalid")


def _count(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    bounded = field.minimum is not None or field.maximum is not None

    def from_number(value: float) -> Outcome:
        if 0 <= value < 2e9 and value == int(value):
            return _checked(field, int(value)) if bounded else int(value)
        number = amounts.from_float(value)
        if number is None:
            return amounts.error_value("NaN")
        return _checked(field, amounts.count_outcome(number, number_text(value)))

    def from_text(text: str) -> Outcome:
        return _checked(field, amounts.count_outcome(amounts.number_outcome(text), text))

    return from_text, from_number, _not_a_number("数量", "count_invalid")


def _percent(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    refuse = _not_a_number("百分数", "percent_invalid")

    def from_number(value: float) -> Outcome:
        number = amounts.from_float(value)
        return amounts.error_value("NaN") if number is None else _checked(field, amounts.bounded(number))

    def from_other(cell: Any) -> Outcome:
        if type(cell) is list and cell[0] == PERCENT and isinstance(cell[1], int | float):
            number = amounts.from_float(cell[1])
            return amounts.error_value("NaN") if number is None else _checked(field, amounts.bounded(number * 100))
        return refuse(cell)

    return lambda text: _checked(field, amounts.percent_from_text(text)), from_number, from_other


def _year(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    def from_text(text: str) -> Outcome:
        plain = words.plain_signs(words.clean(text)).lstrip("'’‘")
        if (number := words.chinese_number(plain.rstrip("年度"))) is not None:
            plain = str(number)
        if match := _YEAR.fullmatch(plain):
            return _checked(field, int(match[1]))
        return Bad("year_invalid", f"“{shown(text)}”不是四位年份；请写成 2023")

    def from_other(cell: Any) -> Outcome:
        if type(cell) is list and cell[0] == DATE:
            found = dates.date_from_iso(str(cell[1]))
            return Cleaned(found.year, f"日期 {found.isoformat()} 只取年份 {found.year}") if type(found) is date else found
        return from_text(cell_text(cell))

    return from_text, lambda value: from_text(number_text(value)), from_other


def _bare(text: str) -> str:
    """A choice without its punctuation: registers write 吊销，未注销, 吊销(未注销) and 吊销未注销."""
    plain = words.squeeze(text)
    return _MARKS.sub("", plain) or plain


def _choice(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    known: dict[str, str] = {}
    for choice in field.choices:
        for name in (choice.code, choice.label, *choice.aliases):
            known.setdefault(_bare(name), choice.code)
    offered = "、".join(c.label for c in field.choices[:8]) + ("等" if len(field.choices) > 8 else "")

    def from_text(text: str) -> Outcome:
        found = known.get(_bare(text))
        if found is not None:
            return found
        if blank_or_clear(text) is None:
            return None
        return Bad("choice_unknown", f"“{shown(text)}”不在“{field.label}”的可选项中；可填：{offered}")

    return from_text, lambda value: from_text(number_text(value)), _as_text(from_text)


def _yes_no(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    def from_text(text: str) -> Outcome:
        plain = words.squeeze(text)
        if plain in _YES:
            return True
        if plain in _NO or plain == "无":
            return False
        return Bad("yes_no_invalid", f"“{shown(text)}”分不清是与否；请填写“是”或“否”")

    return (
        from_text,
        lambda value: from_text(number_text(value)),
        lambda cell: cell if type(cell) is bool else from_text(cell_text(cell)),
    )


def _phone(field: Field, unit: str, date_1904: bool) -> tuple[Any, Any, Any]:
    def from_text(text: str) -> Outcome:
        if _MOBILE.fullmatch(text):
            return text
        plain = words.plain_signs(words.clean(text)).lstrip("'’‘").strip()
        compact = re.sub(r"[\s()]+", "", plain).replace("--", "-")
        compact = re.sub(r"^(?:\+|00)86-?|^86-?(?=1\d{10}$)", "", compact)
        digits = compact.replace("-", "")
        if _MOBILE.fullmatch(digits):
            return digits
        if _LANDLINE.fullmatch(compact):
            return compact
        return _bad_phone(plain, text)

    return from_text, lambda value: from_text(number_text(value)), _not_a_number("电话号码", "phone_invalid")


def _bad_phone(plain: str, text: str) -> Bad:
    if "*" in plain:
        return Bad("phone_masked", f"“{shown(text)}”是打了星号的号码；请填写完整号码或留空")
    if _MANY_PHONES.search(plain):
        return Bad("phone_invalid", f"“{shown(text)}”有多个号码；一格只填一个")
    return Bad("phone_invalid", f"“{shown(text)}”不是有效的电话号码；请填 11 位手机号或带区号的座机")


_BUILDERS: dict[Kind, Callable[[Field, str, bool], tuple[Any, Any, Any]]] = {
    Kind.TEXT: _text, Kind.NAME: _name, Kind.CODE: _code, Kind.CREDIT_CODE: _credit_code, Kind.DATE: _date, Kind.MONEY: _money,
    Kind.NUMBER: _number, Kind.COUNT: _count, Kind.PERCENT: _percent, Kind.YEAR: _year, Kind.CHOICE: _choice, Kind.YES_NO: _yes_no,
    Kind.PHONE: _phone,
}  # fmt: skip
