"""Departments demands are routed to: the pack's, and further ones of the city; with their contact persons of a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from app.areas.models import Organisation
from app.demands.models import DemandDepartment, DepartmentContact
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import Invalid, NotFound
from app.packs import Pack


@dataclass(frozen=True)
class Department:
    """An organisation with the code of the pack's department it is, if any."""

    id: int
    name: str
    code: str | None
    area_id: int
    active: bool


def list_departments(city_ids: Collection[int] | None, *, all_of_them: bool = False) -> list[Department]:
    """Departments of the cities by id (the order of the pack), only those in use unless ``all_of_them``. ``city_ids`` None = every city."""
    statement = select(Organisation.id, Organisation.name, DemandDepartment.code, Organisation.area_id, DemandDepartment.active).join(
        DemandDepartment, DemandDepartment.organisation_id == Organisation.id
    )
    if city_ids is not None:
        statement = statement.where(DemandDepartment.city_id.in_(sorted(city_ids)))
    if not all_of_them:
        statement = statement.where(DemandDepartment.active.is_(True))
    return [Department(*row) for row in db.session.execute(statement.order_by(DemandDepartment.city_id, Organisation.id))]


def within(departments: Collection[Department], city_id: int, unit_ids: Collection[int]) -> list[Department]:
    """Those of the city itself and of these counties; another county's are nobody else's matter."""
    return [one for one in departments if one.area_id == city_id or one.area_id in unit_ids]


def get_department(city_id: int, unit_id: int | None, organisation_id: int) -> Organisation:
    """A department in use that a demand of the county may go to: the city's or the county's. Raises ``Invalid`` on the field."""
    row = db.session.scalars(
        select(Organisation).join(DemandDepartment, DemandDepartment.organisation_id == Organisation.id)
        .where(Organisation.id == organisation_id, DemandDepartment.city_id == city_id, DemandDepartment.active.is_(True))
        .where(Organisation.area_id.in_([city_id] if unit_id is None else [city_id, unit_id]))
    ).first()
    if row is None:
        raise Invalid("department_unknown", "请从列表中选择承办部门；已停用的部门不能再转办。", "organisation_id")
    return row


def find_for_edit(city_ids: Collection[int], organisation_id: int) -> tuple[Organisation, DemandDepartment]:
    """A department of the cities, also one out of use. Raises ``NotFound``."""
    row = db.session.execute(
        select(Organisation, DemandDepartment).join(DemandDepartment, DemandDepartment.organisation_id == Organisation.id)
        .where(Organisation.id == organisation_id, DemandDepartment.city_id.in_(sorted(city_ids)))
    ).first()
    if row is None:
        raise NotFound("没有找到这个承办部门，可能不在您的管辖范围内。请从“承办部门”重新进入。")
    return row[0], row[1]


def proposed(pack: Pack, domain: str, departments: Collection[Department]) -> list[Department]:
    """Departments the pack names for a domain, the leading one first."""
    entry = pack.find("demand_domains", domain)
    by_code = {one.code: one for one in departments if one.code}
    return [by_code[code] for code in getattr(entry, "departments", ()) if code in by_code]


def contacts_on(organisation_ids: Collection[int], day: date | None = None) -> dict[int, list[DepartmentContact]]:
    """Organisation -> contact persons of the day."""
    day = day or clock.today()
    found: dict[int, list[DepartmentContact]] = {id_: [] for id_ in organisation_ids}
    statement = select(DepartmentContact).where(
        DepartmentContact.organisation_id.in_(sorted(found)), DepartmentContact.valid_from <= day,
        or_(DepartmentContact.valid_to.is_(None), DepartmentContact.valid_to >= day),
    )
    for row in db.session.scalars(statement.order_by(DepartmentContact.id)):
        found[row.organisation_id].append(row)
    return found


def contacts_of(organisation_id: int) -> list[DepartmentContact]:
    """Every contact person a department ever had, latest first."""
    statement = select(DepartmentContact).where(DepartmentContact.organisation_id == organisation_id)
    return list(db.session.scalars(statement.order_by(DepartmentContact.valid_from.desc(), DepartmentContact.id.desc())))


def names(organisation_ids: Collection[int]) -> dict[int, str]:
    """Organisation -> name."""
    ids = sorted(set(organisation_ids))
    return dict(db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))).all()) if ids else {}  # type: ignore[arg-type]

