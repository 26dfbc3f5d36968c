"""Rule versions as SQL: the verdict of everybody in one statement. Pure: makes text, runs nothing; exactly the answers of `criteria.diagnose`.

Surface: `compile_slots` (titles of a pack -> `Plan`), `Plan` (statement text, inputs it wants, how its columns are unpacked),
`record_of` (the same columns for one enterprise from the engine itself).
"""

from app.ladder.criteria.mass.inputs import Inputs, Known
from app.ladder.criteria.mass.plan import Plan, Slot, compile_plan
from app.ladder.criteria.mass.record import Record, record_of, unpack

__all__ = ["Inputs", "Known", "Plan", "Record", "Slot", "compile_plan", "record_of", "unpack"]
