"""Browsing a pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from app.infra.web.access import requires
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.packs import Pack, diff
from app.packs.schema import SECTIONS
from app.packs.schema.labels import FIELD_LABELS
from app.policies import queries
from app.policies.views import show
from app.policies.views._blueprint import blueprint, get_pack, may_edit, viewing_scope
from app.policies.views.choice import choice


@blueprint.get("/")
@requires(Permission.PACK_VIEW)
def index() -> Any:
    """Overview of the pack of the person's city (``?city=`` another one inside the scope)."""
    packs = queries.list_packs(viewing_scope())
    if not packs:
        return render_template("policies/none.html")
    city = _chosen(packs)
    pack = get_pack(city)
    return render_template(
        "policies/index.html", pack=pack, packs=packs, version=queries.version_in_force(city), sections=_overview(pack), may_edit=may_edit(city),
    )


def _chosen(packs: Mapping[str, str]) -> str:
    """The city of the address (area code or pack name), else the person's own, else the first."""
    wanted, own = request.args.get("city", ""), choice().cities
    if wanted:
        return queries.city_name(wanted)
    return next((name for city in own if (name := _name(city.code)) in packs), next(iter(packs)))


def _name(code: str) -> str | None:
    try:
        return queries.city_name(code)
    except NotFound:
        return None


@blueprint.get("/<city>/<section>")
@requires(Permission.PACK_VIEW)
def section(city: str, section: str) -> Any:
    """Entries of one section, ``?pending=1`` only those marked 待核."""
    pack, found = get_pack(city), show.SECTION_BY_KEY.get(section)
    if found is None:
        raise NotFound("政策包里没有这一部分，请从政策包首页进入。")
    pending = request.args.get("pending") == "1"
    columns = [(FIELD_LABELS.get(name, name), name in show.NUMERIC) for name in show.COLUMNS.get(section, ())]
    rows = show.table(pack, section, pending=pending)
    return render_template("policies/section.html", pack=pack, section=found, columns=columns, rows=rows, pending=pending)


@blueprint.get("/<city>/<section>/<code>")
@requires(Permission.PACK_VIEW)
def entry(city: str, section: str, code: str) -> Any:
    """One entry: every field, every edition."""
    pack, found = get_pack(city), show.SECTION_BY_KEY.get(section)
    editions = [] if found is None else [one for one in getattr(pack.content, section) if one.code == code]
    if found is None or not editions:
        raise NotFound(f"政策包里没有条目 {code[:60]}，可能已改名。请从列表进入。")
    cards = [(one, pack.document(one.document), show.period(one), show.facts(pack, one)) for one in editions]
    return render_template("policies/entry.html", pack=pack, section=found, cards=cards, may_edit=may_edit(city))


@blueprint.get("/<city>/versions")
@requires(Permission.PACK_VIEW)
def versions(city: str) -> Any:
    """Stored versions, and what the bureau changed beside the files loaded last."""
    pack = get_pack(city)
    base = queries.latest_version(city, origin="shipped")
    latest = queries.latest_version(city)
    local = diff(queries.pack_of_version(base.id).content, pack.content) if base else []
    return render_template(
        "policies/versions.html", pack=pack, rows=queries.list_versions(city), local=local, names=FIELD_LABELS, latest=latest,
        may_edit=may_edit(city),
    )


def _overview(pack: Pack) -> list[tuple[str, str, int, int]]:
    """(key, label, entries, not confirmed) per section."""
    found = []
    for one in SECTIONS:
        entries = pack.entries(one.key, disabled=True)
        if entries:
            found.append((one.key, one.label, len(entries), sum(not entry.confirmed for entry in entries)))
    return found
