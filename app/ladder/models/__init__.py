"""Tables of the ladder, one module per subject."""

from app.ladder.models.answers import EnterpriseAnswer
from app.ladder.models.applications import Application, ApplicationEvent, ApplicationItem, ApplicationWindow
from app.ladder.models.batches import BatchVersion, RecognitionBatch, RecognitionEvent
from app.ladder.models.duties import YearlyDuty
from app.ladder.models.impact import ImpactRow, ImpactRun
from app.ladder.models.lists import NameMatch, OfficialList, OfficialListRow, SettledDifference
from app.ladder.models.pools import (
    LookalikeAnswer,
    LookalikeRow,
    LookalikeRun,
    NearScale,
    NearScaleCount,
    NearScaleState,
    PoolMember,
    PoolStep,
)
from app.ladder.models.recognitions import Recognition, TitleCount, TitleCountState
from app.ladder.models.snapshots import DiagnosisSnapshot
from app.ladder.models.verdicts import EnterpriseVerdict, VerdictCandidate, VerdictState

__all__ = [
    "Application",
    "ApplicationEvent",
    "ApplicationItem",
    "ApplicationWindow",
    "BatchVersion",
    "DiagnosisSnapshot",
    "EnterpriseAnswer",
    "EnterpriseVerdict",
    "ImpactRow",
    "ImpactRun",
    "LookalikeAnswer",
    "LookalikeRow",
    "LookalikeRun",
    "NameMatch",
    "NearScale",
    "NearScaleCount",
    "NearScaleState",
    "OfficialList",
    "OfficialListRow",
    "PoolMember",
    "PoolStep",
    "Recognition",
    "RecognitionBatch",
    "RecognitionEvent",
    "SettledDifference",
    "TitleCount",
    "TitleCountState",
    "VerdictCandidate",
    "VerdictState",
    "YearlyDuty",
]
