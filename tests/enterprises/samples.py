"""Records behind the pages of this capability, for the general tests: one enterprise of 柳园街道 (东昌府区), and its twin."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from app.enterprises import actions, exports
from app.enterprises.actions.parts import ContactDraft
from app.enterprises.models import Contact, Enterprise
from app.enterprises.queries.listing import Filters, Sort
from app.identity.models import User
from app.infra import jobs
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL, Scope
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.pages_registry import sample

OFFICERS = ("bureau", "county")
READERS = ("leader", "trainer")
NOBODY_HERE = ("stranger", "stranger_city", "zone")


def enterprise(name: str = "聊城样例机械有限公司") -> Enterprise:
    """With everything a page may show."""
    row = make_enterprise(
        name, figures={2023: {"revenue_yuan": Decimal(10**8), "employee_count": 30}, 2024: {"revenue_yuan": Decimal("1.2e8"), "rd_expense_yuan": Decimal(0)}},
        industry_code="3451", founded_on=date(2010, 5, 6), control_type="private", tags=("链主",), address="柳园路 1 号", short_name="样例机械",
    )
    actions.save_contact(scope=ALL, enterprise_id=row.id, draft=ContactDraft("李某", "主任", "13806351234", is_primary=True), by=OFFICER)
    actions.rename(scope=ALL, enterprise_id=row.id, name=name.replace("样例", "范例"), since=date(2021, 1, 1), version=row.version, by=OFFICER)
    return row


def contact_address(what: str) -> str:
    row = enterprise()
    return f"/enterprises/{row.id}/contacts/{db.session.scalar(select(Contact.id).order_by(Contact.id.desc()))}/{what}"


@sample("enterprises.show", viewers=(*OFFICERS, *READERS), strangers=NOBODY_HERE, refused=("town", "department", "system", "audit"), statements=22)
def show() -> str:
    return f"/enterprises/{enterprise().id}"


@sample("enterprises.by_code", viewers=OFFICERS, strangers=NOBODY_HERE, refused=("town",))
def by_code() -> str:
    return f"/enterprises/by-code/{enterprise().credit_code}"


@sample("enterprises.twins", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def twins() -> str:
    return f"/enterprises/{enterprise().id}/twins"


@sample("enterprises.edit", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def edit() -> str:
    return f"/enterprises/{enterprise().id}/edit"


@sample("enterprises.rename", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def rename() -> str:
    return f"/enterprises/{enterprise().id}/rename"


@sample("enterprises.move", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def move() -> str:
    return f"/enterprises/{enterprise().id}/move"


@sample("enterprises.enter_figures", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def enter_figures() -> str:
    return f"/enterprises/{enterprise().id}/figures?year=2024&source=department"


@sample("enterprises.figure_history", viewers=(*OFFICERS, "leader"), strangers=NOBODY_HERE, refused=("trainer", "town"))
def figure_history() -> str:
    return f"/enterprises/{enterprise().id}/figures/2024"


@sample("enterprises.new_contact", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def new_contact() -> str:
    return f"/enterprises/{enterprise().id}/contacts/new"


@sample("enterprises.edit_contact", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def edit_contact() -> str:
    return contact_address("edit")


@sample("enterprises.ask_phone", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def ask_phone() -> str:
    return contact_address("phone")


@sample("enterprises.reveal_phone", method="POST", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS, data={"reason": "核实申报材料"})
def reveal_phone() -> str:
    return contact_address("phone")


@sample("enterprises.remove_contact", method="POST", viewers=("county",), strangers=NOBODY_HERE, refused=READERS)
def remove_contact() -> str:
    return contact_address("remove")


@sample("enterprises.new_event", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def new_event() -> str:
    return f"/enterprises/{enterprise().id}/events/new"


@sample("enterprises.edit_tags", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def edit_tags() -> str:
    return f"/enterprises/{enterprise().id}/tags"


@sample("enterprises.merge", viewers=OFFICERS, strangers=NOBODY_HERE, refused=READERS)
def merge() -> str:
    return f"/enterprises/{enterprise().id}/merge/{enterprise('聊城样例机械厂').id}"


@sample("enterprises.undo_merge", method="POST", viewers=("county",), strangers=NOBODY_HERE, refused=READERS)
def undo_merge() -> str:
    kept, gone = enterprise(), enterprise("聊城样例机械厂")
    row = actions.merge(
        scope=ALL, kept_id=kept.id, merged_id=gone.id, kept_version=kept.version, merged_version=gone.version, reason="重复登记", by=OFFICER
    )
    return f"/enterprises/merges/{row.id}/undo"


@sample("enterprises.delete_view", method="POST", viewers=("county",), strangers=("bureau", "stranger"), refused=("town",))
def delete_view() -> str:
    user = db.session.scalars(select(User).where(User.login == "county")).one()
    row = actions.save_view(
        owner_id=user.id, area_id=user.area_id, page="enterprises", name="我的", query="q=甲", shared=True, by=Actor(user.id, user.name)
    )
    return f"/enterprises/views/{row.id}/delete"


def export_job(state: str) -> jobs.Job:
    """A background export of the county officer."""
    user = db.session.scalars(select(User).where(User.login == "county")).one()
    caption = exports.Caption("企业名单", "全部", date(2024, 8, 26), user.name)
    payload = exports.payload(Scope(city_ids=frozenset({1})), Filters(), Sort("id"), [], caption)
    if state == "done":
        return jobs.run_inline("enterprises.export", payload, label="导出企业名单", by=Actor(user.id, user.name))
    return jobs.enqueue("enterprises.export", payload, label="导出企业名单", by=Actor(user.id, user.name))


@sample("enterprises.export_status", viewers=("county",), strangers=("bureau", "stranger"), refused=READERS)
def export_status() -> str:
    return f"/enterprises/exports/{export_job('queued').id}"


@sample("enterprises.export_file", viewers=("county",), strangers=("bureau", "stranger"), refused=READERS)
def export_file() -> str:
    return f"/enterprises/exports/{export_job('done').id}/file"
