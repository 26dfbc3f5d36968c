"""An edition keeps what was, whatever changes afterwards; it can be scored again from itself, and a changed one is found out."""

import json
from typing import Any

from flask import Flask

from app.indicators.actions import editions as actions
from app.indicators.models import ContestEdition
from app.indicators.queries import contest as rounds
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.queries import current_pack
from tests.factories import ladder as make
from tests.indicators.samples import YEAR, contest_round

ROUND = f"/indicators/contest/{YEAR}/"


def edition() -> ContestEdition:
    pack = current_pack()
    made = actions.make_edition(pack=pack, found=rounds.get_round(pack, YEAR), reason="公示稿", by=Actor(None, "市局经办甲"))
    db.session.commit()
    return made


def test_it_holds_the_members_and_stays_when_values_change(app: Flask, as_: Any) -> None:
    firm = make.firm(make.area("371502001"))
    make.recognition(firm, "high_tech")
    contest_round()
    made = edition()
    assert made.content["members"]["15"] == {"371502001": [firm.credit_code]} and edition().id == made.id
    before = next(one for one in made.content["results"] if one["code"] == "371502002")
    bureau = as_("bureau")
    bureau.post(f"{ROUND}371502002/22", data={"source": "substitute", "value": "1", "note": "纪要"})
    assert bureau.post(f"{ROUND}371502001/26", data={"source": "department", "value": "有"}).status_code == 303
    page = bureau.get(f"{ROUND}editions/{made.code}").text
    assert "校验通过" in page and before["total"] in page
    assert edition().id != made.id


def test_the_command_rebuilds_it_and_finds_a_change(app: Flask) -> None:
    contest_round()
    made = edition()
    run = app.test_cli_runner()
    for which in (str(made.id), made.code):
        result = run.invoke(args=["indicators", "edition", "verify", which, "--json"])
        assert result.exit_code == 0 and json.loads(result.stdout)["identical"] is True
    content = json.loads(json.dumps(made.content))
    content["results"][0]["total"] = "99.99"
    made.content = content
    db.session.commit()
    result = run.invoke(args=["indicators", "edition", "verify", str(made.id), "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == 1 and len(said["faults"]) == 2
    assert run.invoke(args=["indicators", "edition", "verify", "QZ0"]).exit_code == 1


def test_its_purpose_is_written_down(app: Flask, as_: Any) -> None:
    contest_round()
    assert as_("bureau").post(f"{ROUND}editions", data={"reason": " "}).status_code == 422
    assert as_("bureau").get(f"{ROUND}editions/QZ0").status_code == 404
