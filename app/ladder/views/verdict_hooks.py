"""What keeps the stored verdicts in step, registered at start-up."""

from app.enterprises import references
from app.infra import changes, ticks
from app.ladder.actions import verdicts

FOLLOWED = ("figures.changed", "recognition.changed", "enterprise.merged", "enterprise.described", "bulk.touched")


def register() -> None:
    """Listeners, references, the chore of a new day."""
    for kind in FOLLOWED:
        changes.listen(kind, verdicts.follow_changes)
    changes.listen("bulk.new", verdicts.follow_new)
    references.register("enterprise_verdict", "enterprise_id", policy=references.STAY, label="认定条件比对结果")
    references.register("verdict_candidate", "enterprise_id", policy=references.STAY, label="认定条件比对结果")
    ticks.on_new_day("ladder.verdicts", verdicts.follow_day)
