"""注销: the register's status and the dated event say the same thing, whoever wrote first.

Counts go by the event ("a cancellation counts from its day"), lists by the status. A status that came without a day gets an event of the
day it was recorded, marked as such; a day entered later as an event of its own is earlier and therefore counts.
"""

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from app.enterprises.models import Enterprise, EnterpriseEvent
from app.infra import clock

KIND, STATUS = "cancelled", "cancelled"
UNDATED = "登记状态改为注销，未填注销日期，按登记日计"
"""Note of an event made from a bare status; such an event goes when the status goes."""


def follow_status(session: Session, enterprise_ids: list[int] | None, by: int | None = None) -> None:
    """Add the missing event of cancelled enterprises and take back the undated one of those that are not (None = all). Flushes."""
    session.flush()
    mine = [Enterprise.id.in_(enterprise_ids)] if enterprise_ids is not None else []
    known = select(EnterpriseEvent.id).where(EnterpriseEvent.enterprise_id == Enterprise.id, EnterpriseEvent.kind == KIND).exists()
    columns = ["enterprise_id", "kind", "happened_on", "note", "recorded_at", "recorded_by"]
    session.execute(insert(EnterpriseEvent).from_select(columns, select(
        Enterprise.id, literal(KIND), literal(clock.today(), EnterpriseEvent.happened_on.type), literal(UNDATED),
        literal(clock.now(), EnterpriseEvent.recorded_at.type), literal(by, EnterpriseEvent.recorded_by.type),
    ).where(Enterprise.status == STATUS, ~known, *mine)))
    back = select(Enterprise.id).where(Enterprise.status != STATUS, *mine)
    session.execute(
        delete(EnterpriseEvent)
        .where(EnterpriseEvent.kind == KIND, EnterpriseEvent.note == UNDATED, EnterpriseEvent.enterprise_id.in_(back))
        .execution_options(synchronize_session=False)
    )
