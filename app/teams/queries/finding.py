"""Enterprises that somebody names by code or full name, a line each; small look-ups of the assignment pages."""

import re
from collections.abc import Collection

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.kernel import credit_code
from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.kernel.text import clean_name
from app.teams.models import ServiceTeam

CHUNK = 900


def firms_of_text(scope: Scope, text: str, most: int) -> tuple[list[int], list[str]]:
    """Ids of the enterprises named, and a sentence for every line that names none (or more than one)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise Invalid("nothing_chosen", "请粘贴企业的信用代码或全称，每行一家。", "codes")
    if len(lines) > most:
        raise Invalid("too_many", f"一次最多 {most:,} 家，现有 {len(lines):,} 行，请分批粘贴。", "codes")
    wanted = [(line, *_words(line)) for line in lines]
    by_code = _found(scope, Enterprise.credit_code, {code for _, code, _ in wanted if code})
    by_name = _found(scope, Enterprise.name, {name for _, code, name in wanted if not code and name})
    found: dict[int, None] = {}
    problems = []
    for line, code, name in wanted:
        ids = by_code.get(code, []) if code else by_name.get(name, [])
        if len(ids) == 1:
            found[ids[0]] = None
        else:
            problems.append(f"{line[:60]}：{'有多家同名企业，请改用信用代码' if ids else '您的管辖范围内没有这家企业，请核对'}。")
    return list(found), problems


def _words(line: str) -> tuple[str, str]:
    """The code in a pasted line, or the name: a row of a sheet may hold both and more."""
    for cell in re.split(r"[\t,，;；]", line):
        code = credit_code.normalize(cell)
        if credit_code.is_valid(code):
            return code, ""
    cells = [clean_name(cell) for cell in re.split(r"[\t,，;；]", line)]
    return "", next((cell for cell in cells if len(cell) >= 4 and not cell.isdigit()), cells[0])


def _found(scope: Scope, column: object, values: Collection[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    wanted = sorted(values)
    for start in range(0, len(wanted), CHUNK):
        query = select(column, Enterprise.id).where(column.in_(wanted[start : start + CHUNK]), in_scope(scope))  # type: ignore[attr-defined, call-overload]
        for value, id_ in db.session.execute(query):
            found.setdefault(value, []).append(id_)
    return found


def units_of(ids: Collection[int]) -> dict[int, int]:
    """Enterprise -> county or zone, for rows the viewer was shown."""
    wanted, found = sorted(set(ids)), dict[int, int]()
    for start in range(0, len(wanted), CHUNK):
        found |= dict(db.session.execute(select(Enterprise.id, Enterprise.unit_id).where(Enterprise.id.in_(wanted[start : start + CHUNK]))).all())
    return found


def other_teams(city_id: int) -> list[tuple[int, str]]:
    """Standing teams of a city, for a proposal to hand an enterprise over."""
    query = select(ServiceTeam.id, ServiceTeam.name).where(ServiceTeam.city_id == city_id, ServiceTeam.dissolved_on.is_(None))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(ServiceTeam.number))]
