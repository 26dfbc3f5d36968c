"""What belongs to one county or city never appears in an answer to another: every route, every role, exports unzipped (quality.md R8).

Secrets are put into every text field of county A (临清市) and of another city; then everybody who may not see them asks for everything.
"""

import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.areas.models import Area
from app.demands import actions as demands
from app.demands.actions import desk
from app.enterprises import actions as enterprises
from app.enterprises import exports
from app.enterprises.actions.parts import ContactDraft
from app.enterprises.models import Contact, Enterprise, EnterpriseAssignment, EnterpriseMerge, SavedView
from app.enterprises.queries.listing import Filters, Sort
from app.exchange.models import ImportBatch
from app.identity.models import Post, User, UserSession
from app.infra import clock, files, jobs
from app.infra.db import db
from app.infra.images import read_photo
from app.kernel.actor import SYSTEM, Actor
from app.kernel.scope import ALL, Scope
from app.ladder import actions as ladder
from app.ladder.models import Recognition
from app.ladder.rules import Draft
from app.teams.actions import assigning
from app.visits.actions import finance, log_visit, plans, projects
from app.visits.actions.answers import answer_visit
from app.visits.actions.finance import FinanceDraft
from app.visits.actions.plans import ItemDraft, PlanDraft
from app.visits.actions.projects import ProjectDraft, ResultDraft
from app.visits.models import VisitPhoto
from app.visits.rules.answers import Answer
from app.visits.rules.visit import FindingDraft, MeasureDraft, Person, PromiseDraft, VisitDraft
from tests.architecture.test_routes import access_of, may
from tests.exchange import importing
from tests.factories import ladder as make
from tests.factories import teams as serving
from tests.factories.booking import ask, book
from tests.factories.enterprises import make_credit_code, make_enterprise
from tests.factories.visits import photo_bytes
from tests.pages import read
from tests.pages_registry import QUERIES
from tests.personas import Browser

As = Callable[[str], Browser]
ASKED = "XQ7"
"""First part of every secret: what a stranger types into search boxes. The part behind it must never come back."""
COUNTY, CITY, PROVINCE = "county_a", "other_city", "other_province"


@dataclass
class Secrets:
    """What was hidden in one place: strings that must not come out, and ids to ask for."""

    mark: str
    town: str
    phone: str
    strings: set[str] = field(default_factory=set)
    ids: dict[str, list[Any]] = field(default_factory=dict)

    def word(self, what: str) -> str:
        """A text with the secret in it."""
        return f"{what}{ASKED}{self.mark}"

    def note(self, name: str, value: Any) -> None:
        self.ids.setdefault(name, []).append(value)


def hide(place: Secrets, unit: str, login: str) -> None:
    """Fill every text field the product has with secrets of this place."""
    area, town = make.area(unit), make.area(place.town)
    user = _user(place, area, login)
    by = Actor(user.id, user.name)
    kept, gone, moved = (_firm(place, number, by) for number in range(3))
    row = enterprises.merge(
        scope=ALL, kept_id=kept.id, merged_id=gone.id, kept_version=kept.version, merged_version=gone.version, reason=place.word("合并"), by=by,
    )
    for name, value in (("merge_id", row.id), ("enterprise_id", kept.id), ("other_id", kept.id), ("code", kept.credit_code), ("area_id", area.id),
                        ("area_id", town.id), ("town_code", place.town), ("town_code", unit), ("user_id", user.id)):  # fmt: skip
        place.note(name, value)
    _recognition(place, kept, by)
    _visit(place, kept, by)
    _served(place, kept, by)
    _demand(place, kept, by)
    _booked(place, kept, by)
    _import(place, Scope(unit_ids=frozenset({area.id})), by)
    _moved_in(place, moved, town)


def _user(place: Secrets, area: Area, login: str) -> User:
    user = User(login=f"{login}{ASKED}{place.mark}".lower(), name=place.word("经办"), password_hash="-", must_change_password=False, area_id=area.id,
                created_at=clock.now(), password_changed_at=clock.now())  # fmt: skip
    db.session.add(user)
    db.session.flush()
    post = Post(user_id=user.id, role_code="county_officer", area_id=area.id)
    session = UserSession(user_id=user.id, token_hash=place.mark * 9, created_at=clock.now(), last_seen_at=clock.now(), expires_at=clock.now(),
                          ip="10.9.8.7", agent=place.word("浏览器"))  # fmt: skip
    db.session.add_all([post, session])
    db.session.flush()
    place.note("post_id", post.id)
    place.note("session_id", session.id)
    return user


def _firm(place: Secrets, number: int, by: Actor) -> Enterprise:
    revenue = sum(place.mark.encode()) * 314_159
    code = make_credit_code(990_000 + number + sum(place.mark.encode()) * 10)
    row = make_enterprise(
        place.word(f"机械{number}") + "有限公司", town=place.town, code=code, short_name=place.word("简称"), address=place.word("路"), park=place.word("园"),
        registered_place=place.word("注册"), legal_person=place.word("王"), main_product=place.word("轴承"), control_type="private", industry_code="3451",
        founded_on=date(2010, 1, 1), figures={2023: {"revenue_yuan": 200_000_000}, 2024: {"revenue_yuan": revenue}},
        tags=(place.word("标签"),),
    )  # fmt: skip
    place.strings |= {code, f"{revenue / 10_000:,.2f}", place.phone, f"{place.phone[:3]}****{place.phone[-4:]}"}
    enterprises.rename(scope=ALL, enterprise_id=row.id, name=place.word(f"新名{number}") + "有限公司", since=date(2020, 1, 1), version=row.version, by=by)
    draft = ContactDraft(place.word("李"), place.word("主任"), place.phone, is_primary=True)
    contact = enterprises.save_contact(scope=ALL, enterprise_id=row.id, draft=draft, by=by)
    event = date(2022, 1, 1)
    enterprises.add_event(scope=ALL, enterprise_id=row.id, kind="above_scale", happened_on=event, note=place.word("事"), document=place.word("文"), by=by)
    place.note("contact_id", contact.id)
    return row


def _recognition(place: Secrets, firm: Enterprise, by: Actor) -> None:
    draft = Draft("srdi", "province", 2023, document=place.word("鲁工信"), valid_from=date(2023, 1, 1), valid_to=clock.today().replace(day=28),
                  evidence=place.word("附件"))  # fmt: skip
    row = ladder.grant(enterprise=firm, draft=draft, by=by, source=place.word("来源"))
    place.note("recognition_id", row.id)
    bare = make.recognition(firm, "little_giant", valid_to=None, document=place.word("缺日期"))
    place.note("recognition_id", bare.id)


def _visit(place: Secrets, firm: Enterprise, by: Actor) -> None:
    """A visit with everything it may leave, a photo, a draft, an answer and a reported charge."""
    word = place.word
    said = VisitDraft(
        firm.id, clock.today(), word("走访"), internal_note=word("内部"), people=(Person(word("张"), "enterprise", word("总")),),
        findings=(FindingDraft(word("问题"), "red"),), measures=(MeasureDraft(word("措施"), word("赵"), clock.today()),),
        promises=(PromiseDraft(word("承诺"), word("钱"), clock.today(), word("孙")),), feedback_given=True, feedback=word("反映"),
        next_contact_on=clock.today(), next_contact_why=word("回访"),
    )  # fmt: skip
    row = log_visit(scope=ALL, draft=said, by=by, photos=(read_photo(BytesIO(photo_bytes()), "x"),)).visit
    place.note("visit_id", row.id)
    place.note("visit_id", log_visit(scope=ALL, draft=VisitDraft(firm.id, summary=word("草稿"), complete=False), by=by).visit.id)
    place.note("photo_id", db.session.scalars(select(VisitPhoto.id).where(VisitPhoto.visit_id == row.id)).one())
    answer = Answer("differs", said_mode="phone", rating=1, comment=word("留言"), charged=True, charge_text=word("收费"))
    answer_visit(visit=row, enterprise=firm, answer=answer, link=None, by=by)


def _booked(place: Secrets, firm: Enterprise, by: Actor) -> None:
    """A request, an appointment, a project with a result, a diagnosis, a plan and a finance need of the firm."""
    word, today, team = place.word, clock.today(), place.ids["team_id"][-1]
    asked = ask(firm, by=by, text=word("申请"), contact_name=word("郑"))
    booked = book(firm, by=by, purpose=word("预约"), team_id=team, approval_reason=word("理由"))
    draft = ProjectDraft(word("项目"), word("目的"), today, today + timedelta(days=9), team_id=team)
    project = projects.open_project(enterprise=firm, draft=draft, by=by)
    result = ResultDraft(word("成果"), "分", Decimal(6), Decimal(2), word("佐证"))
    kept = projects.add_result(project=project, enterprise=firm, draft=result, by=by)
    plan = plans.make(enterprise=firm, draft=PlanDraft(word("方案"), today, today + timedelta(days=9)), by=by)
    item = plans.save_item(plan=plan, enterprise=firm, draft=ItemDraft(word("问题"), word("差距"), word("办法"), word("目标"), word("厂长"), today), by=by)
    need = finance.raise_need(enterprise=firm, draft=FinanceDraft("working", word("用途"), Decimal(10_000)), by=by)
    rows = {"request_id": asked, "appointment_id": booked, "project_id": project, "result_id": kept, "plan_id": plan, "item_id": item, "need_id": need}
    for name, row in rows.items():
        place.note(name, row.id)


def _served(place: Secrets, firm: Enterprise, by: Actor) -> None:
    """Who serves it and what is proposed; in another city the team and the registers themselves are nobody's business, too."""
    elsewhere = not place.town.startswith("3715")
    city, label = f"{place.town[:4]}00", place.word("服务队") if elsewhere else "第八十八服务队"
    team = serving.team(88, id=880 + len(place.mark) + ord(place.mark[0]), city_code=city, name=label)  # never the personas' own
    member = serving.member(team, place.word("专") if elsewhere else "万专家")
    given = {"scope": ALL, "enterprise_ids": [firm.id], "team_id": team.id, "member_id": member.id}
    assigning.assign(**given, on=date(2024, 3, 1), reason=place.word("安排"), by=by)
    assigning.propose(scope=ALL, enterprise_id=firm.id, team_id=team.id, kind="end", to_team_id=None, reason=place.word("建议"), by=by)
    entry = serving.entry("provider", name=place.word("咨询") if elsewhere else None, city_code=city)
    for name, value in (("team_id", team.id), ("member_id", member.id), ("entry_id", entry.id)):
        place.note(name, value)


def _demand(place: Secrets, firm: Enterprise, by: Actor) -> None:
    """A demand with departments, an opinion, a paper, a contact person, and a public link of the place."""
    row = demands.raise_demand(
        enterprise_id=firm.id, text=place.word("诉求") + "请协调", domain="other", source="officer", by=by, contact_name=place.word("周"), contact_phone=place.phone,
    )
    lead = desk.add_department(city_id=firm.city_id, area_id=firm.unit_id, name=place.word("主办局"), by=by)
    helper = desk.add_department(city_id=firm.city_id, area_id=firm.unit_id, name=place.word("协办局"), by=by)
    person = desk.add_person(organisation=lead, draft=desk.PersonDraft(place.word("吴"), None, place.phone, clock.today(), None), by=by)
    demands.dispatch_demand(demand=row, organisation_id=lead.id, version=row.version, by=by, ask=place.word("要求"))
    part = demands.add_assist(demand=row, organisation_id=helper.id, ask=place.word("协办"), by=by)
    demands.log_contact(demand=row, text=place.word("联系"), reached=True, by=by)
    stored = files.save(BytesIO(b"%PDF-1.4"), name=place.word("附件") + ".pdf", purpose="demand", max_bytes=1000, by=None)
    demands.add_files(demand=row, files=[stored], told=True, by=by)
    link = desk.add_link(city_id=firm.city_id, unit_id=firm.unit_id, label=place.word("海报"), valid_to=None, by=by)
    for name, value in (("demand_id", row.id), ("part_id", part.id), ("organisation_id", lead.id), ("person_id", person.id), ("link_id", link.id)):
        place.note(name, value)


def _import(place: Secrets, scope: Scope, by: Actor) -> None:
    """A batch that waits, a finished export with its file, a shared view."""
    db.session.commit()
    rows = [["企业名称", "统一社会信用代码", "镇街"], [place.word("新来") + "公司", make_credit_code(77), place.word("某镇")], [place.word("无码"), None, "x"]]
    with tempfile.TemporaryDirectory() as folder:
        batch_id = importing.upload(Path(folder), "enterprises", rows, scope=scope, by=by, author=place.word("报送人"), name=place.word("名单") + ".xlsx")
        importing.work("exchange.plan", batch_id, by)
    place.note("batch_id", batch_id)
    caption = exports.Caption("企业名单", place.word("条件"), date(2024, 8, 26), by.name)
    job = jobs.run_inline(
        "enterprises.export", exports.payload(scope, Filters(), Sort("id"), [], caption), label=place.word("导出"), by=by,
    )
    place.note("job_id", job.id)
    view = enterprises.save_view(
        owner_id=by.user_id or 0, area_id=make.area("371581").id, page="enterprises", query=f"q={place.word('甲')}", shared=True, by=by,
        name=place.word("视图"),
    )
    place.note("view_id", view.id)
    db.session.commit()


def _moved_in(place: Secrets, firm: Enterprise, town: Area) -> None:
    """A firm that stood in 东昌府区 until last year: counted there in the past, its name belongs to its new county."""
    from app.enterprises.models import EnterpriseTown

    here = db.session.scalars(select(EnterpriseTown).where(EnterpriseTown.enterprise_id == firm.id)).one()
    here.valid_from = date(2025, 1, 1)
    db.session.add(EnterpriseTown(enterprise_id=firm.id, town_id=make.area("371502002").id, valid_from=date(2001, 1, 1), valid_to=date(2024, 12, 31),
                                  recorded_at=clock.now()))  # fmt: skip
    make.recognition(firm, "srdi", level="province", document=place.word("旧"))
    make.recognition(firm, "scale_up", valid_to=None, open_ended=True, evidence=place.word("旧"))
    place.note("enterprise_id", firm.id)


@pytest.fixture
def secrets(prepared: Callable[..., dict[str, Secrets]]) -> dict[str, Secrets]:
    return prepared(_hidden)


def _hidden() -> dict[str, Secrets]:
    found = {COUNTY: Secrets("VNBKTRZ", "371581101", "13987650417"), CITY: Secrets("WPZHJGX", "370602001", "13912340862"),
             PROVINCE: Secrets("KHDYQLC", "210882100", "13877413056")}
    own = make_enterprise("柳园机械有限公司", town="371502002", legal_person="赵某")  # the first one: that of the contact
    make.recognition(own, "srdi", level="province")
    hide(found[COUNTY], "371581", "qa")
    hide(found[CITY], "370602", "qb")
    hide(found[PROVINCE], "210882", "qc")
    from app.infra import changes

    changes.tell("bulk", ())
    db.session.commit()
    for place in found.values():
        place.strings |= {place.mark, place.mark.lower()}
    return found


MAY_NOT: Mapping[str, tuple[str, ...]] = {
    "county": (COUNTY, CITY), "zone": (COUNTY, CITY), "town": (COUNTY, CITY), "contact": (COUNTY, CITY), "stranger": (COUNTY, CITY),
    "team_leader": (COUNTY, CITY), "expert": (COUNTY, CITY), "liaison": (COUNTY, CITY), "provider": (COUNTY, CITY), "department": (COUNTY, CITY),
    "reviewer": (COUNTY, CITY), "stranger_city": (COUNTY,), "bureau": (CITY,), "leader": (CITY,), "trainer": (CITY,),
    "system": (CITY,), "security": (CITY,), "audit": (CITY,), "yingkou": (COUNTY, CITY), "province": (PROVINCE,),
}
"""Whom what must be hidden from. Account and audit administrators of the city know its people and what they did; not another city's."""
DIFFERENT = ("county", "town", "contact", "stranger_city", "expert", "department", "bureau", "system", "audit", "yingkou", "province")
"""One of each kind of right; ``YUMIAO_LEAKS=all`` asks as everybody."""
FIXED: Mapping[str, list[Any]] = {
    "kind": ["enterprises", "recognitions", "figures"], "year": [2022, 2023, 2024], "item": ["2", "3", "10"], "city": ["liaocheng"], "section": ["titles"],
    "alias_id": [1], "membership_id": [1], "filename": ["x"], "window_id": [1], "application_id": [1], "token": ["x"], "title": ["srdi"],
    "level": ["province"], "number": [1], "import_id": [1], "list_id": [1], "row_id": [1], "what": ["stage"], "member_id": [1], "snapshot_id": [1],
    "event_id": [1], "run_id": [1], "due_id": [1], "notice_id": [1], "channel_id": [1],
    "register": ["provider", "expert", "resource"], "resource_id": [1], "score_id": [1], "handover_id": [1],
    "tier": ["training"], "diagnosis_id": [1], "change_id": [1], "proposal_id": [1],
    "step": ["instruct", "finish", "rate"], "deed": ["rate"], "file_token": ["x"],
}
SEARCHES = ("enterprises.index", "workbench.search", "identity.audit_log", "identity.accounts", "areas.index")
FRAGMENTS = ("workbench.search", "enterprises.twins", "enterprises.export_status", "exchange.progress")
BOXES = ("q", "who", "subject", "name", "code", "unit", "town", "tag", "title", "kind", "text")


def addresses(app: Flask, place: Secrets) -> Iterator[tuple[Rule, str]]:
    """Every GET route with the ids of the hidden records, and with what a curious person asks."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        unknown = rule.arguments - place.ids.keys() - FIXED.keys() - ({"code"} if "policies" in rule.rule else set())
        assert not unknown, f"{rule.rule}: give {unknown} a hidden value here"
        for values in _filled(rule, place):
            base = adapter.build(rule.endpoint, values)
            yield rule, base
            if not rule.arguments:
                yield rule, base + QUERIES.get(rule.endpoint, "")
                yield rule, f"{base}?{'&'.join(f'{box}={ASKED}' for box in BOXES)}"
                for asked in (ASKED, place.phone, "jx0") if rule.endpoint in SEARCHES else ():
                    yield rule, f"{base}?q={asked}"
                yield rule, f"{base}?as_of=2024-06-30&known_on=2026-01-01&year=2023&{_unit(place)}"
                yield rule, f"{base}?city={place.town[:4]}00"
    for path in ("/ladder/holders?title=srdi", "/ladder/holders?ladder=yumiao&rung=scale_up&above=1", "/ladder/?", "/ladder/titles?", "/indicators/?"):
        for more in ("as_of=2024-06-30", f"town={place.town}", f"unit={place.ids['town_code'][-1]}", "count=cumulative"):
            yield next(app.url_map.iter_rules("ladder.holders")), f"{path}&{more}"


def _unit(place: Secrets) -> str:
    return f"unit={place.ids['area_id'][0]}&town={place.ids['area_id'][1]}"


def _filled(rule: Rule, place: Secrets) -> list[dict[str, Any]]:
    """Argument values: each hidden id once, the others beside it."""
    chosen = {name: place.ids.get(name) or FIXED.get(name) or ["srdi"] for name in rule.arguments}
    if "policies" in rule.rule and "code" in chosen:
        chosen["code"] = ["srdi"]
    longest = max((len(values) for values in chosen.values()), default=1)
    return [{name: values[n % len(values)] for name, values in chosen.items()} for n in range(longest)]


def everything(response: TestResponse) -> str:
    """All an answer says: status, headers, body; a workbook with every file in it."""
    body = response.get_data()
    parts = [unquote(str(response.headers))]
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    else:
        parts.append(body.decode("utf-8", "replace"))
    text = "\n".join(parts)
    return text + "\n" + (text.encode("ascii", "backslashreplace").decode("unicode_escape", "replace") if "\\u" in text else "")


def leaked(place: Secrets, address: str, response: TestResponse) -> list[str]:
    """Secrets in the answer that were not in the question."""
    text = everything(response)
    asked = unquote(address)
    return [f"{secret!r} in {address[:200]} ({response.status_code})" for secret in place.strings if secret in text and secret not in asked]


@pytest.mark.parametrize("persona", MAY_NOT if os.environ.get("YUMIAO_LEAKS") == "all" else DIFFERENT)
def test_no_page_tells_what_belongs_to_others(app: Flask, as_: As, secrets: dict[str, Secrets], persona: str) -> None:
    browser, wrong = as_(persona), []
    for name in MAY_NOT[persona]:
        for _rule, address in addresses(app, secrets[name]):
            response = browser.get(address)
            assert response.status_code < 500, (persona, address)
            wrong += leaked(secrets[name], address, response)
            if _rule.endpoint in FRAGMENTS:
                wrong += leaked(secrets[name], address, browser.get(address, headers={"HX-Request": "true"}))
    assert not wrong, f"{persona}:\n" + "\n".join(sorted(set(wrong))[:30])


def posts(place: Secrets) -> Iterator[tuple[str, dict[str, Any]]]:
    """Questions that are posted: exports, checks for duplicates, changes of what is not one's own."""
    enterprise, contact, batch = place.ids["enterprise_id"][0], place.ids["contact_id"][0], place.ids["batch_id"][0]
    for query in ("", f"q={ASKED}", _unit(place), "sort=-revenue", f"tag={ASKED}"):
        yield "/enterprises/export", {"query": query}
        yield "/indicators/export", {"year": "2023", "as_of": "2024-06-30", "query": query}
    firm = {"name": f"机械0{ASKED}{place.mark}有限公司", "credit_code": place.ids["code"][0], "town_id": make.area("371502002").id, "since": "2020-01-01"}
    yield "/enterprises/new", firm
    yield "/enterprises/new", firm | {"credit_code": make_credit_code(4711)}
    yield "/enterprises/new", firm | {"credit_code": place.ids["code"][0][:-1] + "0"}
    for path, data in (
        ("edit", {"version": "1"}), ("rename", {"name": "甲乙丙", "since": "2024-01-01"}), ("move", {"town_id": firm["town_id"]}), ("tags", {}),
        ("contacts/new", {"name": "丁", "phone": place.phone}), (f"contacts/{contact}/phone", {"reason": "核实"}), (f"contacts/{contact}/remove", {}),
        (f"merge/{enterprise}", {"reason": "x"}), ("events/new", {}), ("figures", {"year": "2024"}),
    ):
        yield f"/enterprises/{enterprise}/{path}", data
    yield "/enterprises/tags", {"ids": [enterprise], "tag": "甲", "what": "add"}
    yield f"/ladder/enterprises/{enterprise}/new", {"title_code": "srdi"}
    for step in ("apply", "cancel", "retry", "rejected", "undo", "columns"):
        yield f"/exchange/batches/{batch}/{step}", {"plan": "x"}
    for step in ("edit", "reset", "unlock", "disable", "posts"):
        yield f"/users/{place.ids['user_id'][0]}/{step}", {"name": "x", "role_code": "county_officer"}
    demand = place.ids["demand_id"][0]
    for query in ("tab=all", f"tab=all&q={ASKED}", f"tab=all&enterprise={enterprise}", f"tab=all&{_unit(place)}"):
        yield "/demands/export", {"query": query}
    for path, data in (("phone", {}), ("files", {}), ("handle/accept", {"version": "1"}), ("dispatch/instruct", {"text": "督办"}), ("own/rate", {"rating": "5"})):
        yield f"/demands/{demand}/{path}", data
    yield "/demands/new", {"enterprise_id": enterprise, "text": "厂区经常停电，请协调。", "consent": "y"}
    yield "/users/new", {"login": f"qa{ASKED}{place.mark}".lower(), "name": "x"}


@pytest.mark.parametrize("persona", ("county", "stranger", "stranger_city", "town", "contact", "system"))
def test_no_answer_to_a_form_tells_what_belongs_to_others(app: Flask, as_: As, secrets: dict[str, Secrets], persona: str) -> None:
    browser, wrong = as_(persona), []
    for name in MAY_NOT[persona]:
        for address, data in posts(secrets[name]):
            response = browser.post(address, data=data)
            assert response.status_code < 500, (persona, address)
            answers = [response, browser.get(response.location)] if response.status_code == 303 else [response]
            said = "".join(str(value) for value in data.values())
            wrong += [told for answer in answers for told in leaked(secrets[name], address + said, answer)]
    assert not wrong, f"{persona}:\n" + "\n".join(sorted(set(wrong))[:30])


def test_an_import_does_not_tell_of_firms_elsewhere(app: Flask, as_: As, secrets: dict[str, Secrets], tmp_path: Path) -> None:
    """A stranger's workbook with the codes of county A: refused in words that know nothing of the firm, on the page and in the returned file."""
    place, user = secrets[COUNTY], db.session.scalars(select(User).where(User.login == "county")).one()
    rows = [["企业名称", "统一社会信用代码", "镇街", "联系电话"], ["试探甲有限公司", place.ids["code"][0], "柳园街道", place.phone]]
    by, scope = Actor(user.id, user.name), Scope(unit_ids=frozenset({make.area("371502").id}))
    browser = as_("county")
    for kind, table in (
        ("enterprises", rows), ("recognitions", [["企业名称", "统一社会信用代码", "称号"], ["试探甲", place.ids["code"][0], "专精特新"]]),
        ("figures", [["企业名称", "统一社会信用代码", "年度", "营业收入（万元）"], ["试探甲", place.ids["code"][0], 2024, 5]]),
    ):
        batch = importing.work("exchange.plan", importing.upload(tmp_path, kind, table, scope=scope, by=by), by)
        answers = [browser.get(f"/exchange/batches/{batch.id}"), browser.get(f"/exchange/batches/{batch.id}?tab=rejected"),
                   browser.post(f"/exchange/batches/{batch.id}/rejected")]  # fmt: skip
        for answer in answers:
            assert answer.status_code in (200, 303), (kind, answer.status_code)
            text = everything(answer)
            assert place.mark not in text and "临清" not in text, (kind, read(answer).text[:500])


def test_there_is_something_to_hide(app: Flask, as_: As, secrets: dict[str, Secrets]) -> None:
    """The control: who may see county A meets its secrets on the same addresses."""
    browser, seen = as_("bureau"), set()
    for rule, address in addresses(app, secrets[COUNTY]):
        if leaked(secrets[COUNTY], address, browser.get(address)):
            seen.add(rule.endpoint)
    assert seen >= {
        "enterprises.index", "enterprises.show", "enterprises.edit", "ladder.holders", "ladder.recognition", "ladder.gaps", "workbench.search",
        "exchange.index", "exchange.show", "indicators.members", "workbench.expiring",
    }, seen
    assert {type(row) for row in (*db.session.scalars(select(SavedView)), *db.session.scalars(select(EnterpriseMerge)))} == {SavedView, EnterpriseMerge}
    assert db.session.scalars(select(ImportBatch)).first() and db.session.scalars(select(Contact)).first() and db.session.scalars(select(Recognition)).first()
    assert SYSTEM.user_id is None


def test_a_right_of_one_post_does_not_open_what_another_post_shows(app: Flask, as_: As) -> None:
    """Organises trainings in 东昌府区 (names, no figures), expert of a team (figures of its firms), reporter in 莘县 (counts only)."""
    user = db.session.scalars(select(User).where(User.login == "trainer")).one()
    for post in db.session.scalars(select(Post).where(Post.user_id == user.id)):
        post.area_id = make.area("371502").id
    reporter = Post(user_id=user.id, role_code="town_reporter", area_id=make.area("371522101").id)
    db.session.add_all([Post(user_id=user.id, role_code="expert", team_id=1), reporter])
    figures = {2024: {"revenue_yuan": 31_415_926}}
    here, ours, there = (
        make_enterprise(f"{ASKED}{word}有限公司", town=town, figures=figures, control_type="private")
        for word, town in (("本区", "371502001"), ("本队", "371581101"), ("他县", "371522101"))
    )
    db.session.add(EnterpriseAssignment(enterprise_id=ours.id, team_id=1, valid_from=date(2020, 1, 1)))
    db.session.commit()
    browser = as_("trainer")
    assert "3,141.59" in browser.get(f"/enterprises/{ours.id}").text
    assert "3,141.59" not in browser.get(f"/enterprises/{here.id}").text
    assert browser.get(f"/enterprises/{there.id}").status_code == 404
    for address in ("/enterprises/?sort=-revenue", "/enterprises/?revenue_from=3000&revenue_to=3200&col=revenue", "/search?q=他县", f"/search?q={ASKED}"):
        text = browser.get(address).text
        assert "3,141.59" not in text and f"{ASKED}他县有限公司" not in text, address
    assert browser.get(f"/enterprises/{here.id}/figures/2024").status_code == 404


LIAOCHENG = ("聊城", "东昌府", "临清", "茌平", "柳园", "育苗扶壮", "371500", "371502", "371581")
"""Words by which anybody would know that another city is kept in the same installation."""


def test_an_officer_of_another_province_learns_nothing_of_liaocheng(app: Flask, as_: As, secrets: dict[str, Secrets]) -> None:
    """Every page a county officer in Yingkou may open, asked as he would ask it: no place, policy or ladder of Liaocheng in any answer."""
    browser, wrong, opened = as_("yingkou"), [], 0
    for rule, address in addresses(app, secrets[PROVINCE]):
        moved = f"/enterprises/{secrets[PROVINCE].ids['enterprise_id'][-1]}"  # this firm came from 东昌府区 itself: its own history
        if unquote(address).count("liaocheng") or "371" in address or address.startswith(moved):
            continue
        if rule.endpoint == "exchange.template":  # sample row with a made-up firm
            continue
        response = browser.get(address)
        opened += response.status_code == 200
        text = everything(response)
        wrong += [f"{word} in {address[:120]}" for word in LIAOCHENG if word in text and word not in unquote(address)]
    assert opened > 40
    assert not wrong, "\n".join(sorted(set(wrong))[:30])


def test_every_record_of_another_city_is_not_found(app: Flask, as_: As, secrets: dict[str, Secrets]) -> None:
    """404 and never 403 or a page, for every address that names a record of Liaocheng."""
    browser, wrong = as_("yingkou"), []
    for rule, address in addresses(app, secrets[COUNTY]):
        own = rule.arguments & {"enterprise_id", "recognition_id", "contact_id", "merge_id", "batch_id", "user_id", "area_id", "town_code"}
        if own and not rule.endpoint.startswith("identity."):
            status = browser.get(address).status_code
            if status == 403 and not may("yingkou", access_of(app, rule.endpoint)):
                continue
            if status not in (404, 410) and not (status == 200 and "没有镇街指标体系" in browser.get(address).text):
                wrong.append(f"{status} {address}")
    assert not wrong, "\n".join(sorted(set(wrong))[:30])


@pytest.mark.parametrize(("persona", "sees"), [
    ("installation", (COUNTY, CITY, PROVINCE)), ("province", (COUNTY, CITY)), ("yingkou", (PROVINCE,)), ("stranger_city", (CITY,)), ("bureau", (COUNTY,)),
])
def test_who_sees_which_cities(app: Flask, as_: As, secrets: dict[str, Secrets], persona: str, sees: tuple[str, ...]) -> None:
    """Enterprise list, search and the firm's own page: exactly the cities of the post."""
    browser = as_(persona)
    listed, found = browser.get(f"/enterprises/?q={ASKED}").text, browser.get(f"/search?q={ASKED}").text
    for name, place in secrets.items():
        page = browser.get(f"/enterprises/{place.ids['enterprise_id'][0]}")
        assert (page.status_code, place.mark in listed, place.mark in found) == ((200, True, True) if name in sees else (404, False, False)), name
