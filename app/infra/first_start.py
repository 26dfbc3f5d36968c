"""What a first start has loaded so far, noted in the database itself: an interrupted start goes on, a restored copy knows it is complete."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import clock
from app.infra.db import Base, UtcDateTime, db


class SetupStep(Base):
    """One step of the first start. ``declined``: the operator wanted none (``--no-demo``), also at later starts."""

    __tablename__ = "setup_step"
    __table_args__ = (CheckConstraint("state IN ('begun','done','declined')", name="state"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def states() -> dict[str, str]:
    """Step name -> state of every step noted."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return {row.name: row.state for row in connection.execute(select(SetupStep.name, SetupStep.state))}


def note(name: str, state: str) -> None:
    """Note and commit."""
    db.session.merge(SetupStep(name=name, state=state, at=clock.now()))
    db.session.commit()
