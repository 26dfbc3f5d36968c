"""What a visit may be tagged with: actions, stages of the chain and service domains of the pack of the enterprise's city."""

from functools import lru_cache
from typing import Any

from app.packs import Pack
from app.policies.queries import current_pack
from app.visits.rules.visit import Choices


def choices_of(pack: Pack | None = None) -> Choices:
    """The codes and labels of one pack (default: of the city at hand), kept per pack."""
    return _choices(pack or current_pack())


@lru_cache(maxsize=32)
def _choices(pack: Pack) -> Choices:
    def labels(section: str) -> dict[str, str]:
        return {entry.code: entry.label for entry in pack.entries(section)}

    return Choices(labels("actions"), labels("service_stages"), labels("service_domains"), labels("demand_domains"))


def setting(code: str, pack: Pack | None = None) -> Any:
    """A setting of the pack of the city at hand; None where the bureau has not decided."""
    entry = (pack or current_pack()).find("settings", code)
    return None if entry is None else entry.value  # type: ignore[attr-defined]
