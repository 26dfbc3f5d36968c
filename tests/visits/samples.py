"""Records behind the pages of visits, for the general tests."""

from io import BytesIO

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.identity.models import User
from app.infra import clock, files
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.visits.actions.answers import answer_visit, make_link
from app.visits.models import Promise, Visit, VisitPhoto
from app.visits.rules.answers import Answer
from app.visits.rules.visit import FindingDraft, MeasureDraft, PromiseDraft
from tests.factories.enterprises import make_enterprise
from tests.factories.visits import assign, make_visit, photo_bytes
from tests.pages_registry import sample
from tests.visits import samples_booking as samples_booking
from tests.visits import samples_improvement as samples_improvement

READERS = ("bureau", "county", "leader", "expert", "team_leader", "liaison")
WRITERS = ("bureau", "county", "expert", "team_leader", "liaison")
SHUT = ("town", "department", "trainer", "provider", "contact", "reviewer", "system")


def firm() -> Enterprise:
    """A firm of 柳园街道 that team 1 serves."""
    row = make_enterprise(name="柳泉轴承有限公司")
    assign(row, 1)
    return row


def visit(**values: object) -> Visit:
    row = make_visit(firm(), **values)
    db.session.commit()
    return row


@sample("visits.show", viewers=READERS, refused=SHUT, statements=16)
def show() -> str:
    return f"/visits/{visit().id}"


OTHERS = ("town", "department", "provider", "contact", "reviewer", "system")
WRITERS_ONLY = ("leader", *OTHERS)


def own_visit() -> Visit:
    """Of the reviewer's and the writer's view: written by somebody else."""
    return visit(findings=(FindingDraft("设备停机多", "red"),), measures=(MeasureDraft("制定点检表"),), promises=(PromiseDraft("联系技改专家"),))


@sample("visits.correct", viewers=("bureau", "county", "team_leader"), refused=("expert", *WRITERS_ONLY))
def correct() -> str:
    return f"/visits/{own_visit().id}/correct"


@sample("visits.correct", method="POST", viewers=("bureau",), refused=("expert", *WRITERS_ONLY), data={
    "version": "1", "visited_on": "2026-05-07", "mode": "online", "summary": "改为线上交流。",
})
def correct_posted() -> str:
    return f"/visits/{own_visit().id}/correct"


@sample("visits.void", method="POST", viewers=("bureau",), refused=("expert", *WRITERS_ONLY), data={"version": "1", "reason": "重复登记"})
def void_posted() -> str:
    return f"/visits/{own_visit().id}/void"


@sample("visits.more", viewers=("bureau", "county", "team_leader"), refused=("expert", *WRITERS_ONLY))
def more() -> str:
    return f"/visits/{own_visit().id}/more"


@sample("visits.more", method="POST", viewers=("bureau",), refused=("expert", *WRITERS_ONLY), data={
    "findings-0-text": "缺数控技工", "findings-0-severity": "yellow",
})
def more_posted() -> str:
    return f"/visits/{own_visit().id}/more"


@sample("visits.settle_outcome", method="POST", viewers=("bureau", "expert"), refused=WRITERS_ONLY, data={
    "version": "1", "state": "done", "note": "专家已于当日到厂",
})
def settled_posted() -> str:
    row = own_visit()
    return f"/visits/{row.id}/outcomes/promise/{db.session.scalars(select(Promise.id).where(Promise.visit_id == row.id)).one()}"


@sample("visits.review", viewers=("bureau", "county", "team_leader"), refused=("expert", *WRITERS_ONLY), statements=18)
def review() -> str:
    return f"/visits/{own_visit().id}/review?review=open"


@sample("visits.review_done", method="POST", viewers=("bureau", "team_leader"), refused=("expert", *WRITERS_ONLY), data={"version": "1", "verdict": "passed"})
def review_posted() -> str:
    return f"/visits/{own_visit().id}/review"


@sample("visits.photo", viewers=READERS, refused=OTHERS)
def photo() -> str:
    row = visit()
    stored = files.save(BytesIO(photo_bytes()), name="走访照片1.jpg", purpose="visit", max_bytes=1 << 20, by=None)
    kept = VisitPhoto(visit_id=row.id, file_id=stored.id, width=40, height=30, added_at=clock.now())
    db.session.add(kept)
    db.session.commit()
    return f"/visits/{row.id}/photos/{kept.id}"


def a_draft() -> Visit:
    """A draft of the expert."""
    user_id = db.session.scalars(select(User.id).where(User.login == "expert")).one()
    row = make_visit(firm(), by=Actor(user_id, "专家甲"), complete=False, summary="待补")
    db.session.commit()
    return row


@sample("visits.draft", viewers=("expert",), strangers=("stranger", "bureau", "team_leader"), refused=WRITERS_ONLY)
def draft() -> str:
    return f"/visits/drafts/{a_draft().id}"


@sample("visits.draft", method="POST", viewers=("expert",), strangers=("stranger", "bureau"), refused=WRITERS_ONLY, data={
    "version": "1", "visited_on": "2026-05-07", "mode": "on_site", "summary": "补全。", "what": "complete",
})
def draft_posted() -> str:
    return f"/visits/drafts/{a_draft().id}"


@sample("visits.delete_draft", method="POST", viewers=("expert",), strangers=("stranger", "bureau"), refused=WRITERS_ONLY)
def delete_draft() -> str:
    return f"/visits/drafts/{a_draft().id}/delete"


@sample("visits.new", method="POST", viewers=("expert", "county"), refused=WRITERS_ONLY, data={
    "visited_on": "2026-05-07", "mode": "on_site", "summary": "一句话。", "what": "complete",
})
def new_posted() -> str:
    row = firm()
    db.session.commit()
    return f"/visits/new?enterprise={row.id}"


@sample("visits.export", method="POST", strangers=(), viewers=(), refused=("expert", *WRITERS_ONLY), data={"query": ""})
def exported() -> str:
    return "/visits/export"


def link_of(row: Visit) -> str:
    made = make_link(visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), by=SYSTEM)
    db.session.commit()
    return f"/visits/a/{made.token}"


ANYBODY = ("bureau", "stranger", "stranger_city", "town", "contact", "system")


@sample("visits.answer", viewers=ANYBODY, strangers=())
def answer() -> str:
    return link_of(visit())


@sample("visits.answer", method="POST", viewers=(), strangers=(), data={"verdict": "confirmed", "rating": "5"})
def answered() -> str:
    return link_of(visit())


@sample("visits.link", method="POST", viewers=(), refused=WRITERS_ONLY)
def linked() -> str:
    return f"/visits/{visit().id}/link"


def our_visit() -> Visit:
    """A visit to the enterprise of the contact person (id 1)."""
    row = db.session.get(Enterprise, 1) or firm()
    made = make_visit(row)
    db.session.commit()
    return made


@sample("visits.our", viewers=("contact",), strangers=(), refused=("bureau", "expert", "leader", "town"))
def our() -> str:
    return f"/visits/ours/{our_visit().id}"


@sample("visits.our", method="POST", viewers=("contact",), strangers=(), refused=("bureau", "expert", "leader"), data={"verdict": "confirmed", "said_mode": "on_site"})
def our_posted() -> str:
    return f"/visits/ours/{our_visit().id}"


@sample("visits.charge_settled", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "expert", *WRITERS_ONLY), data={
    "note": "已核实退还",
})
def charge_posted() -> str:
    row = visit()
    said = answer_visit(
        visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), link=None, by=SYSTEM,
        answer=Answer("confirmed", charged=True, charge_text="收了五百元材料费"),
    )
    db.session.commit()
    return f"/visits/charges/{said.id}"


@sample("visits.called_back", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "expert", *WRITERS_ONLY), data={
    "result": "true",
})
def call_posted() -> str:
    return f"/visits/sample/{visit().id}"
