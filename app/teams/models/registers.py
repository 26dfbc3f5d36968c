"""服务商联盟, 专家库, 服务资源池: three registers with one life cycle and one kind of history."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime, Yuan

PROPOSED, ACTIVE, WARNED, ENDED, REFUSED = "proposed", "active", "warned", "ended", "refused"
STATES = (PROPOSED, ACTIVE, WARNED, ENDED, REFUSED)
SERVING = (ACTIVE, WARNED)
STATE_LABELS = {
    "provider": {PROPOSED: "申请待审", ACTIVE: "在盟", WARNED: "在盟（警示）", ENDED: "已退出", REFUSED: "未入盟"},
    "expert": {PROPOSED: "推荐待审", ACTIVE: "聘任中", WARNED: "聘任中（警示）", ENDED: "已解聘", REFUSED: "未聘任"},
    "resource": {PROPOSED: "待审核", ACTIVE: "可用", WARNED: "可用（警示）", ENDED: "已停用", REFUSED: "未通过"},
}
_STEPS = {
    "provider": ("申请", "入盟", "不予入盟", "续盟", "退出"), "expert": ("推荐", "聘任", "不予聘任", "续聘", "解聘"),
    "resource": ("申报", "入池", "不予入池", "延期", "停用"),
}
STEP_LABELS = {
    register: {
        "proposed": put, "admitted": taken, "refused": refused, "warned": "警示", "cleared": "解除警示", "renewed": again, "ended": out,
        "changed": "变更资料",
    } for register, (put, taken, refused, again, out) in _STEPS.items()
}
REGISTERS = {"provider": "服务商联盟", "expert": "专家库", "resource": "服务资源池"}
ORIGINS = {"local": "本土", "elsewhere": "引进"}
PROVIDER_KINDS = {
    "company": "服务企业", "platform": "公共服务平台", "institute": "科研院所", "university": "高等院校", "finance": "金融机构", "law": "律师事务所",
    "accounting": "会计税务师事务所", "association": "行业协会商会", "other": "其他",
}
PLATFORM_TIERS = {"city": "市级枢纽平台（1）", "county": "县级平台（10）", "node": "服务机构（N）"}
STRENGTHS = {"solve": "解困", "improve": "补短板"}
RESOURCE_KINDS = {"product": "服务产品", "course": "课程", "equipment": "仪器设备", "finance": "资金"}
POOL_KINDS = {"expert": "专家", "institution": "机构", **RESOURCE_KINDS}
CHANGE_STATES = {"open": "待审核", "taken": "已通过", "refused": "已退回", "withdrawn": "已撤回"}


def codes(words: Any) -> str:
    """The codes of a label table as the inside of an SQL IN."""
    return ",".join(f"'{code}'" for code in words)


class Listed:
    """What an entry of any of the three registers has.

    ``domains``, ``industries``, ``units`` hold codes as ``,legal,finance,`` ("," = nothing said, for ``units`` the whole city): service domains
    of the pack, sections or divisions of GB/T 4754, area ids of counties and zones. ``capacity``: enterprises it can serve at a time.
    ``consent_on``: agreed that name and introduction are shown to the public. The phone is encrypted as in ``Contact``.
    """

    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12), default=PROPOSED)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    domains: Mapped[str] = mapped_column(String(600), default=",")
    industries: Mapped[str] = mapped_column(String(400), default=",")
    units: Mapped[str] = mapped_column(String(300), default=",")
    capacity: Mapped[int | None] = mapped_column(Integer)
    intro: Mapped[str | None] = mapped_column(String(1000))
    contact_name: Mapped[str | None] = mapped_column(String(60))
    phone_cipher: Mapped[str | None] = mapped_column(Text)
    phone_mark: Mapped[str | None] = mapped_column(String(64))
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    consent_on: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    source: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Provider(Listed, Base):
    """A service provider. Its id is that of its organisation, so that its people (``User.organisation_id``) see their own record.

    ``tier``: its place in the 1+10+N network of platforms; ``parent_id``: the platform above it.
    """

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint(f"state IN ({codes(STATES)})", name="state"),
        CheckConstraint(f"origin IN ({codes(ORIGINS)})", name="origin"),
        CheckConstraint(f"kind IN ({codes(PROVIDER_KINDS)})", name="kind"),
        CheckConstraint(f"tier IN ({codes(PLATFORM_TIERS)})", name="tier"),
        UniqueConstraint("city_id", "credit_code"),
        Index("ix_provider_list", "city_id", "state", "name", "id"),
        Index("ix_provider_valid_to", "valid_to"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    credit_code: Mapped[str | None] = mapped_column(String(18))
    kind: Mapped[str] = mapped_column(String(12), default="company")
    origin: Mapped[str] = mapped_column(String(12), default="local")
    tier: Mapped[str | None] = mapped_column(String(8))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    qualification: Mapped[str | None] = mapped_column(String(500))
    staff_count: Mapped[int | None] = mapped_column(Integer)
    address: Mapped[str | None] = mapped_column(String(200))


class Expert(Listed, Base):
    """An expert. ``strengths``: 解困, 补短板; ``selection``: how he was chosen; ``conflict``: firms and interests he declared."""

    __tablename__ = "expert"
    __table_args__ = (
        CheckConstraint(f"state IN ({codes(STATES)})", name="state"),
        UniqueConstraint("city_id", "name", "employer"),
        Index("ix_expert_list", "city_id", "state", "name", "id"),
        Index("ix_expert_valid_to", "valid_to"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    employer: Mapped[str] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(60))
    strengths: Mapped[str] = mapped_column(String(60), default=",")
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    selection: Mapped[str | None] = mapped_column(String(300))
    conflict: Mapped[str | None] = mapped_column(String(500))


class ServiceResource(Listed, Base):
    """A product, course, piece of equipment or source of finance. Experts and institutions of the pool stand in their own registers.

    ``provider_id``: whose it is, if of the alliance (else ``owner`` in words). ``free`` and ``price_yuan`` exclude each other; both empty =
    by agreement. ``price_note`` gives the unit or the terms.
    """

    __tablename__ = "service_resource"
    __table_args__ = (
        CheckConstraint(f"state IN ({codes(STATES)})", name="state"),
        CheckConstraint(f"kind IN ({codes(RESOURCE_KINDS)})", name="kind"),
        CheckConstraint("price_yuan IS NULL OR price_yuan >= 0", name="price"),
        UniqueConstraint("city_id", "kind", "name", "owner"),
        Index("ix_service_resource_list", "city_id", "state", "name", "id"),
        Index("ix_service_resource_valid_to", "valid_to"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    owner: Mapped[str] = mapped_column(String(120))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    free: Mapped[bool] = mapped_column(Boolean, default=False)
    price_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    price_note: Mapped[str | None] = mapped_column(String(120))


class RegisterStep(Base):
    """One dated step of an entry and the state after it. Append only."""

    __tablename__ = "register_step"
    __table_args__ = (
        CheckConstraint(f"register IN ({codes(REGISTERS)})", name="register"),
        CheckConstraint(f"kind IN ({codes(STEP_LABELS['provider'])})", name="kind"),
        Index("ix_register_step_subject", "register", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(300))
    document: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80), default="系统")


class RegisterChange(Base):
    """What a provider wants changed in its own record or one of its resources: shown to nobody else until an officer takes it."""

    __tablename__ = "register_change"
    __table_args__ = (
        CheckConstraint("register IN ('provider','resource')", name="register"),
        CheckConstraint(f"state IN ({codes(CHANGE_STATES)})", name="state"),
        Index("ix_register_change_state", "state", "id"),
        Index("ix_register_change_provider", "provider_id", "id"),
        Index(
            "uq_register_change_open", "register", "subject_id", unique=True, sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    register: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(Integer)
    content: Mapped[Any] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(String(12), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(300))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_name: Mapped[str | None] = mapped_column(String(80))
