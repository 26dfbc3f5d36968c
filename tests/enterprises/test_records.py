"""Making and changing the record: dated, versioned, inside the scope, with an audit row each time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.areas.models import AreaMembership
from app.enterprises import actions
from app.enterprises.actions.records import NewEnterprise
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseTown
from app.enterprises.queries import find_by_code, get_enterprise, records, town_as_of
from app.infra import changes, clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.kernel.scope import ALL, NOTHING, Scope
from tests.factories.enterprises import OFFICER, make_credit_code, make_enterprise, town_id

HERE, NEXT, FAR = "371502002", "371502003", "371581001"


def last_audit() -> AuditRow:
    return db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()


def county() -> Scope:
    return Scope(unit_ids=frozenset({make_enterprise(town=HERE).unit_id}))


def create(scope: Scope = ALL, **changed: Any) -> Enterprise:
    facts = {"credit_code": make_credit_code(5), "name": "聊城新设有限公司", "town_id": town_id(HERE), "since": None} | changed
    values = facts.pop("values", {})
    return actions.create_enterprise(scope=scope, new=NewEnterprise(**facts), values=values, by=OFFICER)


def test_a_new_enterprise_has_town_index_summary_and_audit_row(app: Flask) -> None:
    row = create(values={"founded_on": date(2020, 5, 1), "short_name": " 新设 "})
    assert (row.name, row.short_name, row.initials, row.version) == ("聊城新设有限公司", "新设", "lcxsyxgs", 1)
    version = db.session.scalars(select(EnterpriseTown).where(EnterpriseTown.enterprise_id == row.id)).one()
    assert (version.valid_from, version.valid_to) == (date(2020, 5, 1), None)
    assert records.summary_of(row.id) is not None
    audit = last_audit()
    assert (audit.type, audit.subject_id, audit.actor_name) == ("enterprise.created", str(row.id), "市局经办甲")


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"credit_code": "91110000600037341M"}, "credit_code_invalid", "credit_code"), ({"credit_code": ""}, "credit_code_invalid", "credit_code"),
        ({"name": " 　"}, "name_missing", "name"), ({"name": "企" * 121}, "name_long", "name"), ({"town_id": 999_999}, "town_unknown", "town_id"),
        ({"since": date(2999, 1, 1)}, "date", "since"), ({"values": {"founded_on": date(1899, 1, 1)}}, "date", "founded_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(app: Flask, changed: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(**changed)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_codes_are_read_as_people_write_them(app: Flask) -> None:
    code = make_credit_code(9)
    spaced = f" '{code[:6].lower()} {code[6:]}"
    assert create(credit_code=spaced).credit_code == code


def test_a_county_or_city_is_no_town(app: Flask) -> None:
    for code in ("371500", "371502", "3715Z1"):
        with pytest.raises(Invalid):
            create(town_id=town_id(code))


def test_a_known_code_names_the_record_only_inside_the_scope(app: Flask) -> None:
    row = make_enterprise(town=FAR)
    with pytest.raises(Conflict) as inside:
        create(credit_code=row.credit_code)
    assert row.name in inside.value.message_zh
    with pytest.raises(Conflict) as outside:
        create(county(), credit_code=row.credit_code)
    assert row.name not in outside.value.message_zh and str(row.id) not in outside.value.message_zh


def test_nobody_registers_a_firm_in_another_county(app: Flask) -> None:
    with pytest.raises(Forbidden):
        create(county(), town_id=town_id(FAR))


def edit(row: Enterprise, scope: Scope = ALL, version: int | None = None, **values: Any) -> Enterprise:
    return actions.update_enterprise(
        scope=scope, enterprise_id=row.id, values=values, version=row.version if version is None else version, by=OFFICER
    )


def test_an_edit_records_only_what_differs(app: Flask) -> None:
    row = make_enterprise(address="老地址", legal_person="王某")
    edit(row, address="新地址", legal_person="王某", park="")
    assert (row.address, row.version) == ("新地址", 2)
    assert (last_audit().old, last_audit().new) == ({"address": "老地址"}, {"address": "新地址"})
    before = last_audit().id
    edit(row, address="新地址")
    assert last_audit().id == before and row.version == 2


def test_fields_outside_the_form_cannot_be_set(app: Flask) -> None:
    row = make_enterprise()
    edit(row, credit_code="X", name="Y", town_id=1, merged_into_id=1, version_=9, city_id=1)
    assert row.version == 1 and row.merged_into_id is None and row.name != "Y"


def test_the_second_editor_is_shown_what_the_first_saved(app: Flask) -> None:
    row = make_enterprise(address="旧")
    edit(row, version=1, address="甲")
    with pytest.raises(actions.Stale) as stale:
        edit(row, version=1, address="乙", park="园区")
    assert stale.value.theirs == {"address": "甲", "park": None} and row.address == "甲"


@pytest.mark.parametrize("act", ["update", "rename", "town", "tags", "event", "contact"])
def test_writing_outside_the_scope_finds_nothing(app: Flask, act: str) -> None:
    row, scope, today = make_enterprise(town=FAR), county(), clock.today()
    doing = {
        "update": lambda: edit(row, scope, address="x"),
        "rename": lambda: actions.rename(scope=scope, enterprise_id=row.id, name="新名字有限公司", since=today, version=1, by=OFFICER),
        "town": lambda: actions.set_town(scope=scope, enterprise_id=row.id, town_id=town_id(HERE), since=today, version=1, by=OFFICER),
        "tags": lambda: actions.set_tags(scope=scope, ids=[row.id], add=["甲"], by=OFFICER),
        "event": lambda: actions.add_event(scope=scope, enterprise_id=row.id, kind="split", happened_on=today, by=OFFICER),
        "contact": lambda: actions.remove_contact(scope=scope, enterprise_id=row.id, contact_id=1, by=OFFICER),
    }
    with pytest.raises(NotFound):
        doing[act]()


def test_a_rename_keeps_the_old_name_with_its_dates(app: Flask) -> None:
    row = make_enterprise("聊城老名有限公司", founded_on=date(2010, 1, 1))
    actions.rename(scope=ALL, enterprise_id=row.id, name="聊城新名有限公司", since=date(2020, 6, 1), version=row.version, by=OFFICER)
    actions.rename(scope=ALL, enterprise_id=row.id, name="聊城最新有限公司", since=date(2022, 6, 1), version=row.version, by=OFFICER)
    former = records.names(row.id)
    assert [(n.name, n.valid_from, n.valid_to) for n in former] == [
        ("聊城新名有限公司", date(2020, 6, 1), date(2022, 5, 31)), ("聊城老名有限公司", date(2010, 1, 1), date(2020, 5, 31)),
    ]
    for day, name in ((date(2015, 1, 1), "聊城老名有限公司"), (date(2020, 6, 1), "聊城新名有限公司"), (date(2022, 6, 1), "聊城最新有限公司")):
        assert records.name_on(row, former, day) == name
    with pytest.raises(Invalid):
        actions.rename(scope=ALL, enterprise_id=row.id, name="再改有限公司", since=date(2022, 6, 1), version=row.version, by=OFFICER)


def town_then(row: Enterprise, day: date, known: date | None = None) -> int | None:
    versions = town_as_of(day, known).subquery()
    found = db.session.scalars(select(versions.c.town_id).where(versions.c.enterprise_id == row.id)).all()
    assert len(found) <= 1
    return found[0] if found else None


def move(row: Enterprise, town: str, since: date, scope: Scope = ALL) -> Enterprise:
    return actions.set_town(scope=scope, enterprise_id=row.id, town_id=town_id(town), since=since, version=row.version, by=OFFICER)


def test_a_move_counts_from_its_first_day_and_never_before_it_was_known(app: Flask) -> None:
    here, there = town_id(HERE), town_id(NEXT)
    clock.freeze(datetime(2024, 2, 1, 4, tzinfo=UTC))
    row = make_enterprise(town=HERE, since=date(2015, 1, 1))
    clock.freeze(datetime(2024, 9, 10, 4, tzinfo=UTC))
    move(row, NEXT, date(2024, 7, 1))
    assert row.town_id == there
    assert [town_then(row, d) for d in (date(2014, 12, 31), date(2015, 1, 1), date(2024, 6, 30), date(2024, 7, 1))] == [None, here, here, there]
    assert town_then(row, date(2024, 8, 1), known=date(2024, 9, 9)) == here
    assert town_then(row, date(2024, 8, 1), known=date(2024, 9, 10)) == there
    assert town_then(row, date(2024, 1, 1), known=date(2024, 1, 31)) is None
    event = db.session.scalars(select(EnterpriseEvent).where(EnterpriseEvent.enterprise_id == row.id)).one()
    assert event.kind == "moved" and event.happened_on == date(2024, 7, 1)


def test_moves_in_any_order_leave_exactly_one_town_a_day(app: Flask) -> None:
    row = make_enterprise(town=HERE, since=date(2015, 1, 1))
    move(row, NEXT, date(2020, 1, 1))
    move(row, FAR, date(2018, 1, 1))
    move(row, HERE, date(2014, 1, 1))
    move(row, NEXT, date(2021, 1, 1))
    for year in range(2013, 2025):
        expected = None if year < 2014 else town_id(NEXT) if year >= 2021 else town_id(HERE)
        assert town_then(row, date(year, 6, 1)) == expected
    current = db.session.scalars(
        select(EnterpriseTown).where(EnterpriseTown.enterprise_id == row.id, EnterpriseTown.superseded_at.is_(None), EnterpriseTown.valid_to.is_(None))
    ).all()
    assert len(current) == 1


def test_a_county_cannot_push_a_firm_into_another_county(app: Flask) -> None:
    row = make_enterprise(town=HERE)
    scope = Scope(unit_ids=frozenset({row.unit_id}))
    with pytest.raises(Forbidden) as refused:
        move(row, FAR, clock.today(), scope)
    assert "市局" in refused.value.message_zh and row.town_id == town_id(HERE)
    with pytest.raises(Invalid):
        move(row, NEXT, clock.today() + timedelta(days=1))
    with pytest.raises(Invalid):
        move(row, HERE, clock.today())


def test_moves_are_told_in_the_same_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setitem(changes._listeners, "enterprise.moved", [lambda ids: told.append(sorted(ids))])
    row = make_enterprise(town=HERE)
    move(row, NEXT, clock.today())
    assert told == [[row.id], [row.id]]


def test_a_town_handed_to_another_unit_takes_its_firms_along(app: Flask) -> None:
    row = make_enterprise(town=HERE)
    zone = town_id("3715Z1")
    db.session.execute(update(AreaMembership).where(AreaMembership.town_id == row.town_id).values(unit_id=zone))
    changes.tell("area.unit_changed", [row.town_id])
    db.session.expire_all()
    assert row.unit_id == zone


def test_by_code_follows_merges_and_the_scope(app: Flask) -> None:
    first, second = make_enterprise(), make_enterprise()
    db.session.execute(update(Enterprise).where(Enterprise.id == second.id).values(merged_into_id=first.id))
    found = find_by_code(ALL, second.credit_code)
    assert found is not None and found.id == first.id
    assert find_by_code(NOTHING, first.credit_code) is None and find_by_code(ALL, "0" * 18) is None


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
def test_absurd_numbers_are_simply_not_found(app: Flask, number: int) -> None:
    with pytest.raises(NotFound):
        get_enterprise(ALL, number)


def test_every_change_leaves_one_audit_row_of_its_own(app: Flask) -> None:
    row = make_enterprise()
    start = last_audit().id
    edit(row, address="甲")
    actions.set_tags(scope=ALL, ids=[row.id], add=["链主"], by=OFFICER)
    actions.add_event(scope=ALL, enterprise_id=row.id, kind="above_scale", happened_on=date(2024, 1, 1), by=OFFICER)
    actions.rename(scope=ALL, enterprise_id=row.id, name="聊城改名有限公司", since=clock.today(), version=row.version, by=OFFICER)
    types = list(db.session.scalars(select(AuditRow.type).where(AuditRow.id > start).order_by(AuditRow.id)))
    assert types == ["enterprise.updated", "enterprise.tagged", "enterprise.event", "enterprise.renamed"]


@pytest.mark.parametrize("tag", ["", " ", "签" * 21, "甲,乙", "甲；乙"])
def test_odd_tags_are_refused(app: Flask, tag: str) -> None:
    row = make_enterprise()
    with pytest.raises(DomainError):
        actions.set_tags(scope=ALL, ids=[row.id], add=[tag], by=OFFICER)
