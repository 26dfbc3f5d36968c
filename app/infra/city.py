"""The city whose policy answers in this unit of work. One installation may hold several cities, each with its own pack.

A web request chooses it when it begins (``policies.views.choice``: the person's own city, or the one he picked); a page, an action or a
command about one enterprise chooses the city of that enterprise (``enterprises.queries.get_enterprise``). Where nothing is chosen, the city
of the installation (``YUMIAO_CITY``) answers. The choice is kept as a function, so that what needs no policy asks the database nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Finder = Callable[[], str | None]
_finder: ContextVar[Finder | None] = ContextVar("yumiao_city", default=None)


def choose(find: Finder) -> None:
    """``find`` gives an area code or a pack name, or None for the installation's own city. It is called once, when first needed."""
    _finder.set(find)


def forget() -> None:
    """The unit of work is over."""
    _finder.set(None)


def chosen() -> str | None:
    """Area code or pack name of the city chosen, None when none is."""
    find = _finder.get()
    if find is None:
        return None
    code = find()
    _finder.set(lambda: code)
    return code


@contextmanager
def within(code: str | None) -> Iterator[None]:
    """Choose a city for a block."""
    token = _finder.set(lambda: code)
    try:
        yield
    finally:
        _finder.reset(token)
