"""Where every target stands, and the enterprises behind a count."""

from collections import Counter
from datetime import date
from typing import Any, cast

from flask import render_template, request

from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import current_scope, has, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.ladder.rules import CountKind
from app.packs.schema.plans import Target
from app.policies.queries import CityPack, packs_by_city
from app.policies.views.choice import choice
from app.targets import queries
from app.targets.rules.progress import BASES, STATUS, TONES
from app.targets.views._blueprint import blueprint


def chosen_city() -> CityPack:
    """The city of this page with its pack."""
    picked = choice().chosen
    found = next((city for city in packs_by_city() if picked is not None and city.id == picked.id), None)
    if found is None or found.pack is None:
        raise NotFound("没有可以查看的城市，可能不在您的管辖范围内。")
    return found


def may_open_rows(city: CityPack) -> bool:
    """A number of the whole city leads to its rows only for those who may see all of them."""
    scope = current_scope()
    return has(Permission.ENTERPRISE_VIEW) and (scope.everything or city.id in scope.city_ids)


@blueprint.get("/")
@requires(Permission.TARGET_VIEW)
@one_city()
def index() -> str:
    """Every target of the city on a day, as known on a day."""
    city, when = chosen_city(), asof.as_of()
    day = when.day or clock.today()
    found = queries.lines(city, day, when.known_on)
    status, document = request.args.get("status", ""), request.args.get("document", "")
    shown = [
        line for line in found if (status not in STATUS or line.progress.status == status) and (not document or line.target.document == document)
    ]
    return render_template(
        "targets/index.html", bases=BASES, city=city, day=day, when=when, lines=shown, total=len(found), states=STATUS, tones=TONES, status=status,
        document=document,
        counts=Counter(line.progress.status for line in found), documents={line.target.document: line.document for line in found}, rows=may_open_rows(city),
    )


@blueprint.get("/<code>")
@requires(Permission.TARGET_VIEW)
@one_city()
def show(code: str) -> str:
    """One target: the text it stands on, what is known, the three counts, the years, what was entered."""
    city, when = chosen_city(), asof.as_of()
    day = when.day or clock.today()
    line = queries.find_line(city, code, day, when.known_on)
    by_kind = queries.counts(city.id, list(line.by_kind.values()), when.known_on)
    return render_template(
        "targets/show.html", bases=BASES, states=STATUS, city=city, day=day, when=when, line=line, tones=TONES, rows=may_open_rows(city),
        kinds=[(kind, by_kind[ask]) for kind, ask in line.by_kind.items()], may_enter=has(Permission.TARGET_EDIT) and not line.counted,
        versions=[] if line.counted else queries.versions(city.id, line.target.metric), others=_others(city, line, day, when.known_on),
    )


def _others(city: CityPack, line: queries.Line, day: date, known_on: date | None) -> list[queries.Line]:
    """Targets of other documents that say something else of the same."""
    assert city.pack is not None  # its target was found there
    own = line.target
    targets = cast("tuple[Target, ...]", city.pack.entries("targets"))
    related = {one.code for one in targets if own.code == one.conflicts_with or one.code == own.conflicts_with}
    return queries.lines(city, day, known_on, related) if related else []


@blueprint.get("/<code>/enterprises")
@requires(Permission.ENTERPRISE_VIEW)
@one_city()
def members(code: str) -> Any:
    """Exactly the enterprises a count counted."""
    city, when = chosen_city(), asof.as_of()
    if not may_open_rows(city):
        raise NotFound("没有找到这份名单，可能不在您的管辖范围内。")
    day = when.day or clock.today()
    line = queries.find_line(city, code, day, when.known_on)
    text = request.args.get("count", "")
    ask = line.by_kind.get(CountKind(text)) if text in set(CountKind) else line.ask
    if ask is None:
        raise NotFound("这项目标由人工填报，没有企业名单。")
    page = queries.members(current_scope(), city.id, ask, when.known_on, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    return render_template("targets/members.html", city=city, day=day, when=when, line=line, ask=ask, page=page)
