"""What an enterprise lacks for the titles within its reach. The caller has checked the scope; ids that are none raise NotFound."""

from collections.abc import Collection, Iterable
from datetime import date

from app.kernel.errors import NotFound
from app.ladder import criteria
from app.ladder.criteria import Diagnosis
from app.ladder.queries.facts import Known, known_of
from app.packs import Pack

NEW, REVIEW = "new", "review"


def diagnose_enterprise(
    enterprise_id: int, *, as_of: date, known_on: date | None = None, titles: Collection[str] | None = None, application: str | None = None,
) -> list[Diagnosis]:
    """One diagnosis per title the city's pack has a rule version for on the day, in pack order: a title not held as a new application, one
    that is held as its review (``application`` asks one kind for all). ``titles``: exactly these; without a version the answer says why."""
    return diagnose_known(known_firm(enterprise_id, as_of=as_of, known_on=known_on), titles=titles, application=application)


def known_firm(enterprise_id: int, *, as_of: date, known_on: date | None = None) -> Known:
    """Facts, titles, judgements and pack of one enterprise. Raises NotFound."""
    known = known_of([enterprise_id], as_of=as_of, known_on=known_on).get(enterprise_id)
    if known is None:
        raise NotFound("没有找到这家企业，可能已并入其他企业，或不在您的管辖范围内。")
    return known


def diagnose_known(known: Known, *, titles: Collection[str] | None = None, application: str | None = None) -> list[Diagnosis]:
    """`diagnose_enterprise` for facts that are loaded already."""
    found = [diagnose_title(known, title, application) for title in (titled(known.pack) if titles is None else titles)]
    return found if titles is not None else [one for one in found if one.version is not None]


def diagnose_title(known: Known, title: str, application: str | None = None) -> Diagnosis:
    """One title. Without a version in force there is no verdict, and the reason says so."""
    pack, as_of = known.pack, known.facts.as_of
    kind = application or application_for(title, known.held)
    version = criteria.choose_version(pack, title, application=kind, on=as_of)
    if version is None:
        return criteria.no_verdict(title, pack.title_label(title), kind, as_of, criteria.no_version_reason(pack, title, kind, as_of))
    return criteria.diagnose(
        known.facts, version, application=kind, judgements=known.judgements_on(version.code), near_pct=near_pct(pack),
    )


def diagnose_rule(known: Known, rule: str, application: str | None = None) -> Diagnosis:
    """Against one rule version named by its code, also one that is not in force. Raises NotFound."""
    version = criteria.get_version(known.pack, rule)
    kind = application or application_for(version.criterion.title, known.held)
    return criteria.diagnose(
        known.facts, version, application=kind, judgements=known.judgements_on(version.code), near_pct=near_pct(known.pack),
    )


def application_for(title: str, held: Iterable[str]) -> str:
    """A title that is held is reviewed, any other applied for."""
    return REVIEW if title in held else NEW


def titled(pack: Pack) -> list[str]:
    """Titles the pack has criteria for, in the order of the titles (track, rank)."""
    with_rules = {one.title for one in pack.content.criteria if not one.disabled}
    return [title.code for title in pack.titles() if title.code in with_rules]


def near_pct(pack: Pack) -> int:
    """How close counts as 接近 (setting, 待核)."""
    return int(pack.setting("near_pct"))
