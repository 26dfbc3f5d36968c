"""Which pack is in force. Packs are parsed once per process and version; finding the version is one small statement per transaction."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import or_, select

from app.areas import queries as areas
from app.infra import city, clock, holidays
from app.infra.db import db
from app.infra.settings import pack_dir, settings
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.kernel.worktime import WorkCalendar
from app.packs import Pack, PackInvalid, available, read_pack
from app.packs.reader import MANIFEST, head_of
from app.packs.schema import PackContent, Title
from app.packs.schema.content import Manifest
from app.policies.models import PackVersion

UsageFinder = Callable[[], Collection[str]]

_CITY_CODE = re.compile(r"^[0-9]{6}$")
_KEPT, FAULTY_SECONDS = 24, 30
_packs: dict[str, Pack] = {}
_shipped: dict[tuple[str, str], Pack] = {}
_file_heads: dict[tuple[str, int], Manifest | None] = {}
_faulty: dict[tuple[str, str], tuple[float, PackInvalid]] = {}
"""Files with faults, for half a minute: reading them again for every page would make every page slow."""
_named: dict[tuple[str, str], str] = {}
"""Pack name by area code and pack directory, as found last."""
_usage: dict[str, list[UsageFinder]] = {}
_lock = Lock()


def active_pack(city_code: str, on: date | None = None) -> Pack:
    """The pack of a city in force on a day (default today). ``city_code``: pack name (``liaocheng``) or area code (``371500``).

    Before the first ``flask packs load`` the shipped files answer, so that every command works on a fresh database.
    Raises NotFound when there is no pack for the city at all.
    """
    name = city_name(city_code)
    version = _in_force(name, on or clock.today())
    return _from_files(name) if version is None else _parsed(*version)


def pack_as_known(city_code: str, known_on: date) -> Pack:
    """The pack that was in force on a past day as it was loaded by the end of that day; before the first load the first version answers."""
    name = city_name(city_code)
    mine = select(PackVersion.id, PackVersion.content_hash).where(PackVersion.city == name)
    loaded = mine.where(
        or_(PackVersion.active_from.is_(None), PackVersion.active_from <= known_on), PackVersion.loaded_at <= clock.end_of_day(known_on),
    ).order_by(PackVersion.number.desc()).limit(1)
    row = db.session.execute(loaded).first() or db.session.execute(mine.order_by(PackVersion.number).limit(1)).first()
    return _from_files(name) if row is None else _parsed(int(row[0]), str(row[1]))


def pack_of_version(version_id: int) -> Pack:
    """The pack as stored in one version, for showing what an old decision was based on. Raises NotFound."""
    content_hash = db.session.scalars(select(PackVersion.content_hash).where(PackVersion.id == version_id)).one_or_none()
    if content_hash is None:
        raise NotFound(f"没有编号为 {version_id} 的政策包版本，请刷新后重试。", "pack_version_unknown")
    return _parsed(version_id, content_hash)


def _parsed(version_id: int, content_hash: str) -> Pack:
    """Parsed packs are kept by content, so two versions with the same content share one."""
    found = _packs.get(content_hash)
    if found is not None:
        return found
    pack = Pack(PackContent.model_validate(db.session.scalars(select(PackVersion.content).where(PackVersion.id == version_id)).one()))
    with _lock:
        while len(_packs) >= _KEPT:
            _packs.pop(next(iter(_packs)))
        return _packs.setdefault(content_hash, pack)


def version_in_force(city_code: str, on: date | None = None) -> PackVersion | None:
    """The version row behind ``active_pack`` (None before the first load)."""
    version = _in_force(city_name(city_code), on or clock.today())
    return None if version is None else db.session.get(PackVersion, version[0])


def latest_version(city: str, *, origin: str | None = None) -> PackVersion | None:
    """The newest version, also one that starts later; ``origin`` ``shipped`` = the files loaded last."""
    query = select(PackVersion).where(PackVersion.city == city).order_by(PackVersion.number.desc()).limit(1)
    return db.session.scalars(query if origin is None else query.where(PackVersion.origin == origin)).first()


def list_versions(city: str) -> list[Any]:
    """Rows (id, number, origin, content_hash, note, active_from, loaded_at, loaded_by, superseded_at), newest first, without content."""
    columns = [column for column in PackVersion.__table__.columns if column.name != "content"]
    return list(db.session.execute(select(*columns).where(PackVersion.city == city).order_by(PackVersion.number.desc())))


def current_pack(on: date | None = None) -> Pack:
    """The pack of the city this unit of work is about (``infra.city``), of the installation's own city where none is chosen."""
    return active_pack(city.chosen() or settings().city, on)


def speak_of(city_id: int) -> None:
    """From here on this unit of work is about something of that city: its policy answers."""
    city.choose(lambda: areas.code_of(city_id))


def pack_of_city(city_id: int, on: date | None = None) -> Pack:
    """The pack of the city an enterprise lies in or a person has chosen. Raises NotFound when the city has none."""
    code = areas.code_of(city_id)
    if code is None:
        raise NotFound("没有找到这个城市，请刷新页面后重试。", "city_unknown")
    return active_pack(code, on)


def work_calendar(city_id: int) -> WorkCalendar:
    """Working days and office hours of a city: the shipped calendar, its pack, its own table of days. Two small statements at most."""
    code = areas.code_of(city_id)
    return holidays.work_calendar(city_id, pack_or_none(code) if code else None)


@dataclass(frozen=True)
class CityPack:
    """A city of the installation with its pack in force; ``pack`` None: none was loaded and none is shipped."""

    id: int
    code: str
    name: str
    pack: Pack | None


def packs_by_city() -> list[CityPack]:
    """Every city of the installation by code, for whatever is computed city by city."""
    return [CityPack(area.id, area.code, area.name, pack_or_none(area.code)) for area in areas.list_cities()]


class PackByCity:
    """Packs looked up once per city, for work on many enterprises; a city without a pack goes by the one this work is about."""

    def __init__(self) -> None:
        self._known: dict[int, Pack] = {}

    def of(self, city_id: int) -> Pack:
        if city_id not in self._known:
            code = areas.code_of(city_id)
            self._known[city_id] = (pack_or_none(code) if code else None) or current_pack()
        return self._known[city_id]


def packs_in(scope: Scope) -> list[Pack]:
    """Packs of the cities a scope reaches into; for work without a person in front of it (an import in the background). Of this work's own
    city where it reaches none by place."""
    found = [pack for area in areas.cities_reached(scope) if (pack := pack_or_none(area.code)) is not None]
    return found or [current_pack()]


def find_title(packs: Iterable[Pack], code: str) -> Title | None:
    """A code means one title everywhere: the first pack that knows it says what it is."""
    return next((title for pack in packs if (title := pack.find_title(code)) is not None), None)


def packs_key() -> str:
    """Changes when the pack of any city does."""
    said = [(one.code, one.pack.hash if one.pack else "") for one in packs_by_city()]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def pack_or_none(code: str) -> Pack | None:
    """The pack of a city, None when it has none, or one whose files have faults and were never loaded."""
    try:
        return active_pack(code)
    except (NotFound, PackInvalid):
        return None


def city_name(city_code: str) -> str:
    """Pack name for a pack name or an official area code. Raises NotFound."""
    if not _CITY_CODE.match(city_code):
        return city_code
    key = (city_code, str(pack_dir()))
    known = _named.get(key)
    if known is not None and _has_code(known, city_code):
        return known
    for name, head in _heads().items():
        if head.area_code == city_code:
            _named[key] = name
            return name
    raise NotFound(f"区划代码 {city_code} 的城市还没有政策包，请先运行 flask packs load。", "pack_unknown")


def _has_code(name: str, city_code: str) -> bool:
    """Whether a pack of this name still is the one of the city: one statement, and its files only when it was never loaded."""
    try:
        version = _in_force(name, clock.today())
        return (_from_files(name) if version is None else _parsed(*version)).area_code == city_code
    except (NotFound, PackInvalid):
        return False


def cities() -> list[str]:
    """Names of all packs, loaded ones first."""
    loaded = db.session.scalars(select(PackVersion.city).distinct().order_by(PackVersion.city)).all()
    return [*loaded, *(name for name in available(pack_dir()) if name not in loaded)]


def list_packs(scope: Scope) -> dict[str, str]:
    """Name -> label of the packs of the scope's cities."""
    heads = _heads()
    if scope.everything:
        return {name: head.label for name, head in heads.items()}
    codes = {area.code for area in areas.list_cities(scope.city_ids)} if scope.city_ids else set()
    return {name: head.label for name, head in heads.items() if head.area_code in codes}


def _heads() -> dict[str, Manifest]:
    """Name -> head of every pack, loaded ones first. Of files never loaded only the head is read: a faulty pack of one city must not
    disturb the others."""
    loaded = db.session.scalars(select(PackVersion.city).distinct().order_by(PackVersion.city)).all()
    found = {name: _any_pack(name).content.manifest for name in loaded}
    for name, path in available(pack_dir()).items():
        head = None if name in found else _head_of_files(path)
        if head is not None:
            found[name] = head
    return found


def _head_of_files(path: Path) -> Manifest | None:
    """Remembered while the file stays as it is."""
    try:
        stamp = (str(path), (path / MANIFEST).stat().st_mtime_ns)
    except OSError:
        return None
    if stamp not in _file_heads:
        _file_heads[stamp] = head_of(path)
    return _file_heads[stamp]


def register_usage(section: str, finder: UsageFinder) -> None:
    """A capability tells which codes of a section its records use (start-up only); such codes are disabled, never deleted."""
    finders = _usage.setdefault(section, [])
    if finder not in finders:
        finders.append(finder)


def used_codes() -> dict[str, set[str]]:
    """Section -> codes that records use, from every registered capability."""
    return {section: {code for finder in finders for code in finder()} for section, finders in _usage.items()}


def _in_force(city: str, on: date) -> tuple[int, str] | None:
    """Id and content hash. Remembered for the transaction: a page asks several times; a load in between starts a new transaction."""
    session = db.session()
    transaction = session.get_transaction()
    key = ("pack_version", city, on)
    known = session.info.get(key)
    if known is not None and transaction is not None and known[0] is transaction:
        remembered: tuple[int, str] | None = known[1]
        return remembered
    query = (
        select(PackVersion.id, PackVersion.content_hash)
        .where(PackVersion.city == city, or_(PackVersion.active_from.is_(None), PackVersion.active_from <= on))
        .order_by(PackVersion.number.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    found = None if row is None else (int(row[0]), str(row[1]))
    session.info[key] = (session.get_transaction(), found)
    return found


def forget_versions() -> None:
    """After writing a version: the next question looks again."""
    for key in [key for key in db.session.info if isinstance(key, tuple) and key[0] == "pack_version"]:
        del db.session.info[key]


def _from_files(city: str) -> Pack:
    directory = pack_dir()
    key = (city, str(directory))
    if key not in _shipped:
        failed_at, fault = _faulty.get(key, (0.0, None))
        if fault is not None and time.monotonic() - failed_at < FAULTY_SECONDS:
            raise fault
        try:
            _shipped[key] = read_pack(city, directory)
        except PackInvalid as error:
            _faulty[key] = (time.monotonic(), error)
            raise
    return _shipped[key]


def _any_pack(city: str) -> Pack:
    query = select(PackVersion.id, PackVersion.content_hash).where(PackVersion.city == city).order_by(PackVersion.number.desc()).limit(1)
    row = db.session.execute(query).first()
    return _from_files(city) if row is None else _parsed(row[0], row[1])
