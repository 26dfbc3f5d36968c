"""Every verdict of everybody as a file: one row per enterprise and title, written while it is worked out (.xlsx, .csv or .jsonl)."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra.db import db
from app.kernel.errors import Invalid
from app.kernel.text import strip_invisible
from app.ladder.criteria import DISCLAIMER
from app.ladder.criteria.diagnosis import plain
from app.ladder.criteria.facts import to_decimal
from app.ladder.criteria.mass import Record, Slot, unpack
from app.ladder.criteria.mass.plan import MORE
from app.ladder.criteria.mass.sheet import MANUAL, UNKNOWN, UNMET
from app.ladder.queries.facts import pack_for
from app.ladder.queries.mass_run import Runner
from app.ladder.queries.verdicts import slots_of
from app.packs import Pack
from app.packs.schema.criteria import APPLICATION_LABELS
from app.policies.queries import packs_by_city

XLSX_ROWS = 1_048_000
HEADINGS: Mapping[str, tuple[str, float]] = {
    "credit_code": ("统一社会信用代码", 22), "name": ("企业名称", 34), "title": ("称号代码", 18), "title_label": ("称号", 22), "application": ("类型", 8),
    "rule": ("条件版本", 22), "verdict": ("结论", 12), "open": ("未满足项数", 10), "unmet": ("不符合的条件", 30), "unknown": ("缺数据的条件", 30),
    "manual": ("待人工核验", 24), "score_low": ("得分下限", 9), "score_high": ("得分上限", 9), "as_of": ("截至", 12),
}
Row = dict[str, Any]


def every_row(*, title: str | None, application: str | None, as_of: date, known_on: date | None) -> Iterator[Row]:
    """Rows of every city, enterprises by id, titles in pack order. Raises Invalid when no rule is asked."""
    asked = [(city.id, _slots(pack_for(city.code, as_of), title, application, as_of)) for city in packs_by_city()]
    if not any(slots for _, slots in asked):
        raise Invalid("title_without_rule", f"{as_of} 没有适用的认定条件版本，没有可比对的内容。请核对称号代码和日期。", "title")
    for city_id, slots in asked:
        if slots:
            yield from _of_city(city_id, slots, as_of, known_on)


def _slots(pack: Pack, title: str | None, application: str | None, as_of: date) -> list[Slot]:
    code = title
    if title is not None and pack.find_title(title) is None:
        code = pack.match_title(title).title_code
        if code is None:
            raise Invalid("title_unknown", f"不认识称号“{title[:40]}”，请核对代码。", "title")
    return [replace(slot, application=application) for slot in slots_of(pack, as_of) if code in (None, slot.title)]


def _of_city(city_id: int, slots: list[Slot], as_of: date, known_on: date | None) -> Iterator[Row]:
    runner = Runner(slots, Enterprise.city_id == city_id, as_of=as_of, known_on=known_on)
    for low, high in runner.ranges():
        firms = select(Enterprise.id, Enterprise.credit_code, Enterprise.name).where(Enterprise.id.between(low, high), Enterprise.city_id == city_id)
        heads = {id_: (code, name) for id_, code, name in db.session.execute(firms)}
        for id_, columns in runner.rows(low, high):
            for layout in runner.layout.layouts:
                record = unpack(layout, columns)
                if record.verdict is not None:
                    yield _row(heads[id_], layout.slot, record, as_of)


def _row(head: tuple[str, str], slot: Slot, record: Record, as_of: date) -> Row:
    kind = slot.application or ("review" if record.held else "new")
    version = slot.version_for(kind)
    assert version is not None and record.verdict is not None
    return {
        "credit_code": head[0], "name": head[1], "title": slot.title, "title_label": version.title_labels.get(slot.title, slot.title), "application": kind,
        "rule": version.code, "verdict": record.verdict.label, "open": record.open,
        "leaves": [{"id": leaf, "result": {MANUAL: "manual", UNKNOWN: "unknown", UNMET: "unmet"}[code]} for leaf, code in record.leaves.items()],
        "score": None if record.score is None else {"low": plain(to_decimal(record.score[0])), "high": plain(to_decimal(record.score[1]))}, "as_of": as_of,
    }


def write(out: Path, rows: Iterator[Row]) -> int:
    """Write the file whole or not at all; returns how many rows. Raises Invalid for another kind of file, or more rows than a sheet holds."""
    writer = {".xlsx": _xlsx, ".csv": _csv, ".jsonl": _jsonl}.get(out.suffix.lower())
    if writer is None:
        raise Invalid("out", f"结果文件的扩展名应为 .xlsx、.csv 或 .jsonl，现在是“{out.suffix}”。", "out")
    if not out.parent.is_dir():
        raise Invalid("out", f"文件夹 {out.parent} 不存在，请先建立。", "out")
    part = out.with_name(out.name + ".part")
    try:
        count = writer(part, rows)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return count


def _jsonl(part: Path, rows: Iterator[Row]) -> int:
    count = 0
    with open(part, "w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps({**row, "as_of": row["as_of"].isoformat()}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _csv(part: Path, rows: Iterator[Row]) -> int:
    """UTF-8 with a mark, as Excel opens it; a text that a sheet would run as a formula gets an apostrophe."""
    count = 0
    with open(part, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([label for label, _ in HEADINGS.values()])
        for row in rows:
            writer.writerow([f"'{one}" if isinstance(one, str) and one[:1] in ("=", "+", "-", "@", "\t", "\r") else one for one in _cells(row).values()])
            count += 1
    return count


def _xlsx(part: Path, rows: Iterator[Row]) -> int:
    from rustpy_xlsxwriter import Format, write_worksheet  # a web worker writes no workbook until it is asked for one

    total = db.session.scalar(select(func.count()).select_from(Enterprise)) or 0
    count = 0

    def cells() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            if count > XLSX_ROWS:
                raise Invalid("too_many_rows", f"一张表最多 {XLSX_ROWS} 行，{total} 家企业放不下。请用 --title 只写一个称号，或改用 .csv、.jsonl。", "out")
            yield {HEADINGS[name][0]: value for name, value in _cells(row).items()}
        if count == 0:
            yield dict.fromkeys((label for label, _ in HEADINGS.values()), "")

    last = len(HEADINGS) - 1
    write_worksheet(
        cells(), str(part), sheet_name="条件比对", header_row=1, freeze_row=2, header_format=Format().set_bold().set_background_color("#E8F0FB"),
        column_widths=[width for _, width in HEADINGS.values()], autofilter=True,
        merge_ranges=[(0, 0, 0, last, DISCLAIMER, Format().set_font_color("#586472"))],
    )  # fmt: skip
    return count


def _cells(row: Row) -> dict[str, Any]:
    """One value per heading; numbers stay numbers, codes stay text."""
    by_result = {result: "、".join(leaf["id"] for leaf in row["leaves"] if leaf["result"] == result) for result in ("unmet", "unknown", "manual")}
    score = row["score"] or {"low": None, "high": None}
    values = {
        **row, **by_result, "name": strip_invisible(row["name"]), "application": APPLICATION_LABELS[row["application"]],
        "open": row["open"] if row["open"] < MORE else "2 项以上", "score_low": score["low"], "score_high": score["high"],
        "as_of": row["as_of"].isoformat(),
    }
    return {name: "" if values[name] is None else values[name] for name in HEADINGS}
