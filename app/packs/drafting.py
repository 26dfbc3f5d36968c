"""Drafts of rule versions: copied from a version, changed number by number or as a whole, switched on for a day. Works on the plain pack (JSON).

A draft has no ``applies``; it can be compared and never decides. A version that decides is never changed here: what an old application was judged
by stays as it was.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.kernel.errors import Invalid, NotFound

SECTION = "criteria"
BODY = ("parameters", "rule", "parts")
"""What of a version is its conditions."""


@dataclass(frozen=True)
class Number:
    """A threshold that can be changed. ``path``: where it stands in the version, e.g. ``rule.all.3.value``; ``value`` as text, exact."""

    path: str
    id: str
    label: str
    clause: str
    op: str
    value: str
    unit: str
    confirmed: bool


def numbers(row: Mapping[str, Any]) -> list[Number]:
    """Every number of a version in reading order: parameters, thresholds of conditions, edges and points of score tables."""
    return list(_walk({key: row[key] for key in BODY if key in row}, "", {}))


def _walk(node: Any, path: str, above: Mapping[str, Any]) -> Iterator[Number]:
    if isinstance(node, list):
        for place, child in enumerate(node):
            yield from _walk(child, f"{path}.{place}", above)
        return
    if not isinstance(node, dict):
        return
    said = {name: node.get(name) or above.get(name) for name in ("id", "label", "clause", "unit", "confidence")}
    for name, words in _NAMED.items():
        if name in node and not isinstance(node[name], (dict, list)) and node[name] is not None and _is_number(node[name]):
            op = node.get("op", "") if name == "value" else words
            label = str(said["label"] or node.get("code") or "")
            yield Number(
                f"{path}.{name}".lstrip("."), str(node.get("id") or node.get("code") or ""), label, str(said["clause"] or ""), str(op), str(node[name]),
                str(said["unit"] or "") if name not in ("points", "points_to", "max") else "分", said["confidence"] != "待核",
            )
    for name, child in node.items():
        if isinstance(child, (dict, list)):
            yield from _walk(child, f"{path}.{name}", said)


_NAMED = {"value": "", "from": "自", "above": "高于", "to": "至", "below": "低于", "per": "每满", "points": "得分", "points_to": "得分至", "max": "满分"}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool) and str(value).lstrip("-").replace(".", "", 1).isdigit()


def find(plain: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The latest edition of a version. Raises NotFound."""
    rows = [row for row in plain.get(SECTION, []) if row["code"] == code]
    if not rows:
        raise NotFound(f"政策包里没有认定条件版本 {code[:60]}，请从列表进入。", "criterion_unknown")
    return max(rows, key=lambda row: str(row["effective_from"]))  # type: ignore[no-any-return]


def is_draft(row: Mapping[str, Any]) -> bool:
    """Whether the version may still be changed."""
    return not row.get("applies")


def add_draft(plain: dict[str, Any], source: str, *, code: str, label: str, document: str, clause: str, starts: date, note: str | None) -> None:
    """Copy a version under a new code, without its periods and marked 待核. Raises Invalid when the code is taken."""
    if any(row["code"] == code for row in plain.get(SECTION, [])):
        raise Invalid("code_taken", f"代码 {code} 已有认定条件版本，请换一个。", "code")
    row = copy.deepcopy(find(plain, source))
    for gone in ("applies", "note", "effective_to", "disabled"):
        row.pop(gone, None)
    row.update(code=code, label=label, document=document, clause=clause, effective_from=starts.isoformat(), confidence="待核")
    if note:
        row["note"] = note
    plain[SECTION].append(row)
    plain.setdefault("local_scores", []).extend(_local_rows(plain, source, code))


def _local_rows(plain: Mapping[str, Any], source: str, code: str) -> list[dict[str, Any]]:
    """Rows a province set for the score table of the source serve its copy, too."""
    found = []
    for row in plain.get("local_scores", []):
        if row["criterion"] == source:
            found.append({**copy.deepcopy(row), "code": f"{row['code']}-{code}"[:60], "criterion": code, "confidence": "待核"})
    return found


def change_numbers(plain: dict[str, Any], code: str, values: Mapping[str, str]) -> None:
    """Set numbers of a draft by their path. Raises Invalid for a version that decides or a path it does not have."""
    row = _draft(plain, code)
    known = {one.path for one in numbers(row)}
    for path, value in values.items():
        if path not in known:
            raise Invalid("path_unknown", "版本内容已被改动，请刷新页面后重新修改。")
        if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", value):
            raise Invalid("number", f"“{value[:20]}”不是数字，请写成 1200 或 3.5 的形式。")
        *way, last = path.split(".")
        target: Any = row
        for step in way:
            target = target[int(step)] if isinstance(target, list) else target[step]
        if str(target[last]) != value:
            if target.get("label"):
                target["label"] = _reworded(str(target["label"]), str(target[last]), value)
            target[last] = value


def _reworded(label: str, old: str, new: str) -> str:
    """A label that says the old number says the new one; one that does not say it gets it behind."""
    said = re.sub(rf"(?<![0-9.]){re.escape(old)}(?![0-9.])", new, label)
    return said if said != label else f"{label}（改为{new}）"


def change_body(plain: dict[str, Any], code: str, body: Mapping[str, Any]) -> None:
    """Replace the conditions of a draft as a whole."""
    unknown = sorted(set(body) - set(BODY))
    if unknown or "rule" not in body:
        raise Invalid("body_keys", f"只能写 {'、'.join(BODY)}，并且必须有 rule。" + (f"不认识：{'、'.join(map(str, unknown))}" if unknown else ""), "body")
    row = _draft(plain, code)
    for key in BODY:
        row.pop(key, None)
    row.update(copy.deepcopy(dict(body)))


def drop_draft(plain: dict[str, Any], code: str) -> None:
    """Take a draft out again, with the rows copied for it."""
    row = _draft(plain, code)
    plain[SECTION].remove(row)
    plain["local_scores"] = [one for one in plain.get("local_scores", []) if one["criterion"] != code]


def switch_on(plain: dict[str, Any], code: str, *, applications: Collection[str], on: date) -> list[str]:
    """From ``on`` a version decides these kinds of application; those of the same title, region and level end the day before.

    Returns the codes of the versions it follows. Raises Invalid when one of them starts on that day or later.
    """
    row, followed = find(plain, code), []
    for application in applications:
        for other in plain[SECTION]:
            if other is row or any(other.get(key) != row.get(key) for key in ("title", "region", "level")) or other.get("disabled"):
                continue
            for period in other.get("applies", []):
                if period["application"] != application or (period.get("to") and period["to"] < on.isoformat()):
                    continue
                if period["from"] >= on.isoformat():
                    raise Invalid("starts_later", f"版本 {other['code']} 从 {period['from']} 起适用，晚于或等于 {on}，请选更晚的日期。", "on")
                period["to"] = (on - timedelta(days=1)).isoformat()
                followed.append(other["code"])
        mine = [one for one in row.get("applies", []) if one["application"] == application and (not one.get("to") or one["to"] >= on.isoformat())]
        if mine:
            raise Invalid("already_on", f"版本 {code} 已经适用（自 {mine[0]['from']} 起），不用再次启用。", "on")
        row.setdefault("applies", []).append({"application": application, "from": on.isoformat()})
    return list(dict.fromkeys(followed))


def _draft(plain: Mapping[str, Any], code: str) -> dict[str, Any]:
    row = find(plain, code)
    if not is_draft(row):
        raise Invalid("not_a_draft", f"版本 {code} 已经用于认定，不能再改。请据此另立新版本。")
    return row
