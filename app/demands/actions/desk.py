"""Departments with their contact persons, and the public links under which demands come in."""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.areas.actions import save_organisation
from app.areas.models import Area, Organisation
from app.demands.models import DemandDepartment, DemandLink, DepartmentContact
from app.demands.queries.departments import list_departments
from app.enterprises.actions.parts import normal_phone
from app.infra import audit, clock, crypto
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.web.filters import masked_phone
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.text import clean, clean_name, squeeze
from app.policies.queries import pack_of_city, packs_by_city

DEPARTMENT = "department"


def ensure_departments(city_id: int, *, by: Actor) -> int:
    """Every department of the city's pack is an organisation; returns how many were added. Names follow the pack."""
    pack = pack_of_city(city_id)
    known = {row.code: row.organisation_id for row in db.session.scalars(select(DemandDepartment).where(DemandDepartment.city_id == city_id)) if row.code}
    added = 0
    for entry in pack.entries("departments"):
        if entry.code in known:
            organisation = db.session.get(Organisation, known[entry.code])
            if organisation is not None and organisation.name != entry.label:
                save_organisation(name=entry.label, kind=DEPARTMENT, area_id=city_id, organisation_id=organisation.id)
            continue
        organisation = save_organisation(name=entry.label, kind=DEPARTMENT, area_id=city_id)
        db.session.add(DemandDepartment(organisation_id=organisation.id, city_id=city_id, code=entry.code))
        audit.record("department.added", Subject("organisation", organisation.id, entry.label), None, {"code": entry.code}, by=by)
        added += 1
    db.session.flush()
    return added


def ensure_everywhere(*, by: Actor) -> int:
    """The departments of every city with a pack (new-day chore, first start)."""
    return sum(ensure_departments(city.id, by=by) for city in packs_by_city() if city.pack is not None)


def add_department(*, city_id: int, area_id: int, name: str, by: Actor) -> Organisation:
    """A further office demands may go to, e.g. of a county or one the pack does not name."""
    name = clean_name(name)
    if not 2 <= len(name) <= 60:
        raise Invalid("name", "部门名称应为 2 至 60 个字。", "name")
    area = db.session.get(Area, area_id)
    if area is None or (area.id != city_id and area.city_id != city_id):
        raise Invalid("area", "请选择本市的市级或县（市、区）。", "area_id")
    if any(squeeze(one.name) == squeeze(name) for one in list_departments([city_id], all_of_them=True)):
        raise Conflict("department_known", f"“{name}”已在承办部门中，没有重复添加。", "name")
    row = save_organisation(name=name, kind=DEPARTMENT, area_id=area.id)
    db.session.add(DemandDepartment(organisation_id=row.id, city_id=city_id))
    audit.record("department.added", Subject("organisation", row.id, name), None, {"area": area.name}, by=by)
    db.session.flush()
    return row


def switch_department(department: DemandDepartment, *, active: bool, by: Actor) -> bool:
    """Use it for new demands or no longer; those it has stay with it. False = nothing changed."""
    if department.active is active:
        return False
    department.active = active
    audit.record("department.switched", Subject("organisation", department.organisation_id), {"active": not active}, {"active": active}, by=by)
    db.session.flush()
    return True


@dataclass(frozen=True)
class PersonDraft:
    """A contact person as entered."""

    name: str
    title: str | None
    phone: str | None
    valid_from: date
    valid_to: date | None


def add_person(*, organisation: Organisation, draft: PersonDraft, by: Actor) -> DepartmentContact:
    """Name a contact person. The phone number is stored encrypted and never enters the audit log."""
    name = clean(draft.name)
    if not 1 <= len(name) <= 60:
        raise Invalid("name", "请填写联系人姓名（60 个字以内）。", "name")
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        raise Invalid("dates", "截止日期早于开始日期，请检查。", "valid_to")
    phone = normal_phone(draft.phone) if draft.phone and draft.phone.strip() else None
    row = DepartmentContact(
        organisation_id=organisation.id, name=name, title=clean(draft.title or "")[:60] or None, valid_from=draft.valid_from, valid_to=draft.valid_to,
    )
    if phone:
        row.phone_cipher, row.phone_masked = crypto.encrypt(phone), masked_phone(phone)
    db.session.add(row)
    db.session.flush()
    subject = Subject("organisation", organisation.id, organisation.name)
    audit.record("department.person_added", subject, None, {"name": name, "from": draft.valid_from, "to": draft.valid_to}, by=by)
    return row


def end_person(*, organisation: Organisation, person_id: int, by: Actor) -> None:
    """He is the contact person until yesterday; what he did stays in his name."""
    row = db.session.scalars(
        select(DepartmentContact).where(DepartmentContact.id == person_id, DepartmentContact.organisation_id == organisation.id)
    ).first()
    if row is None:
        raise NotFound("没有找到这位联系人，可能已被别人更换。请刷新页面后重试。")
    last = max(row.valid_from, date.fromordinal(clock.today().toordinal() - 1))
    if row.valid_to is not None and row.valid_to <= last:
        return
    audit.record("department.person_ended", Subject("organisation", organisation.id, organisation.name), None, {"name": row.name, "to": last}, by=by)
    row.valid_to = last
    db.session.flush()


def add_link(*, city_id: int, unit_id: int | None, label: str, valid_to: date | None, by: Actor) -> DemandLink:
    """A public address for posters."""
    label = clean(label)
    if not 2 <= len(label) <= 60:
        raise Invalid("label", "请写明张贴在哪里或给谁用（2 至 60 个字）。", "label")
    if valid_to is not None and valid_to < clock.today():
        raise Invalid("valid_to", "截止日期已过，请检查。", "valid_to")
    row = DemandLink(
        token=secrets.token_urlsafe(16), label=label, city_id=city_id, unit_id=unit_id, valid_to=valid_to, created_at=clock.now(), created_by=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("demand_link.added", Subject("demand_link", row.id, label), None, {"unit": unit_id, "valid_to": valid_to}, by=by)
    return row


def switch_link(link: DemandLink, *, active: bool, by: Actor) -> bool:
    """Close an address, or open it again."""
    if link.active is active:
        return False
    link.active = active
    audit.record("demand_link.switched", Subject("demand_link", link.id, link.label), {"active": not active}, {"active": active}, by=by)
    db.session.flush()
    return True
