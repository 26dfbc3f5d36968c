"""Records behind the pages of the demand desk, for the general tests."""

from io import BytesIO

from app.areas.models import Organisation
from app.demands import actions
from app.demands.actions import desk
from app.demands.models import Demand, DemandLink
from app.demands.queries.departments import contacts_of
from app.demands.queries.records import around
from app.infra import clock, files
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests.factories.demands import LIAISON, belong, city_id, department, make_demand
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.pages_registry import sample

VIEWERS = ("bureau", "leader", "county", "department")
OTHERS = {"strangers": ("stranger", "stranger_city", "zone", "expert", "contact"), "refused": ("town", "provider", "trainer", "system")}


def routed() -> Demand:
    """A demand of 东昌府区 handled by the persona's department, with something in every part of it."""
    make_enterprise()  # number 1 is the firm of the persona contact
    row, lead = make_demand(make_enterprise(), contact_name="王经理", contact_phone="13806351234"), belong("department", "development_reform")
    actions.dispatch_demand(demand=row, organisation_id=lead, version=row.version, by=OFFICER, ask="请现场核实")
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.add_assist(demand=row, organisation_id=department("industry"), ask="核实负荷", by=OFFICER)
    actions.log_reply(demand=row, text="周三到厂里勘查。", by=LIAISON)
    stored = files.save(BytesIO(b"%PDF-1.4"), name="电费单.pdf", purpose="demand", max_bytes=1000, by=None)
    actions.add_files(demand=row, files=[stored], told=True, by=OFFICER)
    desk.add_person(organisation=db.session.get_one(Organisation, lead), draft=desk.PersonDraft("冯科长", "企业科", "0635-8240000", clock.today(), None), by=SYSTEM)
    actions.ask_extension(demand=row, workdays=3, reason="设备到货晚", version=row.version, by=LIAISON)
    return row


def _link() -> DemandLink:
    return desk.add_link(city_id=city_id(), unit_id=None, label="政务大厅海报", valid_to=None, by=SYSTEM)


@sample("demands.show", viewers=VIEWERS, statements=26, **OTHERS)
def show() -> str:
    return f"/demands/{routed().id}"


@sample("demands.receipt", viewers=VIEWERS, **OTHERS)
def receipt() -> str:
    return f"/demands/{routed().id}/receipt"


@sample("demands.paper", viewers=VIEWERS, **OTHERS)
def paper() -> str:
    row = routed()
    return f"/demands/{row.id}/files/{around(row.id).files[0][1].token}"


@sample("demands.phone", method="POST", viewers=("bureau", "county", "department"), strangers=("stranger", "stranger_city", "zone"), refused=("leader", "town"))
def phone() -> str:
    return f"/demands/{routed().id}/phone"


@sample("demands.upload", method="POST", viewers=("bureau", "department"), strangers=("stranger", "stranger_city", "leader"), refused=("town",))
def upload() -> str:
    return f"/demands/{routed().id}/files"


@sample("demands.handle", viewers=("bureau", "department"), strangers=("stranger", "stranger_city"), refused=("leader", "town", "contact"), statements=18)
def handle() -> str:
    return f"/demands/{routed().id}/handle/finish"


@sample("demands.dispatch", viewers=("bureau", "county"), strangers=("stranger", "stranger_city"), refused=("leader", "department", "contact"), statements=18)
def dispatch() -> str:
    return f"/demands/{routed().id}/dispatch/instruct"


@sample(
    "demands.dispatch", method="POST", data={"text": "请三日内报结果"}, strangers=("stranger", "stranger_city"), refused=("leader", "department"),
)
def instruct() -> str:
    return f"/demands/{routed().id}/dispatch/instruct"


@sample("demands.own", viewers=("bureau",), strangers=("stranger", "stranger_city", "contact"), refused=("leader", "department"), statements=18)
def own() -> str:
    return f"/demands/{routed().id}/own/withdraw"


@sample("demands.part", viewers=("bureau",), strangers=("stranger", "stranger_city", "department"), refused=("leader", "contact"), statements=18)
def part() -> str:
    row = routed()
    return f"/demands/{row.id}/parts/{around(row.id).assisting[0].id}"


@sample("demands.match", viewers=("bureau", "county"), strangers=("stranger", "stranger_city"), refused=("leader", "department"))
def match() -> str:
    return f"/demands/{routed().id}/match"


@sample("demands.department", strangers=("county", "stranger", "stranger_city"), refused=("leader", "department"))
def department_page() -> str:
    routed()
    return f"/demands/departments/{department('development_reform')}"


@sample(
    "demands.department_switch", method="POST", data={"active": ""}, strangers=("county", "stranger", "stranger_city"), refused=("leader", "department"),
)
def department_switch() -> str:
    return f"/demands/departments/{department('development_reform')}/switch"


@sample("demands.person_end", method="POST", strangers=("county", "stranger_city"), refused=("leader", "department"))
def person_end() -> str:
    routed()
    organisation = department("development_reform")
    return f"/demands/departments/{organisation}/people/{contacts_of(organisation)[0].id}/end"


@sample("demands.link", strangers=("county", "stranger", "stranger_city"), refused=("leader", "department"))
def link() -> str:
    return f"/demands/links/{_link().id}"


@sample("demands.link_switch", method="POST", data={"active": ""}, strangers=("county", "stranger", "stranger_city"), refused=("leader", "department"))
def link_switch() -> str:
    return f"/demands/links/{_link().id}/switch"


@sample("demands.public", viewers=("stranger", "town"), strangers=())
def public() -> str:
    return f"/demands/public/{_link().token}"


@sample("demands.track", viewers=("stranger", "town"), strangers=(), statements=20)
def track() -> str:
    return f"/demands/track/{routed().token}"


@sample("demands.track_do", method="POST", viewers=("stranger",), strangers=(), data={"text": "变压器是 315 的。"})
def track_do() -> str:
    return f"/demands/track/{routed().token}/supplement"


@sample("demands.track_file", viewers=("stranger",), strangers=())
def track_file() -> str:
    row = routed()
    return f"/demands/track/{row.token}/files/{around(row.id).files[0][1].token}"


@sample("demands.delete_view", method="POST", viewers=(), strangers=("bureau", "county"), refused=("town",))
def delete_view() -> str:
    return "/demands/views/1/delete"
