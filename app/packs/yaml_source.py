"""Reading one YAML file with the traps of YAML 1.1 closed.

A pack is edited by people who are no programmers. So: only ``true`` / ``false`` are booleans and a bare ``on``, ``no``, ``yes`` … is an error
(YAML 1.1 would silently read a boolean); a key written twice is an error (PyYAML would silently keep the last); anchors and aliases are
refused; numbers with a point become Decimal; dates are ``2023-01-05``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from app.packs.problems import Problem

MAX_BYTES = 2_000_000
_TRAPS = frozenset({"yes", "no", "on", "off", "y", "n"})


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it: ten times faster, same nodes and marks
MAX_DEPTH = 60


class _Loader(_Base):  # type: ignore[misc]
    """SafeLoader with our own idea of what an unquoted word means."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # type: ignore[assignment]
    text_keys = True

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) and not (isinstance(key, int) and not self.text_keys):
                raise yaml.MarkedYAMLError(problem=f"字段名“{key_node.value}”必须是文字，请加引号", problem_mark=key_node.start_mark)
            if str(key) in seen:
                raise yaml.MarkedYAMLError(problem=f"字段“{key}”写了两次，请删掉一个", problem_mark=key_node.start_mark)
            seen.add(str(key))
        built: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return built


def _word(loader: _Loader, node: yaml.ScalarNode) -> str:
    if not node.style and node.value.lower() in _TRAPS:
        problem = f"未加引号的“{node.value}”在 YAML 中会被当成真或假，请加引号，或换一个字段名"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    return str(node.value)


def _check_events(text: str) -> None:
    """Anchors and deep nesting are refused before anything is built: neither has a place in a pack, both can exhaust memory or stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Base):  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(problem="不允许使用 YAML 锚点（&、*）", problem_mark=event.start_mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"嵌套超过 {MAX_DEPTH} 层，请检查缩进和括号", problem_mark=event.start_mark)


def _day(loader: _Loader, node: yaml.ScalarNode) -> date | str:
    try:
        return date.fromisoformat(node.value)
    except ValueError as error:
        raise yaml.MarkedYAMLError(problem=f"没有“{node.value}”这一天", problem_mark=node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:str", _word)
_Loader.add_constructor("!day", _day)
_Loader.add_constructor("!decimal", lambda loader, node: Decimal(node.value))
_Loader.add_constructor("!whole", lambda loader, node: int(node.value))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("!whole", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver("!decimal", re.compile(r"^-?[0-9]{1,18}\.[0-9]{1,9}$"), list("-0123456789"))
_Loader.add_implicit_resolver("!day", re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), list("0123456789"))


class _NumberKeysLoader(_Loader):
    """Also takes whole numbers as keys (years)."""

    text_keys = False


@dataclass(frozen=True)
class Source:
    """A parsed file: plain data plus the node tree, to say on which line something stands."""

    name: str
    data: Any
    node: yaml.Node | None

    def line(self, path: Sequence[Any]) -> int | None:
        """Line (from 1) of the deepest element of ``path`` that exists in the file."""
        node, line = self.node, None
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node = found
            line = node.start_mark.line + 1
        return line


def _child(node: yaml.Node | None, step: Any) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def read_source(path: Path, name: str | None = None, *, number_keys: bool = False) -> Source | Problem:
    """Parse one file (``name``: what messages call it); a fault of any kind comes back as a Problem, never as an exception."""
    name = name or path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Problem("file_unreadable", name, f"文件打不开（{error.strerror}），请检查文件和权限。")
    if len(raw) > MAX_BYTES:
        return Problem("file_too_large", name, f"文件超过 {MAX_BYTES // 1_000_000} MB，请拆分后再试。")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Problem("not_utf8", name, "文件不是 UTF-8 编码，请用 UTF-8 另存后再试。")
    return parse_source(name, text, number_keys=number_keys)


def parse_source(name: str, text: str, *, number_keys: bool = False) -> Source | Problem:
    """Parse the text of a file called ``name``. ``number_keys``: whole numbers may be keys (years)."""
    try:
        _check_events(text)
        loader = _NumberKeysLoader(text) if number_keys else _Loader(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem("bad_yaml", name, f"{_explain(error)}。", line=mark.line + 1 if mark else None)
    except (yaml.YAMLError, ValueError, ArithmeticError, TypeError, RecursionError) as error:
        return Problem("bad_yaml", name, f"不是有效的 YAML 文件（{type(error).__name__}），请检查控制字符和嵌套层数。")
    return Source(name, data, node)


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if any("\u4e00" <= char <= "\u9fff" for char in problem):
        return problem
    return f"YAML 写法有误（{problem or error.context or '无法识别'}），请检查缩进、冒号后的空格和引号"
