"""Duplicates are hinted at, merged without losing anything, and set apart again exactly."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises import actions, references
from app.enterprises.actions.parts import ContactDraft
from app.enterprises.models import Contact, Enterprise, EnterpriseEvent, EnterpriseMerge, EnterpriseYear
from app.enterprises.queries import Filters, list_enterprises, records
from app.enterprises.queries.duplicates import list_same_names, twins_of
from app.enterprises.rules.duplicates import Identity, one_slip_apart, reasons, score
from app.infra.audit import AuditRow
from app.infra.db import Base, db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import ALL, Scope
from app.ladder.models import Recognition
from tests.factories.enterprises import OFFICER, make_credit_code, make_enterprise

CODE = make_credit_code(1234)
UNWATCHED = {"version", "updated_at", "updated_by"}
NOT_AN_ENTERPRISE: set[tuple[str, str]] = set()
"""Columns named like a reference that are none, each with its reason (none so far)."""


DERIVED = {"enterprise_verdict", "verdict_candidate", "near_scale"}
"""Worked out from the records; written for whoever was touched."""


def pair(**second: Any) -> tuple[Enterprise, Enterprise]:
    first = make_enterprise("聊城鲁光有限公司", figures={2023: {"revenue_yuan": Decimal(1)}}, tags=("甲",), address="老地址")
    other = make_enterprise(
        "聊城鲁光机械有限公司", figures={2023: {"revenue_yuan": Decimal(2)}, 2024: {"revenue_yuan": Decimal(3)}}, tags=("甲", "乙"),
        legal_person="王某", **second,
    )
    actions.save_contact(scope=ALL, enterprise_id=other.id, draft=ContactDraft("李某", phone="13806350001"), by=OFFICER)
    actions.add_event(scope=ALL, enterprise_id=other.id, kind="above_scale", happened_on=date(2022, 3, 1), by=OFFICER)
    return first, other


def merge(first: Enterprise, second: Enterprise, scope: Scope = ALL) -> EnterpriseMerge:
    return actions.merge(
        scope=scope, kept_id=first.id, merged_id=second.id, kept_version=first.version, merged_version=second.version, reason="同一企业重复登记",
        by=OFFICER,
    )


def everything(enterprise_ids: list[int]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row in force of every table that names one of the enterprises, without version counters."""
    db.session.flush()
    found = {}
    for reference in references.registered():
        if reference.table in DERIVED:
            continue
        if reference.table in ("enterprise_merge",):
            continue
        table = Base.metadata.tables[reference.table]
        columns = [c for c in table.c if c.name not in UNWATCHED]
        query = select(*columns).where(table.c[reference.column].in_(enterprise_ids)).order_by(*table.primary_key.columns)
        if "superseded_at" in table.c:
            query = query.where(table.c.superseded_at.is_(None))
        found[f"{reference.table}.{reference.column}"] = [tuple(row) for row in db.session.execute(query)]
    table = Enterprise.__table__
    query = select(*(c for c in table.c if c.name not in UNWATCHED)).where(table.c.id.in_(enterprise_ids)).order_by(table.c.id)
    return found | {"enterprise": [tuple(row) for row in db.session.execute(query)]}


def test_every_column_that_names_an_enterprise_is_registered(app: Flask) -> None:
    known = {(r.table, r.column) for r in references.registered()}
    missing = []
    for table in Base.metadata.tables.values():
        for column in table.c:
            points = any(key.column.table.name == "enterprise" for key in column.foreign_keys)
            named = column.name == "enterprise_id" or column.name.endswith("_enterprise_id")
            if (points or named) and (table.name, column.name) not in known | NOT_AN_ENTERPRISE:
                missing.append(f"{table.name}.{column.name}")
    assert not missing, f"register with app.enterprises.references: {missing}"


def test_every_registered_reference_exists_and_can_be_moved(app: Flask) -> None:
    for reference in references.registered():
        table = Base.metadata.tables[reference.table]
        assert reference.column in table.c and set(reference.unique) <= set(table.c.keys())
        assert reference.policy == references.STAY or "id" in table.c, reference


def test_a_merge_moves_what_can_move_and_leaves_what_would_stand_twice(app: Flask) -> None:
    first, other = pair()
    merge(first, other)
    assert (other.merged_into_id, other.status) == (first.id, "merged")
    assert first.address == "老地址" and first.legal_person == "王某"
    assert records.tags(first.id) == ["乙", "甲"] and records.tags(other.id) == ["甲"]
    years = {(y.year, y.enterprise_id): y.revenue_yuan for y in db.session.scalars(select(EnterpriseYear).where(EnterpriseYear.superseded_at.is_(None)))}
    assert years == {(2023, first.id): 1, (2023, other.id): 2, (2024, first.id): 3}
    assert [c.name for c in records.contacts(first.id)] == ["李某"]
    summary = records.summary_of(first.id)
    assert summary is not None and summary.figures_year == 2024 and summary.growth_pct == 200
    assert [r.id for r in list_enterprises(ALL).rows] == [first.id]
    assert [r.id for r in list_enterprises(ALL, Filters(text="鲁光机械")).rows] == [first.id]


def test_undo_restores_exactly(app: Flask) -> None:
    first, other = pair()
    db.session.add(Recognition(enterprise_id=other.id, title_code="srdi", batch_year=2023, recorded_at=other.created_at))
    ids = [first.id, other.id]
    before = everything(ids)
    done = merge(first, other)
    assert everything(ids) != before
    actions.undo_merge(scope=ALL, merge_id=done.id, by=OFFICER)
    assert everything(ids) == before
    assert sorted(r.id for r in list_enterprises(ALL, Filters(text="鲁光")).rows) == ids
    with pytest.raises(Conflict):
        actions.undo_merge(scope=ALL, merge_id=done.id, by=OFFICER)


def test_undo_keeps_what_was_edited_or_added_since(app: Flask) -> None:
    first, other = pair()
    done = merge(first, other)
    actions.update_enterprise(scope=ALL, enterprise_id=first.id, values={"legal_person": "赵某"}, version=first.version, by=OFFICER)
    actions.add_event(scope=ALL, enterprise_id=first.id, kind="split", happened_on=date(2024, 1, 1), by=OFFICER)
    actions.undo_merge(scope=ALL, merge_id=done.id, by=OFFICER)
    assert first.legal_person == "赵某" and other.legal_person == "王某"
    assert [e.kind for e in records.events(first.id)] == ["split"]


def test_merges_are_undone_newest_first(app: Flask) -> None:
    first, other = pair()
    third = make_enterprise("聊城第三有限公司")
    one = merge(first, other)
    two = merge(first, third)
    with pytest.raises(Conflict):
        actions.undo_merge(scope=ALL, merge_id=one.id, by=OFFICER)
    actions.undo_merge(scope=ALL, merge_id=two.id, by=OFFICER)
    actions.undo_merge(scope=ALL, merge_id=one.id, by=OFFICER)
    assert len(list_enterprises(ALL).rows) == 3


def test_a_chain_of_merges_comes_apart_again(app: Flask) -> None:
    first, other = pair()
    third = make_enterprise("聊城第三有限公司")
    ids = [first.id, other.id, third.id]
    before = everything(ids)
    one = merge(first, other)
    two = merge(third, first)
    with pytest.raises(NotFound):
        actions.undo_merge(scope=ALL, merge_id=one.id, by=OFFICER)
    assert len(records.contacts(third.id)) == 1
    actions.undo_merge(scope=ALL, merge_id=two.id, by=OFFICER)
    actions.undo_merge(scope=ALL, merge_id=one.id, by=OFFICER)
    assert everything(ids) == before


def test_the_preview_changes_nothing_and_tells_the_truth(app: Flask) -> None:
    first, other = pair()
    before, audit = everything([first.id, other.id]), db.session.scalar(select(func.count()).select_from(AuditRow))
    preview = actions.preview_merge(scope=ALL, kept_id=first.id, merged_id=other.id)
    assert everything([first.id, other.id]) == before and db.session.scalar(select(func.count()).select_from(AuditRow)) == audit
    assert dict(preview.moved) == {"标签": 1, "年度数据": 1, "大事记": 1, "联系人": 1} and dict(preview.left) == {"标签": 1, "年度数据": 1}
    assert preview.filled == {"legal_person": "王某"} and "name" in preview.differing


def test_refusals(app: Flask) -> None:
    first, other = pair(town="371581001")
    with pytest.raises(Invalid):
        merge(first, first)
    with pytest.raises(NotFound):
        merge(first, other, Scope(unit_ids=frozenset({first.unit_id})))
    with pytest.raises(actions.Stale):
        actions.merge(scope=ALL, kept_id=first.id, merged_id=other.id, kept_version=99, merged_version=1, reason="重复登记", by=OFFICER)
    with pytest.raises(Invalid):
        actions.merge(scope=ALL, kept_id=first.id, merged_id=other.id, kept_version=1, merged_version=1, reason=" ", by=OFFICER)
    for number in (0, -5, 2**70, 12345):
        with pytest.raises(NotFound):
            actions.undo_merge(scope=ALL, merge_id=number, by=OFFICER)


def test_hints(app: Flask) -> None:
    base = make_enterprise("聊城启岳精密轴承有限公司", code=CODE)
    slip = CODE[:9] + CODE[10] + CODE[9] + CODE[11:]
    same_core = make_enterprise("聊城启岳精密轴承有限责任公司")
    similar = make_enterprise("聊城启岳精密轴承厂")
    far = make_enterprise("聊城启岳精密轴承制造有限公司", town="371581001")
    phone = make_enterprise("高唐毫不相干有限公司")
    other = make_enterprise("莘县另外一家商贸有限公司")
    for firm in (base, phone):
        actions.save_contact(scope=ALL, enterprise_id=firm.id, draft=ContactDraft("王某", phone="0635-8240000"), by=OFFICER)
    hints = {h.id: [r.code for r in h.reasons] for h in twins_of(ALL, base.id)}
    assert hints == {same_core.id: ["same_core_name"], similar.id: ["same_core_name"], phone.id: ["same_phone"]}
    assert far.id not in hints and other.id not in hints
    assert one_slip_apart(CODE, slip)


def test_hints_stay_inside_the_scope(app: Flask) -> None:
    here, far = make_enterprise("聊城同名有限公司"), make_enterprise("聊城同名有限公司", town="371581001")
    assert [h.id for h in twins_of(ALL, here.id)] == [far.id]
    assert twins_of(Scope(unit_ids=frozenset({here.unit_id})), here.id) == []
    assert [g.ids for g in list_same_names(ALL)] == [(here.id, far.id)]
    assert list_same_names(Scope(unit_ids=frozenset({here.unit_id}))) == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (Identity(CODE[:-1] + "Z", "甲公司"), ["code_slip", "same_organisation"][:1]),
        (Identity(make_credit_code(9), "乙（公司）"), []),
        (Identity(make_credit_code(9), "甲　公司"), ["same_name"]),
        (Identity(make_credit_code(9), "丙公司", frozenset({"甲公司"})), ["former_name"]),
        (Identity(make_credit_code(9), "甲公司", marks=frozenset({"m"}), legal_person="王"), ["same_name", "same_phone", "same_person"]),
    ],
)
def test_reasons(second: Identity, expected: list[str]) -> None:
    first = Identity(CODE, "甲公司", marks=frozenset({"m"}), legal_person="王")
    if second.name == "甲公司" and not second.marks:
        first = Identity(CODE, "另一个")
    found = reasons(first, second)
    assert [r.code for r in found] == expected and 0 <= score(found) <= 100


def test_the_merged_contact_is_still_one_row(app: Flask) -> None:
    first, other = pair()
    merge(first, other)
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1
    assert db.session.scalar(select(func.count()).select_from(EnterpriseEvent).where(EnterpriseEvent.kind == "merged")) == 1
