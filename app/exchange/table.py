"""From a stored upload to the table in it: read once in a limited child, kept as row files until the batch is forgotten."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.exchange import reading
from app.exchange.models import ImportBatch
from app.exchange.reading import Reading, Refused, Sheet, Upload, ahead
from app.exchange.registry import Importer
from app.exchange.rules.cells import cell_text
from app.exchange.rules.fields import Field
from app.exchange.rules.header import HeaderMap, Row, SheetPreview, choose_sheet, missing_required, normal_header
from app.infra import files

GUESS_ROWS, SAMPLES = 30, 3


def folder_of(batch: ImportBatch) -> Path:
    """Where the row files of a batch lie."""
    return files.data_dir() / "imports" / batch.token


def drop_folder(batch: ImportBatch) -> None:
    shutil.rmtree(folder_of(batch), ignore_errors=True)


@contextmanager
def reading_of(batch: ImportBatch, content: Path) -> Iterator[tuple[Reading, Upload | None]]:
    """The same without waiting for the last row: what is known of the sheets, and the upload while it is still being read."""
    into = folder_of(batch)
    begun = ahead.taken(into)
    if begun is None:
        try:
            done = reading.load_reading(into)
        except Refused:
            drop_folder(batch)
        else:
            yield done, None
            return
        into.mkdir(parents=True)
    with begun or Upload(content, batch.file_name, into) as upload:
        yield upload.outline(), upload


def read(batch: ImportBatch, content: Path) -> Reading:
    """The rows of the batch's file; read in a child process the first time only. Raises ``Refused``."""
    into = folder_of(batch)
    try:
        return reading.load_reading(into)
    except Refused:
        drop_folder(batch)  # an interrupted attempt
    into.mkdir(parents=True)
    return reading.read_upload(content, batch.file_name, into)


@dataclass(frozen=True)
class Table:
    """The recognised table. ``header`` None: nobody knows where the header is, ``guess`` is the likeliest row."""

    sheet: Sheet
    header: HeaderMap | None
    others: tuple[str, ...]
    guess: Row | None = None

    def headers(self) -> list[tuple[int, str]]:
        """(column index, header text) of every column that has one."""
        if self.header is not None:
            return [(c.index, c.header) for c in self.header.columns]
        cells = self.guess[1] if self.guess else []
        return [(i, cell_text(cell).strip()) for i, cell in enumerate(cells) if cell_text(cell).strip()]

    @property
    def signature(self) -> str:
        """The same for every file with the same headers, in whatever order."""
        names = sorted(normal_header(text) for _, text in self.headers())
        return hashlib.sha256("\n".join(names).encode()).hexdigest()


def find(read_: Reading, fields: Sequence[Field], remembered: Mapping[str, str] | None = None, upload: Upload | None = None) -> Table:
    """The sheet and header that fit best. Raises ``Refused`` for a workbook without any row."""
    previews = [p for sheet in read_.sheets if (sheet.rows or sheet.coming) and (p := reading.preview(sheet, upload=upload)).rows]
    if not previews:
        raise Refused("file_without_rows", "文件里没有任何数据，请检查是否选错了文件或工作表。", field="file")
    choice = choose_sheet(previews, fields, remembered=remembered)
    sheets = {sheet.index: sheet for sheet in read_.sheets}
    if choice is None:
        preview = max(previews, key=lambda p: (not p.hidden, len(p.rows)))
        return Table(sheets[preview.index], None, tuple(p.name for p in previews if p is not preview), _likeliest(preview))
    sheet = sheets[choice.sheet.index]
    if sheet.too_long:
        raise Refused("too_many_rows", f"工作表“{sheet.name}”超过 {reading.MAX_DATA_ROWS:,} 行，请拆分后分批导入。", field="file")
    return Table(sheet, choice.header, choice.others)


def _likeliest(preview: SheetPreview) -> Row | None:
    """The row with most different texts among the first ones: shown on the mapping page as the header."""
    return max(preview.rows[:GUESS_ROWS], key=lambda row: len({c for c in row[1] if isinstance(c, str)}), default=None)


def lacking(importer: Importer, header: HeaderMap | None) -> list[str]:
    """Labels of what the table must have and has not; empty when the header is clear."""
    if header is None:
        return [f.label for f in importer.fields if f.required] or ["表头"]
    missing = [f.label for f in missing_required(header, importer.fields)]
    present = {c.field.key for c in header.mapped if c.field}
    needed = getattr(importer, "any_of", ())
    if needed and not present & set(needed):
        missing.append("或".join(f.label for f in importer.fields if f.key in needed))
    return missing


def samples(table: Table) -> dict[int, list[str]]:
    """Per column index the first few different texts below the header, for the mapping page."""
    start = table.header.first_data_row if table.header else (table.guess[0] + 1 if table.guess else 1)
    found: dict[int, list[str]] = {index: [] for index, _ in table.headers()}
    for _, cells in islice(_rows_from(table.sheet, start), 50):
        for index, texts in found.items():
            text = cell_text(cells[index]).strip()[:40] if index < len(cells) else ""
            if text and text not in texts and len(texts) < SAMPLES:
                texts.append(text)
    return found


def _rows_from(sheet: Sheet, start: int) -> Iterator[Row]:
    return reading.iter_rows(sheet, after_row=start - 1)
