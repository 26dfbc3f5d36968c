"""An official list beside our records: every difference once, with its reason; settled ones stay settled; looking again changes nothing."""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.enterprises.models import Enterprise, EnterpriseName
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.actions import lists as list_actions
from app.ladder.actions.reconciliation import ignore, take_up, write
from app.ladder.models import OfficialList, OfficialListRow
from app.ladder.queries.reconciliation import compare_list, settled
from app.ladder.rules.names import name_key
from app.ladder.rules.reconciliation import REASONS
from tests.factories import ladder as make

DAY = date(2024, 6, 1)
PAPER = "鲁工信创〔2023〕1号"


def make_list(*rows: dict[str, Any], **head: Any) -> OfficialList:
    values: dict[str, Any] = {
        "name": "有效名单", "purpose": "stock", "title_code": "srdi", "level": "province", "as_of": DAY, "area_id": make.area("371500").id,
        "created_at": clock.now(), "created_name": "甲",
    }
    listed = OfficialList(**(values | head))
    db.session.add(listed)
    db.session.flush()
    for number, row in enumerate(rows, 2):
        said = {"name": "某某有限公司", "decision": "confirmed"} | row
        db.session.add(OfficialListRow(list_id=listed.id, row=number, name_key=name_key(said["name"]), **said))
    db.session.commit()
    return listed


def firm(name: str, title: str | None = "srdi", **more: Any) -> Enterprise:
    row = make.firm(make.area("371502001"), name=name)
    if title:
        make.recognition(row, title, **({"level": "province", "document": PAPER} | more))
    return row


def line(row: Enterprise, **more: Any) -> dict[str, Any]:
    return {"name": row.name, "enterprise_id": row.id} | more


def codes(listed: OfficialList, scope: Scope = ALL) -> list[tuple[str, str]]:
    return [(d.code, d.name) for d in compare_list(scope, listed).differences]


def test_what_agrees_is_no_difference(app: Flask) -> None:
    listed = make_list(line(firm("甲有限公司")))
    found = compare_list(ALL, listed)
    assert found.differences == [] and found.same == 1


@pytest.mark.parametrize(("grant", "code"), [
    ({"revoked_on": date(2024, 1, 1)}, "revoked_in_ours"), ({"valid_to": date(2024, 5, 31)}, "expired_in_ours"), ({"voided": True}, "voided_in_ours"),
    ({"valid_from": date(2024, 7, 1)}, "not_yet_in_ours"), ({"valid_to": None}, "gap_in_ours"), ({"valid_from": None, "announced_on": None}, "gap_in_ours"),
])
def test_why_our_record_is_not_in_stock(app: Flask, grant: dict[str, Any], code: str) -> None:
    listed = make_list(line(firm("甲有限公司", **grant)))
    assert (code, "甲有限公司") in codes(listed)


def test_missing_on_either_side(app: Flask) -> None:
    only_theirs, only_ours = firm("乙有限公司", None), firm("丙有限公司")
    firm("已到期有限公司", valid_to=date(2024, 1, 1))
    gone = firm("已注销有限公司")
    make.cancelled(gone, date(2024, 2, 1))
    listed = make_list(line(only_theirs))
    assert codes(listed) == [("missing_in_ours", only_theirs.name), ("missing_in_theirs", only_ours.name)]


def test_a_batch_is_compared_by_its_year(app: Flask) -> None:
    here, other, missing = firm("甲有限公司"), firm("乙有限公司", batch_year=2022), firm("丙有限公司")
    firm("丁有限公司", batch_year=2021)
    listed = make_list(line(here), line(other), purpose="announced", as_of=None, batch_year=2023, announced_on=date(2023, 7, 1))
    found = codes(listed)
    assert ("other_batch", other.name) in found and ("missing_in_theirs", missing.name) in found
    assert not [name for code, name in found if code == "missing_in_theirs" and name == "丁有限公司"]


def test_values_names_places_and_status(app: Flask) -> None:
    a, b, c, d, e = firm("甲有限公司"), firm("乙新名有限公司"), firm("丙有限公司"), firm("丁有限公司"), firm("戊有限公司", "little_giant", level="nation")
    db.session.add(EnterpriseName(enterprise_id=b.id, name="乙旧名有限公司"))
    c.status = "moved_out"
    d.status = "cancelled"
    make.cancelled(d, date(2024, 3, 1))
    listed = make_list(
        line(a, values={"valid_to": "2027-06-30", "document": "另一号"}), line(b, name="乙旧名有限公司", unit_id=make.area("371581").id, place="临清市"),
        line(c), line(d), line(e), line(a),
    )
    found = compare_list(ALL, listed).differences
    assert {(x.code, x.name) for x in found} == {
        ("other_date", a.name), ("other_document", a.name), ("name_differs", b.name), ("other_place", b.name), ("moved_out", c.name), ("cancelled", d.name),
        ("other_title", e.name), ("missing_in_ours", e.name), ("duplicate", a.name),
    }
    wrong = next(x for x in found if x.code == "other_date")
    assert (wrong.theirs, wrong.ours) == ("有效期止 2027-06-30", "有效期止 2026-06-30")
    assert {x.code for x in found} <= set(REASONS)


def test_lines_of_other_places_are_not_ours_to_explain(app: Flask) -> None:
    unit = make.area("371502").id
    listed = make_list(
        {"name": "烟台某某有限公司", "decision": "open", "place": "烟台市芝罘区"}, {"name": "未确认有限公司", "decision": "open", "place": "东昌府区", "unit_id": unit},
        {"name": "不在库有限公司", "decision": "foreign", "place": "东昌府区", "unit_id": unit},
    )
    found = compare_list(ALL, listed)
    assert found.outside == 1 and [(d.code, d.name) for d in found.differences] == [("unconfirmed", "未确认有限公司"), ("unknown_firm", "不在库有限公司")]


def test_a_county_compares_its_own_firms(app: Flask) -> None:
    firm("甲有限公司")
    other = make.firm(make.area("371581107"), name="临清有限公司")
    make.recognition(other, "srdi", level="province")
    listed = make_list(line(other))
    assert codes(listed, Scope(unit_ids=frozenset({make.area("371581").id}))) == []
    assert codes(listed, Scope(unit_ids=frozenset({make.area("371502").id}))) == [("missing_in_theirs", "甲有限公司")]


def test_differences_are_settled_by_recording_correcting_or_a_reason(app: Flask) -> None:
    a, b, c = firm("甲有限公司", None), firm("乙有限公司", valid_to=date(2025, 12, 31)), firm("丙有限公司")
    head = {"announced_on": date(2023, 7, 1), "valid_to": date(2026, 6, 30), "batch_year": 2023, "document": PAPER}
    listed = make_list(line(a), line(b), **head)
    before = compare_list(ALL, listed).differences
    assert [(d.code, d.name) for d in before] == [
        ("missing_in_ours", a.name), ("missing_in_theirs", c.name), ("other_date", b.name),
    ]
    with pytest.raises(Conflict):
        write(listed=listed, chosen=[("missing_in_theirs", f"e:{c.id}")], scope=ALL, by=SYSTEM)
    with pytest.raises(Invalid):
        ignore(listed=listed, chosen=[("missing_in_theirs", f"e:{c.id}")], reason=" ", scope=ALL, by=SYSTEM)
    assert ignore(listed=listed, chosen=[("missing_in_theirs", f"e:{c.id}")], reason="省厅漏列，已反映", scope=ALL, by=SYSTEM) == 1
    write(listed=listed, chosen=[(d.code, d.subject) for d in before if d.code != "missing_in_theirs"], scope=ALL, by=SYSTEM)
    after = compare_list(ALL, listed)
    assert [d.code for d in after.differences] == ["missing_in_theirs"] and after.same == 2
    assert settled(listed.id)["missing_in_theirs", f"e:{c.id}"].reason == "省厅漏列，已反映"
    grant = queries.recognitions_of(ALL, [b.id])[b.id][0]
    assert (grant.valid_to, grant.valid_from) == (date(2026, 6, 30), date(2023, 7, 1))
    assert compare_list(ALL, listed) == after, "looking again changes nothing"
    assert take_up(listed=listed, chosen=[("missing_in_theirs", f"e:{c.id}")], scope=ALL, by=SYSTEM) == 1
    assert ("missing_in_theirs", f"e:{c.id}") not in settled(listed.id)


def test_an_empty_and_an_untitled_list(app: Flask) -> None:
    firm("甲有限公司")
    assert codes(make_list()) == [("missing_in_theirs", "甲有限公司")]
    assert "missing_in_theirs" not in dict(codes(make_list(line(firm("乙有限公司")), title_code=None, level="")))
    assert list_actions.plan_recording(make_list(title_code=None, level="")) == []


def test_the_command_says_the_same(app: Flask) -> None:
    firm("甲有限公司")
    listed = make_list({"name": "未确认有限公司", "decision": "open"})
    key = listed.id
    db.session.rollback()
    told = json.loads(app.test_cli_runner().invoke(args=["lists", "compare", str(key), "--json"]).stdout)
    assert [d["code"] for d in told["differences"]] == ["missing_in_theirs", "unconfirmed"]
    assert app.test_cli_runner().invoke(args=["lists", "compare", "999"]).exit_code == 1
