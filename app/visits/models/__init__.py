"""Tables of service, one module per subject."""

from app.visits.models.answers import VisitAnswer, VisitCallback, VisitLink
from app.visits.models.improvement import ConsultRecord, DiagnosisItem, ImprovementPlan, PlanItem, ServiceDiagnosis
from app.visits.models.outcomes import Finding, Measure, Promise
from app.visits.models.projects import ProjectResult, ServiceProject
from app.visits.models.requests import Appointment, AppointmentPerson, AppointmentTeam, Disturbance, ServiceRequest
from app.visits.models.results import FinanceNeed, ServiceSnapshot
from app.visits.models.steps import ServiceStep
from app.visits.models.visit import Visit, VisitChange, VisitPerson, VisitPhoto, VisitTopic

__all__ = [
    "Appointment",
    "AppointmentPerson",
    "AppointmentTeam",
    "ConsultRecord",
    "DiagnosisItem",
    "Disturbance",
    "FinanceNeed",
    "Finding",
    "ImprovementPlan",
    "Measure",
    "PlanItem",
    "ProjectResult",
    "Promise",
    "ServiceDiagnosis",
    "ServiceProject",
    "ServiceRequest",
    "ServiceSnapshot",
    "ServiceStep",
    "Visit",
    "VisitAnswer",
    "VisitCallback",
    "VisitChange",
    "VisitLink",
    "VisitPerson",
    "VisitPhoto",
    "VisitTopic",
]
