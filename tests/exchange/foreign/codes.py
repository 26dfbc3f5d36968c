"""Credit codes made without the product's own code: GB 32100-2015 and GB 11714-1997 written down a second time.

All codes belong to the region 379999, which does not exist. The same number always gives the same code and the same name.
"""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGION = "91379999"


def _last(first17: str) -> str:
    total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(first17))
    return ALPHABET[(31 - total % 31) % 31]


def _organisation(body: str) -> str:
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "0123456789X0"[11 - total % 11]


def code(number: int) -> str:
    """A valid code with the letters MA, as all registered since 2015 have."""
    first17 = REGION + _organisation(f"MA{number:06d}")
    return first17 + _last(first17)


def name(number: int) -> str:
    """Name of the firm with that number."""
    return f"聊城外来{number}号机械有限公司"


def _of_digits(fits: str) -> str:
    for number in range(10_000_000, 99_999_999):
        organisation = _organisation(str(number))
        whole = REGION + organisation + _last(REGION + organisation)
        if whole.isdigit() and whole.endswith(fits):
            return whole
    raise AssertionError("no such code")


def only_digits(end: str = "") -> str:
    """A valid code without any letter: the kind that a spreadsheet turns into a number."""
    return _of_digits(end)
