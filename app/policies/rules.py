"""What loading files does to the pack in force. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.packs import EntryChange, Problem, diff, lint
from app.packs.problems import describe
from app.packs.rebase import keep_used, rebase
from app.packs.schema import SECTIONS, PackContent


@dataclass(frozen=True)
class LoadPlan:
    """Outcome of a dry run. ``result`` is the pack that will be in force; ``changes`` lead to it from the one in force now.

    ``local``: edits made in the pages that stay; ``conflicts``: those where the files changed the same field (the local value stays);
    ``kept``: codes still in use that the files no longer have (disabled). ``problems``: faults that forbid loading.
    """

    unchanged: bool
    files: PackContent
    result: PackContent
    changes: tuple[EntryChange, ...]
    local: tuple[EntryChange, ...] = ()
    conflicts: tuple[EntryChange, ...] = ()
    kept: tuple[EntryChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the command line: stable keys, counts first."""
        kinds = {kind: sum(change.kind == kind for change in self.changes) for kind in ("added", "changed", "removed")}
        return {
            "unchanged": self.unchanged, **kinds, "changes": [change.as_json() for change in self.changes],
            "local": [change.as_json() for change in self.local], "conflicts": [change.as_json() for change in self.conflicts],
            "kept_disabled": [change.as_json() for change in self.kept], "problems": [str(problem) for problem in self.problems],
        }


def plan_load(
    files: PackContent, *, current: PackContent | None, base: PackContent | None, used: Mapping[str, Collection[str]],
) -> LoadPlan:
    """``current``: the pack in force; ``base``: the files loaded last, on which its local edits stand; ``used``: section -> codes in use."""
    if current is None or base is None:
        return LoadPlan(False, files, files, tuple(diff(_empty(files), files)))
    if files.hash() == base.hash():
        return LoadPlan(True, files, current, (), local=tuple(diff(base, current)))
    try:
        rebased = rebase(base, current, files)
    except ValidationError as error:
        return LoadPlan(False, files, current, (), local=tuple(diff(base, current)), problems=tuple(_misfits(error)))
    result, kept = keep_used(current, rebased.content, used)
    problems = tuple(lint(result)) if result is not files else ()
    return LoadPlan(
        False, files, result, tuple(diff(current, result)), local=rebased.local, conflicts=rebased.conflicts, kept=kept, problems=problems,
    )


def _misfits(error: ValidationError) -> Iterator[Problem]:
    """A local edit that no longer fits the new files."""
    files = {section.key: section.file for section in SECTIONS}
    for item in error.errors(include_url=False):
        code, message = describe({**item, "loc": item["loc"][2:]})
        yield Problem(code, files.get(str(item["loc"][0]), ""), f"本地修改与新文件合在一起后：{message}")


def _empty(files: PackContent) -> PackContent:
    return PackContent(manifest=files.manifest, documents=())
