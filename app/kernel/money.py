"""Money is a Decimal in 元 and shown in 万元 or 亿元 with two decimals. Missing shows as a dash, never as 0."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

UNITS: dict[str, Decimal] = {
    "元": Decimal(1), "千元": Decimal(1_000), "万元": Decimal(10_000), "百万元": Decimal(1_000_000), "千万元": Decimal(10_000_000),
    "亿元": Decimal(100_000_000),
}  # fmt: skip
CENT = Decimal("0.01")
MISSING = "—"


def to_cent(amount: Decimal) -> Decimal:
    """Rounded half up to 分."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def in_unit(amount_yuan: Decimal, unit: str) -> Decimal:
    """An amount in 元 expressed in ``unit`` (a key of UNITS), unrounded."""
    return amount_yuan / UNITS[unit]


def format_money(amount_yuan: Decimal | None, unit: str = "万元", *, with_unit: bool = False) -> str:
    """``1,234.50``: thousands separated, two decimals rounded half up; ``—`` for None."""
    if amount_yuan is None:
        return MISSING
    shown = f"{to_cent(in_unit(amount_yuan, unit)):,.2f}"
    return f"{shown} {unit}" if with_unit else shown


def format_readable(amount_yuan: Decimal | None) -> str:
    """万元 below one 亿元, 亿元 from there on, with the unit."""
    if amount_yuan is None:
        return MISSING
    unit = "亿元" if abs(amount_yuan) >= UNITS["亿元"] else "万元"
    return format_money(amount_yuan, unit, with_unit=True)
