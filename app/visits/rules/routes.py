"""The order of a day's visits: nearest first where places are known, else by area. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0


@dataclass(frozen=True)
class Stop:
    """One visit of the day. ``unit`` / ``town``: codes of the area; ``at``: latitude and longitude, if anybody was there before and gave them."""

    id: int
    unit: str
    town: str
    at: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True)
class Leg:
    """A stop in order; ``km`` from the stop before, None when one of the two is not known."""

    id: int
    km: float | None


def distance_km(a: tuple[Decimal, Decimal], b: tuple[Decimal, Decimal]) -> float:
    """Straight distance over the ground."""
    (lat1, lon1), (lat2, lon2) = (tuple(radians(float(value)) for value in point) for point in (a, b))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def in_order(stops: Sequence[Stop]) -> list[Leg]:
    """From the first stop by area always to the nearest one left; stops without a place follow their town, in the order of area codes."""
    left = sorted(stops, key=lambda stop: (stop.unit, stop.town, stop.id))
    legs: list[Leg] = []
    here: Stop | None = None
    while left:
        following = min(left, key=lambda stop: _cost(here, stop))
        left.remove(following)
        known = here is not None and here.at is not None and following.at is not None
        legs.append(Leg(following.id, distance_km(here.at, following.at) if known else None))  # type: ignore[union-attr,arg-type]
        here = following
    return legs


def _cost(here: Stop | None, stop: Stop) -> tuple[int, float, str, str, int]:
    """Same town first, then the same unit, each nearest first; then by code."""
    if here is None:
        return (0, 0.0, stop.unit, stop.town, stop.id)
    known = here.at is not None and stop.at is not None
    far = distance_km(here.at, stop.at) if known else 0.0  # type: ignore[arg-type]
    step = 0 if stop.town == here.town else 1 if stop.unit == here.unit else 2
    return (0 if known else step, far, stop.unit, stop.town, stop.id)
