"""Policy packs (政策包): everything one city's policy says, as reviewed text files; knows no database and no web.

A pack is a directory of YAML files (documents in force, titles, ladders, indicators, targets, rewards, duties …). Adding a city or a
new edition of a policy is an edit of these files, never of code.

Public surface: `read_pack` and `available` (reader), `Pack` (typed access), `lint`, `diff`, `rebase`, `PackInvalid`.
"""

from app.packs.diff import EntryChange, FieldChange, diff
from app.packs.lint import lint
from app.packs.matching import MatchProblem, TitleMatch
from app.packs.pack import Pack
from app.packs.problems import PackInvalid, Problem
from app.packs.reader import PackNotFound, available, read_pack

__all__ = [
    "EntryChange", "FieldChange", "MatchProblem", "Pack", "PackInvalid", "PackNotFound", "Problem", "TitleMatch", "available", "diff",
    "lint", "read_pack",
]
