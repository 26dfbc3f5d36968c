"""Writing and taking back imported events: a handful of statements per 5,000 rows, all in the caller's transaction.

The plan staged what each event brings about in the order of the sheet; here the last word per firm, recognition and step is written once. The undo
journal of a row names the versions written and those they replaced, so that exactly these can be exchanged again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.areas import actions as areas
from app.areas.models import Area, AreaMembership
from app.enterprises import actions as enterprises
from app.enterprises.actions import happenings
from app.enterprises.actions.happenings import Happening, parts
from app.enterprises.imports import recheck_scope
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseTown
from app.enterprises.rules.history import Span, moved
from app.exchange import queries as batches
from app.exchange.bulk import write_journal
from app.exchange.packing import pack_plain, unpack_plain
from app.exchange.registry import INSERT, UPDATE, Journal, Outdated, Run, Undoable
from app.infra import dialect
from app.infra.db import Base
from app.ladder.imports import event_state
from app.ladder.imports.event_state import STEP_SAID, Held
from app.ladder.models import Recognition, RecognitionEvent

_GRANTS, _STEPS = (cast(Table, m.__table__) for m in (Recognition, RecognitionEvent))
_GRANT_COLUMNS = tuple(name for name in Held.__dataclass_fields__ if name != "id")
_DAYS = frozenset({"on", "until", "announced_on", "valid_from", "valid_to", "revoked_on"})
CHANGED = "导入后这件事涉及的记录又有改动"


class _Line:
    """A staged event; ``before`` becomes its line of the undo journal."""

    def __init__(self, action: str, staged: Any) -> None:
        self.action, self.row, self.part, self.label = action, staged.row, staged.part, staged.label
        self.subject, self.version = cast(int, staged.subject_id), cast(int, staged.version)
        self.content: dict[str, Any] = {k: date.fromisoformat(v) if k in _DAYS else v for k, v in staged.content.items()}
        self.before: dict[str, Any] = {"type": self.content["type"]}

    def grants(self) -> Iterator[tuple[int | None, Held]]:
        for plain in self.content.get("grants", ()):
            values: dict[str, Any] = {k: date.fromisoformat(v) if k in _DAYS and v is not None else v for k, v in plain.items() if k != "seen"}
            yield plain["seen"], Held(None, **values)


def apply(run: Run) -> None:
    """Write all staged events. Raises ``Outdated`` when something is not what the plan saw."""
    lines = sorted((_Line(action, staged) for action in (INSERT, UPDATE) for staged in run.rows(action)), key=lambda x: (x.row, x.part))
    firms = [x for x in lines if x.content["type"] != "unit"]
    _check(run, firms)
    _happened(run, [x for x in firms if x.content["type"] == "firm"])
    _moved(run, [x for x in firms if "town" in x.content])
    _named(run, [x for x in firms if "former" in x.content])
    _statuses(run, [x for x in firms if "status" in x.content])
    run.progress(len(firms) // 2)
    _granted(run, [x for x in firms if "grants" in x.content])
    _stepped(run, [x for x in firms if x.content["type"] == "title"])
    touched = {x.subject for x in firms}
    happenings.count_edit(run.session, touched, now=run.now, by=run.actor.user_id)
    for line in sorted((x for x in lines if x.content["type"] == "unit"), key=lambda x: x.content["on"]):
        _unit(run, line)
    write_journal(run.session, run.batch_id, (Journal(x.row, x.part, x.action, x.subject, x.label, pack_plain(x.before)) for x in lines))
    if touched:
        enterprises.after_bulk(run.session, sorted(touched))
    run.progress(len(lines))


def _check(run: Run, firms: Sequence[_Line]) -> None:
    seen = {x.subject: x.version for x in firms}
    if not recheck_scope(run.session, batches.scope_of(run.session, run.batch_id), seen):
        raise Outdated
    for part in parts(seen):
        for key, version in run.session.execute(select(Enterprise.id, Enterprise.version).where(Enterprise.id.in_(part)).with_for_update()):
            if seen[key] != version:
                raise Outdated


def _happened(run: Run, lines: Sequence[_Line]) -> None:
    new = [x for x in lines if x.action == INSERT]
    events = [Happening(x.subject, x.content["kind"], x.content["on"], x.content.get("note"), x.content.get("document")) for x in new]
    for line, id_ in zip(new, happenings.add_events(run.session, events, now=run.now, by=run.actor.user_id), strict=True):
        line.before["event"] = id_
    for line in (x for x in lines if x.action == UPDATE):
        query = select(EnterpriseEvent.id, EnterpriseEvent.note, EnterpriseEvent.document).where(
            EnterpriseEvent.enterprise_id == line.subject, EnterpriseEvent.kind == line.content["kind"], EnterpriseEvent.happened_on == line.content["on"],
        )
        found = run.session.execute(query.order_by(EnterpriseEvent.id.desc()).limit(1)).first()
        if found is None:
            raise Outdated
        note, document = line.content.get("note"), line.content.get("document")
        line.before |= {"restated": found.id, "was": [found.note, found.document], "now": [note, document]}
        happenings.restate_event(run.session, found.id, note=note, document=document)


def _moved(run: Run, lines: Sequence[_Line]) -> None:
    spans: dict[int, list[Span]] = happenings.spans_of(run.session, {x.subject for x in lines})
    wanted: dict[int, Sequence[Span]] = {}
    for line in lines:
        after = moved(wanted.get(line.subject, spans[line.subject]), line.content["on"], line.content["town"])
        if after is None:
            raise Outdated
        wanted[line.subject] = after
    wanted = {key: after for key, after in wanted.items() if list(after) != spans[key]}
    written = happenings.write_spans(run.session, wanted, now=run.now)
    for line in lines:
        if line.subject in written:
            line.before["towns"] = written[line.subject]


def _named(run: Run, lines: Sequence[_Line]) -> None:
    present = _of_firms(run.session, Enterprise.name, {x.subject for x in lines})
    names = {x.subject: x.content["name"] for x in lines if "name" in x.content}
    former = [(x.subject, x.content["former"], None, x.content["on"].fromordinal(x.content["on"].toordinal() - 1)) for x in lines]
    for line, id_ in zip(lines, happenings.set_names(run.session, names, former), strict=True):
        line.before["former"] = id_
        if line.subject in names:
            line.before["name"] = [present[line.subject], names[line.subject]]


def _statuses(run: Run, lines: Sequence[_Line]) -> None:
    present = _of_firms(run.session, Enterprise.status, {x.subject for x in lines})
    wanted = {x.subject: x.content["status"] for x in lines}
    happenings.set_statuses(run.session, wanted)
    for line in lines:
        line.before["status"] = [present[line.subject], wanted[line.subject]]


def _of_firms(session: Session, column: Any, ids: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for part in parts(set(ids)):
        found |= {row[0]: row[1] for row in session.execute(select(Enterprise.id, column).where(Enterprise.id.in_(part)))}
    return found


def _granted(run: Run, lines: Sequence[_Line]) -> None:
    """The last state per recognition becomes its new version."""
    current = {(key, held.key): held for part in parts({x.subject for x in lines}) for key, held in event_state.grants(run.session, part)}
    wanted: dict[Any, Held] = {}
    for line in lines:
        for seen, held in line.grants():
            key = (line.subject, held.key)
            known = current.get(key)
            if key not in wanted and (known.id if known else None) != seen:
                raise Outdated
            wanted[key] = held
    gone = {key: current[key].id for key in wanted if key in current}
    _supersede(run, Recognition, [cast(int, i) for i in gone.values()])
    ids = dialect.reserve_ids(run.session, _GRANTS, len(wanted))
    columns = ("id", "enterprise_id", *_GRANT_COLUMNS, "recorded_at", "recorded_by")
    rows = ((i, key[0], *(getattr(held, n) for n in _GRANT_COLUMNS), run.now, run.actor.user_id) for i, (key, held) in zip(ids, wanted.items(), strict=True))
    dialect.load_rows(run.session, _GRANTS, columns, rows)
    written = dict(zip(wanted, ids, strict=True))
    for line in lines:
        keys = [(line.subject, held.key) for _, held in line.grants()]
        line.before["grants"] = [[gone[k] for k in keys if k in gone], [written[k] for k in keys]]


def _stepped(run: Run, lines: Sequence[_Line]) -> None:
    known = {(key, step): id_ for part in parts({x.subject for x in lines}) for key, step, _, id_ in event_state.steps(run.session, part)}
    identity = [(x.subject, (x.content["title"], x.content["level"], x.content["year"], x.content["kind"], x.content["on"])) for x in lines]
    for line, key in zip(lines, identity, strict=True):
        if (key in known) != (line.action == UPDATE):
            raise Outdated
    _supersede(run, RecognitionEvent, [known[key] for key in identity if key in known])
    ids = dialect.reserve_ids(run.session, _STEPS, len(lines))
    columns = ("id", "enterprise_id", "title_code", "level", "batch_year", "kind", "happened_on", *STEP_SAID, "source", "recorded_at", "recorded_by")
    by = (run.label[:60], run.now, run.actor.user_id)
    rows = ((i, key, *step, *(x.content.get(n) for n in STEP_SAID), *by) for i, x, (key, step) in zip(ids, lines, identity, strict=True))
    dialect.load_rows(run.session, _STEPS, columns, rows)
    for id_, line, key in zip(ids, lines, identity, strict=True):
        line.before["step"] = [[known[key]] if key in known else [], [id_]]


def _supersede(run: Run, model: type[Base], ids: Sequence[int]) -> None:
    table: Any = model
    for part in parts(ids):
        done = run.session.execute(
            update(model).where(table.id.in_(part), table.superseded_at.is_(None)).values(superseded_at=run.now).execution_options(synchronize_session=False)
        )
        if done.rowcount != len(part):  # type: ignore[attr-defined]
            raise Outdated


def _unit(run: Run, line: _Line) -> None:
    town = run.session.get_one(Area, line.subject)
    before = {row[0] for row in _memberships(run.session, town.id)}
    areas.move_town(
        town, unit_id=line.content["unit"], since=line.content["on"], document=line.content.get("document"),
        confirmed=bool(line.content.get("document")), version=None, by=run.actor,
    )
    after = {row[0] for row in _memberships(run.session, town.id)}
    line.before["unit"] = [sorted(before - after), sorted(after - before)]


def _memberships(session: Session, town_id: int) -> Sequence[Any]:
    return session.execute(select(AreaMembership.id).where(AreaMembership.town_id == town_id, AreaMembership.superseded_at.is_(None))).all()


# --- taking back


def _journal(session: Session, batch_id: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    for action in (INSERT, UPDATE):
        for lines in batches.journal_chunks(session, batch_id, action):
            for line in lines:
                yield line, unpack_plain(line.before)


def undoable(session: Session, batch_id: int) -> Undoable:
    """Events whose every effect still stands as imported."""
    found, standing = Undoable(), _Standing(session, [before for _, before in _journal(session, batch_id)])
    for line, before in _journal(session, batch_id):
        if standing.all_of(line.subject_id, before):
            found.rows.append((line.row, line.part))
        else:
            found.kept.append((line.row, line.part, line.label, CHANGED))
    return found


class _Standing:
    """Which written versions are still in force, looked up for the whole journal."""

    def __init__(self, session: Session, journal: Sequence[dict[str, Any]]) -> None:
        self._session = session
        self._current = {
            "towns": self._in_force(EnterpriseTown, journal, "towns"), "grants": self._in_force(Recognition, journal, "grants"),
            "step": self._in_force(RecognitionEvent, journal, "step"), "unit": self._in_force(AreaMembership, journal, "unit"),
        }
        ids = [before[key] for before in journal for key in ("event", "restated") if key in before]
        self._events = {
            row[0]: [row[1], row[2]] for part in parts(ids)
            for row in session.execute(select(EnterpriseEvent.id, EnterpriseEvent.note, EnterpriseEvent.document).where(EnterpriseEvent.id.in_(part)))
        }

    def _in_force(self, model: Any, journal: Sequence[dict[str, Any]], key: str) -> set[int]:
        wanted = [i for before in journal for i in before.get(key, ((), ()))[1]]
        return {i for part in parts(wanted) for i in self._session.scalars(select(model.id).where(model.id.in_(part), model.superseded_at.is_(None)))}

    def all_of(self, subject: int, before: dict[str, Any]) -> bool:
        for key, current in self._current.items():
            if any(i not in current for i in before.get(key, ((), ()))[1]):
                return False
        if "event" in before and before["event"] not in self._events:
            return False
        if "restated" in before and self._events.get(before["restated"]) != before["now"]:
            return False
        return self._of_firm(subject, before)

    def _of_firm(self, subject: int, before: dict[str, Any]) -> bool:
        """Name and status are still those the import gave."""
        if not {"name", "status"} & before.keys():
            return True
        firm = self._session.execute(select(Enterprise.name, Enterprise.status).where(Enterprise.id == subject)).first()
        return firm is not None and all(getattr(firm, key) == before[key][1] for key in ("name", "status") if key in before)


def undo(run: Run, undoable: Undoable) -> None:
    """Exchange what was written for what it had replaced; events that were new go."""
    wanted, touched, units = set(undoable.rows), set[int](), list[tuple[int, dict[str, Any]]]()
    mine = [(line.subject_id, before) for line, before in _journal(run.session, run.batch_id) if (line.row, line.part) in wanted]
    session, now = run.session, run.now
    happenings.remove_events(session, [before["event"] for _, before in mine if "event" in before])
    happenings.remove_names(session, [before["former"] for _, before in mine if "former" in before])
    happenings.set_names(session, {key: before["name"][0] for key, before in mine if "name" in before}, ())
    happenings.set_statuses(session, {key: before["status"][0] for key, before in mine if "status" in before})
    done: set[int] = set()
    for key, before in mine:
        if before["type"] == "unit":
            units.append((key, before))
            continue
        touched.add(key)
        if "restated" in before:
            happenings.restate_event(session, before["restated"], note=before["was"][0], document=before["was"][1])
        if "towns" in before and key not in done:
            done.add(key)
            happenings.restore_spans(session, key, *before["towns"], now=now)
    _exchange(run, Recognition, [before["grants"] for _, before in mine if "grants" in before])
    _exchange(run, RecognitionEvent, [before["step"] for _, before in mine if "step" in before])
    happenings.count_edit(session, touched, now=now, by=run.actor.user_id)
    for key, before in reversed(units):
        areas.take_back_move(session.get_one(Area, key), *before["unit"], by=run.actor)
    if touched:
        enterprises.after_bulk(session, sorted(touched))
    run.progress(len(mine))


def _exchange(run: Run, model: Any, pairs: Sequence[Sequence[Sequence[int]]]) -> None:
    """Written versions are superseded, the replaced ones come back as new versions."""
    gone, written = {i for pair in pairs for i in pair[0]}, {i for pair in pairs for i in pair[1]}
    _supersede(run, model, sorted(written))
    table = cast(Table, model.__table__)
    names = [c.key for c in table.columns if c.key not in ("id", "recorded_at", "recorded_by", "superseded_at")]
    for part in parts(gone):
        back = run.session.execute(select(*(table.c[n] for n in names)).where(table.c.id.in_(part))).all()
        ids = dialect.reserve_ids(run.session, table, len(back))
        rows = ((i, *row, run.now, run.actor.user_id) for i, row in zip(ids, back, strict=True))
        dialect.load_rows(run.session, table, ("id", *names, "recorded_at", "recorded_by"), rows)
