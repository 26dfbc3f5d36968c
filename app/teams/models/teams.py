"""专家服务队, their dated members, handovers between persons, proposals of team leaders."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime
from app.teams.models.registers import codes

ROLES = {"leader": "队长", "deputy": "副队长", "expert": "专家", "liaison": "服务专员"}
ROLE_OF_POST = {"leader": "team_leader", "deputy": "team_leader", "expert": "expert", "liaison": "liaison"}
"""Which role of an account belongs to a place in the team."""
PROPOSAL_KINDS = {"move": "调整到其他服务队", "end": "结束服务"}
PROPOSAL_STATES = {"open": "待决定", "accepted": "已采纳", "refused": "未采纳", "withdrawn": "已撤回"}


class ServiceTeam(Base):
    """A service team: an organisation with a number. ``domains``, ``industries``, ``units`` as in the registers (what the team is for);
    ``capacity``: how many enterprises it can look after."""

    __tablename__ = "service_team"
    __table_args__ = (UniqueConstraint("city_id", "number"), Index("ix_service_team_city", "city_id", "dissolved_on", "number"))

    id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    domains: Mapped[str] = mapped_column(String(600), default=",")
    industries: Mapped[str] = mapped_column(String(400), default=",")
    units: Mapped[str] = mapped_column(String(300), default=",")
    capacity: Mapped[int | None] = mapped_column(Integer)
    host: Mapped[str | None] = mapped_column(String(120))
    intro: Mapped[str | None] = mapped_column(String(1000))
    document: Mapped[str | None] = mapped_column(String(120))
    formed_on: Mapped[date] = mapped_column(Date)
    dissolved_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(Integer, default=1)


class TeamMember(Base):
    """Somebody in a team for some time, both days inclusive. ``valid_to`` may lie ahead: the end of a secondment or appointment as planned.

    ``unit``: who sent him. A person who comes back gets a new row; ended rows are the team's history.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        CheckConstraint(f"role IN ({codes(ROLES)})", name="role"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index("ix_team_member_team", "team_id", "valid_from"),
        Index("ix_team_member_user", "user_id", "valid_from"),
        Index("ix_team_member_valid_to", "valid_to"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("service_team.id"))
    role: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str | None] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(60))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    capacity: Mapped[int | None] = mapped_column(Integer)
    phone_cipher: Mapped[str | None] = mapped_column(Text)
    phone_mark: Mapped[str | None] = mapped_column(String(64))
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    end_reason: Mapped[str | None] = mapped_column(String(300))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_name: Mapped[str] = mapped_column(String(80), default="系统")
    version: Mapped[int] = mapped_column(Integer, default=1)


class Handover(Base):
    """A portfolio that went from one person to another on a day. ``package``: the numbers of what was handed over, as they stood then.

    ``acknowledged_at``: the successor has said that he took it over.
    """

    __tablename__ = "team_handover"
    __table_args__ = (Index("ix_team_handover_team", "team_id", "id"), Index("ix_team_handover_to", "to_member_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("service_team.id"))
    from_member_id: Mapped[int] = mapped_column(ForeignKey("team_member.id"), index=True)
    to_member_id: Mapped[int] = mapped_column(ForeignKey("team_member.id"))
    happened_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(300))
    note: Mapped[str | None] = mapped_column(String(1000))
    firm_count: Mapped[int] = mapped_column(Integer)
    package: Mapped[Any] = mapped_column(JsonText, nullable=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_name: Mapped[str] = mapped_column(String(80))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_name: Mapped[str | None] = mapped_column(String(80))
    acknowledged_note: Mapped[str | None] = mapped_column(String(300))


class AssignmentProposal(Base):
    """A team leader wants an enterprise moved or its service ended; an officer decides. One open proposal per enterprise."""

    __tablename__ = "assignment_proposal"
    __table_args__ = (
        CheckConstraint(f"kind IN ({codes(PROPOSAL_KINDS)})", name="kind"),
        CheckConstraint(f"state IN ({codes(PROPOSAL_STATES)})", name="state"),
        Index("ix_assignment_proposal_state", "state", "id"),
        Index("ix_assignment_proposal_team", "team_id", "id"),
        Index(
            "uq_assignment_proposal_open", "enterprise_id", unique=True, sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("service_team.id"))
    kind: Mapped[str] = mapped_column(String(8))
    to_team_id: Mapped[int | None] = mapped_column(ForeignKey("service_team.id"))
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(12), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_name: Mapped[str | None] = mapped_column(String(80))
    answer: Mapped[str | None] = mapped_column(String(300))
