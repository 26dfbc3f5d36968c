"""Inside the child: one .csv to a row file. Encoding and delimiter are decided strictly; a doubtful file is refused, never guessed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

from app.exchange.reading.child import Stop
from app.exchange.reading.rowfile import RowWriter

_SLACK = 300
_SAVE_AS = "请用 Excel 或 WPS 打开核对后另存为 .xlsx，或另存为“CSV UTF-8”再上传"
_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.I)
_UTF8_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{3,}")
_MAX_FIELD = 200_000


def read_delimited(request: dict[str, Any]) -> dict[str, Any]:
    """The file as one sheet named CSV."""
    text, encoding = decode(Path(request["path"]).read_bytes())
    if "\x00" in text:
        raise Stop(
            "csv_nul", f"第 {text.count(chr(10), 0, text.index(chr(0))) + 1} 行含有空字符（NUL），文件已损坏；{_SAVE_AS}。"
        )
    text, delimiter = _said_delimiter(text)
    delimiter = delimiter or find_delimiter(text)
    target = Path(request["into"]) / "sheet-000.rows"
    limit = request["limits"]["data_rows"] + _SLACK
    with RowWriter(target) as writer:
        for number, row in _records(text, delimiter):
            if len(row) > request["limits"]["columns"]:
                raise Stop(
                    "too_many_columns",
                    f"第 {number} 行有 {len(row):,} 列，超过 {request['limits']['columns']} 列；请检查分隔符。",
                )
            if cells := _cells(row):
                writer.write(number, cells)
            if writer.rows > limit:
                raise Stop(
                    "too_many_rows",
                    f"数据超过 {request['limits']['data_rows']:,} 行；请拆成几个文件分别导入。本次没有导入任何一行。",
                )
    sheet = {
        "index": 0,
        "name": "CSV",
        "hidden": False,
        "file": target.name,
        "rows": writer.rows,
        "columns": writer.columns,
        "merges": [],
    }
    return {"kind": "csv", "encoding": encoding, "delimiter": delimiter, "date_1904": False, "sheets": [sheet]}


def _cells(row: list[str]) -> list[str | None]:
    cells: list[str | None] = [_unguarded(cell) if cell.startswith('="') else cell or None for cell in row]
    while cells and (cells[-1] is None or not cells[-1].strip()):
        cells.pop()
    return cells


def _unguarded(cell: str) -> str | None:
    """``="0123"``: how an export keeps a spreadsheet from dropping digits; the content is meant."""
    return (cell[2:-1] or None) if cell.endswith('"') and len(cell) > 3 else cell


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding."""
    for mark, codec, name in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return _strict(data, codec, name), name
    if name := _bare_utf16(data):
        return _strict(data, name, "UTF-16"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        return _decode_gb(data, error)


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Stop(
            "csv_encoding",
            f"文件标明是 {name}，但第 {_line(data, error.start)} 行起有无法识别的字节，可能被截断或混用了编码；{_SAVE_AS}。",
        ) from error


def _bare_utf16(data: bytes) -> str:
    """UTF-16 without its mark: nearly every other byte of the ASCII parts is zero, always on the same side."""
    sample = data[:4000]
    zeros = sample.count(0)
    if zeros < 4 or zeros * 20 < len(sample):
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 20 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 20 * odd else ""


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _decode_gb(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    mixed = _utf8_line(data)
    if mixed:
        wrong = _line(data, error.start)
        if error.start >= len(data) - 4 and error.reason.startswith("unexpected end"):
            raise Stop("csv_cut", f"文件在最后一个字符中间断开，可能没有传完；{_SAVE_AS}。")
        raise Stop("csv_mixed_encoding", f"第 {mixed} 行是 UTF-8，第 {wrong} 行却不是，文件混用了编码；{_SAVE_AS}。")
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as failed:
        raise Stop("csv_encoding", f"第 {_line(data, failed.start)} 行既不是 UTF-8 也不是 GBK 编码；{_SAVE_AS}。") from failed
    if not reads_as_chinese(text):
        raise Stop("csv_encoding", f"按 GBK 读出来是乱码，文件可能是繁体（Big5）、日文或其他编码；{_SAVE_AS}。")
    try:
        data.decode("gbk")
    except UnicodeDecodeError:
        return text, "GB18030"
    return text, "GBK"


def _utf8_line(data: bytes) -> int:
    """The first line that holds unmistakable UTF-8 Chinese, or 0."""
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.isascii():
            try:
                if _UTF8_CHINESE.search(line.decode("utf-8")):
                    return number
            except UnicodeDecodeError:
                continue
    return 0


def reads_as_chinese(text: str) -> bool:
    """Whether most Chinese characters are the common ones (GB 2312 level 1): wrongly decoded text lands on rare ones, kana and private use."""
    seen = Counter(c for c in text if not c.isascii())
    common = odd = total = 0
    for char, count in seen.items():
        try:
            lead = char.encode("gb2312")[0]
        except UnicodeEncodeError:
            lead = 0
        total += count
        if 0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3:
            common += count
        elif 0xA4 <= lead <= 0xAF or "\ue000" <= char <= "\uf8ff" or (lead == 0 and "\u0080" <= char < "\u2000"):
            odd += count
    return total == 0 or (common >= 0.7 * total and odd <= 0.1 * total)


def _said_delimiter(text: str) -> tuple[str, str]:
    """Excel's first line ``sep=;`` names the delimiter and is not a row."""
    found = _SEP_LINE.match(text)
    return (text[found.end() :], found[1]) if found else (text, "")


def find_delimiter(text: str) -> str:
    """The delimiter that gives the steadiest table over the first lines."""
    sample = text[:200_000]
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        widths = _widths(sample, delimiter)
        several = Counter(width for width in widths if width > 1)
        if several:
            width, rows = max(several.items(), key=lambda entry: (entry[1], entry[0]))
            score = (round(rows / max(1, len([w for w in widths if w])), 1), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str) -> list[int]:
    widths = []
    try:
        for count, row in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)):
            if count >= 60:
                break
            widths.append(len(row))
    except csv.Error:
        return widths
    return widths


def _records(text: str, delimiter: str) -> Any:
    """``(record number, fields)``; refuses what a strict reader would only repair."""
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, width = 0, 0
    try:
        for number, row in enumerate(reader, 1):
            width = max(width, len(row)) if number <= 20 else width
            if any("\n" in field or "\r" in field for field in row):
                _refuse_swallowed(row, delimiter, width, number)
            yield number, row
    except csv.Error as error:
        if "field larger" in str(error):
            raise Stop(
                "csv_open_quote", f"第 {number + 1} 行起有一格超过 {_MAX_FIELD:,} 个字，多半是引号没有成对；{_SAVE_AS}。"
            ) from error
        raise Stop("csv_open_quote", f"第 {number + 1} 行（文件第 {reader.line_num} 行）的引号没有成对；{_SAVE_AS}。") from error


def _refuse_swallowed(row: list[str], delimiter: str, width: int, number: int) -> None:
    """A field that contains whole records: an opening quote without its end swallowed them."""
    for field in row:
        lines = re.split(r"\r\n|\r|\n", field)
        full = sum(1 for line in lines if line.count(delimiter) >= max(2, width - 1))
        if full >= 1 or len(lines) > 200:
            raise Stop("csv_open_quote", f"第 {number} 行有一格里含有整行数据，多半是引号没有成对；{_SAVE_AS}。")
