"""Records behind the pages of 影响预览."""

from datetime import date

from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder.actions.impact import compare
from app.ladder.queries.impact import question
from app.policies.queries import current_pack
from tests.factories import ladder as make
from tests.pages_registry import sample

SEES, NOT = ("bureau", "county", "leader"), ("town", "department", "system")


def run_id() -> int:
    make.firm(make.area("371502001"), name="柳河机械有限公司")
    pack = current_pack()
    asked = question(pack, title="srdi", old="srdi_2022", new="srdi_2026", application="new", day=date(2026, 6, 1))
    run = compare(city_id=make.area("371500").id, pack=pack, question=asked, by=SYSTEM)
    db.session.commit()
    return run.id


@sample("ladder.impact_run", viewers=SEES, strangers=("stranger_city",), refused=NOT, statements=20)
def impact_run() -> str:
    return f"/ladder/impact/{run_id()}"


@sample("ladder.export_impact", method="POST", viewers=(), strangers=("stranger_city",), refused=("leader", "town", "expert"))
def export_impact() -> str:
    return f"/ladder/impact/{run_id()}/export"


@sample(
    "ladder.compare_versions", method="POST", viewers=("bureau",), strangers=(), refused=("county", "leader", "town"),
    data={"title": "srdi", "old": "srdi_2022", "new": "srdi_2026"},
)
def compare_versions() -> str:
    return "/ladder/impact"
