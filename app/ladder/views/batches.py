"""Batches (认定批次): list with counts that open their rows, one batch, entering and correcting what is known of it."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.infra.web.asof import day_argument
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, NotFound
from app.kernel.level import Level
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.actions.batches import save_batch
from app.ladder.forms import show_problems
from app.ladder.models import RecognitionBatch
from app.ladder.queries import batches as found
from app.ladder.queries.batches import STATES, STEPS, BatchRow, Key
from app.ladder.views._blueprint import blueprint
from app.ladder.views.batch_forms import BatchForm
from app.packs import Pack


def level_of(text: str) -> str:
    """``-`` stands for no level in an address."""
    if text != "-" and text not in set(Level):
        raise NotFound("没有找到这个批次，请从认定批次列表重新进入。")
    return "" if text == "-" else text


def batch_zh(pack: Pack, key: Key) -> str:
    """专精特新中小企业 2023年第2批."""
    several = pack.find_title(key.title_code)
    level = f"（{Level(key.level).label}）" if key.level and (several is None or len(several.levels) != 1) else ""
    year = f"{key.year}年" if key.year else "年度空白"
    return f"{pack.title_label(key.title_code)}{level} {year}{f'第{key.number}批' if key.number else ''}"


def batch_url(key: Key, **more: Any) -> str:
    return url_for("ladder.batch", title=key.title_code, level=key.level or "-", year=key.year, number=key.number, **more)


def may_keep() -> bool:
    """Whether this person keeps the batches of a city (a county sees them)."""
    scope = current_scope(Permission.RECOGNITION_EDIT)
    return has(Permission.RECOGNITION_EDIT) and (scope.everything or bool(scope.city_ids))


def _year() -> int | None:
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _days() -> tuple[date, date | None]:
    return day_argument("as_of") or clock.today(), day_argument("known_on")


@blueprint.get("/batches")
@requires(Permission.LADDER_VIEW)
def batches() -> str:
    """All batches of the city with their documents and the counts of the viewer's firms."""
    pack, (day, known_on) = queries.current_pack(), _days()
    title = pack.find_title(request.args.get("title", "")[:40])
    scope = current_scope(Permission.ENTERPRISE_VIEW)
    rows = found.list_batches(scope, day, known_on, title_code=title.code if title else None, year=_year())
    said = {"as_of": day.isoformat() if day != clock.today() else None, "known_on": known_on.isoformat() if known_on else None}
    return render_template(
        "ladder/batches.html", rows=rows, pack=pack, title=title, year=_year(), years=[(y, f"{y} 年") for y in queries.years_to_choose()], day=day,
        known_on=known_on, states=STATES, steps=STEPS, batch_zh=batch_zh, batch_url=batch_url, said=said, may_keep=may_keep(),
        listed=has(Permission.ENTERPRISE_VIEW),
    )


@blueprint.get("/batches/<title>/<level>/<int:year>/<int:number>")
@requires(Permission.ENTERPRISE_VIEW)
@one_city()
def batch(title: str, level: str, year: int, number: int) -> str:
    """One batch: documents and dates, and the rows behind the chosen count."""
    if year > 9999 or number > 99:
        raise NotFound("没有找到这个批次，请从认定批次列表重新进入。")
    scope, pack, (day, known_on) = current_scope(), queries.current_pack(), _days()
    row = found.get_batch(scope, Key(title[:40], level_of(level), year, number), day, known_on)
    state = request.args.get("state", "")
    state = state if state in (*STATES, *STEPS) else "all"
    page, events = None, []
    if state in STATES:
        page = found.batch_members(scope, row, state, day, known_on, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    else:
        events = found.batch_candidates(scope, row.key, state, known_on)
    return render_template(
        "ladder/batch.html", row=row, pack=pack, state=state, states=STATES, steps=STEPS, page=page, events=events, day=day, known_on=known_on,
        name=batch_zh(pack, row.key), may_keep=may_keep(), state_of=lambda r: queries.grant_of(r).state(day),
        versions=found.batch_versions(row.batch.id) if row.batch else [], may_edit=has(Permission.RECOGNITION_EDIT),
    )


@blueprint.route("/batches/new", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def new_batch() -> Any:
    """Enter a batch."""
    pack, form = queries.current_pack(), BatchForm(**_given())
    form.offer(pack)
    if form.is_submitted() and _saved(form, pack, None):
        return redirect(batch_url(form.key(pack)), 303)
    page = render_template(
        "ladder/batch_edit.html", form=form, heading="登记批次", verb="登记批次", back=url_for("ladder.batches"), may_keep=may_keep(), fixed=None,
    )
    return page, 422 if form.errors else 200


def _given() -> dict[str, Any]:
    """The key of a group of recognitions whose batch is to be entered, and the issuer the pack names."""
    title = queries.current_pack().find_title(request.args.get("title", "")[:40])
    if title is None:
        return {}
    level = request.args.get("level", "")
    return {"title_code": title.code, "level": level if level in set(Level) else "", "batch_year": _year(), "issuer": title.issuer}


@blueprint.route("/batches/<int:batch_id>/edit", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def edit_batch(batch_id: int) -> Any:
    """Correct what is known of a batch; the former version stays readable."""
    batch = found.get_recorded(current_scope(), batch_id)
    told, pack = found.find_version(batch.id), queries.current_pack()
    key = Key(batch.title_code, batch.level, batch.batch_year, batch.number)
    form = BatchForm(obj=told)
    form.offer(pack)
    form.title_code.data, form.level.data, form.batch_year.data, form.number.data = key.title_code, key.level, key.year, key.number
    if form.is_submitted() and _saved(form, pack, (batch, request.form.get("version", ""))):
        return redirect(batch_url(key), 303)
    page = render_template(
        "ladder/batch_edit.html", form=form, heading=f"更正批次：{batch_zh(pack, key)}", verb="保存更正", back=batch_url(key), may_keep=may_keep(), fixed=told,
    )
    return page, 422 if form.errors else 200


def _saved(form: BatchForm, pack: Pack, known: tuple[RecognitionBatch, str] | None) -> bool:
    if not form.validate():
        return False
    version = int(known[1]) if known and known[1].isdigit() and len(known[1]) < 12 else (0 if known else None)
    try:
        save_batch(scope=current_scope(), key=form.key(pack), draft=form.draft(), by=current_actor(), version_id=version)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        show_problems(form, [(error.field or "", error.message_zh)])
        return False
    flash(f"已保存“{batch_zh(pack, form.key(pack))}”的批次信息。", "ok")
    return True


__all__ = ["BatchRow", "batch", "batch_url", "batch_zh", "batches", "edit_batch", "new_batch"]
