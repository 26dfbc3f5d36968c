"""Who demands go to, and where they come in: departments with contact persons, public links."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime


class DemandDepartment(Base):
    """An organisation demands are routed to. ``code``: the pack's department it is in its city (None: a further one, e.g. of a county)."""

    __tablename__ = "demand_department"
    __table_args__ = (UniqueConstraint("city_id", "code"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class DepartmentContact(Base):
    """A contact person of a department (联系人员) with dates; the phone as of contacts of enterprises."""

    __tablename__ = "department_contact"
    __table_args__ = (Index("ix_department_contact_organisation", "organisation_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(60))
    title: Mapped[str | None] = mapped_column(String(60))
    phone_cipher: Mapped[str | None] = mapped_column(Text)
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class DemandLink(Base):
    """A public address (printed as a QR code) under which enterprises send demands without an account. ``unit_id`` / ``enterprise_id``: whose poster it is."""

    __tablename__ = "demand_link"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    label: Mapped[str] = mapped_column(String(60))
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    valid_to: Mapped[date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
