"""Records behind the pages of the life-cycle desk and of applications, for the general tests."""

from datetime import date
from io import BytesIO
from itertools import count

from app.enterprises.models import Enterprise
from app.infra import clock, files
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder.actions import applications as acting
from app.ladder.models import Application, ApplicationItem, ApplicationWindow
from app.ladder.queries.applications import FILE_PURPOSE
from tests.factories import ladder as make
from tests.pages_registry import query, sample

query("ladder.life_leaving", "?title=srdi&after=2026-01-01&by=2026-12-31")

TODAY = clock.today().isoformat()  # no step is dated before the one it follows


_number = count(1)


def window() -> ApplicationWindow:
    """An open batch of Liaocheng; another one each time."""
    today = clock.today()
    draft = acting.WindowDraft(
        "srdi", "province", "new", today.year, f"第{next(_number)}批", date(today.year, 1, 1), date(today.year, 12, 31), None, None, None, None, True,
    )
    row = acting.open_window(city_id=make.area("371500").id, draft=draft, by=SYSTEM)
    db.session.commit()
    return row


def application(*steps: str) -> Application:
    """A firm of 古楼街道 in the batch, after these steps."""
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    make.recognition(row, "innovative_sme", level="province")
    batch = window()
    added = acting.add_candidates(window=batch, enterprises=[row], by=SYSTEM)
    found = db.session.get_one(Application, added.application_ids[0])
    for step in steps:
        acting.take_step(application=found, enterprise=row, step=step, version=found.version, reason="试验", by=SYSTEM)
    db.session.commit()
    return found


SEES = {"viewers": ("bureau", "county", "leader"), "strangers": ("stranger", "stranger_city"), "refused": ("town", "department", "system")}
ONCE = {"viewers": ("county",), "strangers": ("stranger", "stranger_city"), "refused": ("leader", "town", "expert")}
EDITS = {"viewers": ("bureau", "county"), "strangers": ("stranger", "stranger_city"), "refused": ("leader", "town", "expert")}
DECIDES = {"viewers": ("bureau",), "strangers": ("stranger_city",), "refused": ("county", "leader", "town")}


@sample("ladder.window", viewers=("bureau", "county", "leader", "stranger"), strangers=("stranger_city",), refused=("town", "system"), statements=18)
def window_page() -> str:
    return f"/ladder/applications/windows/{window().id}"


@sample("ladder.window_edit", **DECIDES)
def window_edit() -> str:
    return f"/ladder/applications/windows/{window().id}/edit"


@sample("ladder.window_edit", method="POST", data={
    "title_code": "srdi", "level": "province", "kind": "new", "batch_year": "2026", "opens_on": "2026-01-05", "closes_on": "2026-12-31", "version": "1",
}, **DECIDES)
def window_edited() -> str:
    return f"/ladder/applications/windows/{window().id}/edit"


@sample("ladder.window_new", method="POST", viewers=("bureau",), strangers=(), refused=("county", "leader", "town"), data={
    "title_code": "gazelle", "level": "province", "kind": "new", "batch_year": "2026", "opens_on": "2026-09-10", "closes_on": "2026-09-30",
})
def window_made() -> str:
    return "/ladder/applications/windows/new"


@sample("ladder.window_add", viewers=("bureau", "county", "stranger"), strangers=("stranger_city",), refused=("leader", "town", "expert"))
def window_add() -> str:
    return f"/ladder/applications/windows/{window().id}/add"


@sample("ladder.window_export", method="POST", viewers=(), strangers=("stranger_city",), refused=("leader", "town", "expert"), data={})
def window_export() -> str:
    return f"/ladder/applications/windows/{window().id}/export"


@sample("ladder.application", statements=24, **SEES)
def application_page() -> str:
    return f"/ladder/applications/{application().id}"


@sample("ladder.application_calendar", statements=24, **SEES)
def calendar_page() -> str:
    return f"/ladder/applications/{application().id}/calendar"


@sample("ladder.application_step", method="POST", data={"step": "submit", "version": "1"}, **ONCE)
def step() -> str:
    return f"/ladder/applications/{application().id}/step"


@sample("ladder.application_decision", method="POST", data={"step": "recommend", "version": "3"}, **DECIDES)
def decision() -> str:
    return f"/ladder/applications/{application('submit', 'county_pass').id}/decision"


@sample("ladder.application_grant", **DECIDES)
def grant() -> str:
    return f"/ladder/applications/{application('submit', 'county_pass', 'recommend').id}/grant"


@sample("ladder.application_grant", method="POST", data={
    "document": "鲁工信〔2026〕1号", "announced_on": TODAY, "valid_from": TODAY, "valid_to": "2039-12-31", "version": "4",
}, **DECIDES)
def granted() -> str:
    return f"/ladder/applications/{application('submit', 'county_pass', 'recommend').id}/grant"


@sample("ladder.application_item", method="POST", data={"state": "ready", "note": "已收"}, **EDITS)
def item() -> str:
    row = application()
    found = db.session.query(ApplicationItem).filter_by(application_id=row.id).first()
    assert found is not None
    return f"/ladder/applications/{row.id}/items/{found.id}"


@sample("ladder.application_diagnose", method="POST", data={"version": "1"}, **ONCE)
def diagnosed() -> str:
    return f"/ladder/applications/{application().id}/diagnose"


@sample("ladder.application_remove", method="POST", data={}, **ONCE)
def removed() -> str:
    return f"/ladder/applications/{application().id}/remove"


@sample("ladder.application_file", **SEES)
def attached() -> str:
    row = application()
    item = db.session.query(ApplicationItem).filter_by(application_id=row.id).first()
    assert item is not None
    stored = files.save(BytesIO(b"%PDF-1.4"), name="审计报告.pdf", purpose=FILE_PURPOSE, max_bytes=1000, by=None)
    acting.set_evidence(
        application=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), item=item, state="ready", note=None, file=stored, alike=False, by=SYSTEM,
    )
    db.session.commit()
    return f"/ladder/applications/{row.id}/files/{stored.token}"


@sample("ladder.window_candidates", viewers=("bureau", "county", "stranger"), strangers=("stranger_city",), refused=("leader", "town", "expert"), statements=24)
def candidates() -> str:
    return f"/ladder/applications/windows/{window().id}/candidates"
