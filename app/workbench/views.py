"""Pages that join capabilities: home, search, expiring titles."""

from datetime import timedelta

from flask import Flask, render_template, request

from app.infra import clock
from app.infra.web import asof, navigation
from app.infra.web.access import current_scope, requires, wants_fragment
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.ladder.queries.expiring import list_expiring
from app.ladder.views.asking import title_words
from app.policies.views.choice import choice
from app.workbench import brief_pages, gap_pages, handover_pages, installing, matching_pages, service_evidence
from app.workbench import desk as desks
from app.workbench import home as homes
from app.workbench import search as searching
from app.workbench import today as todays
from app.workbench._blueprint import blueprint

__all__ = ["blueprint", "brief_pages", "desks", "gap_pages", "handover_pages", "init_app", "installing", "matching_pages", "todays"]


@blueprint.get("/")
@requires(Permission.HOME_VIEW)
def home() -> str:
    """The first page after login."""
    when = asof.as_of()
    return render_template("workbench/home.html", home=homes.build(), today=clock.today(), when=when, day=when.day or clock.today())


@blueprint.get("/search")
@requires(Permission.HOME_VIEW)
def search() -> str:
    """Palette (fragment) and search page (without scripts)."""
    text = request.args.get("q", "").strip()[:100]
    found = searching.search(current_scope(Permission.ENTERPRISE_VIEW), [city.id for city in choice().shown], text)
    return render_template("workbench/_found.html" if wants_fragment() else "workbench/search.html", found=found, text=text)


@blueprint.get("/expiring")
@requires(Permission.LADDER_VIEW)
def expiring() -> str:
    """Titles whose last day lies within the next 90 days and that were not renewed."""
    today = clock.today()
    size = page_size(request.args.get("size"), 100)
    page = list_expiring(current_scope(), today, today + timedelta(days=homes.SOON), request.args.get("cursor"), size)
    return render_template("workbench/expiring.html", page=page, pack=title_words(), today=today, days=homes.SOON)


def init_app(app: Flask) -> None:
    """First entry of the menu; what visits say for the yearly scores."""
    service_evidence.register()
    navigation.register(navigation.NavItem("日常", 10, "工作台", "workbench.home", "home", Permission.HOME_VIEW, phone=True))
    navigation.register(navigation.NavItem("日常", 12, "今日动态", "workbench.today", "calendar-event", Permission.VISIT_VIEW))
