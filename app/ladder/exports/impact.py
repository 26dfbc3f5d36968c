"""A comparison of two rule versions worked out now: counts by kind, and the changed enterprises as a file."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.db import db
from app.ladder.queries.impact import Question, answers
from app.ladder.rules.impact import KINDS, LABELS, OTHER, kind_of

Changed = tuple[int, int, int]
"""Enterprise id, old and new code."""


def work_out(city_id: int, question: Question) -> tuple[dict[str, Any], list[Changed]]:
    """Counts for the command line (``asked`` and one per kind), and who changed."""
    counts, changed, asked = dict.fromkeys(KINDS, 0), [], 0
    for enterprise_id, old, new in answers(city_id, question):
        asked += 1
        kind = kind_of(old, new)
        if kind is not None:
            counts[kind] += 1
            changed.append((enterprise_id, old, new))
    said = {"title": question.title, "old": question.old.code, "new": question.new.code, "as_of": question.day.isoformat()}
    return {**said, "asked": asked, **counts}, changed


def write_changed(out: Path, changed: list[Changed]) -> None:
    """A CSV file for Excel: text that looks like a formula is kept as text."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["统一社会信用代码", "企业名称", "原版本", "新版本", "变化"])
        for row in _named(changed):
            sheet.writerow([f"'{text}" if text[:1] in "=+-@\t\r" else text for text in row])


def _named(changed: list[Changed]) -> Iterator[list[str]]:
    for start in range(0, len(changed), 900):
        part = changed[start : start + 900]
        query = select(Enterprise.id, Enterprise.credit_code, Enterprise.name).where(Enterprise.id.in_([one[0] for one in part]))
        firms = {id_: (code, name) for id_, code, name in db.session.execute(query)}
        for id_, old, new in part:
            yield [*firms[id_], LABELS[old], LABELS[new], KINDS[kind_of(old, new) or OTHER]]
