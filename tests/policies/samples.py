"""Records behind the policy pages, for the general tests: the shipped pack, stored."""

from app.kernel.actor import SYSTEM
from app.packs import read_pack
from app.policies import actions, queries
from tests.pages_registry import sample

READERS = ("bureau", "leader", "town")
OTHERS = {"strangers": ("stranger_city",), "refused": ("security", "audit")}


def loaded(address: str) -> str:
    if queries.latest_version("liaocheng") is None:
        actions.load_files(read_pack("liaocheng"), by=SYSTEM)
    return f"/policies/liaocheng{address}"


@sample("policies.section", viewers=READERS, **OTHERS)
def section() -> str:
    return loaded("/titles")


@sample("policies.entry", viewers=READERS, **OTHERS)
def entry() -> str:
    return loaded("/settings/near_pct")


@sample("policies.versions", viewers=READERS, statements=20, **OTHERS)
def versions() -> str:
    return loaded("/versions")


@sample("policies.edit", strangers=("stranger_city",), refused=("county", "town", "leader"))
def edit() -> str:
    return loaded("/settings/near_pct/edit")


@sample("policies.restore", method="POST", viewers=(), strangers=("stranger_city",), refused=("county", "town", "leader"))
def restore() -> str:
    return loaded("/restore")


NOT_EDITORS = ("county", "town", "leader")


@sample("policies.new_draft", strangers=("stranger_city",), refused=NOT_EDITORS)
def new_draft() -> str:
    return loaded("/criteria/srdi_2026/draft")


@sample("policies.draft", strangers=("stranger_city",), refused=NOT_EDITORS)
def draft() -> str:
    return loaded("/criteria/srdi_2026/numbers")


@sample("policies.draft_text", strangers=("stranger_city",), refused=NOT_EDITORS)
def draft_text() -> str:
    return loaded("/criteria/srdi_2026/text")


@sample("policies.switch_criterion", strangers=("stranger_city",), refused=NOT_EDITORS)
def switch_criterion() -> str:
    return loaded("/criteria/srdi_2026/switch")


@sample("policies.drop_draft", method="POST", viewers=(), strangers=("stranger_city",), refused=NOT_EDITORS)
def drop_draft() -> str:
    return loaded("/criteria/srdi_2026/drop")
