"""Pages of the ladder, and what it registers with others at start-up."""

from flask import Flask

from app.enterprises import references
from app.enterprises.exports import register_job
from app.enterprises.queries import register_ladder_words, register_stepper, register_timeline, register_total
from app.exchange import registry
from app.infra import changes, ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.ladder import actions
from app.ladder.exports import long
from app.ladder.imports import EventImporter, ListImporter, RecognitionImporter
from app.ladder.views import (
    answers,
    applications,
    batches,
    board,
    durations,
    duties,
    explain,
    gap_list,
    holders,
    hooks,
    impact,
    kanban,
    lifecycle,
    lists,
    lookalikes,
    past_titles,
    pool_hooks,
    pool_members,
    pools,
    reconciliation,
    records,
    screening,
    snapshots,
    steps,
    transitions,
    verdict_hooks,
    windows,
)
from app.ladder.views._blueprint import blueprint

__all__ = [
    "answers", "applications", "batches", "blueprint", "board", "durations", "duties", "explain", "gap_list", "holders", "hooks", "impact",
    "init_app", "kanban", "lifecycle", "lists", "lookalikes", "past_titles", "pool_hooks", "pool_members", "pools", "reconciliation", "records",
    "screening", "snapshots", "steps", "transitions", "verdict_hooks", "windows",
]


def init_app(_app: Flask) -> None:
    """Menu, hooks of the enterprise page, listeners, chore of a new day."""
    navigation.register(NavItem("梯度培育", 30, "梯度看板", "ladder.board", "stairs-up", Permission.LADDER_VIEW))
    navigation.register(NavItem("梯度培育", 33, "到期与复核", "ladder.life", "calendar-due", Permission.LADDER_VIEW))
    navigation.register(NavItem("梯度培育", 35, "申报", "ladder.applications", "clipboard-check", Permission.APPLICATION_VIEW))
    navigation.register(NavItem("梯度培育", 31, "差距清单", "ladder.gap_list", "list-details", Permission.DIAGNOSIS_VIEW))
    register_timeline(hooks.timeline)
    register_timeline(hooks.application_timeline)
    register_timeline(snapshots.timeline)
    register_timeline(steps.timeline)
    register_stepper(hooks.stepper)
    register_ladder_words(hooks.words)
    register_total(hooks.enterprises_stored)
    past_titles.register()
    navigation.belong("ladder.impact", "policies.index")
    register_job(long.JOB)
    references.register(
        "recognition", "enterprise_id", unique=("title_code", "level", "batch_year"), current="superseded_at", label="称号认定", dated=True,
    )
    references.register(
        "enterprise_answer", "enterprise_id", unique=("kind", "rule", "subject", "year"), current="superseded_at", label="认定条件的答复", dated=True,
    )
    references.register(
        "recognition_event", "enterprise_id", unique=("title_code", "level", "batch_year", "kind", "happened_on"), current="superseded_at",
        label="称号认定的经过", dated=True,
    )
    references.register("official_list_row", "enterprise_id", label="公布名单")
    references.register("name_match", "enterprise_id", unique=("name_key",), label="名单中的写法")
    references.register(
        "yearly_duty", "enterprise_id", unique=("title_code", "year"), current="superseded_at", label="年度更新", dated=True,
    )
    references.register("application", "enterprise_id", unique=("window_id",), label="申报")
    references.register("impact_row", "enterprise_id", policy=references.STAY, label="影响预览")
    references.register("diagnosis_snapshot", "enterprise_id", label="留存的诊断")
    changes.listen("enterprise.moved", actions.refresh_some)
    changes.listen("enterprise.merged", actions.refresh_some)
    changes.listen("bulk", actions.refresh_all)
    changes.listen("area.loaded", actions.refresh_cities)
    changes.listen("bulk.new", actions.refresh_new)
    ticks.on_new_day("ladder.titles", actions.refresh_day)
    verdict_hooks.register()
    pool_hooks.register()
    registry.register(RecognitionImporter())
    registry.register(EventImporter())
    registry.register(ListImporter())
