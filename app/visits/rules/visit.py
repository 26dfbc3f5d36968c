"""What a visit must say. A draft is lenient (only what cannot be stored is refused), a complete record strict, and little is asked for:
enterprise, date and one sentence. One meeting is one visit, however many experts were there."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.kernel.text import clean

DRAFT, COMPLETE, VOID = "draft", "complete", "void"
STATES = {DRAFT: "草稿", COMPLETE: "已登记", VOID: "已作废"}
STATE_TONES = {DRAFT: "open", COMPLETE: "ok", VOID: "lapsed"}
MODES = {"on_site": "上门", "online": "线上", "phone": "电话", "centre": "到中心"}
BASES = {"request": "企业申请", "appointment": "预约同意", "revisit": "回访约定", "approved": "批准的走访"}
HELP_AREAS = {"management": "管理", "operations": "经营", "upgrading": "升级"}
SIDES = {"team": "服务方", "enterprise": "企业方"}
YELLOW, RED = "yellow", "red"
SEVERITIES = {YELLOW: "黄（一般）", RED: "红（严重）"}
SEVERITY_TONES = {YELLOW: "warn", RED: "bad"}
FINDING_KINDS = {"pain": "痛点", "difficulty": "难点", "weakness": "短板"}
TOPICS = {"action": "帮扶行动", "stage": "经营环节", "help": "帮扶方向", "domain": "服务领域"}

MOST_TEXT, MOST_LINE, MOST_NAME = 4000, 500, 60
MOST_ROWS, MOST_PEOPLE, MOST_PHOTOS = 30, 40, 12
EARLIEST = date(2015, 1, 1)
AHEAD = timedelta(days=731)

Problem = tuple[str, str]
"""(field, sentence in Chinese). Fields of rows are named ``findings.0.text``."""


class Strict:
    """Read from outside (``reading.py``), unknown names are refused."""

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Person(Strict):
    """Somebody who was there. ``user_id``: an account of ours; ``side``: see ``SIDES``."""

    name: str
    side: str = "team"
    title: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class FindingDraft(Strict):
    """A problem seen: how bad, where in the chain, what would help."""

    text: str
    severity: str = YELLOW
    kind: str = ""
    stage: str = ""
    action: str = ""
    domain: str = ""


@dataclass(frozen=True)
class MeasureDraft(Strict):
    """What shall be done. ``finding``: place of the finding it answers in the same draft, from 0."""

    text: str
    owner: str = ""
    due_on: date | None = None
    finding: int | None = None


@dataclass(frozen=True)
class PromiseDraft(Strict):
    """What was promised to the enterprise: by whom, to whom, until when."""

    text: str
    owner: str = ""
    due_on: date | None = None
    to_whom: str = ""


@dataclass(frozen=True)
class DemandDraft(Strict):
    """What the enterprise asks for."""

    text: str
    domain: str = ""


@dataclass(frozen=True)
class Position(Strict):
    """Where the phone said it was, freely given. ``refused``: why it was not given, if anything was said."""

    latitude: Decimal
    longitude: Decimal
    accuracy_m: int | None = None


@dataclass(frozen=True)
class VisitDraft(Strict):
    """A visit as it was written down. ``client_key``: given by the device, makes a repeat recognisable."""

    enterprise_id: int
    visited_on: date | None = None
    summary: str = ""
    mode: str = "on_site"
    basis: str = ""
    internal_note: str = ""
    team_id: int | None = None
    appointment_id: int | None = None
    project_id: int | None = None
    people: tuple[Person, ...] = ()
    actions: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    help_areas: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    findings: tuple[FindingDraft, ...] = ()
    measures: tuple[MeasureDraft, ...] = ()
    promises: tuple[PromiseDraft, ...] = ()
    demands: tuple[DemandDraft, ...] = ()
    feedback_given: bool | None = None
    feedback: str = ""
    next_contact_on: date | None = None
    next_contact_why: str = ""
    position: Position | None = None
    device_at: datetime | None = None
    client_key: str | None = None
    complete: bool = True

    def plain(self) -> dict[str, Any]:
        """The draft as it is stored and sent: names to values that JSON knows; what is empty is left out."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def digest(self, photos: Collection[str] = ()) -> str:
        """Hash of what was sent, photos included: tells a repeat from another text under the same key."""
        content = [self.plain(), sorted(photos)]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Choices:
    """Codes of the city's pack a visit may use, with their labels."""

    actions: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    demand_domains: Mapping[str, str] = field(default_factory=dict)


def problems(draft: VisitDraft, choices: Choices, today: date) -> list[Problem]:
    """Everything that keeps the draft from being stored in the state it asks for; empty = it may be."""
    found = [*_unstorable(draft, choices)]
    if draft.complete:
        found += _incomplete(draft, today)
    return found


def _incomplete(draft: VisitDraft, today: date) -> Iterator[Problem]:
    if draft.visited_on is None:
        yield "visited_on", "请填写走访日期。"
    elif draft.visited_on > today:
        yield "visited_on", "走访日期在今天之后。还没有发生的请先存草稿或登记预约。"
    elif draft.visited_on < EARLIEST:
        yield "visited_on", f"走访日期早于 {EARLIEST.year} 年，请核对。"
    if not clean(draft.summary):
        yield "summary", "请用一句话写明走访内容。"
    if draft.next_contact_on and draft.visited_on and draft.next_contact_on < draft.visited_on:
        yield "next_contact_on", "下次联系日期早于走访日期，请核对。"
    for name, rows in (("measures", draft.measures), ("promises", draft.promises)):
        for place, row in enumerate(rows):
            if row.due_on and draft.visited_on and row.due_on < draft.visited_on:
                yield f"{name}.{place}.due_on", "期限早于走访日期，请核对。"
    if draft.feedback_given and not clean(draft.feedback):
        yield "feedback", "请写一句企业对政策的反映，或改选“没有”。"


def _unstorable(draft: VisitDraft, choices: Choices) -> Iterator[Problem]:
    yield from _codes(draft, choices)
    yield from _lengths(draft)
    for name, rows in (("findings", draft.findings), ("measures", draft.measures), ("promises", draft.promises), ("demands", draft.demands)):
        if len(rows) > MOST_ROWS:
            yield name, f"一次走访最多 {MOST_ROWS} 条，请分开登记。"
        for place, row in enumerate(rows):
            if not clean(row.text):
                yield f"{name}.{place}.text", "请填写内容，或删去这一行。"
            elif len(row.text) > MOST_LINE:
                yield f"{name}.{place}.text", f"内容不能超过 {MOST_LINE} 字。"
    if len(draft.people) > MOST_PEOPLE:
        yield "people", f"人员最多 {MOST_PEOPLE} 人。"
    for person in draft.people:
        if not clean(person.name) or len(person.name) > MOST_NAME or len(person.title) > MOST_NAME or person.side not in SIDES:
            yield "people", f"人员姓名不能为空，姓名和职务各不超过 {MOST_NAME} 字。"
            break
    for place, measure in enumerate(draft.measures):
        if measure.finding is not None and not 0 <= measure.finding < len(draft.findings):
            yield f"measures.{place}.finding", "措施对应的问题不在本次记录里，请重新选择。"
    at = draft.position
    if at is not None and not (-90 <= at.latitude <= 90 and -180 <= at.longitude <= 180):
        yield "position", "位置数据有误，请重新定位或不填。"


def _lengths(draft: VisitDraft) -> Iterator[Problem]:
    for name, most in (("summary", MOST_TEXT), ("internal_note", MOST_TEXT), ("feedback", MOST_LINE), ("next_contact_why", 200)):
        if len(getattr(draft, name)) > most:
            yield name, f"不能超过 {most} 字，现有 {len(getattr(draft, name))} 字。"
    for place, promise in enumerate(draft.promises):
        if len(promise.owner) > MOST_NAME or len(promise.to_whom) > MOST_NAME:
            yield f"promises.{place}.owner", f"责任人和对象各不超过 {MOST_NAME} 字。"
    for place, measure in enumerate(draft.measures):
        if len(measure.owner) > MOST_NAME:
            yield f"measures.{place}.owner", f"责任人不能超过 {MOST_NAME} 字。"
    days = [draft.visited_on, draft.next_contact_on, *(row.due_on for row in (*draft.measures, *draft.promises))]
    if any(day is not None and not 1990 <= day.year <= 2100 for day in days):
        yield "visited_on", "日期不在可登记的范围内，请核对年份。"


UNKNOWN_ZH = "选项不在本市目录中，可能已调整，请重新选择。"


def _codes(draft: VisitDraft, choices: Choices) -> Iterator[Problem]:
    if draft.mode not in MODES:
        yield "mode", "请选择走访方式。"
    if draft.basis and draft.basis not in BASES:
        yield "basis", "请选择走访依据。"
    for name, given, known in (
        ("actions", draft.actions, choices.actions), ("stages", draft.stages, choices.stages), ("help_areas", draft.help_areas, HELP_AREAS),
        ("domains", draft.domains, choices.domains),
    ):
        if set(given) - set(known):
            yield name, UNKNOWN_ZH
    for place, demand in enumerate(draft.demands):
        if demand.domain and demand.domain not in choices.demand_domains:
            yield f"demands.{place}.domain", UNKNOWN_ZH
    for place, row in enumerate(draft.findings):
        pairs = (
            (row.severity, SEVERITIES), (row.kind, FINDING_KINDS), (row.stage, choices.stages), (row.action, choices.actions), (row.domain, choices.domains),
        )
        if row.severity not in SEVERITIES:
            yield f"findings.{place}.severity", "请选择严重程度。"
        elif any(code and code not in known for code, known in pairs):
            yield f"findings.{place}.text", UNKNOWN_ZH


def needs_reason(logged_at: datetime, now: datetime, free_hours: int) -> bool:
    """Whether a change of a complete record must say why: it is older than the time the city leaves for it."""
    return now - logged_at > timedelta(hours=free_hours)
