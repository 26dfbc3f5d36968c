"""How an entry reads on a page: fields with Chinese names, codes replaced by the labels they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.level import Level
from app.packs import Pack
from app.packs.criteria_outline import Line, conditions, outline, rows
from app.packs.schema import SECTIONS, ConditionGroup, Criterion, Entry, LocalScore, Model
from app.packs.schema.labels import FIELD_LABELS, VALUE_LABELS

SECTION_BY_KEY = {section.key: section for section in SECTIONS}
COLUMNS: dict[str, tuple[str, ...]] = {
    "documents": ("kind", "number", "issuer", "period_from", "period_to"),
    "criteria": ("title", "region", "applies"),
    "condition_groups": (),
    "local_scores": ("criterion", "part", "region"),
    "size_classes": ("starts_with", "employees", "revenue", "assets"),
    "baselines": ("year", "value", "unit"),
    "titles": ("track", "levels", "issuer", "validity_years", "cycle"),
    "title_families": ("members", "default"),
    "ladders": ("rungs",),
    "indicators": ("seq", "group", "nature", "weight", "unit", "source", "owner"),
    "scoring_schemes": ("method", "floor", "percentiles", "grades"),
    "metrics": ("unit", "titles", "formula"),
    "targets": ("value", "unit", "basis", "comparison", "deadline", "owners"),
    "rewards": ("beneficiary", "amount_cap_yuan", "payer"),
    "duties": ("frequency", "due", "owners"),
    "calendar": ("starts_on", "ends_on"),
    "pools": ("member",),
    "actions": ("seq", "owners"),
    "programmes": ("kind", "owners"),
    "settings": ("value", "unit"),
    "glossary": ("english", "identifier"),
    "units": ("base", "factor"),
    "trainings": ("person", "split"),
    "carriers": ("levels",),
}
NUMERIC = frozenset({"seq", "weight", "validity_years", "value", "amount_cap_yuan", "factor"})
_HEAD = frozenset({"code", "label", "document", "clause", "effective_from", "effective_to", "confidence", "note", "disabled"})
_REFERENCES = {
    "track": "tracks", "titles": "titles", "approach": "titles", "members": "titles", "renewal_due": "calendar", "metric": "metrics",
    "unit": "units", "system": "indicator_systems", "conflicts_with": "targets", "carriers": "carriers", "trainings": "trainings",
    "documents": "documents", "setting": "settings", "title": "titles", "criterion": "criteria",
}


@dataclass(frozen=True)
class Row:
    """One entry in a table: ``cells`` in the order of the section's columns."""

    code: str
    label: str
    document: str
    clause: str
    period: str
    confirmed: bool
    disabled: bool
    cells: tuple[str, ...]


def table(pack: Pack, section: str, *, pending: bool) -> list[Row]:
    """Entries of a section as rows; ``pending``: only those not confirmed."""
    entries = pack.indicators() if section == "indicators" else pack.entries(section, disabled=True)
    return [_row(pack, section, entry) for entry in entries if not (pending and entry.confirmed)]


def facts(pack: Pack, entry: Entry) -> list[tuple[str, str]]:
    """Label and text of every field beyond the common head; fields that are not written are left out."""
    plain = entry.model_dump(exclude_none=True)
    if isinstance(entry, (Criterion, ConditionGroup, LocalScore)):
        plain = {name: value for name, value in plain.items() if name not in ("rule", "parts", "items")}
    found = [(FIELD_LABELS.get(name, name), text(pack, name, value)) for name, value in plain.items() if name not in _HEAD and value not in ((), {})]
    return [*found, *_conditions(pack, entry)]


def _conditions(pack: Pack, entry: Entry) -> list[tuple[str, str]]:
    """A rule version in words, one line per condition."""
    if isinstance(entry, Criterion):
        lines = outline(entry, pack.content)
    elif isinstance(entry, ConditionGroup):
        lines = conditions(entry.rule, pack.content, confirmed=entry.confirmed)
    elif isinstance(entry, LocalScore):
        lines = rows(entry.items, pack.content, confirmed=entry.confirmed)
    else:
        return []
    return [("　" * line.depth + (line.id or "条件"), _said(line)) for line in lines]


def _said(line: Line) -> str:
    clause = f"（{line.clause}）" if line.id and line.clause else ""
    return f"{line.text}{clause}{'' if line.confirmed else '（待核）'}"


def period(entry: Entry) -> str:
    return f"{entry.effective_from.isoformat()} 起" if entry.effective_to is None else f"{entry.effective_from} 至 {entry.effective_to}"


def text(pack: Pack, name: str, value: Any) -> str:
    """One value in words. Missing is —."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Level):
        return value.label
    if isinstance(value, dict):
        return _of_dict(pack, name, value)
    if isinstance(value, (list, tuple)):
        join = "；" if any(isinstance(one, (dict, list, tuple)) for one in value) else "、"
        return join.join(text(pack, name, one) for one in value) or "—"
    if isinstance(value, date):
        return value.isoformat()
    return _word(pack, name, str(value))


def _row(pack: Pack, section: str, entry: Entry) -> Row:
    document = pack.document(entry.document)
    cells = tuple(text(pack, name, _plain(getattr(entry, name, None))) for name in COLUMNS.get(section, ()))
    if section == "indicators" and getattr(entry, "owner_confidence", "confirmed") != "confirmed":
        cells = (*cells[:-1], f"{cells[-1]}（待核）")
    if section == "ladders":
        cells = (" → ".join(rung.label for rung in getattr(entry, "rungs", ())),)
    return Row(entry.code, entry.label, document.short, entry.clause, period(entry), entry.confirmed, entry.disabled, cells)


def _plain(value: Any) -> Any:
    """Inner models of an entry as plain data."""
    if isinstance(value, Model):
        return value.model_dump(exclude_none=True)
    return tuple(_plain(one) for one in value) if isinstance(value, tuple) else value


def _of_dict(pack: Pack, name: str, value: dict[Any, Any]) -> str:
    if "label" in value and "titles" in value:
        return f"{value['label']}（{text(pack, 'titles', value['titles'])}）"
    parts = []
    for key, one in value.items():
        if one in (None, (), [], {}):
            continue
        if name == "optional_titles":
            parts.append(f"{_word(pack, 'titles', str(key))}（{_word(pack, 'setting', str(one))}）")
            continue
        head = key.label if isinstance(key, Level) else FIELD_LABELS.get(str(key), str(key))
        parts.append(f"{head}：{text(pack, name if isinstance(key, Level) else str(key), one)}")
    return "，".join(parts) or "—"


def _word(pack: Pack, name: str, value: str) -> str:
    known = VALUE_LABELS.get(name, {}).get(value)
    if known is not None:
        return known
    section = "documents" if name == "basis" else _REFERENCES.get(name)
    entry = None if section is None else pack.find(section, value)
    return value if entry is None else entry.label
