"""The kept frame of a page: same for everybody with the same permissions, and nobody finds another one's name or token in it."""

import re
from collections.abc import Callable
from typing import Any

Pages = Callable[..., Any]


def _tokens(text: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', text))


def test_two_people_of_one_role_get_their_own_name_and_token(pages: Pages) -> None:
    first, second = pages("county").get("/", statements=40), pages("stranger").get("/", statements=40)
    again = pages("county").get("/", statements=40)
    names = {re.search(r'class="user-name">([^<]+)<', page.text)[1] for page in (first, second, again)}  # type: ignore[index]
    assert len(names) == 2
    assert _tokens(first.text) and not _tokens(first.text) & _tokens(second.text)


def test_the_open_entry_of_the_menu_is_the_one_of_the_page(pages: Pages) -> None:
    home, firms = pages("bureau").get("/", statements=40), pages("bureau").get("/enterprises/")
    current = re.compile(r'href="([^"]+)" aria-current="page"')
    assert current.findall(home.text)[0] != current.findall(firms.text)[0]
    assert "/enterprises/" in current.findall(firms.text)[0]


def test_what_one_role_may_not_open_is_not_in_its_menu(pages: Pages) -> None:
    assert "/imports" in pages("county").get("/", statements=40).text
    assert "/imports" not in pages("leader").get("/", statements=40).text
