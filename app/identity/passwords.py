"""argon2id. Cheap parameters only in test mode; the cost of a guess is the same for logins that do not exist."""

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage: m=19 MiB, t=2, p=1 as the floor. One thread and 19 MiB keep a web worker small under parallel logins.
_strong = PasswordHasher(time_cost=3, memory_cost=19456, parallelism=1)
_cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_hasher = _strong


def configure(*, cheap: bool) -> None:
    """Choose the parameters at start-up; ``cheap`` only ever in test mode."""
    global _hasher
    _hasher = _cheap if cheap else _strong


def make(password: str) -> str:
    """Hash with its parameters and salt in one string. Takes tens of milliseconds: never while a database lock is held."""
    return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Compare; with ``stored`` None (unknown login) the same work is done in vain."""
    try:
        _hasher.verify(stored or _nobody(_hasher), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody holds this password")


@cache
def common() -> frozenset[str]:
    """Passwords everybody tries first."""
    text = Path(__file__).with_name("data").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())
