"""The filtered list as a workbook: title line, scope and data date, codes as text, nothing that a sheet would run as a formula."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Row, select

from app.enterprises import columns as columns_module
from app.enterprises.columns import BY_CODE, NAME, Column, Words
from app.enterprises.queries import hooks, places
from app.enterprises.queries.listing import Filters, Sort, each_value
from app.infra.db import db
from app.infra.files import StoredFile
from app.kernel.scope import Scope

SHEET, HEAD_ROW, PURPOSE = "企业名单", 2, "enterprises.export"
AT_ONCE = 5_000
"""Up to this many rows the workbook is the answer of the request; more is a background job."""
_kinds = {PURPOSE}
NUMBER_FORMATS = {"wan": "#,##0.00", "signed": "0.00", "pct": "0.00", "count": "#,##0", "year": "0", "day": "yyyy-mm-dd"}


@dataclass(frozen=True)
class Caption:
    """What stands above the table. ``conditions``: the filters in words; ``day``: the data date."""

    title: str
    conditions: str
    day: date
    by: str

    @property
    def line(self) -> str:
        return f"数据截至：{self.day:%Y-%m-%d}　范围：{self.conditions}　导出人：{self.by}"


def columns_of(codes: Sequence[str]) -> list[Column]:
    """Columns of a sheet: code and name always come first."""
    rest = [BY_CODE[c] for c in codes if c in BY_CODE and c != "code"]
    return [BY_CODE["code"], NAME, *rest]


def write_list(
    out: BinaryIO | Path, scope: Scope, filters: Filters, sort: Sort, columns: Sequence[Column], caption: Caption, *, on_rows: Any = None
) -> int:
    """Write the whole list; returns the number of rows. ``on_rows(done)`` is called now and then (progress of a job)."""
    written = 0
    words = Words(places.places(), hooks.ladder_words())
    raw = [columns_module.raw(db.session(), column, cities=bool(words.ladder.cities)) for column in columns]

    def counted() -> Iterator[Sequence[Row[Any]]]:
        nonlocal written
        for rows in each_value(scope, filters, sort, raw):
            yield rows
            written += len(rows)
            if on_rows is not None:
                on_rows(written)

    write_table(out, columns, records(columns, counted(), words), caption)
    return written


def records(columns: Sequence[Column], batches: Iterator[Sequence[Row[Any]]], words: Words) -> Iterator[dict[str, Any]]:
    """Raw rows as heading -> cell: columns that need words are put into words as a whole, then one dict a row."""
    headings = [column.heading for column in columns]
    shapes = [columns_module.shape(column, words) for column in columns]
    for rows in batches:
        cells = zip(*rows, strict=True)  # the order's own columns stand behind and are left out
        shown = [values if shape is None else map(shape, values) for shape, values in zip(shapes, cells, strict=False)]
        yield from map(dict, map(zip, repeat(headings), zip(*shown, strict=True)))


def write_table(out: BinaryIO | Path, columns: Sequence[Column], rows: Iterator[dict[str, Any]], caption: Caption) -> None:
    """Rows as a sheet. Text cells are stored as text whatever they begin with (= + - @): never as a formula."""
    from rustpy_xlsxwriter import Format, write_worksheet  # a web worker writes no workbook until it is asked for one

    head = Format().set_bold().set_background_color("#E8F0FB").set_border("thin").set_text_wrap()
    formats = [Format().set_num_format(p) if (p := _pattern(c)) else Format() for c in columns]
    last = len(columns) - 1
    write_worksheet(
        _none_yet(rows, columns), out if not isinstance(out, Path) else str(out), sheet_name=SHEET, header_row=HEAD_ROW, freeze_row=HEAD_ROW + 1,
        freeze_col=2, header_format=head, column_widths=[float(c.width) for c in columns], column_formats=formats,
        merge_ranges=[
            (0, 0, 0, last, caption.title, Format().set_bold().set_font_size(16).set_align("center")),
            (1, 0, 1, last, caption.line, Format().set_font_color("#586472")),
        ],
        autofilter=True, ignore_errors=[columns[0].heading],
    )  # fmt: skip


def _none_yet(records: Iterator[dict[str, Any]], columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """An empty list still gets its head: the writer takes the headings from the first record."""
    first = next(records, None)
    return chain([first if first is not None else dict.fromkeys((c.heading for c in columns), "")], records)


def _pattern(column: Column) -> str | None:
    return "@" if column.kind == "code" else NUMBER_FORMATS.get(column.kind)


def file_name(caption: Caption) -> str:
    """企业名单_20240826.xlsx"""
    return f"{caption.title}_{caption.day:%Y%m%d}.xlsx"


def payload(scope: Scope, filters: Filters, sort: Sort, codes: Sequence[str], caption: Caption) -> dict[str, Any]:
    """Everything a background export needs, as plain values."""
    reach = {f.name: sorted(v) if isinstance(v := getattr(scope, f.name), frozenset) else v for f in fields(scope)}
    asked = {f.name: getattr(filters, f.name) for f in fields(filters) if f.name != "extra"}
    asked |= {key: str(asked[key]) for key in ("revenue_min", "revenue_max") if asked[key] is not None}
    return {
        "scope": reach, "filters": asked, "sort": list(sort), "columns": list(codes),
        "caption": {"title": caption.title, "conditions": caption.conditions, "day": caption.day.isoformat(), "by": caption.by},
    }


def write_payload(out: Path, stored: Mapping[str, Any], *, on_rows: Any = None) -> int:
    """Write what ``payload`` described."""
    reach = {key: frozenset(v) if isinstance(v, list) else v for key, v in stored["scope"].items()}
    asked = dict(stored["filters"])
    asked |= {key: Decimal(asked[key]) for key in ("revenue_min", "revenue_max") if asked.get(key) is not None}
    caption = Caption(**{**stored["caption"], "day": date.fromisoformat(stored["caption"]["day"])})
    return write_list(
        out, Scope(**reach), Filters(**asked), Sort(*stored["sort"]), columns_of(stored["columns"]), caption, on_rows=on_rows
    )


def register_job(kind: str) -> None:
    """A higher capability's job that keeps its workbook by ``jobs.keep_workbook`` is followed and fetched by the same two pages (start-up)."""
    _kinds.add(kind)


def is_export(kind: str) -> bool:
    """Whether the job makes a workbook for the person who asked."""
    return kind in _kinds


def find_file(result: Mapping[str, Any]) -> StoredFile | None:
    """The stored workbook of a finished export."""
    token = result.get("token")
    return db.session.scalars(select(StoredFile).where(StoredFile.token == token, StoredFile.purpose == PURPOSE)).first() if token else None
