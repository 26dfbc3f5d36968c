"""What the bureau looks at: reported charges, ratings in groups, the monthly sample for call-back."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.visits.actions.answers import settle_charge
from app.visits.actions.sampling import record_callback
from app.visits.models.answers import CALLBACKS
from app.visits.queries import answers as queries
from app.visits.queries import sampling
from app.visits.queries.choices import setting
from app.visits.queries.serving import team_names
from app.visits.rules.sampling import SIGNS, sample, signs
from app.visits.views._blueprint import blueprint
from app.visits.views.show import smallest_group


@blueprint.get("/charges")
@requires(Permission.VISIT_OVERSEE)
def charges() -> str:
    """Charges enterprises reported."""
    state = "settled" if request.args.get("state") == "settled" else "open"
    page = queries.page_charges(current_scope(), state, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template("visits/charges.html", page=page, state=state, teams=team_names([row[1].team_id for row in page.rows]))


@blueprint.post("/charges/<int:answer_id>")
@requires(Permission.VISIT_OVERSEE)
@commits
def charge_settled(answer_id: int) -> Any:
    """What the look into one of them gave."""
    done = settle_charge(row=queries.get_charge(current_scope(), answer_id), note=request.form.get("note", ""), by=current_actor())
    flash("核查结果已登记。" if done else "这件已经登记过核查结果，没有重复登记。", "ok" if done else "info")
    return redirect(url_for("visits.charges"), 303)


@blueprint.get("/ratings")
@requires(Permission.VISIT_VIEW)
def ratings() -> str:
    """Ratings of a whole year by team, in groups only. No other period and no other cut: two cuts would give single answers away."""
    this, asked = clock.today().year, request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and this - 4 <= int(asked[:4]) <= this and len(asked) == 4 else this
    found = queries.ratings(current_scope(), date(year, 1, 1), date(year, 12, 31), smallest_group())
    everything = found.pop(None)
    names = team_names(list(found))
    rows = sorted((names.get(team or 0, f"服务队 {team}"), one) for team, one in found.items())
    return render_template(
        "visits/ratings.html", rows=rows, everything=everything, year=year, years=[(y, f"{y} 年") for y in range(this, this - 5, -1)],
        smallest=smallest_group(),
    )  # fmt: skip


def _month(text: str) -> tuple[date, date]:
    """First and last day of a month written 2026-05; anything else: the last full month."""
    first = clock.today().replace(day=1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        asked = (first - timedelta(days=1)).replace(day=1)
    if not 2015 <= asked.year <= first.year:
        asked = (first - timedelta(days=1)).replace(day=1)
    return asked, (asked + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _number(code: str, otherwise: float) -> float:
    found = setting(code)
    return float(found) if isinstance(found, int | float) else otherwise


@blueprint.get("/sample")
@requires(Permission.VISIT_OVERSEE)
def call_back() -> str:
    """The month's sample for call-back, drawn by a seed: everybody who looks sees the same."""
    since, until = _month(request.args.get("month", ""))
    scope, pct = current_scope(), _number("visit_sample_pct", 5)
    rows = sampling.facts_of(scope, since, until)
    marked = signs(rows, _number("visit_travel_kmh", 150))
    ids = sample(rows, marked, pct, f"{since:%Y-%m}")
    return render_template(
        "visits/sample.html", rows=sampling.drawn(scope, ids), marked=marked, month=f"{since:%Y-%m}", count=len(rows), pct=pct, signs=SIGNS,
        results=CALLBACKS, months=_months(),
    )  # fmt: skip


def _months() -> list[tuple[str, str]]:
    """The last twelve months and this one."""
    found, day = [], clock.today().replace(day=1)
    for _ in range(13):
        found.append((f"{day:%Y-%m}", f"{day.year} 年 {day.month} 月"))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


@blueprint.post("/sample/<int:visit_id>")
@requires(Permission.VISIT_OVERSEE)
@commits
def called_back(visit_id: int) -> Any:
    """What the enterprise said on the phone."""
    row, enterprise = sampling.get_sampled(current_scope(), visit_id)
    done = record_callback(
        visit=row, enterprise=enterprise, result=request.form.get("result", ""), note=request.form.get("note", ""), by=current_actor(),
    )
    flash(f"“{enterprise.name}”的回访结果已登记。" if done else "回访结果没有变化。", "ok" if done else "info")
    assert row.visited_on is not None
    return redirect(url_for("visits.call_back", month=f"{row.visited_on:%Y-%m}"), 303)
