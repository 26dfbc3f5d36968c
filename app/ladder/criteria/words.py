"""Findings in Chinese sentences: the value with its year and source, the line, what is still lacking and in which unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from app.ladder.criteria.facts import Compound, Key, Origin, to_decimal
from app.ladder.criteria.look import Look
from app.ladder.criteria.tree import MANUAL, MET, UNKNOWN, Finding, NumberLeaf, ScoreLeaf, WordLeaf
from app.packs import vocabulary
from app.packs.schema.criteria import OP_LABELS, PERIOD_LABELS, SPAN_LABELS
from app.packs.vocabulary import MONEY_UNITS, TITLE_PREFIX, FactField

TitleLabels = Any


def unit_of(source: Any, field: FactField | None) -> str:
    """The unit a leaf is printed in."""
    return str(source.unit or (field.unit if field is not None else "分"))


def in_unit(value: Any, unit: str) -> Decimal | None:
    """A base value (元) in the printed unit, exact or to six places."""
    if isinstance(value, Compound):
        shown = value.shown()
        return None if shown is None else shown.quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return None
    return to_decimal(Fraction(value, MONEY_UNITS.get(unit, 1)))


def distance(finding: Finding, unit: str) -> Decimal | None:
    """How far a number is from its line, in the printed unit; 0 when met, None when unknown or not a number."""
    value, line = finding.value, finding.threshold
    if finding.result == MET and line is not None:
        return Decimal(0)
    if finding.result in (UNKNOWN, MANUAL) or line is None:
        return None
    if isinstance(finding.node, ScoreLeaf):
        value = finding.high
    if isinstance(value, Compound):
        shown = in_unit(value, unit)
        return None if shown is None else abs(to_decimal(line) - shown)
    if value is None:
        value = finding.high
    if value is None:
        return None
    return to_decimal(abs(Fraction(line) - value) / MONEY_UNITS.get(unit, 1))


def number(value: Decimal, beside: Decimal | None = None) -> str:
    """Two decimals for the eye; more when the rounding would hide the difference to ``beside``."""
    for places in (2, 4, 6):
        shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if beside is None or shown != beside or value == beside:
            break
    text = format(shown, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(text: str, unit: str) -> str:
    """1500 万元, 3%."""
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".rstrip()


def key_label(look: Look, key: Key, titles: Any) -> str:
    """2025年营业收入, 有效期内的科技型中小企业."""
    code, year = key
    if code.startswith(TITLE_PREFIX):
        name = titles.get(code.removeprefix(TITLE_PREFIX), code)
        return f"是否持有有效的“{name}”称号"
    label = look.field(code).label
    return label if year is None else f"{year}年{label}"


def reason(finding: Finding, look: Look, titles: Any, origins: Any) -> str:
    """One sentence for one leaf."""
    source = finding.node.source
    if finding.judged:
        return f"{_name(source)}：人工核验结论为{'符合' if finding.result == MET else '不符合'}。"
    if finding.result == MANUAL and not isinstance(finding.node, ScoreLeaf):
        return f"{_name(source)}：须人工核验，系统不作判断。"
    if isinstance(finding.node, ScoreLeaf):
        return _score_sentence(finding, look, titles)
    if isinstance(finding.node, NumberLeaf):
        return _number_sentence(finding, look, titles, origins)
    if isinstance(finding.node, WordLeaf):
        return _word_sentence(finding, look, titles, origins)
    return _choice_sentence(finding, look, titles)


def _name(source: Any) -> str:
    return str(source.label or source.id or "条件")


def _line(finding: Finding, unit: str) -> tuple[str, Decimal]:
    source = finding.node.source
    line = in_unit(finding.threshold, unit) or Decimal(0)
    return f"{OP_LABELS[source.op]} {with_unit(number(line), unit)}", line


def missing_words(finding: Finding, look: Look, titles: Any) -> str:
    """What has to be asked, at most four facts."""
    labels = [key_label(look, key, titles) for key in finding.missing]
    return "、".join(labels[:4]) + (f"等 {len(labels)} 项" if len(labels) > 4 else "")


def _unknown(finding: Finding, look: Look, titles: Any, tail: str) -> str:
    if len(finding.missing) == 1 and not finding.missing[0][0].startswith(TITLE_PREFIX):
        field = look.field(finding.missing[0][0])
        if field.kind == "flag":
            return f"{_name(finding.node.source)}：尚未核实“{field.label}”（是或否），无法判断，请核实后填写。"
    words = missing_words(finding, look, titles)
    return f"{_name(finding.node.source)}：缺 {words}，无法判断{tail}，请补报。"


def _number_sentence(finding: Finding, look: Look, titles: Any, origins: Any) -> str:
    source, field = finding.node.source, look.field(finding.node.field)
    unit = unit_of(source, field)
    wanted, line = _line(finding, unit)
    if finding.result == UNKNOWN:
        if not any(key in look.facts.values for key in finding.missing) and finding.missing == ((field.code, finding.year),) and field.derivation:
            return f"{_name(source)}：{_subject(finding, field)}无法计算（分母不是正数或数据不全），要求{wanted}，请核对数据。"
        return _unknown(finding, look, titles, f"是否{wanted}")
    verdict = "符合" if finding.result == MET else "不符合"
    if finding.value is None:
        edge = in_unit(finding.high, unit)
        side = "至多" if finding.result != MET and source.op in (">=", ">") else "至少"
        known = with_unit(number(edge), unit) if edge is not None else ""
        return f"{_name(source)}：数据虽不全，{_subject(finding, field)}{side} {known}，要求{wanted}，{verdict}。"
    shown = in_unit(finding.value, unit)
    value = "不为正" if shown is None else with_unit(number(shown, line), unit)
    text = f"{_name(source)}：{_subject(finding, field)} {value}{_from(finding, field, origins)}，要求{wanted}，{verdict}"
    if finding.result == MET:
        return f"{text}。"
    return f"{text}，{_lack(finding, unit)}{_part_lack(finding, look, field)}。"


def _subject(finding: Finding, field: FactField) -> str:
    source = finding.node.source
    if source.span in ("sum", "mean"):
        return f"{PERIOD_LABELS[source.period]}{field.label}{SPAN_LABELS[source.span]}"
    return field.label if finding.year is None else f"{finding.year}年{field.label}"


def _from(finding: Finding, field: FactField, origins: Any) -> str:
    origin: Origin | None = origins.get((field.code, finding.year))
    if origin is None:
        return ""
    return f"（{origin.source}{f'，{origin.on}' if origin.on else ''}）"


def _lack(finding: Finding, unit: str) -> str:
    gap, source = distance(finding, unit), finding.node.source
    if gap is None:
        return "未达到"
    if gap == 0:
        return f"须{OP_LABELS[source.op]}该值"
    shown = with_unit(number(gap, Decimal(0)), "个百分点" if unit == "%" else unit)
    return f"还差 {shown}" if source.op in (">=", ">") else f"超出 {shown}"


def _part_lack(finding: Finding, look: Look, field: FactField) -> str:
    """For a ratio: how much more of its part at today's whole (研发费用还差 20 万元)."""
    how = field.derivation
    if how is None or how.how != "ratio" or finding.node.source.op not in (">=", ">") or (field.code, finding.year) in look.facts.values:
        return ""
    part, whole = look.value(how.of[0], finding.year), look.value(how.of[1], finding.year)
    if not isinstance(part, (int, Fraction)) or not isinstance(whole, (int, Fraction)):
        return ""
    lacking = Fraction(whole) * finding.threshold / 100 - Fraction(part)
    head = look.field(how.of[0])
    scale = 10_000 if head.kind == "money" else 1
    return f"（按当年数测算，{head.label}还差 {with_unit(number(to_decimal(lacking / scale)), head.unit)}）"


def _word_sentence(finding: Finding, look: Look, titles: Any, origins: Any) -> str:
    node, source = finding.node, finding.node.source
    if finding.result == UNKNOWN:
        return _unknown(finding, look, titles, "")
    verdict = "符合" if finding.result == MET else "不符合"
    if source.holds_any or source.holds_all:
        held = finding.value if isinstance(finding.value, tuple) else (node.fields[0],) if finding.value is True else ()
        names = "、".join(titles.get(name.removeprefix(TITLE_PREFIX), name) for name in held)
        wanted = "、".join(titles.get(code, code) for code in source.holds_any or source.holds_all)
        said = f"持有有效的{names}" if names else f"没有有效的{wanted}"
        return f"{_name(source)}：{said}，{verdict}。"
    field = look.field(node.fields[0])
    if field.code.startswith(TITLE_PREFIX):
        name = titles.get(field.code.removeprefix(TITLE_PREFIX), field.code)
        return f"{_name(source)}：{'持有' if finding.value else '没有'}有效的{name}，{verdict}。"
    return f"{_name(source)}：{field.label}为“{word(finding.value, field)}”{_from(finding, field, origins)}，{verdict}。"


def word(value: Any, field: FactField) -> str:
    """A flag or choice for the eye."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return field.choice_label(str(value)) if field.choices else str(value)


def _score_sentence(finding: Finding, look: Look, titles: Any) -> str:
    wanted, line = _line(finding, "分")
    low, high = to_decimal(finding.value), to_decimal(finding.high)
    points = number(low, line) if low == high else f"{number(low)}～{number(high)}"
    text = f"{_name(finding.node.source)}：得分 {points} 分，要求{wanted}"
    if finding.result == UNKNOWN:
        return f"{text}，缺 {missing_words(finding, look, titles)}，尚不能判断，请补报。"
    if finding.result == MANUAL:
        return f"{text}，其余分数须专家评定。"
    if finding.result == MET:
        return f"{text}，符合。"
    return f"{text}，不符合，{'至少' if low != high else ''}{_lack(finding, '分')}。"


def _choice_sentence(finding: Finding, look: Look, titles: Any) -> str:
    source = finding.node.source
    if finding.missing:
        return _unknown(finding, look, titles, "适用哪一档")
    choose = source.choose
    field = vocabulary.BY_CODE.get(choose.field or "") if choose is not None else None
    if field is None:
        return f"{_name(source)}：没有适用的情形。"
    unit = unit_of(choose, field)
    shown = in_unit(finding.value, unit)
    value = word(finding.value, field) if shown is None else with_unit(number(shown), unit)
    year = "" if finding.year is None else f"{finding.year}年"
    verdict = "符合" if finding.result == MET else "须人工核验" if finding.result == MANUAL else "不符合"
    return f"{_name(source)}：{year}{field.label}为 {value}，不在各档范围内，{verdict}。"
