"""Tables of demands."""

from app.demands.models.demand import NO_DEADLINE, Demand
from app.demands.models.desk import DemandDepartment, DemandLink, DepartmentContact
from app.demands.models.parts import ACTIVE, DemandClock, DemandEvent, DemandExtension, DemandFile, DemandPart, DemandPause

__all__ = [
    "ACTIVE", "NO_DEADLINE", "Demand", "DemandClock", "DemandDepartment", "DemandEvent", "DemandExtension", "DemandFile", "DemandLink", "DemandPart",
    "DemandPause", "DepartmentContact",
]
