"""Samples of pages that need a record, so that general tests can open every route. A capability lists its own in
``tests/<capability>/samples.py`` (found by itself):

    @sample("enterprises.show", viewers=("bureau", "county"), strangers=("stranger", "stranger_city"))
    def enterprise_page() -> str:
        "Make what the page needs in the fresh database and return its address."

Routes without arguments in the path need no sample; give ``query("search.page", "?q=柳园")`` when they need a query string.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """``make`` returns the address; ``viewers`` get 200 (303 for a POST), ``strangers`` exactly 404, ``refused`` exactly 403."""

    endpoint: str
    make: Callable[[], str]
    method: str = "GET"
    viewers: tuple[str, ...] = ("bureau",)
    strangers: tuple[str, ...] = ("stranger", "stranger_city")
    refused: tuple[str, ...] = ()
    data: Mapping[str, Any] | None = None
    statements: int = 14


SAMPLES: list[Sample] = []
QUERIES: dict[str, str] = {}
_loaded = False


def sample(endpoint: str, **options: Any) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Register the decorated function as a sample of ``endpoint``; options are the fields of ``Sample``."""

    def register(make: Callable[[], str]) -> Callable[[], str]:
        SAMPLES.append(Sample(endpoint, make, **options))
        return make

    return register


def query(endpoint: str, text: str) -> None:
    """Query string with which the general tests open a route that has no arguments in its path."""
    QUERIES[endpoint] = text


def samples() -> list[Sample]:
    """All samples of all capabilities."""
    global _loaded
    if not _loaded:
        _loaded = True
        for path in sorted(Path(__file__).parent.glob("*/samples.py")):
            import_module(f"tests.{path.parent.name}.samples")
    return SAMPLES
