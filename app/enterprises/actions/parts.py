"""Contacts, tags and events of an enterprise."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, update

from app.enterprises.actions import cancellation
from app.enterprises.actions.records import plain, subject, touch
from app.enterprises.models import EVENT_KINDS, Contact, Enterprise, EnterpriseEvent, EnterpriseTag
from app.enterprises.queries import records
from app.infra import audit, changes, clock, crypto
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.web.filters import masked_phone
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.kernel.text import clean, plain_signs

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LAND_LINE = re.compile(r"0[0-9]{9,11}(-[0-9]{1,6})?|[2-9][0-9]{6,7}(-[0-9]{1,6})?|[48]00[0-9]{7}")
SHORTEST_REASON = 4


@dataclass(frozen=True)
class ContactDraft:
    """``phone`` None = keep the stored one, "" = remove it."""

    name: str
    title: str | None = None
    phone: str | None = None
    consent_on: date | None = None
    is_primary: bool = False


def normal_phone(text: str) -> str:
    """A phone number in one writing (digits, a hyphen before an extension). Raises ``Invalid``."""
    digits = re.sub(r"[\s()（）]+", "", plain_signs(clean(text))).removeprefix("+86").removeprefix("0086")
    digits = re.sub(r"(转|#)", "-", digits)
    if re.fullmatch(r"0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?", digits):
        digits = digits.replace("-", "", 1)
    if re.fullmatch(r"1[0-9-]{12}", digits):
        digits = digits.replace("-", "")
    if MOBILE.fullmatch(digits) or LAND_LINE.fullmatch(digits):
        return digits
    raise Invalid("phone", "电话号码不正确：手机应为 11 位，固定电话请带区号（如 0635-8240000）。", "phone")


def save_contact(
    *, scope: Scope, enterprise_id: int, draft: ContactDraft, by: Actor, contact_id: int | None = None, version: int | None = None
) -> Contact:
    """Add or change a contact person. The phone number is stored encrypted and never enters the audit log."""
    enterprise = records.get_enterprise(scope, enterprise_id, lock=True)
    name = clean(draft.name)
    if not name or len(name) > 60:
        raise Invalid("contact_name", "请填写联系人姓名（60 个字以内）。", "name")
    row = records.get_contact(enterprise_id, contact_id) if contact_id is not None else Contact(enterprise_id=enterprise_id, version=0)
    if contact_id is not None and row.version != version:
        raise Conflict("stale", f"联系人“{row.name}”在您编辑期间已被他人修改，请刷新页面后重新填写。")
    before = _shown(row)
    row.name, row.title, row.consent_on, row.is_primary = name, plain(draft.title), draft.consent_on, draft.is_primary
    if draft.phone is not None:
        _set_phone(row, draft.phone)
    row.version += 1
    db.session.add(row)
    db.session.flush()
    if row.is_primary:
        db.session.execute(update(Contact).where(Contact.enterprise_id == enterprise_id, Contact.id != row.id).values(is_primary=False))
    touch(enterprise, by)
    old, new = audit.changes(before, _shown(row))
    audit.record("contact.saved", subject(enterprise), old, {"contact": name, **new}, by=by)
    return row


def _set_phone(row: Contact, phone: str) -> None:
    if not phone.strip():
        row.phone_cipher = row.phone_mark = row.phone_masked = None
        return
    number = normal_phone(phone)
    row.phone_cipher, row.phone_mark, row.phone_masked = crypto.encrypt(number), crypto.mark(number), masked_phone(number)


def _shown(row: Contact) -> dict[str, object]:
    keys = ("name", "title", "phone_masked", "consent_on", "is_primary")
    return {key: getattr(row, key) for key in keys}


def remove_contact(*, scope: Scope, enterprise_id: int, contact_id: int, by: Actor) -> None:
    """Delete a contact person (people's data is not kept longer than needed); the audit log keeps name and masked number."""
    enterprise = records.get_enterprise(scope, enterprise_id, lock=True)
    row = records.get_contact(enterprise_id, contact_id)
    audit.record("contact.removed", subject(enterprise), _shown(row), None, by=by)
    db.session.delete(row)
    touch(enterprise, by)


def reveal_phone(*, scope: Scope, enterprise_id: int, contact_id: int, reason: str, by: Actor) -> str:
    """The full number of a contact; who saw it, when and why is logged in the same transaction."""
    enterprise = records.get_enterprise(scope, enterprise_id)
    row = records.get_contact(enterprise_id, contact_id)
    why = clean(reason)[:200]
    if len(why) < SHORTEST_REASON:
        raise Invalid("reason", f"请说明查看完整号码的用途（至少 {SHORTEST_REASON} 个字），本次查看会被记录。", "reason")
    if not row.phone_cipher:
        raise Invalid("no_phone", f"联系人“{row.name}”没有登记电话。")
    number = crypto.decrypt(row.phone_cipher)
    audit.record("contact.revealed", Subject("contact", row.id, f"{enterprise.name} {row.name}"), None, {"reason": why, "enterprise_id": enterprise_id}, by=by)
    db.session.flush()
    return number


def set_tags(*, scope: Scope, ids: Collection[int], add: Collection[str] = (), remove: Collection[str] = (), by: Actor) -> int:
    """Add and remove tags of chosen enterprises; ids outside the scope are refused as a whole. Returns how many enterprises changed."""
    added, removed = [checked_tag(t) for t in add], [checked_tag(t) for t in remove]
    changed = 0
    for enterprise_id in sorted(set(ids)):
        enterprise = records.get_enterprise(scope, enterprise_id, lock=True)
        changed += _change_tags(enterprise, added, removed, by)
    return changed


def _change_tags(enterprise: Enterprise, added: Collection[str], removed: Collection[str], by: Actor) -> bool:
    before = records.tags(enterprise.id)
    after = sorted((set(before) | set(added)) - (set(removed) - set(added)))
    if after == before:
        return False
    for tag in set(after) - set(before):
        db.session.add(EnterpriseTag(enterprise_id=enterprise.id, tag=tag))
    gone = set(before) - set(after)
    db.session.execute(delete(EnterpriseTag).where(EnterpriseTag.enterprise_id == enterprise.id, EnterpriseTag.tag.in_(gone)))
    touch(enterprise, by)
    audit.record("enterprise.tagged", subject(enterprise), {"tags": before}, {"tags": after}, by=by)
    return True


def checked_tag(text: str) -> str:
    """A tag in one writing. Raises ``Invalid``."""
    tag = clean(text)
    if not tag or len(tag) > 20 or any(c in tag for c in ",，;；"):
        raise Invalid("tag", "标签应为 1 至 20 个字，不含逗号和分号。", "tag")
    return tag


def add_event(
    *, scope: Scope, enterprise_id: int, kind: str, happened_on: date, by: Actor, note: str | None = None, document: str | None = None
) -> EnterpriseEvent:
    """Record something that happened. Raises ``Invalid`` for a day in the future or an unknown kind."""
    enterprise = records.get_enterprise(scope, enterprise_id, lock=True)
    if kind not in EVENT_KINDS:
        raise Invalid("event_kind", "请选择事件类型。", "kind")
    if happened_on > clock.today() or happened_on.year < 1900:
        raise Invalid("date", "发生日期应在 1900 年以后且不晚于今天。", "happened_on")
    row = EnterpriseEvent(
        enterprise_id=enterprise_id, kind=kind, happened_on=happened_on, note=plain((note or "")[:300]), document=plain((document or "")[:120]),
        recorded_at=clock.now(), recorded_by=by.user_id,
    )
    db.session.add(row)
    touch(enterprise, by)
    if kind == cancellation.KIND:
        enterprise.status = cancellation.STATUS
        changes.tell("enterprise.moved", [enterprise.id])
    audit.record(
        "enterprise.event", subject(enterprise), None, {"kind": EVENT_KINDS[kind], "on": happened_on, "note": row.note}, by=by
    )
    return row

