"""First look at an upload with the standard library only: what kind of file it is, and whether its container is safe to hand to a reader.

Nothing is unpacked to disk and no part is read beyond its first kilobytes. Sizes are those the archive declares; the child process verifies
them while reading, inside its own limits.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

from app.kernel.errors import Invalid


class Refused(Invalid):
    """The whole file is refused; nothing was kept of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may cost. ``cpu_seconds`` and ``memory_bytes`` bind the child where the system can enforce them."""

    file_bytes: int = 50 * 1024 * 1024
    unpacked_bytes: int = 600 * 1024 * 1024
    parts: int = 5_000
    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 20
    wall_seconds: int = (
        120  # generous: the child yields to page requests on a busy machine; processor time is the limit that binds
    )
    data_rows: int = 100_000
    sheets: int = 64
    columns: int = 702  # A to ZZ


MAX_RATIO: Final = 250  # a sheet of 100,000 equal rows packs about 40 : 1, deflate's limit is 1032 : 1
MAX_COLUMN, MAX_ROW = 16_384, 1_048_576
_PROLOG = 64 * 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF 文档", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"BM": "图片", b"Rar!": "RAR 压缩包", b"7z\xbc\xaf": "7z 压缩包",
    b"\x1f\x8b": "gzip 压缩包", b"{\\rtf": "RTF 文档", b"SQLite format 3": "数据库文件", b"MZ": "程序文件", b"\x7fELF": "程序文件",
}  # fmt: skip
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_ROOT = re.compile(rb"<[A-Za-z_]")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*?\bref\s*=\s*[\"']([^\"']*)[\"']")
_REFERENCE = re.compile(rb"\$?([A-Za-z]{1,8})\$?(\d{1,12})")
_MARKUP = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|style|script)\b", re.I | re.S)
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传"


def inspect(path: Path, filename: str, limits: Limits) -> str:
    """``xlsx`` or ``csv``; raises ``Refused``. ``filename`` is the user's name for the file, only its ending matters."""
    size = path.stat().st_size
    if size == 0:
        raise Refused("file_empty", "文件是空的（0 字节）；请检查后重新上传。")
    if size > limits.file_bytes:
        raise Refused(
            "file_too_large",
            f"文件有 {size / 1_048_576:.1f} MB，超过 {limits.file_bytes // 1_048_576} MB；请删去图片或拆成几个文件。",
        )
    with path.open("rb") as file:
        head = file.read(8192)
        if head.startswith(_ZIP):
            _check_archive(file, limits)
            return "xlsx"
        if head.startswith(_OLE):
            _refuse_ole(file)
    return _check_text(head, filename)


def _refuse_ole(file: IO[bytes]) -> None:
    file.seek(0)
    content = file.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused("file_encrypted", "文件设有打开密码，无法读取；请取消密码后另存，再上传。")
    raise Refused("old_workbook", f"这是旧版 Excel（.xls）或 WPS 表格（.et）文件；{_SAVE_AS}。")


def _check_text(head: bytes, filename: str) -> str:
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise Refused("not_a_table", f"文件内容是{kind}，不是表格；请上传 .xlsx 或 .csv 文件。")
    if head.startswith(b"PK"):
        raise Refused("file_damaged", "文件已损坏或是空的压缩包；请重新保存后上传。")
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _MARKUP.match(text):
        raise Refused("html_not_workbook", f"文件内容是网页（HTML）表格，只是改了扩展名；{_SAVE_AS}。")
    if text.lstrip().startswith(b"<?xml") or text.lstrip().startswith(b"<Workbook"):
        raise Refused("xml_not_workbook", f"文件内容是 XML 表格；{_SAVE_AS}。")
    ending = Path(filename).suffix.lower()
    if ending not in ("", ".csv", ".txt", ".tsv"):
        raise Refused(
            "text_not_workbook", f"扩展名是 {ending[:8]}，内容却是文本；若是 CSV，请把扩展名改为 .csv，否则{_SAVE_AS}。"
        )
    return "csv"


def _check_archive(file: IO[bytes], limits: Limits) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            _check_parts(infos, limits)
            _check_kind(archive, {info.filename for info in infos})
            for info in infos:
                if info.filename.lower().endswith((".xml", ".rels")):
                    _check_prolog(archive, info)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise Refused("file_damaged", "文件已损坏或上传不完整，无法打开；请用 Excel 或 WPS 打开并重新保存，再上传。") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise Refused("file_damaged", "文件已损坏，内容无法解压；请重新保存后上传。") from error


def _check_parts(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.parts:
        raise Refused("too_many_parts", f"文件内部有 {len(infos):,} 个部件，不是正常的工作簿；{_SAVE_AS}。")
    if any(info.flag_bits & 0x1 for info in infos):
        raise Refused("file_encrypted", "文件设有密码，无法读取；请取消密码后另存，再上传。")
    names = [info.filename.lower() for info in infos]
    if len(set(names)) != len(names) or any(info.compress_type not in (0, 8) for info in infos):
        raise Refused("file_damaged", f"文件内部结构不正常；{_SAVE_AS}。")
    total = sum(info.file_size for info in infos)
    packed = any(info.file_size > 20_000_000 and info.file_size > MAX_RATIO * max(1, info.compress_size) for info in infos)
    if total > limits.unpacked_bytes or packed or _overlap(infos):
        raise Refused(
            "unpacks_too_large",
            f"文件解压后过大（{total / 1_048_576:,.0f} MB），不能读取；请删去空白行列和图片，只保留数据后另存。",
        )


def _overlap(infos: list[zipfile.ZipInfo]) -> bool:
    """Entries sharing the same bytes: the trick of a quine bomb."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    return any(a.header_offset + 30 + a.compress_size > b.header_offset for a, b in pairwise(ordered))


def _check_kind(archive: zipfile.ZipFile, names: set[str]) -> None:
    lower = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lower):
        raise Refused("macros", "工作簿带有宏；请另存为不带宏的“Excel 工作簿（.xlsx）”后再上传。")
    if "xl/workbook.bin" in lower:
        raise Refused("binary_workbook", f"这是二进制工作簿（.xlsb）；{_SAVE_AS}。")
    if "content.xml" in lower and "mimetype" in lower:
        raise Refused("open_document", f"这是 ODS 表格；{_SAVE_AS}。")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in lower):
        raise Refused("not_a_workbook", "这个压缩包不是 Excel 工作簿；请上传 .xlsx 或 .csv 文件。")
    with archive.open("[Content_Types].xml") as part:
        if b"macroenabled" in part.read(1_000_000).lower():
            raise Refused("macros", "工作簿启用了宏；请另存为不带宏的“Excel 工作簿（.xlsx）”后再上传。")


def _check_prolog(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """No document type (so no entities), the root element within reach, and a dimension that a sheet can have."""
    with archive.open(info) as part:
        start = part.read(4096)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in start[:64]:
            raise Refused("file_damaged", f"文件内部编码不正常；{_SAVE_AS}。")
        if _ROOT.search(start) is None:
            start += part.read(_PROLOG)
        root = _ROOT.search(start)
        if _DOCTYPE.search(start) or (root is None and info.file_size > 0):
            raise Refused("xml_entities", f"文件内部含有外部实体声明，有安全风险，已拒绝；{_SAVE_AS}。")
    if "worksheets/" in info.filename.lower():
        found = _DIMENSION.search(start)
        if found and not _plausible(found[1]):
            raise Refused(
                "dimension_absurd",
                f"工作表声明的范围“{found[1][:30].decode('ascii', 'replace')}”不可能存在，文件已损坏；{_SAVE_AS}。",
            )


def _plausible(reference: bytes) -> bool:
    """A range inside what Excel can hold. It may still lie: the reader does not rely on it."""
    for corner in reference.split(b":")[:2]:
        match = _REFERENCE.fullmatch(corner.strip())
        if match is None or not 1 <= int(match[2]) <= MAX_ROW or column_number(match[1]) > MAX_COLUMN:
            return False
    return True


def column_number(letters: bytes) -> int:
    """A -> 1, XFD -> 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
