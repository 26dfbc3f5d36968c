"""The parent's side of reading: start the child, wait within limits, check its answer, make the result durable."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from app.exchange.reading.container import Limits, Refused, inspect
from app.exchange.reading.rowfile import read_rows, rows_of_lines
from app.exchange.rules.header import Merge, Remark, Row, SheetPreview

MAX_DATA_ROWS = 100_000
_RESULT, _MANIFEST, COMING = "result.json", "reading.json", "coming.json"
_RESULT_BYTES = 64 * 1024 * 1024
_BOOT = Path(__file__).with_name("boot.py")
_MESSAGES = {
    "reading_memory": "读取时内存超出限制：工作表范围过大（可能在很远的单元格里有内容）；请把数据复制到新工作簿，只保留有用的行列后再上传。",
    "reading_timeout": "读取超时：文件过大或结构异常；请把数据复制到新工作簿或拆成几个文件后再上传。",
    "file_damaged": "文件已损坏，内容无法读取；请用 Excel 或 WPS 打开并重新保存，再上传。",
    "file_encrypted": "文件设有密码，无法读取；请取消密码后另存，再上传。",
    "storage_full": "服务器存储空间不足，文件没有读取；请联系系统管理员，稍后再试。",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it was read. ``rows``: non-blank rows stored in ``path``. ``too_long``: a hidden sheet beyond the limits, left out.
    ``coming``: its rows are still being read (``Upload.rows``), how many is not known yet."""

    index: int
    name: str
    path: Path
    rows: int
    columns: int
    hidden: bool = False
    merges: tuple[Merge, ...] = ()
    hidden_rows: int = 0
    too_long: bool = False
    delimited: bool = False
    coming: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """``kind`` xlsx or csv; ``remarks`` say what was noticed (hidden rows, 1904 dates, encoding, formulas without results)."""

    kind: str
    sheets: tuple[Sheet, ...]
    date_1904: bool = False
    encoding: str = ""
    delimiter: str = ""
    remarks: tuple[Remark, ...] = ()


def read_upload(path: Path, filename: str, into: Path, *, limits: Limits = Limits()) -> Reading:
    """Check and read ``path`` (named ``filename`` by the user) into row files inside the empty directory ``into``.

    Blocking, at most ``limits.wall_seconds``: for a worker or the command line. Raises ``Refused``; then ``into`` holds nothing of it.
    ``into/reading.json`` is written last: its presence means the directory is complete.
    """
    with Upload(path, filename, into, limits=limits) as upload:
        return upload.finish()


class Upload:
    """The same while it happens: ``outline`` comes as soon as the sheets are known, ``rows`` follows a sheet that is still being read, and
    ``finish`` waits for the end. Nothing counts before ``finish`` has answered. A context manager that stops the child when left early."""

    def __init__(self, path: Path, filename: str, into: Path, *, limits: Limits = Limits()) -> None:
        kind = inspect(path, filename, limits)
        into.mkdir(parents=True, exist_ok=True)
        self._into = into
        self._finished: Reading | None = None
        request = {"kind": kind, "path": str(path.resolve()), "into": ".", "limits": asdict(limits)}
        self._child = _start_child(request, into)
        self._deadline = time.monotonic() + limits.wall_seconds

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        if self._finished is None:
            _remove(self._into)

    def move(self, into: Path) -> None:
        """Go on in another place of the same file system; the child works relative to its folder and notices nothing."""
        into.parent.mkdir(parents=True, exist_ok=True)
        self._into.rename(into)
        self._into = into

    def outline(self) -> Reading:
        """The sheets, as far as they are known (``rows`` of the one still coming is 0), or the whole result when the child is done."""
        while self._child.poll() is None:
            if (self._into / COMING).exists():
                return _reading(_answer(self._into / COMING), self._into)
            self._wait()
        return self.finish()

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet, waiting for those still to come."""
        if not sheet.coming:
            return iter_rows(sheet)
        return rows_of_lines(self._lines(sheet.path))

    def _lines(self, path: Path) -> Iterator[bytes]:
        begun = b""
        with path.open("rb") as file:
            while True:
                ended = self._child.poll() is not None
                line = file.readline()
                if line.endswith(b"\n"):
                    yield begun + line
                    begun = b""
                    continue
                begun += line
                if not line and ended:
                    return
                if not line:
                    self._wait()

    def _wait(self) -> None:
        if time.monotonic() > self._deadline:
            raise _refused("reading_timeout")
        time.sleep(0.005)

    def finish(self) -> Reading:
        """Wait for the end, make the row files durable; the complete reading. Raises ``Refused``."""
        if self._finished is not None:
            return self._finished
        try:
            status = self._child.wait(max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise _refused("reading_timeout") from None
        if status != 0:
            raise _refused(_code_of_death(status))
        (self._into / COMING).unlink(missing_ok=True)
        reading = _reading(_answer(self._into / _RESULT), self._into)
        if not any(sheet.rows for sheet in reading.sheets):
            raise Refused("no_rows", "文件里没有任何数据；请检查是否选错了文件。")
        _make_durable(reading, self._into)
        self._finished = reading
        return reading


def _start_child(request: dict[str, Any], folder: Path) -> subprocess.Popen[bytes]:
    argument = json.dumps(request, ensure_ascii=True)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and file, one JSON argument, no shell
        [sys.executable, str(_BOOT), argument],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    """Nothing of ours but what an interpreter needs to start: no secrets reach a process that meets hostile input."""
    kept = (
        "PATH",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "TEMP",
        "TMP",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONPYCACHEPREFIX",
        "VIRTUAL_ENV",
        "HOME",
    )
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUST_BACKTRACE": "0",
    }


def _code_of_death(status: int) -> str:
    """A negative status is the signal. Running out of memory aborts the reader; the processor limit sends XCPU, then KILL."""
    if status == -signal.SIGABRT:
        return "reading_memory"
    if status in (-getattr(signal, "SIGXCPU", 24), -getattr(signal, "SIGKILL", 9)):
        return "reading_timeout"
    return "file_damaged"


def _refused(code: str, message: str = "") -> Refused:
    return Refused(code, message or _MESSAGES.get(code, _MESSAGES["file_damaged"]))


def _answer(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _RESULT_BYTES:
            raise ValueError("answer too long")
        result = json.loads(path.read_text("utf-8"))
        path.unlink()
    except (OSError, ValueError) as error:
        raise _refused("file_damaged") from error
    if "code" in result:
        raise _refused(str(result["code"]), str(result["message"]))
    return dict(result)


def _reading(result: dict[str, Any], into: Path) -> Reading:
    try:
        sheets = tuple(_sheet(entry, into, result["kind"] == "csv") for entry in result["sheets"])
        reading = Reading(
            str(result["kind"]),
            sheets,
            bool(result["date_1904"]),
            str(result.get("encoding", "")),
            str(result.get("delimiter", "")),
            _remarks(result),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _refused("file_damaged") from error
    return reading


def _sheet(entry: dict[str, Any], into: Path, delimited: bool) -> Sheet:
    merges = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in entry["merges"])
    return Sheet(
        index=int(entry["index"]),
        name=str(entry["name"])[:100],
        path=into / f"sheet-{int(entry['index']):03d}.rows",
        rows=int(entry["rows"]),
        columns=int(entry["columns"]),
        hidden=bool(entry["hidden"]),
        merges=merges,
        hidden_rows=int(entry.get("hidden_rows", 0)),
        too_long=bool(entry.get("too_long")),
        delimited=delimited,
        coming=bool(entry.get("coming")),
    )


def _remarks(result: dict[str, Any]) -> tuple[Remark, ...]:
    found = []
    if result["date_1904"]:
        found.append(Remark("date_1904", "工作簿使用 1904 日期系统，日期已按此换算"))
    if result.get("encoding"):
        names = {",": "逗号", ";": "分号", "\t": "制表符", "|": "竖线"}
        found.append(
            Remark("encoding", f"按 {result['encoding']} 编码、{names.get(result['delimiter'], result['delimiter'])}分隔读取")
        )
    for sheet in result["sheets"]:
        found += _sheet_remarks(sheet)
    return tuple(found)


def _sheet_remarks(sheet: dict[str, Any]) -> list[Remark]:
    name, found = sheet["name"], []
    if sheet.get("too_long"):
        found.append(Remark("hidden_sheet_too_long", f"隐藏的工作表“{name}”过大，没有读取"))
    if sheet.get("hidden_rows"):
        found.append(Remark("hidden_rows", f"工作表“{name}”有 {sheet['hidden_rows']} 行被隐藏或筛选掉，也已一并读取"))
    if sheet.get("formulas"):
        found.append(
            Remark(
                "formulas_without_value",
                f"工作表“{name}”有 {sheet['formulas']} 个公式没有计算结果；请用 Excel 或 WPS 打开并保存一次",
            )
        )
    if sheet.get("errors"):
        found.append(Remark("error_cells", f"工作表“{name}”有 {sheet['errors']} 个单元格是错误值（如 #REF!）"))
    return found


def _make_durable(reading: Reading, into: Path) -> None:
    """Row files, then the manifest by rename, then the directory: complete or absent after a power cut."""
    for sheet in reading.sheets:
        _sync(sheet.path)
    entries = [asdict(sheet) | {"path": sheet.path.name} for sheet in reading.sheets]
    manifest = asdict(reading) | {"sheets": entries, "remarks": [asdict(remark) for remark in reading.remarks]}
    draft = into / (_MANIFEST + ".tmp")
    draft.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    _sync(draft)
    draft.replace(into / _MANIFEST)
    _sync(into)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(into: Path) -> None:
    for pattern in ("sheet-*.rows", "sheet-*.cut", COMING, "coming.tmp", _RESULT, _MANIFEST, _MANIFEST + ".tmp"):
        for path in into.glob(pattern):
            with contextlib.suppress(OSError):
                path.unlink()


def load_reading(into: Path) -> Reading:
    """The result of an earlier ``read_upload`` into the same directory; raises ``Refused`` when it is not complete."""
    try:
        stored = json.loads((into / _MANIFEST).read_text("utf-8"))
        sheets = tuple(
            Sheet(**(s | {"path": into / s["path"], "merges": tuple(tuple(m) for m in s["merges"])})) for s in stored["sheets"]
        )
        remarks = tuple(Remark(**remark) for remark in stored["remarks"])
        return Reading(**(stored | {"sheets": sheets, "remarks": remarks}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused("reading_lost", "这批数据的读取结果已不在服务器上；请重新上传文件。") from error


def iter_rows(sheet: Sheet, *, after_row: int = 0) -> Iterator[Row]:
    """``(sheet row, cells)`` of every non-blank row, in order; ``after_row`` resumes. Cells as in ``rules.cells``."""
    return read_rows(sheet.path, after_row)


def preview(sheet: Sheet, rows: int = 80, upload: Upload | None = None) -> SheetPreview:
    """The first rows for ``rules.header``; of a sheet that is still being read as soon as there are so many."""
    first = list(islice(iter_rows(sheet) if upload is None else upload.rows(sheet), rows))
    return SheetPreview(sheet.index, sheet.name, first, sheet.merges, sheet.hidden, sheet.delimited)
