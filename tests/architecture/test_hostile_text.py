"""Names as an attacker or a careless clerk writes them, in every text column of the database; and a database with nothing in it.

The general tests open pages over well-behaved records. Here the same records get markup, template braces, quotes, direction overrides,
rare characters and texts of full length in every column that a person fills; each page must still be a sound page that echoes them dead.
"""

import base64
import json
import re
from collections.abc import Callable
from itertools import cycle
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import String, Text, select, update

from app.infra.db import Base, db
from tests.architecture.test_routes import access_of, may, plain_pages, rules
from tests.pages import forbidden_links, problems_of, read
from tests.pages_registry import samples
from tests.personas import PERSONAS, UNSAFE, Browser

As = Callable[[str], Browser]
HOSTILE = (
    "<img src=x onerror=alert(1)><b data-hostile>\"'`", "{{7*7}}{%raw%}${7*7}%s%(x)d{0}", "\u202e甲\u2066𠮷𪚥👩\u200d🏭\ufeff\u0301",
    "</script><script data-hostile>alert(1)</script>", "'\" onmouseover=alert(1) data-hostile=\"", "=cmd|'/c calc'!A1", "]]>--><!--&lt;&#0;&amp;", "长" * 400,
)
BRACES = re.compile(r"\{\{7\*7\}\}|\{%raw%\}|\{\{[\d*]*|\{%\w*")
WRITTEN = {
    "application": ("reason",), "application_event": ("reason", "by_name"), "application_item": ("note",),
    "application_window": ("batch", "document", "note"), "yearly_duty": ("evidence", "source"),
    "area": ("name", "note"), "area_alias": ("alias",), "area_membership": ("document",), "area_population": ("source",),
    "audit": ("actor_name", "subject_label"), "contact": ("name", "title", "phone_masked"),
    "enterprise": ("name", "short_name", "control_source", "address", "registered_place", "park", "legal_person", "main_product", "source_author"),
    "enterprise_event": ("note", "document"), "enterprise_merge": ("reason",), "enterprise_name": ("name",), "enterprise_tag": ("tag",),
    "enterprise_year": ("evidence", "digital_edition"), "import_batch": ("file_name", "sheet_name", "source_author", "created_name"),
    "import_enterprise": ("name", "short_name", "control_source", "address", "registered_place", "park", "legal_person", "main_product", "source_author"),
    "import_row": ("label",), "import_undo": ("label", "kept_zh"), "job": ("label", "note", "created_name"), "login_log": ("login", "agent"),
    "organisation": ("name",), "pack_version": ("note",), "recognition": ("document", "revoked_reason", "evidence", "source"), "saved_view": ("name",),
    "stored_file": ("name",), "user": ("name",), "user_session": ("agent",),
    "holiday_day": ("label", "document"),
    "demand": ("claimed_name", "title", "text", "raised_name", "contact_name", "contact_phone_masked", "handler_name", "answer", "rating_note", "legacy_number"),
    "demand_part": ("ask", "opinion", "handler_name"), "demand_event": ("text", "by_name"), "demand_pause": ("reason",),
    "demand_extension": ("reason", "asked_name", "decided_name", "decision"), "demand_file": ("by_name",), "demand_link": ("label",),
    "department_contact": ("name", "title", "phone_masked"),
    "diagnosis_snapshot": ("headline", "note"), "enterprise_answer": ("evidence",), "impact_run": ("computed_by", "old_label", "new_label"),
    "lookalike_answer": ("answered_name", "reason"), "lookalike_run": ("computed_by", "note"), "official_list": ("created_name", "document", "name"),
    "official_list_row": ("name", "place"), "pool_member": ("owner", "reason"), "pool_step": ("owner", "reason", "recorded_name"),
    "recognition_batch_version": ("document", "issuer", "note", "noticed_document", "recommended_document"),
    "recognition_event": ("document", "evidence", "new_text", "old_text", "reason", "source"), "settled_difference": ("reason", "settled_name"),
    "visit": ("summary", "internal_note", "feedback", "next_contact_why", "review_note", "reviewed_name", "void_reason", "created_name"),
    "visit_person": ("name", "title"), "visit_change": ("by_name", "reason"), "visit_finding": ("text", "settled_note"),
    "visit_measure": ("text", "owner", "settled_note"), "visit_promise": ("text", "owner", "to_whom", "settled_note"),
    "visit_answer": ("comment", "charge_text", "charge_note"), "visit_callback": ("note", "called_name"),
    "service_diagnosis": ("experts", "situation", "conclusion", "created_name"), "diagnosis_item": ("text", "measure"),
    "improvement_plan": ("title", "benchmark", "owner", "accepted_name", "opinion"), "plan_item": ("problem", "gap", "measure", "target", "owner", "evidence"),
    "consult_record": ("topic", "platform", "recorded_name"), "finance_need": ("purpose", "bank", "result"),
    "service_request": ("text", "contact_name", "reason"), "appointment_person": ("name",), "appointment_team": ("purpose",), "disturbance": ("note", "recorded_name"),
    "appointment": ("purpose", "contact_name", "approval_reason", "approved_name", "asked_change", "closed_reason", "planned_name"),
    "service_step": ("reason", "by_name"), "project_result": ("label", "unit", "evidence"),
    "contest_round": ("opened_name", "frozen_name"), "contest_step": ("reason", "recorded_name"),
    "contest_edition": ("reason", "made_name"), "contest_mark": ("reviewer_name", "reason", "evidence"), "veto_event": ("document", "note", "decision", "recorded_name", "decided_name"), "veto_signoff": ("note", "signed_name"),
    "contest_value": ("office", "reporter", "note", "recorded_name"),
    "target_value": ("source", "evidence", "recorded_name"),
    "service_project": ("title", "goal", "lead_name", "summary", "accepted_name", "opinion", "reason"),
    "provider": ("name", "intro", "contact_name", "phone_masked", "document", "qualification", "address"),
    "expert": ("name", "intro", "contact_name", "phone_masked", "document", "employer", "title", "selection", "conflict"),
    "service_resource": ("name", "intro", "contact_name", "phone_masked", "document", "owner", "price_note"),
    "register_step": ("reason", "document", "recorded_name"), "register_change": ("made_name", "reason", "decided_name"),
    "service_team": ("name", "host", "intro", "document", "end_reason"),
    "team_member": ("name", "unit", "title", "phone_masked", "document", "end_reason", "recorded_name"),
    "team_handover": ("reason", "note", "made_name", "acknowledged_name", "acknowledged_note"),
    "assignment_proposal": ("reason", "made_name", "decided_name", "answer"), "enterprise_assignment": ("reason", "end_reason", "recorded_name"),
    "due_item": ("label",), "due_note": ("note", "by_name"), "notice": ("title", "text"), "reminder_channel": ("name", "keyword"),
    "delivery": ("title", "text", "settled_by"),
    "service_score": ("name", "reason", "decision_reason", "decided_name"), "service_mark": ("reason", "marked_name"),
}
"""Columns people write. Every other text column holds codes, hashes or the product's own words and is listed below."""
CODED = {
    "target_value": "metric_code state",
    "due_item": "capability kind subject endpoint arguments verb holder state handed_to", "due_note": "kind holder",
    "due_refresh": "capability rules_key unruled error", "notice": "key code step endpoint arguments",
    "reminder_channel": "kind host url_cipher secret_cipher codes mode", "delivery": "key channel path state lease_owner error",
    "reminder_preference": "mail_cipher phone_cipher mail_mode sms_mode", "calendar_link": "token_hash",
    "service_diagnosis": "kind state template_code template_label pack_hash", "diagnosis_item": "code label stage_code action_code answer kind",
    "improvement_plan": "state", "plan_item": "stage_code state", "consult_record": "kind", "service_snapshot": "kind titles rung", "finance_need": "kind state",
    "provider": "state domains industries units phone_cipher phone_mark source credit_code kind origin tier",
    "expert": "state domains industries units phone_cipher phone_mark source strengths",
    "service_resource": "state domains industries units phone_cipher phone_mark source kind",
    "register_step": "register kind state", "register_change": "register content state", "service_team": "domains industries units",
    "team_member": "role phone_cipher phone_mark", "team_handover": "package", "assignment_proposal": "kind state", "enterprise_assignment": "kind",
    "service_score": "subject parts proposal scheme decision", "service_mark": "subject criterion",
    "contest_edition": "code method stage content content_hash", "contest_mark": "item grade", "veto_event": "kind grade state", "veto_signoff": "kind", "contest_round": "stage scheme frozen", "contest_step": "stage", "contest_value": "item source marks",
    "service_request": "source state domain_code action_code", "appointment": "basis state starts ends mode confirmed_how", "disturbance": "kind source",
    "service_step": "subject step from_state to_state", "service_project": "kind domain_code action_code state",
    "demand": "number token claimed_code domain source contact_phone_cipher contact_phone_mark state tab due_step outcome rated_via ip_mark entry_key",
    "demand_part": "role state", "demand_event": "kind", "demand_clock": "step limit_words document", "demand_extension": "state",
    "demand_department": "code", "demand_link": "token", "department_contact": "phone_cipher",
    "application": "state rule verdict", "application_event": "from_state to_state", "application_item": "key label clause choice material state",
    "application_window": "title_code level kind calendar_code", "yearly_duty": "title_code outcome",
    "area": "code kind", "area_population": "basis", "audit": "via request_id type subject_type subject_id row_hash", "audit_seal": "chain_hash",
    "contact": "phone_cipher phone_mark", "enterprise": "credit_code initials industry_code industry_version control_type status extra",
    "enterprise_event": "kind",
    "enterprise_summary": "titles rung size_class", "enterprise_year": "source", "idempotency": "key body_hash", "import_mapping": "kind signature",
    "import_batch": "token kind state plan_hash context_key refused_code refused_zh", "import_row": "outcome action key content changes problems notes",
    "import_enterprise": "credit_code initials industry_code control_type status search",
    "import_undo": "action before", "job": "kind state lease_owner error_zh", "login_log": "outcome ip", "organisation": "kind", "outbox": "key kind",
    "pack_version": "city origin content_hash", "password_history": "password_hash", "post": "role_code", "recognition": "title_code level",
    "saved_view": "page query", "search_piece": "piece", "setup_step": "name state", "stored_file": "token purpose sha256", "tick_run": "name error",
    "diagnosis_snapshot": "city content_hash pack_hash", "enterprise_answer": "kind rule source subject word", "lookalike_answer": "answer pool_code",
    "impact_run": "application new_code old_code pack_hash title", "lookalike_run": "pool_code", "name_match": "name_key",
    "near_scale": "band industry_code metric source", "near_scale_state": "definition", "near_scale_count": "band section", "verdict_candidate": "title",
    "official_list": "level purpose scope stage title_code", "official_list_row": "candidates credit_code decision how name_key recorded said",
    "pool_member": "origin pool_code stage_code state", "pool_step": "kind stage_code state", "recognition_batch": "level title_code",
    "recognition_event": "change kind level result title_code", "settled_difference": "code settlement subject",
    "verdict_state": "definition reason status", "title_count": "subject", "title_count_city": "definition", "town_count": "item", "town_count_city_year": "definition", "user": "login password_hash",
    "user_session": "token_hash ip",
    "visit": "state mode basis draft via client_key content_hash confirm_state review_state", "visit_person": "side", "visit_topic": "kind code",
    "visit_change": "old new", "visit_finding": "severity kind stage_code action_code domain_code state", "visit_measure": "state",
    "visit_promise": "state", "visit_link": "token_hash", "visit_answer": "verdict said_mode charge_state", "visit_callback": "result",
}


def test_every_text_column_is_known_to_this_test() -> None:
    for name, table in Base.metadata.tables.items():
        columns = {c.name for c in table.columns if isinstance(c.type, String | Text)}
        unknown = columns - set(WRITTEN.get(name, ())) - set(CODED.get(name, "").split())
        assert not unknown, f"{name}: do people write {unknown} (WRITTEN) or the product (CODED)?"


def poison() -> None:
    """Put a hostile text of the column's whole length into every written column of every row, another one each time."""
    texts = cycle(HOSTILE)
    for name, names in WRITTEN.items():
        table = Base.metadata.tables[name]
        key = next(iter(table.primary_key.columns))
        for (id_,) in db.session.execute(select(key).order_by(key.desc()).limit(60)).all():
            values = {}
            for column in names:
                room = getattr(table.c[column].type, "length", None) or 400
                values[column] = next(texts)[: room - len(str(id_))] + str(id_)
            db.session.execute(update(table).where(key == id_).values(values))
    db.session.commit()
    db.session.expire_all()


def checked(app: Flask, browser: Browser, persona: str, address: str) -> None:
    """A sound page in which nothing hostile is alive."""
    response, where = browser.get(address), f"{persona} {address}"
    assert response.status_code < 500, where
    if response.mimetype != "text/html" or 300 <= response.status_code < 400:
        return
    page = read(response)
    assert not [e for e in page.elements if "data-hostile" in e.attributes or e.attributes.get("src") == "x"], where
    assert not re.search(r"(?<!\d)49(?=\{%raw|\$)", page.html), where
    for element in page.elements:  # braces that people wrote are no residue of a template
        element.text = BRACES.sub("", element.text)
        element.attributes = {name: BRACES.sub("", value) for name, value in element.attributes.items()}
    fragment = not page.html.lstrip().lower().startswith("<!doctype")
    found = problems_of(page, fragment=fragment) + forbidden_links(app, page, persona)
    assert not found, f"{where}:\n  " + "\n  ".join(found[:10])


def test_every_page_with_hostile_texts(app: Flask, as_: As) -> None:
    """Samples of every capability, poisoned; then every page of the product as the people who may see them."""
    asked = [(entry.make(), entry) for entry in samples() if entry.method == "GET" and entry.viewers and "create" not in entry.endpoint]
    db.session.commit()
    browsers = {name: as_(name) for name in ("bureau", "county", "town", "contact", "system", "audit")}
    poison()
    for name, browser in browsers.items():
        for endpoint, address in plain_pages(app):
            if may(name, access_of(app, endpoint)):
                checked(app, browser, name, address)
    for address, entry in asked:
        name = "bureau" if "bureau" in entry.viewers else entry.viewers[0]
        browser = browsers.setdefault(name, as_(name))
        checked(app, browser, name, address)
    for text in ("<img src=x onerror=alert(1)>", "{{7*7}}", "\u202e甲", "长长", "</script>"):
        for address in (f"/search?q={quote(text)}", f"/enterprises/?q={quote(text)}&tag={quote(text)}"):
            checked(app, browsers["bureau"], "bureau", address)


def test_exports_with_hostile_texts(app: Flask, as_: As) -> None:
    """A workbook of hostile names opens, and no cell of it is a formula."""
    import io
    import zipfile

    for entry in samples():
        if entry.endpoint in ("enterprises.show", "ladder.recognition"):
            entry.make()
    db.session.commit()
    browser = as_("bureau")
    poison()
    for address in ("/enterprises/export", "/indicators/export"):
        answer = browser.post(address, data={"query": "", "year": "2023"})
        assert answer.status_code == 200, address
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
            cells = book.read("xl/worksheets/sheet1.xml").decode()
            assert "<f>=cmd" not in cells and "<f>cmd" not in cells, address


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name not in ("bureau", "county", "town", "contact", "expert", "system", "audit", "security")])
def test_every_page_is_sound_with_nothing_in_it(app: Flask, as_: As, persona: str) -> None:
    """The personas the route tests leave out, over an empty base."""
    browser = as_(persona)
    for endpoint, address in plain_pages(app):
        if may(persona, access_of(app, endpoint)):
            checked(app, browser, persona, address)


def _sample_addresses() -> list[tuple[str, str]]:
    return [(entry.endpoint, entry.make()) for entry in samples()]


NONSENSE = ("", "\x00", "[]", "a[]=1", "1e400", "-9223372036854775809", "٣", "NaN", "\ud7ff\U0010ffff", "../../etc/passwd", "%00", "\r\nX-Evil: 1", "9" * 400)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_every_field_of_every_form_is_no_error(app: Flask, prepared: Callable[..., list[tuple[str, str]]], as_: As, text: str) -> None:
    """Each route that takes a form gets its own fields filled with nonsense, alone, doubled and as JSON: an answer in words, never 5xx."""
    made, browser, wrong = prepared(_sample_addresses), as_("bureau"), []
    found = {r.endpoint: r for r in rules(app) if set(UNSAFE) & (r.methods or set())}
    forms = [(r, re.sub(r"<[^<>]*>", "1", r.rule)) for r in found.values()]
    forms += [(found[endpoint], address) for endpoint, address in made if endpoint in found]
    for rule, address in forms:
        if rule.endpoint == "identity.logout" or not may("bureau", access_of(app, rule.endpoint)):
            continue
        names = {"q", "id", "ids", "version", "query", "year", "as_of", "name", "town_id", "file", "plan", "reason", "since", "on", "kind", "valid_to"}
        if "GET" in (rule.methods or ()):
            page = read(browser.get(address))
            names |= {e.attributes["name"] for e in page.elements if e.tag in ("input", "select", "textarea") and "name" in e.attributes}
        data = {name: [text, text] for name in names - {"csrf_token"}}
        for response in (browser.post(address, data=data), browser.post(address, json={name: [text, {"a": None}] for name in names}),
                         browser.post(address, data=text.encode("utf-8", "replace"), content_type="multipart/form-data; boundary=x")):  # fmt: skip
            if response.status_code >= 500:
                wrong.append(f"{address} {text[:20]!r}: {response.status_code}")
            if any("Evil" in name for name, _ in response.headers):
                wrong.append(f"{address} {text[:20]!r}: header injected")
    assert not wrong, wrong


FORGED = (
    [False, [{"x": "1"}]], [False, [{"d": "NaN"}, 1]], [False, [{"d": "Infinity"}, 1]], [False, [{"d": "1e999999"}, 1]],
    [False, [{"t": "2024-01-01T00:00:00"}, 1]],
    [False, [{"y": "0001-01-01"}, 1]], [False, [{"t": "0001-01-01T00:00:00+23:59"}, 1]], [False, [None, 1]], [False, [{}]], [False, ["\x00", 1]], [1, [1]], {},
    [False, [2**63]], [False, [True]], [False, [{"d": "1"}, 2**63 - 1]], [False, ["甲" * 5000, 1]], [True, ["\ud800", 1]], [False, [[[1]]]], [False, [-5, -5]],
    [False, [{"d": "123456789012345678901234567890.5"}, 1]],
)


def test_a_forged_cursor_is_refused_in_words(app: Flask, as_: As) -> None:
    """Every list, in every order, at every place an attacker can write into a cursor."""
    entry = next(entry for entry in samples() if entry.endpoint == "enterprises.show")
    entry.make()
    browser, audit = as_("bureau"), as_("audit")
    texts = [base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=") for value in FORGED]
    texts += ["=", "*", "%00", "甲", base64.urlsafe_b64encode(b"[" * 60_000).decode()]
    lists = ["/enterprises/", *(f"/enterprises/?sort={sort}" for sort in ("name", "-revenue", "growth", "-updated")), "/ladder/holders?title=srdi",
             "/ladder/gaps", "/expiring", "/exchange/", "/indicators/2023/371500/10"]  # fmt: skip
    wrong = []
    for address, who in (*((a, browser) for a in lists), ("/audit/", audit), ("/audit/logins", audit)):
        for text in texts:
            status = who.get(address, query_string=None if "?" in address else {"cursor": text}).status_code
            if "?" in address:
                status = who.get(f"{address}&cursor={quote(text)}").status_code
            if status not in (200, 400, 404, 414, 422):
                wrong.append(f"{address} {text[:60]}: {status}")
    assert not wrong, "\n".join(wrong)
