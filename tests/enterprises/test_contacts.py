"""Phone numbers are encrypted, found by their mark, masked on every page, and shown in full only with a reason on record."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises import actions
from app.enterprises.actions.parts import ContactDraft, normal_phone
from app.enterprises.models import Contact
from app.infra import crypto
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.personas import Browser

PHONE = "13806351234"
As = Callable[[str], Browser]


def contact(**changed: Any) -> Contact:
    draft = ContactDraft(**({"name": "李某", "phone": PHONE} | changed))
    return actions.save_contact(scope=ALL, enterprise_id=make_enterprise().id, draft=draft, by=OFFICER)


def test_the_number_is_stored_encrypted_and_found_by_its_mark(app: Flask) -> None:
    first, second = contact(), contact()
    assert first.phone_masked == "138****1234" and PHONE not in f"{first.phone_cipher}{first.phone_mark}"
    assert first.phone_cipher != second.phone_cipher and first.phone_mark == second.phone_mark == crypto.mark(PHONE)
    assert first.phone_cipher and crypto.decrypt(first.phone_cipher) == PHONE
    written = str([(r.old, r.new, r.subject_label) for r in db.session.scalars(select(AuditRow))])
    assert PHONE not in written and "138****1234" in written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 138 0635 1234 ", PHONE), ("１３８０６３５１２３４", PHONE), ("+86 138-0635-1234", PHONE), ("0635-8240000", "06358240000"),
        ("（0635）8240000转8012", "06358240000-8012"), ("400 123 4567", "4001234567"), ("8240000", "8240000"),
    ],
)
def test_numbers_as_people_write_them(text: str, expected: str) -> None:
    assert normal_phone(text) == expected


@pytest.mark.parametrize("text", ["1380635123", "12806351234", "abc", "138063512345", "110", "=1+1", "1" * 300, "-"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        normal_phone(text)


def test_damaged_or_foreign_cipher_texts_say_so(app: Flask) -> None:
    stored = crypto.encrypt(PHONE)
    for broken in ("", "x", "zzzzzzzz:AAAA", stored[:-4] + "AAA=", stored[:12], stored.split(":")[0] + ":", stored.split(":")[0] + ":é"):
        with pytest.raises(Invalid):
            crypto.decrypt(broken)


def test_keys_rotate(app: Flask) -> None:
    before, old = app.config["SETTINGS"], crypto.encrypt(PHONE)
    mark = crypto.mark(PHONE)
    try:
        app.config["SETTINGS"] = dataclasses.replace(before, field_key="f" * 64 + "," + before.field_key)
        assert crypto.decrypt(old) == PHONE and crypto.needs_rewrite(old)
        fresh = crypto.encrypt(PHONE)
        assert not crypto.needs_rewrite(fresh) and crypto.decrypt(fresh) == PHONE
        assert mark in crypto.marks(PHONE) and crypto.mark(PHONE) != mark
    finally:
        app.config["SETTINGS"] = before
    with pytest.raises(Invalid):
        crypto.decrypt(fresh)


def test_editing_without_a_number_keeps_it_and_one_is_the_main_contact(app: Flask) -> None:
    row = contact(is_primary=True)
    stored = row.phone_cipher
    actions.save_contact(
        scope=ALL, enterprise_id=row.enterprise_id, draft=ContactDraft("李某某", phone=None, is_primary=True), by=OFFICER, contact_id=row.id, version=1
    )
    assert (row.name, row.phone_cipher) == ("李某某", stored)
    other = actions.save_contact(scope=ALL, enterprise_id=row.enterprise_id, draft=ContactDraft("王某", is_primary=True), by=OFFICER)
    db.session.expire_all()
    assert other.is_primary and not row.is_primary
    with pytest.raises(Conflict):
        actions.save_contact(scope=ALL, enterprise_id=row.enterprise_id, draft=ContactDraft("x"), by=OFFICER, contact_id=row.id, version=1)


def test_the_full_number_needs_a_reason_and_leaves_a_trace(app: Flask, as_: As) -> None:
    row = contact()
    address = f"/enterprises/{row.enterprise_id}/contacts/{row.id}/phone"
    bureau = as_("bureau")
    assert PHONE not in bureau.get(f"/enterprises/{row.enterprise_id}").get_data(as_text=True)
    assert PHONE not in bureau.get(address).get_data(as_text=True)
    refused = bureau.post(address, data={"reason": " "})
    assert refused.status_code == 422 and PHONE not in refused.get_data(as_text=True)
    assert PHONE in bureau.post(address, data={"reason": "核实申报材料"}).get_data(as_text=True)
    trace = db.session.scalars(select(AuditRow).where(AuditRow.type == "contact.revealed")).all()
    assert [t.new["reason"] for t in trace] == ["核实申报材料"]
    assert as_("stranger").post(address, data={"reason": "核实申报材料"}).status_code == 404
    assert as_("leader").post(address, data={"reason": "核实申报材料"}).status_code == 403
