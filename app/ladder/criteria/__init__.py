"""认定条件: what an enterprise lacks for a title, by the rule version in force. Pure: no database, no web, no clock.

Surface: `Facts` (what is known), `choose_version` / `get_version` (which rule), `diagnose` (the answer with reasons), `quick_verdict`
(the verdict alone), `read_facts` (a situation from plain data), `build_facts` (from stored figures).
"""

from app.ladder.criteria.diagnosis import DISCLAIMER, RESULT_LABELS, Diagnosis, Leaf, Verdict, diagnose, no_verdict, quick_verdict
from app.ladder.criteria.facts import HUMAN, Facts, Origin
from app.ladder.criteria.feeding import Figure, Stored, build_facts
from app.ladder.criteria.reading import Situation, read_facts
from app.ladder.criteria.versions import Version, choose_version, get_version, no_version_reason, regions_of

__all__ = [
    "DISCLAIMER", "HUMAN", "RESULT_LABELS", "Diagnosis", "Facts", "Figure", "Leaf", "Origin", "Situation", "Stored", "Verdict", "Version",
    "build_facts", "choose_version", "diagnose",
    "get_version", "no_verdict", "no_version_reason", "quick_verdict", "read_facts", "regions_of",
]
