"""Scoring a year, marks by people, and an officer's decision with its effect on the register."""

import hashlib
from datetime import date

from sqlalchemy import select

from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.packs.schema import ServiceScheme
from app.policies.queries import pack_of_city
from app.teams.actions import registers
from app.teams.models import ServiceMark, ServiceScore
from app.teams.models.registers import SERVING
from app.teams.models.scores import PROPOSALS, SUBJECTS, VERDICTS
from app.teams.queries import evidence, scores
from app.teams.queries import registers as entries
from app.teams.queries.reach import city_of_page
from app.teams.rules import registers as steps
from app.teams.rules import scoring, texts

FIRST_YEAR = 2021


def score_year(*, scope: Scope, subject: str, year: int, by: Actor) -> int:
    """Compute every score of a year that nobody has decided yet; returns how many. Raises ``Invalid``."""
    city_id = city_of_page(scope).id
    entry = _scheme(subject, year, city_id)
    scheme, digest = evidence.scheme_of(entry), _digest(entry)
    marks, known, done = scores.marks_of(subject, year), scores.known_ids(subject, year), 0
    found = evidence.known_of(subject, city_id, year)
    for key in sorted(found):
        row, one = known.get(key), found[key]
        if row is not None and row.decision is not None:
            continue
        given = {code: (mark.points, mark.reason) for code, mark in marks.get(key, {}).items()}
        cases = one.cases if one.cases is not None else len(one.firms)
        result = scoring.score(scheme, scoring.Given(cases, one.facts, given))
        if row is None:
            row = ServiceScore(subject=subject, subject_id=key, city_id=city_id, year=year, version=0)
            db.session.add(row)
        _write(row, one.name, cases, result, digest)
        done += 1
    db.session.flush()
    audit.record("service.scored", Subject("service_score", None, f"{SUBJECTS[subject]} {year}"), None, {"scored": done, "scheme": digest}, by=by)
    return done


def _scheme(subject: str, year: int, city_id: int) -> ServiceScheme:
    if subject not in SUBJECTS:
        raise Invalid("subject", "请选择评价对象。", "subject")
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Invalid("year", f"年度应在 {FIRST_YEAR} 与 {clock.today().year} 之间。", "year")
    entry = evidence.scheme_entry(pack_of_city(city_id), subject, year)
    if entry is None:
        raise Invalid("no_scheme", f"政策包里没有{SUBJECTS[subject]}的年度评价办法（services.yaml），请先补充。", "subject")
    return entry


def _digest(entry: ServiceScheme) -> str:
    return hashlib.sha256(entry.model_dump_json().encode()).hexdigest()


def _write(row: ServiceScore, name: str, cases: int, result: scoring.Result, digest: str) -> None:
    row.name, row.cases, row.score, row.proposal, row.reason = (name or f"{row.subject_id}")[:160], cases, result.score, result.proposal, result.reason[:500]
    row.parts = [
        {"code": p.code, "label": p.label, "weight": p.weight, "points": None if p.points is None else str(p.points), "words": p.words} for p in result.parts
    ]
    row.scheme, row.computed_at, row.version = digest, clock.now(), row.version + 1


def give_mark(*, scope: Scope, score_id: int, criterion: str, points: int | None, reason: str, by: Actor) -> ServiceScore:
    """A person's mark for one criterion; the score follows at once. Raises ``Invalid``, ``Conflict``."""
    row = scores.get_score(scope, score_id, lock=True)
    if row.decision is not None:
        raise Conflict("decided", f"“{row.name}”{row.year} 年的评价已经决定，不能再改评分。")
    entry = _scheme(row.subject, row.year, row.city_id)
    if criterion not in {c.code for c in entry.criteria if c.source == scoring.MARK}:
        raise Invalid("criterion", "这一项由系统计算，不用人工评分。", "criterion")
    if points is None or not 0 <= points <= 100:
        raise Invalid("points", "请填写 0 至 100 的整数。", "points")
    why = texts.reason(reason)
    query = select(ServiceMark).where(
        ServiceMark.subject == row.subject, ServiceMark.subject_id == row.subject_id, ServiceMark.year == row.year, ServiceMark.criterion == criterion,
    )
    mark = db.session.scalars(query).first()
    before = None if mark is None else {"points": mark.points, "reason": mark.reason}
    if mark is None:
        mark = ServiceMark(subject=row.subject, subject_id=row.subject_id, year=row.year, criterion=criterion)
        db.session.add(mark)
    mark.points, mark.reason, mark.marked_at, mark.marked_name = points, why, clock.now(), by.name[:80]
    db.session.flush()
    known = evidence.known_of(row.subject, row.city_id, row.year).get(row.subject_id, evidence.Known(name=row.name))
    given = {code: (m.points, m.reason) for code, m in scores.marks_of(row.subject, row.year, [row.subject_id]).get(row.subject_id, {}).items()}
    cases = known.cases if known.cases is not None else len(known.firms)
    result = scoring.score(evidence.scheme_of(entry), scoring.Given(cases, known.facts, given))
    _write(row, known.name or row.name, cases, result, _digest(entry))
    db.session.flush()
    audit.record("service.marked", Subject("service_score", row.id, row.name), before, {"criterion": criterion, "points": points, "reason": why}, by=by)
    return row


def decide(*, scope: Scope, score_id: int, verdict: str, reason: str, version: int | None, by: Actor, on: date | None = None) -> ServiceScore:
    """What the officer makes of the proposal: kept, warned, or out; the register follows. Raises ``Invalid``, ``Conflict``."""
    row = scores.get_score(scope, score_id, lock=True)
    if verdict not in VERDICTS:
        raise Invalid("verdict", "请选择保留、警示或清退。", "verdict")
    if row.decision is not None:
        raise Conflict("decided", f"“{row.name}”{row.year} 年的评价已决定为“{VERDICTS[row.decision]}”，没有重复办理。")
    if row.version != version:
        raise Conflict("stale", f"“{row.name}”的评价刚刚重新计算过，请刷新页面核对后再决定。")
    why = texts.text(reason, 300) if verdict == row.proposal and verdict == scoring.KEEP else texts.reason(reason)
    row.decision, row.decision_reason, row.decided_on, row.decided_name = verdict, why, on or clock.today(), by.name[:80]
    row.version += 1
    db.session.flush()
    new = {"decision": verdict, "reason": why, "proposal": PROPOSALS[row.proposal]}
    audit.record("service.decided", Subject("service_score", row.id, row.name), None, new, by=by)
    if row.subject != "project":
        _follow(scope, row, verdict, why or row.reason, by)
    return row


def _follow(scope: Scope, row: ServiceScore, verdict: str, reason: str, by: Actor) -> None:
    """The register follows the decision; who is no longer in it is left alone."""
    entry = entries.get_entry(scope, row.subject, row.subject_id, lock=True)
    step = {scoring.WARN: steps.WARNED, scoring.LEAVE: steps.ENDED, scoring.KEEP: steps.CLEARED}[verdict]
    if entry.state in SERVING and step in steps.MAY_FOLLOW[entry.state]:
        why = f"{row.year} 年度评价：{reason}"[:300]
        registers.take_step(scope=scope, register=row.subject, entry_id=entry.id, kind=step, on=clock.today(), reason=why, version=None, by=by)
