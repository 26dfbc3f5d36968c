"""Workbooks of other bureaus that nobody tuned the importer to: each must get the right plan (``foreign/`` says which, and why).

Every file goes through the command line: the import, the import again (which changes nothing), every fourth also a dry run before.
"""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseName, EnterpriseYear
from app.infra.db import db
from app.ladder.models import Recognition
from tests.exchange.foreign import containers, enterprises, figures, habits, layouts, recognitions, texts
from tests.exchange.foreign.case import Case, Outcome, Reject
from tests.exchange.foreign.codes import code, name
from tests.factories.enterprises import make_enterprise

CASES = [*enterprises.CASES, *layouts.CASES, *texts.CASES, *figures.CASES, *recognitions.CASES, *containers.CASES, *habits.CASES]
COUNTS = ("created", "updated", "unchanged")


def run(app: Flask, command: str, path: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the JSON of standard output (empty when the file was refused without any)."""
    db.session.rollback()  # what was looked at before must not hold the database
    result = app.test_cli_runner().invoke(args=[command, "import", str(path), "--json", *more])
    assert result.exit_code in (0, 2), f"{result.exit_code}: {result.exception!r}\n{result.output}"
    db.session.rollback()
    db.session.expire_all()
    told = json.loads(result.stdout) if result.stdout.strip() else {}
    return result.exit_code, told | ({"stderr": result.stderr} if result.exit_code else {})


def plain(text: str | None) -> str:
    return re.sub(r"\s", "", text or "")


def fits(rejected: list[dict[str, Any]], expected: tuple[Reject, ...]) -> bool:
    """Each refused row is an expected one, in any order, with column and code where the promise names them."""
    found = {row["row"]: row for row in rejected}
    return len(rejected) == len(expected) and all(
        item.row in found
        and (item.column is None or plain(item.column) in plain(found[item.row]["column"]))
        and (item.code is None or item.code == found[item.row]["code"])
        for item in expected
    )


def matches(outcome: Outcome, status: int, told: dict[str, Any]) -> bool:
    says = json.dumps(told, ensure_ascii=False)
    if outcome.refused or status:
        return outcome.refused and status == 2 and all(word in says for word in outcome.says)
    counts = all(getattr(outcome, key) in (None, told[key]) for key in COUNTS)
    refused = outcome.rejected is None or fits(told["rejected"], outcome.rejected)
    return counts and refused and all(word in says for word in outcome.says)


def check_shape(status: int, told: dict[str, Any]) -> None:
    """What the promise says of every answer."""
    if status:
        assert re.search("[\u4e00-\u9fff]", json.dumps(told, ensure_ascii=False)), "a refused file is told in words"
        return
    assert {"rows", *COUNTS, "rejected"} <= set(told)
    assert told["rows"] == sum(told[key] for key in COUNTS) + len(told["rejected"])
    for row in told["rejected"]:
        assert isinstance(row["row"], int) and re.fullmatch("[a-z][a-z_]*", row["code"]), row
        assert re.search("[\u4e00-\u9fff]", row["message"]), row
        assert len(row["message"]) < 400, "an echo of a long cell is shortened"


def of_firm(credit_code: str, wanted: dict[str, Any]) -> dict[str, Any]:
    row = db.session.scalars(select(Enterprise).where(Enterprise.credit_code == credit_code)).one()
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        if key == "town":
            found[key] = db.session.get_one(Area, row.town_id).code
        elif key == "industry":
            found[key] = (row.industry_code or "")[: len(value)]
        elif key == "former":
            found[key] = db.session.scalars(select(EnterpriseName.name).where(EnterpriseName.enterprise_id == row.id)).first()
        else:
            found[key] = getattr(row, key)
    return found


def check_firms(case: Case) -> None:
    for credit_code, wanted in case.firms.items():
        if wanted is None:
            assert db.session.scalars(select(Enterprise).where(Enterprise.credit_code == credit_code)).first() is None, credit_code
        else:
            assert (credit_code, of_firm(credit_code, dict(wanted))) == (credit_code, wanted)


def _year(credit_code: str, year: int) -> EnterpriseYear | None:
    owner = select(Enterprise.id).where(Enterprise.credit_code == credit_code)
    rows = select(EnterpriseYear).where(EnterpriseYear.enterprise_id.in_(owner), EnterpriseYear.year == year, EnterpriseYear.superseded_at.is_(None))
    return db.session.scalars(rows).one_or_none()


def check_figures(case: Case) -> None:
    for (credit_code, year), wanted in case.figures.items():
        row = _year(credit_code, year)
        if wanted is None:
            assert row is None, (credit_code, year, row.revenue_yuan if row else None)
            continue
        for field, value in wanted.items():
            found = getattr(row, field) if row else None
            assert found == (Decimal(value) if isinstance(value, str) else value), (credit_code, year, field, found, value)


def check_titles(case: Case) -> None:
    for credit_code, wanted in case.titles.items():
        owner = select(Enterprise.id).where(Enterprise.credit_code == credit_code)
        rows = db.session.scalars(select(Recognition).where(Recognition.enterprise_id.in_(owner), Recognition.superseded_at.is_(None))).all()
        found = {(row.title_code, row.batch_year): row for row in rows}
        assert set(found) == set(wanted), credit_code
        for key, values in wanted.items():
            assert {field: getattr(found[key], field) for field in values} == values, (credit_code, key)


def prepare(case: Case) -> None:
    for number in case.known:
        make_enterprise(name(number), code=code(number), since=date(2010, 1, 1))
    db.session.commit()
    if case.seeds:
        case.seeds()


def size() -> tuple[int, ...]:
    return tuple(db.session.query(model).count() for model in (Enterprise, EnterpriseName, EnterpriseYear, Recognition))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_foreign_file_gets_the_right_plan(app: Flask, tmp_path: Path, case: Case) -> None:
    path = tmp_path / f"外来 文件{case.suffix}"
    case.build(path)
    prepare(case)
    before = size()
    rehearsal = run(app, case.command, path, "--dry-run") if CASES.index(case) % 4 == 0 else None
    assert size() == before, "a dry run writes nothing"
    status, told = run(app, case.command, path)
    check_shape(status, told)
    assert any(matches(outcome, status, told) for outcome in case.outcomes), f"{case.why}\n{status} {json.dumps(told, ensure_ascii=False, indent=1)}"
    assert rehearsal is None or rehearsal == (status, told), "the dry run told the same"
    check_firms(case)
    check_figures(case)
    check_titles(case)
    if not status:
        check_again(app, case, path, told)


def check_again(app: Flask, case: Case, path: Path, told: dict[str, Any]) -> None:
    before = size()
    _, again = run(app, case.command, path)
    assert (again["created"], again["updated"]) == (0, 0), "the same file twice changes nothing"
    assert again["unchanged"] == sum(told[key] for key in COUNTS)
    assert [row["row"] for row in again["rejected"]] == [row["row"] for row in told["rejected"]]
    assert size() == before
