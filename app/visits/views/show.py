"""One visit: what was said, found, promised; what the enterprise and the team leader say of it; its history."""

from typing import Any

from flask import redirect, render_template, send_file, url_for
from flask_login import current_user

from app.enterprises.models import Enterprise
from app.enterprises.queries import places as place_names
from app.infra import clock, files
from app.infra.web.access import current_scope, has_everywhere, requires
from app.kernel.permission import Permission
from app.visits.actions.changes import TOPIC_FIELDS
from app.visits.models import Visit
from app.visits.models.visit import CONFIRM_STATES, REVIEW_STATES
from app.visits.queries import answers
from app.visits.queries import visits as queries
from app.visits.queries.choices import choices_of, setting
from app.visits.queries.serving import team_names
from app.visits.rules import promises as settling
from app.visits.rules.changes import lines
from app.visits.rules.visit import (
    BASES,
    COMPLETE,
    DRAFT,
    FINDING_KINDS,
    HELP_AREAS,
    MODES,
    SEVERITIES,
    SEVERITY_TONES,
    STATES,
    TOPICS,
)
from app.visits.views._blueprint import blueprint
from app.visits.views.changing import may_change

CONFIRM_TONES = {"open": "open", "confirmed": "ok", "differs": "warn", "denied": "bad"}
REVIEW_TONES = {"open": "open", "passed": "ok", "returned": "warn"}


def words() -> dict[str, Any]:
    """Labels every page of a visit needs."""
    choices = choices_of()
    return {
        "states": STATES, "modes": MODES, "bases": BASES, "severities": SEVERITIES, "severity_tones": SEVERITY_TONES, "finding_kinds": FINDING_KINDS,
        "topic_kinds": TOPICS, "topic_labels": {"action": choices.actions, "stage": choices.stages, "domain": choices.domains, "help": HELP_AREAS},
        "confirm_states": CONFIRM_STATES, "confirm_tones": CONFIRM_TONES, "review_states": REVIEW_STATES, "review_tones": REVIEW_TONES,
        "finding_states": settling.FINDING_STATES, "measure_states": settling.MEASURE_STATES, "promise_states": settling.PROMISE_STATES,
        "settling_tones": settling.TONES, "overdue": settling.overdue, "today": clock.today(),
    }  # fmt: skip


@blueprint.get("/<int:visit_id>")
@requires(Permission.VISIT_VIEW)
def show(visit_id: int) -> Any:
    """The whole visit; a draft leads to its form."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    if row.state == DRAFT:
        return redirect(url_for("visits.draft", visit_id=row.id))
    return render_template("visits/show.html", **shown(row, enterprise))


def smallest_group() -> int:
    """Ratings are shown from so many up."""
    found = setting("rating_min_group")
    return max(found, 2) if isinstance(found, int) else 5


def shown(row: Visit, enterprise: Enterprise) -> dict[str, Any]:
    """Everything the page of a complete visit needs."""
    assert row.visited_on is not None
    said = words()
    labels = {field: said["topic_labels"][kind] for kind, field in TOPIC_FIELDS.items()}
    return {
        "row": row, "enterprise": enterprise, "left": queries.parts_of(row.id), "place": place_names.places().full_name(enterprise.town_id),
        "team": team_names([row.team_id]).get(row.team_id or 0), "twins": queries.same_day(enterprise.id, row.visited_on, row.id),
        "may_settle": has_everywhere(Permission.VISIT_LOG) and row.state == COMPLETE, "may_change": may_change(row) and row.state == COMPLETE,
        "may_review": has_everywhere(Permission.VISIT_REVIEW) and row.state == COMPLETE and row.created_by != current_user.user_id,
        "said": answers.answer_of(row.id) if row.confirm_state != "open" else None, "smallest": smallest_group(),
        "link_out": answers.waiting_link(row.id) if row.confirm_state == "open" else None,
        "change_words": lambda change: lines(change.old, change.new, labels), **said,
    }  # fmt: skip


@blueprint.get("/<int:visit_id>/photos/<int:photo_id>")
@requires(Permission.VISIT_VIEW)
def photo(visit_id: int, photo_id: int) -> Any:
    """One photo, shown in the page."""
    row, _ = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    stored = queries.get_photo(row.id, photo_id)
    return send_file(files.path_of(stored.sha256), "image/jpeg", download_name=stored.name)
