"""Reads a pack directory into a checked, frozen `Pack`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from app.kernel.errors import NotFound
from app.packs.lint import lint
from app.packs.pack import Pack
from app.packs.problems import PackInvalid, Problem, describe
from app.packs.schema import SECTIONS, Entry, Model, PackContent, Section
from app.packs.schema.content import BaseManifest, Manifest
from app.packs.yaml_source import Source, read_source

SHIPPED = Path(__file__).resolve().parent
MANIFEST, BASE_MANIFEST = "pack.yaml", "base.yaml"
_NAME = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_FILES = {MANIFEST} | {section.file for section in SECTIONS}
Rows = dict[str, list[Entry]]


class PackNotFound(NotFound):
    """No directory of that name holds a pack."""


@dataclass
class Reading:
    """Result of reading a directory: the content when every file and entry has the right shape, and all faults found."""

    content: PackContent | None = None
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, int], tuple[str, int | None]] = field(default_factory=dict)
    labels: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    prefix: str = ""

    def report(self, code: str, file: str, message: str, entry: str | None = None, line: int | None = None) -> None:
        """One more fault; ``prefix`` names the base pack being read."""
        self.problems.append(Problem(code, self.prefix + file, message, entry, line))


def available(extra_dir: Path | None = None) -> dict[str, Path]:
    """Pack name -> directory. Packs of ``extra_dir`` (YUMIAO_PACK_DIR) come first: a city may keep its own copy of a shipped one."""
    found: dict[str, Path] = {}
    for root in (extra_dir, SHIPPED):
        if root is not None and root.is_dir():
            for path in sorted(root.iterdir()):
                if _NAME.match(path.name) and (path / MANIFEST).is_file():
                    found.setdefault(path.name, path)
    return found


def files_digest(extra_dir: Path | None = None) -> str:
    """SHA-256 of every file of every pack directory, bases included: another one after an upgrade that brings other packs."""
    found = hashlib.sha256()
    for root in [folder for folder in (extra_dir, SHIPPED) if folder is not None and folder.is_dir()]:
        for path in sorted(root.rglob("*.yaml")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def head_of(path: Path) -> Manifest | None:
    """What a pack directory says of itself, without reading the pack; None when its head cannot be read."""
    return cast("Manifest | None", _read_manifest(path, MANIFEST, Manifest, Reading()))


def locate(city: str, extra_dir: Path | None = None) -> Path:
    """Directory of a pack; raises PackNotFound and lists what there is."""
    packs = available(extra_dir)
    if city not in packs:
        names = "、".join(packs) or "无"
        raise PackNotFound(f"没有名为“{city[:40]}”的政策包。现有：{names}。自备的政策包请放在 YUMIAO_PACK_DIR 指定的目录。", "pack_unknown")
    return packs[city]


def read_pack(city: str, extra_dir: Path | None = None) -> Pack:
    """The pack, checked by shape and by `lint`. Raises PackNotFound, or PackInvalid with every fault."""
    reading = check_directory(locate(city, extra_dir), extra_dir)
    if reading.content is None or reading.problems:
        raise PackInvalid(city, reading.problems)
    return Pack(reading.content)


def check_directory(path: Path, extra_dir: Path | None = None) -> Reading:
    """Read and check a directory, with the base packs it includes, without raising; lint runs once all entries have the right shape.

    ``extra_dir``: where a city keeps packs of its own; a base pack there comes before the shipped one.
    """
    reading, data = Reading(), _no_rows()
    manifest = _read_manifest(path, MANIFEST, Manifest, reading)
    _read_files(path, reading, data)
    if manifest is not None and manifest.code != path.name:
        reading.report("wrong_code", MANIFEST, f"code 写的是“{manifest.code}”，与目录名“{path.name}”不一致，请改成一致。")
    for name in reversed(manifest.includes) if manifest is not None else ():
        data = _under(_read_base(name, path, extra_dir, reading), data)
    if manifest is None or reading.problems:
        return reading
    reading.places = {
        (key, position): reading.labels[id(row)] for key, rows in data.items() for position, row in enumerate(rows) if id(row) in reading.labels
    }
    reading.content = PackContent(manifest=manifest, **{key: tuple(rows) for key, rows in data.items()})  # type: ignore[arg-type]
    reading.problems = lint(reading.content, reading.places)
    return reading


def _no_rows() -> Rows:
    return {section.key: [] for section in SECTIONS}


def _under(base: Rows, city: Rows) -> Rows:
    """Entries of a base pack below those read so far: a code the upper pack has too is left to the upper pack, all editions of it."""
    merged = _no_rows()
    for key, rows in city.items():
        own = {row.code for row in rows}
        merged[key] = [*rows, *(row for row in base[key] if row.code not in own)]
    return merged


def _read_base(name: str, path: Path, extra_dir: Path | None, reading: Reading) -> Rows:
    rows = _no_rows()
    places = [root / name for root in (path.parent, extra_dir, SHIPPED) if root is not None]
    found = next((place for place in places if (place / BASE_MANIFEST).is_file()), None)
    if found is None:
        reading.report("base_unknown", MANIFEST, f"includes 里的“{name}”没有对应的基础包（目录里要有 {BASE_MANIFEST}），请核对名称。")
        return rows
    reading.prefix = f"{name}/"
    manifest = _read_manifest(found, BASE_MANIFEST, BaseManifest, reading)
    if manifest is not None and manifest.code != name:
        reading.report("wrong_code", BASE_MANIFEST, f"code 写的是“{manifest.code}”，与目录名“{name}”不一致，请改成一致。")
    _read_files(found, reading, rows)
    reading.prefix = ""
    return rows


def _read_manifest(path: Path, name: str, model: type[Any], reading: Reading) -> Any:
    if not (path / name).is_file():
        reading.report("file_missing", name, "缺少这个文件，无法确定城市，请补上。")
        return None
    source = read_source(path / name)
    if isinstance(source, Problem):
        reading.report(source.code, source.file, source.message_zh, source.entry, source.line)
        return None
    return _build(model, source, source.data, (), reading, None)


def _read_files(path: Path, reading: Reading, data: Rows) -> None:
    for file in sorted([*path.glob("*.y*ml"), *path.glob("*/*.y*ml")]):
        name = file.relative_to(path).as_posix()
        if name in (MANIFEST, BASE_MANIFEST):
            continue
        if not any(section.stands_in(name) for section in SECTIONS):
            reading.report("unknown_file", name, f"政策包里没有这个文件，可用的文件名：{'、'.join(sorted(_FILES))}。")
            continue
        source = read_source(file, name)
        if isinstance(source, Problem):
            reading.report(source.code, source.file, source.message_zh, source.entry, source.line)
        else:
            _read_sections(source, reading, data)


def _read_sections(source: Source, reading: Reading, data: Rows) -> None:
    allowed = {section.key: section for section in SECTIONS if section.stands_in(source.name)}
    if source.data is None:
        return
    if not isinstance(source.data, dict):
        reading.report("bad_shape", source.name, f"文件最外层应是：{'、'.join(allowed)}（后接冒号），请检查缩进。", line=1)
        return
    for key, rows in source.data.items():
        if key not in allowed:
            message = f"不认识“{key}”，这个文件只能写：{'、'.join(allowed)}。"
            reading.report("unknown_key", source.name, message, line=source.line([key]))
        elif rows is not None:
            _read_rows(allowed[key], source, rows, reading, data[key])


def _read_rows(section: Section, source: Source, rows: Any, reading: Reading, target: list[Entry]) -> None:
    if not isinstance(rows, list):
        message = f"“{section.key}”下面应是列表，每一条以“- ”开头。"
        reading.report("bad_shape", source.name, message, line=source.line([section.key]))
        return
    for number, row in enumerate(rows):
        entry = _build(section.model, source, row, (section.key, number), reading, section)
        if entry is not None:
            reading.labels[id(entry)] = (reading.prefix + source.name, source.line([section.key, number]))
            target.append(entry)


def _build(model: type[Any], source: Source, data: Any, path: tuple[Any, ...], reading: Reading, section: Section | None) -> Any:
    name = None if section is None else _entry_name(section, path[-1], data)
    try:
        built: Model = model.model_validate(data)
        return built
    except ValidationError as error:
        for code, message, place in _explain(error, data):
            reading.report(code, source.name, message, name, source.line([*path, *place]))
        return None


def _entry_name(section: Section, number: int, data: Any) -> str:
    code = data.get("code") if isinstance(data, dict) else None
    return str(code) if isinstance(code, str) and code else f"{section.label}第 {number + 1} 条"


def _explain(error: ValidationError, data: Any) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """One sentence per faulty field (the branches of a union report once)."""
    seen: set[tuple[Any, ...]] = set()
    for item in error.errors(include_url=False):
        place = _existing(item["loc"], data, item["type"] == "missing")
        if place not in seen:
            seen.add(place)
            code, message = describe({**item, "loc": place})
            yield code, message, place


def _existing(location: tuple[Any, ...], data: Any, missing: bool) -> tuple[Any, ...]:
    """The part of pydantic's location that stands in the file: names of union branches fall out, a missing last key stays."""
    kept: list[Any] = []
    for position, step in enumerate(location):
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
            kept.append(step)
        elif missing and position == len(location) - 1:
            kept.append(step)
    return tuple(kept)
