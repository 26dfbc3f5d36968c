"""Reading the enterprise base. Every query takes the viewer's ``Scope`` first and applies it in SQL; no second way.

Public surface: ``in_scope``, ``get_enterprise``, ``list_enterprises``, ``count_enterprises``, ``quick_search``, ``town_as_of``, and the hooks of
higher capabilities: ``register_timeline``, ``register_stepper``, ``register_ladder_words``.
"""

from app.enterprises.queries.attribution import town_as_of as town_as_of
from app.enterprises.queries.hooks import (
    LadderWords as LadderWords,
    Step as Step,
    TimelineItem as TimelineItem,
    ladder_words as ladder_words,
    register_ladder_words as register_ladder_words,
    register_stepper as register_stepper,
    register_timeline as register_timeline,
)
from app.enterprises.queries.listing import (
    Filters as Filters,
    Sort as Sort,
    count_enterprises as count_enterprises,
    list_enterprises as list_enterprises,
)
from app.enterprises.queries.records import find_by_code as find_by_code, get_enterprise as get_enterprise
from app.enterprises.queries.scope import in_scope as in_scope
from app.enterprises.queries.search import quick_search as quick_search
