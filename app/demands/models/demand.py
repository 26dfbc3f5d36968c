"""The demand: what an enterprise asks for. Its clocks, departments, history and papers stand in tables of their own (``parts``)."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.demands.rules.states import OPEN_TABS, OUTCOMES, SOURCES, STATES, TABS
from app.infra import clock
from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "nothing is due" where rows are sorted by what is due next."""


def one_of(column: str, values: Any) -> str:
    """CHECK text: the column holds one of the codes."""
    return f"{column} IN (" + ",".join(f"'{value}'" for value in values) + ")"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


_OPEN = one_of("tab", OPEN_TABS)


class Demand(Base):
    """One demand. ``enterprise_id`` None: came without an account and no officer has matched it yet (``claimed_name`` / ``claimed_code``).

    ``unit_id``, ``town_id``, ``city_id``: where the enterprise stands today. ``tab`` follows ``state``; ``sort_at``: what is due next while it is open,
    since when it waits for the rating, when it ended. ``due_step``, ``due_at``, ``yellow_at``: the next clock; ``…_due_at``: of the last round.
    ``ruled``: the bureau named the department, which can no longer send it back. ``round`` counts from 1.
    ``token`` opens the enterprise's own page; ``entry_key`` makes one demand of two clicks. ``contact_phone_…``: as of contacts. ``version``
    counts changes.
    """

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("tab", TABS), name="tab"),
        CheckConstraint(one_of("source", SOURCES), name="source"),
        CheckConstraint("outcome IS NULL OR " + one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_demand_city_tab", "city_id", "tab", "sort_at", "id"),
        Index("ix_demand_unit_tab", "unit_id", "tab", "sort_at", "id"),
        Index("ix_demand_organisation_tab", "organisation_id", "tab", "sort_at", "id"),
        Index("ix_demand_enterprise", "enterprise_id", "id"),
        Index("ix_demand_city_raised", "city_id", "raised_at", "id"),
        Index("ix_demand_unit_raised", "unit_id", "raised_at", "id"),
        Index("ix_demand_title", "title"),
        Index(  # all the rates look at: they are counted without reading a demand
            "ix_demand_rates", "city_id", "raised_at", "organisation_id", "unit_id", "state", "duplicate_of_id", "contact_due_at", "contacted_at",
            "solve_due_at", "solved_at", "paused_at", "rating", "outcome",
        ),
        Index("ix_demand_open", "sort_at", "id", **_where(_OPEN)),
        Index("ix_demand_handler", "handler_id", "tab", "sort_at", **_where("handler_id IS NOT NULL")),
        Index("ix_demand_rating", "solved_at", **_where("tab = 'rating'")),
        Index("ix_demand_closed_at", "closed_at", **_where("state = 'closed'")),
        Index("ix_demand_visit", "visit_id", **_where("visit_id IS NOT NULL")),
        Index("ix_demand_ip", "ip_mark", "raised_at", **_where("ip_mark IS NOT NULL")),
        Index("ix_demand_unmatched", "city_id", "id", **_where("enterprise_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    claimed_name: Mapped[str | None] = mapped_column(String(120))
    claimed_code: Mapped[str | None] = mapped_column(String(18))
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    domain: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(12))
    visit_id: Mapped[int | None] = mapped_column(BigInteger)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    raised_by: Mapped[int | None] = mapped_column(Integer)
    raised_name: Mapped[str] = mapped_column(String(80))
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone_cipher: Mapped[str | None] = mapped_column(Text)
    contact_phone_mark: Mapped[str | None] = mapped_column(String(64))
    contact_phone_masked: Mapped[str | None] = mapped_column(String(20))
    consent: Mapped[bool] = mapped_column(Boolean, default=True)
    fast: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(10), default="new")
    tab: Mapped[str] = mapped_column(String(10), default="intake")
    sort_at: Mapped[datetime] = mapped_column(UtcDateTime)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    handler_id: Mapped[int | None] = mapped_column(Integer)
    handler_name: Mapped[str | None] = mapped_column(String(80))
    ruled: Mapped[bool] = mapped_column(Boolean, default=False)
    needs_ruling: Mapped[bool] = mapped_column(Boolean, default=False)
    bounce_count: Mapped[int] = mapped_column(Integer, default=0)
    round: Mapped[int] = mapped_column(Integer, default=1)
    contact_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    solve_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_step: Mapped[str | None] = mapped_column(String(10))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    yellow_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extension_count: Mapped[int] = mapped_column(Integer, default=0)
    instructed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalation_level: Mapped[int] = mapped_column(Integer, default=0)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str | None] = mapped_column(Text)
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_note: Mapped[str | None] = mapped_column(String(500))
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rated_via: Mapped[str | None] = mapped_column(String(10))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopen_count: Mapped[int] = mapped_column(Integer, default=0)
    call_back_count: Mapped[int] = mapped_column(Integer, default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("demand.id"), index=True)
    ip_mark: Mapped[str | None] = mapped_column(String(64))
    entry_key: Mapped[str] = mapped_column(String(64), unique=True)
    legacy_number: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def raised_on(self) -> date:
        """The day it was raised, as Shanghai shows it."""
        return clock.local(self.raised_at).date()
