"""Loading files, editing entries in the pages, going back to the files. Every change is a new version with an audit row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.infra import audit, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.packs import Pack, PackInvalid, diff, lint
from app.packs.problems import describe
from app.packs.schema import SECTIONS, PackContent
from app.policies import queries
from app.policies.models import PackVersion
from app.policies.rules import LoadPlan, plan_load

SHIPPED, LOCAL = "shipped", "local"


def plan_files(pack: Pack) -> LoadPlan:
    """Dry run: what loading these files would do. Writes nothing."""
    current, base = queries.latest_version(pack.code), queries.latest_version(pack.code, origin=SHIPPED)
    return plan_load(
        pack.content, current=None if current is None else queries.pack_of_version(current.id).content,
        base=None if base is None else queries.pack_of_version(base.id).content, used=queries.used_codes(),
    )


def load_files(pack: Pack, *, active_from: date | None = None, by: Actor) -> LoadPlan:
    """Store the files as a shipped version and, where local edits or used codes stay, a local version on top. The same files twice: nothing.

    Raises PackInvalid when local edits and new files together break a rule of the pack.
    """
    plan = plan_files(pack)
    if plan.problems:
        raise PackInvalid(pack.code, plan.problems)
    if plan.unchanged:
        return plan
    version = _store(pack.code, SHIPPED, plan.files, note="载入文件", active_from=active_from, by=by)
    if plan.result.hash() != plan.files.hash():
        version = _store(pack.code, LOCAL, plan.result, note="沿用本地修改", active_from=active_from, by=by)
    counts = {kind: sum(change.kind == kind for change in plan.changes) for kind in ("added", "changed", "removed")}
    audit.record("policies.pack_loaded", _subject(version), None, {"hash": version.content_hash, **counts}, by=by)
    return plan


def edit_entry(
    *, city: str, section: str, code: str, effective_from: date, values: Mapping[str, Any], reason: str, version_id: int, by: Actor,
) -> PackVersion:
    """Change fields of one entry (None = leave out) as a new local version.

    ``version_id``: the version the editor saw; another one in force meanwhile is a Conflict. Raises Invalid with the fault in words.
    """
    current = _expect(city, version_id)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明修改原因，便于日后查考。", "reason")
    if "code" in values:
        raise Invalid("code_fixed", "代码不能改，已有记录按代码引用。请停用旧条目，另立新条目。", "code")
    before = queries.pack_of_version(current.id).content
    plain = before.plain()
    row = _find(plain, section, code, effective_from)
    row.update(values)
    for name in [name for name, value in row.items() if value is None]:
        del row[name]
    after = _checked(city, plain)
    return _store_edit(current, before, after, f"修改 {code}：{reason.strip()}", by)


def change_criteria(
    *, city: str, change: Callable[[dict[str, Any]], object], reason: str, version_id: int, what: str, by: Actor,
) -> PackVersion:
    """Store what ``change`` (see ``packs.drafting``) makes of the pack as a new local version, checked like any other.

    ``version_id``: the version the editor saw. Raises Conflict when another one is in force meanwhile, Invalid with the fault in words.
    """
    current = _expect(city, version_id)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明原因，便于日后查考。", "reason")
    before = queries.pack_of_version(current.id).content
    plain = before.plain()
    change(plain)
    return _store_edit(current, before, _checked(city, plain), f"{what}：{reason.strip()}", by)


def restore_files(*, city: str, version_id: int, reason: str, by: Actor) -> PackVersion:
    """Drop all local edits: the files loaded last are in force again (codes in use stay, disabled)."""
    current = _expect(city, version_id)
    base = queries.latest_version(city, origin=SHIPPED)
    if base is None:
        raise NotFound("还没有载入过文件，请先运行 flask packs load。")
    if not reason.strip():
        raise Invalid("reason_missing", "请写明恢复原因，便于日后查考。", "reason")
    before, files = queries.pack_of_version(current.id).content, queries.pack_of_version(base.id).content
    plan = plan_load(files, current=before, base=before, used=queries.used_codes())
    return _store_edit(current, before, plan.result, f"恢复为文件内容：{reason.strip()}", by)


def _store_edit(current: PackVersion, before: PackContent, after: PackContent, note: str, by: Actor) -> PackVersion:
    changes = diff(before, after)
    if not changes:
        return current
    version = _store(current.city, LOCAL, after, note=note, active_from=None, by=by)
    old = {f"{one.section}/{one.code}": {field.field: field.old for field in one.fields} for one in changes}
    new = {f"{one.section}/{one.code}": {field.field: field.new for field in one.fields} for one in changes}
    audit.record("policies.entry_edited", _subject(version), old, {**new, "note": note}, by=by)
    return version


def _store(city: str, origin: str, content: PackContent, *, note: str, active_from: date | None, by: Actor) -> PackVersion:
    latest = queries.latest_version(city)
    version = PackVersion(
        city=city, number=1 if latest is None else latest.number + 1, origin=origin, content_hash=content.hash(), content=content.plain(),
        note=note[:200], active_from=active_from, loaded_at=clock.now(), loaded_by=by.user_id,
    )
    try:
        with db.session.begin_nested():  # two people at once: only the loser's savepoint is rolled back
            if active_from is None or active_from <= clock.today():
                in_force = update(PackVersion).where(PackVersion.city == city, PackVersion.superseded_at.is_(None))
                db.session.execute(in_force.values(superseded_at=clock.now()))
            db.session.add(version)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict("pack_changed", "另一人同时保存了政策包，本次修改没有写入。请刷新后重新修改。") from error
    queries.forget_versions()
    return version


def _expect(city: str, version_id: int) -> PackVersion:
    current = queries.latest_version(city)
    if current is None:
        raise NotFound("这个城市的政策包还没有载入，请先运行 flask packs load。", "pack_version_unknown")
    if current.id != version_id:
        raise Conflict("pack_changed", f"政策包已被更新为第 {current.number} 版，本次修改没有写入。请刷新页面，核对后重新修改。")
    return current


def _find(plain: dict[str, Any], section: str, code: str, effective_from: date) -> dict[str, Any]:
    rows: list[dict[str, Any]] = plain.get(section, []) if section in {one.key for one in SECTIONS} else []
    for row in rows:
        if row["code"] == code and row["effective_from"] == effective_from.isoformat():
            return row
    raise NotFound(f"政策包里没有条目 {code}（{effective_from} 起生效），可能已被改动。请刷新后重试。", "pack_entry_unknown")


def _checked(city: str, plain: dict[str, Any]) -> PackContent:
    """Shape and lint of an edited pack; the first fault goes to the form."""
    try:
        content = PackContent.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        code, message = describe({**first, "loc": first["loc"][2:]})
        raise Invalid(code, message, str(first["loc"][2]) if len(first["loc"]) > 2 else None) from error
    problems = lint(content)
    if problems:
        raise Invalid(problems[0].code, f"{problems[0].entry or ''} {problems[0].message_zh}".strip())
    return content


def _subject(version: PackVersion) -> audit.Subject:
    return audit.Subject("pack_version", str(version.id), f"政策包 {version.city} 第 {version.number} 版")
