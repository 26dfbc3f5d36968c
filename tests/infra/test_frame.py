"""The kept frame of a page: same for everybody with the same permissions, and nobody finds another one's name or token in it."""

import re
from collections.abc import Callable
from typing import Any

Pages = Callable[..., Any]


def _tokens(text: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', text))


def test_two_people_of_one_role_get_their_own_name_and_the_token_of_their_page(pages: Pages) -> None:
    first, second = pages("county").get("/", statements=40), pages("stranger").get("/", statements=40)
    again = pages("county").get("/", statements=40)
    names = {re.search(r'class="user-name">([^<]+)<', page.html)[1] for page in (first, second, again)}  # type: ignore[index]
    assert len(names) == 2
    for page in (first, second, again):
        assert _tokens(page.html) == set(re.findall(r'name="csrf-token" content="([^"]+)"', page.html))


def test_the_open_entry_of_the_menu_is_the_one_of_the_page(pages: Pages) -> None:
    home, firms = pages("bureau").get("/", statements=40), pages("bureau").get("/enterprises/")
    current = re.compile(r'href="([^"]+)" aria-current="page"')
    assert current.findall(home.html)[0] != current.findall(firms.html)[0]
    assert "/enterprises/" in current.findall(firms.html)[0]


def test_what_one_role_may_not_open_is_not_in_its_menu(pages: Pages) -> None:
    entry = re.compile(r'class="nav-entry"[^>]*>.*?导入中心')
    assert entry.search(pages("county").get("/", statements=40).html)
    assert not entry.search(pages("leader").get("/", statements=40).html)
