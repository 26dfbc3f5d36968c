"""Workbooks that go back to the user: refused rows with their reasons, and empty forms to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from app.exchange.rules.fields import Field
from app.exchange.rules.header import HeaderMap, Row


def write_rejected(out: Path | BinaryIO, rows: Iterable[Row], header: HeaderMap, reasons: Mapping[int, str], *, sheet_name: str = "退回的行") -> int:
    """The refused rows as they came, in their order and columns, plus a first column of 原行号 and a last one of 退回原因. Returns rows written."""
    raise NotImplementedError


def write_template(out: Path | BinaryIO, fields: Sequence[Field], *, title: str, notes: Sequence[str] = ()) -> None:
    """An empty form: data sheet (frozen header, drop-downs, text-formatted code columns, one sample row) and a 填写说明 sheet."""
    raise NotImplementedError
