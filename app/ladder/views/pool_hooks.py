"""What pools register with others at start-up: menu, timeline, references, importer, listeners, the chore of a new day."""

from collections.abc import Iterator
from datetime import date

from flask import url_for

from app.enterprises import references
from app.enterprises.queries import TimelineItem, register_timeline
from app.exchange import registry
from app.infra import changes, ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.ladder.actions import screening
from app.ladder.imports.pools import PoolImporter
from app.ladder.models.pools import STEP_KINDS
from app.ladder.queries import pools as queries
from app.policies.queries import current_pack

TONES = {"admitted": "ok", "stage": "info", "refused": "warn", "released": "warn"}


def register() -> None:
    """Called once by ``views.init_app``."""
    navigation.register(NavItem("梯度培育", 34, "培育库", "ladder.pools", "archive", Permission.POOL_VIEW))
    register_timeline(timeline)
    references.register("pool_member", "enterprise_id", unique=("pool_code",), current="closed_on", label="培育库记录")
    references.register("near_scale", "enterprise_id", policy=references.STAY, label="准四上筛查")
    references.register("lookalike_row", "enterprise_id", policy=references.STAY, label="相似企业推荐")
    references.register("lookalike_answer", "enterprise_id", unique=("pool_code", "year"), label="相似企业推荐的答复")
    for kind in ("figures.changed", "recognition.changed", "enterprise.moved", "enterprise.merged", "enterprise.described", "bulk.touched"):
        changes.listen(kind, screening.refresh_near_scale)
    ticks.on_new_day("ladder.near_scale", screening.refresh_near_scale_day)
    registry.register(PoolImporter())


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Steps in pools up to the day. The caller has checked that the viewer may see the enterprise."""
    pack = current_pack()
    for member, step in queries.steps_of_enterprise(enterprise_id, day, known_on):
        if step.kind == "owner":
            continue
        pool = queries.pool_or_named(pack, member.pool_code)
        label = pool.label if pool is not None else member.pool_code
        stage = pool.stage_label(step.stage_code) if pool is not None and step.kind in ("admitted", "stage") else ""
        title = f"{STEP_KINDS[step.kind]}：{label}" + (f"（{stage}）" if stage else "")
        url = url_for("ladder.pool_member", member_id=member.id) if known_on is None else None
        yield TimelineItem(step.happened_on, title, step.reason or "", TONES.get(step.kind, ""), step.recorded_name, url)
