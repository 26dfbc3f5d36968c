"""Tables of service, one module per subject."""

from app.visits.models.answers import VisitAnswer, VisitLink
from app.visits.models.outcomes import Finding, Measure, Promise
from app.visits.models.visit import Visit, VisitChange, VisitPerson, VisitPhoto, VisitTopic

__all__ = [
    "Finding",
    "Measure",
    "Promise",
    "Visit",
    "VisitAnswer",
    "VisitChange",
    "VisitLink",
    "VisitPerson",
    "VisitPhoto",
    "VisitTopic",
]
