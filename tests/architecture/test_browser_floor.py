"""What the browsers in offices do not understand, and what the content policy forbids, stays out of our sources.

Floor: Chromium 88, Firefox 78, Safari 14 work fully; Chromium 80 to 87 degrade but function. esbuild lowers syntax, not functions:
a missing function is a dead button. Every rule is proven by a planted breach, so that a silent rule cannot pass for a clean source.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# pattern, why, a line that must be caught
SCRIPT_RULES = [
    (r"\.at\(", "Chromium 92", "rows.at(-1)"),
    (r"\.replaceAll\(", "Chromium 85", "text.replaceAll('a', 'b')"),
    (r"Object\.hasOwn\b", "Chromium 93", "Object.hasOwn(a, 'b')"),
    (r"\bstructuredClone\(", "Chromium 98", "structuredClone(a)"),
    (r"\.findLast(Index)?\(", "Chromium 97", "rows.findLast((r) => r)"),
    (r"\.to(Sorted|Reversed|Spliced)\(", "Chromium 110", "rows.toSorted()"),
    (r"\.with\(", "Chromium 110", "rows.with(1, 2)"),
    (r"Promise\.(withResolvers|any)\b", "Chromium 119 / 85", "Promise.any([])"),
    (r"Array\.fromAsync|Object\.groupBy|Map\.groupBy", "Chromium 117 to 121", "Object.groupBy(rows, key)"),
    (r"crypto\.randomUUID", "Chromium 92 and HTTPS only", "crypto.randomUUID()"),
    (r"AbortSignal\.(timeout|any)", "Chromium 103", "AbortSignal.timeout(5)"),
    (r"\.replaceChildren\(", "Chromium 86", "list.replaceChildren()"),
    (r"\.requestSubmit\(", "Safari 16", "form.requestSubmit()"),
    (r"\.showModal\(", "Safari 15.4, Firefox 98", "dialog.showModal()"),
    (r"\bBroadcastChannel\b", "Safari 15.4", "new BroadcastChannel('x')"),
    (r"\.hasOwn\(|\.isWellFormed\(|\.showPicker\(", "Chromium 93 to 111", "input.showPicker()"),
    (r"\(\?<[=!]", "look-behind: Safari 16.4 stops at the whole file", "/(?<=a)b/"),
    (r"^\s*static\s*\{", "static blocks: lowered only from classes", "static {"),
    (r"\beval\(|new Function\(", "forbidden by the content policy", "eval('1')"),
    (r"set(Timeout|Interval)\(\s*['\"`]", "text as code: forbidden by the content policy", "setTimeout('go()', 1)"),
    (r"\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write", "text becomes markup: use textContent", "a.innerHTML = name"),
    (r"setAttribute\(\s*['\"]style", "forbidden by the content policy", "a.setAttribute('style', 'x')"),
    (r"(local|session)Storage", "keeps data of a colleague on a shared computer", "localStorage.setItem('a', 1)"),
    (r"https?://", "no other host", "fetch('https://example.org')"),
]

STYLE_RULES = [
    (r"color-mix\(|oklch\(|oklab\(|\blch\(|\blab\(", "Chromium 111", "a { color: color-mix(in srgb, red, blue) }"),
    (r"@layer\b|@container\b|@property\b|@scope\b", "Chromium 99 to 118", "@layer base {"),
    (r":has\(", "Chromium 105", "a:has(b) {"),
    (r":is\(|:where\(", "Chromium 88: a whole rule is lost below", ":is(a, b) {"),
    (r"(^|[{};\s])&", "native nesting: Chromium 112", "a { & b {} }"),
    (r"\b(inset|margin|padding|border)-(inline|block)", "Chromium 87, Safari 14.1", "a { inset-inline: 0 }"),
    (r"\binset\s*:", "Chromium 87", "a { inset: 0 }"),
    (r"\d(d|s|l)v[hw]\b", "Chromium 108", "a { height: 100dvh }"),
    (r"\bsubgrid\b", "Chromium 117", "a { grid-template-rows: subgrid }"),
    (r"@import\s+(url\()?[\"']?https?:|url\(\s*[\"']?https?:", "no other host", "a { background: url(https://example.org/a.png) }"),
]

TEMPLATE_RULES = [
    (r"<[^>]*\sstyle\s*=", "style attribute: the content policy drops it", '<p style="color:red">'),
    (r"<[a-z][^>]*\son[a-z]+\s*=", "inline handler: the content policy drops it", '<a onclick="go()">'),
    (r"\bhx-on\b", "evaluates text", '<a hx-on:click="go()">'),
    (r"hx-(vals|headers)\s*=\s*[\"']\s*js:", "evaluates text", "<a hx-vals='js:{a: 1}'>"),
    (r"hx-trigger\s*=\s*\"[^\"]*\[", "trigger filters evaluate text", '<a hx-trigger="click[ctrlKey]">'),
    (r"javascript:", "evaluates text", '<a href="javascript:go()">'),
    (r"<style\b", "inline styles: the content policy drops them", "<style>a{}</style>"),
    (r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)(?![^>]*\bnonce=)", "inline script without nonce", "<script>go()</script>"),
    (r"(src|href|action)\s*=\s*[\"']\s*(https?:)?//", "no other host", '<script src="//cdn.example/a.js">'),
]


def _sources(folder: str, suffix: str) -> list[Path]:
    return sorted((ROOT / folder).rglob(f"*{suffix}"))


def _without_comments(text: str, kind: str) -> str:
    """The text with comments blanked out, line numbers kept."""
    patterns = {".js": r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", ".css": r"/\*.*?\*/", ".html": r"\{#.*?#\}|<!--.*?-->"}
    return re.sub(patterns[kind], lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def _without_expressions(text: str) -> str:
    """Template text without {{ }} and {% %}, so that a ">" inside them does not end a tag."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", lambda m: re.sub(r"[^\n]", "x", m[0]), text, flags=re.S)


def _breaches(text: str, kind: str, rules: list[tuple[str, str, str]]) -> Iterator[str]:
    plain = _without_comments(text, kind)
    if kind == ".html":
        plain = _without_expressions(plain)
    for pattern, why, _ in rules:
        for found in re.finditer(pattern, plain, re.M | re.I):
            yield f"line {plain.count(chr(10), 0, found.start()) + 1}: {found[0].strip()!r} ({why})"


ALL_RULES = [(".js", "static/src/js", SCRIPT_RULES), (".css", "static/src/css", STYLE_RULES), (".html", "templates", TEMPLATE_RULES)]
FILES = [(path, kind, rules) for kind, folder, rules in ALL_RULES for path in _sources(folder, kind)]


@pytest.mark.parametrize(("path", "kind", "rules"), FILES, ids=[str(f[0].relative_to(ROOT)) for f in FILES])
def test_source_stays_within_the_browser_floor_and_the_content_policy(path, kind, rules):
    assert list(_breaches(path.read_text(encoding="utf-8"), kind, rules)) == []


@pytest.mark.parametrize(
    ("kind", "rule"), [(kind, rule) for kind, _, rules in ALL_RULES for rule in rules], ids=lambda v: v if isinstance(v, str) else v[0]
)
def test_every_rule_catches_its_planted_breach(kind, rule):
    assert list(_breaches(f"x\n{rule[2]}\n", kind, [rule])) == [f"line 2: {re.search(rule[0], rule[2], re.I)[0].strip()!r} ({rule[1]})"]


def test_harmless_look_alikes_pass():
    html = '{# style= #}<form method="post"><script type="application/json">{}</script><a href="{{ url }}" data-on="x">>= on=</a>'
    assert list(_breaches(html, ".html", TEMPLATE_RULES)) == []
    assert list(_breaches("// rows.at(-1)\nconst format = at(1);", ".js", SCRIPT_RULES)) == []
    assert list(_breaches("a { clip-path: inset(50%); }", ".css", STYLE_RULES)) == []
