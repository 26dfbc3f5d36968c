"""Freezing an edition of a round."""

from __future__ import annotations

from app.indicators.actions.contest import subject
from app.indicators.models.contest import ContestRound
from app.indicators.models.editions import ContestEdition
from app.indicators.queries import contest as rounds
from app.indicators.queries.editions import list_editions, member_lists
from app.indicators.rules.editions import facts_plain, hash_of, results_plain
from app.infra import audit, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.packs import Pack


def make_edition(*, pack: Pack, found: ContestRound, reason: str, by: Actor) -> ContestEdition:
    """Everything the present score is made of, hashed. The same content once more answers the edition that is there."""
    reason = reason.strip()
    if not reason or len(reason) > 120:
        raise Invalid("reason", "请写明用途（如“公示稿”，120 字以内）。", "reason")
    sheet = rounds.sheet(pack, found)
    made = sheet.score()
    content = {
        "city": pack.area_code, "year": found.year, "method": made.method.value, "scheme": sheet.scheme.plain(),
        "references": {key: one.plain() for key, one in made.references.items()}, "facts": [facts_plain(facts) for facts in sheet.facts],
        "places": [{"code": place.code, "name": place.name, "unit": place.unit_name} for place in sheet.places],
        "sources": {
            place.code: {item.key: given.source for item in sheet.scheme.items if (given := sheet.counting(place.town_id, item.key)) is not None}
            for place in sheet.places
        },
        "results": results_plain(made), "members": member_lists(pack, found, sheet.places),
    }
    content_hash = hash_of(content)
    before = list_editions(found.id)
    same = next((one for one in before if one.content_hash == content_hash), None)
    if same is not None:
        return same
    edition = ContestEdition(
        round_id=found.id, number=len(before) + 1, code=f"QZ{found.year}-{content_hash[:10].upper()}", method=made.method.value, stage=found.stage,
        reason=reason, content=content, content_hash=content_hash, made_at=clock.now(), made_name=by.name[:80],
    )
    db.session.add(edition)
    db.session.flush()
    audit.record("contest.edition", subject(found), None, {"code": edition.code, "hash": content_hash}, by=by)
    return edition
