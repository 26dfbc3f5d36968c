"""What visits register with others: references for merging, the last day of a visit when records are merged."""

from app.enterprises import references
from app.infra import changes
from app.visits.actions.visits import refresh_last_visits


def register() -> None:
    """Called once at start-up."""
    references.register("visit", "enterprise_id", label="走访")
    references.register("visit_finding", "enterprise_id", label="走访发现的问题")
    references.register("visit_measure", "enterprise_id", label="帮扶措施")
    references.register("visit_promise", "enterprise_id", label="承诺")
    references.register("visit_answer", "enterprise_id", label="企业的走访反馈")
    changes.listen("enterprise.merged", refresh_last_visits)
