"""Reading the enterprise base. Every query takes the viewer's ``Scope`` first and applies it in SQL; no second way.

Public surface: ``in_scope``, ``get_enterprise``, ``list_enterprises``, ``count_enterprises``, ``quick_search``, ``town_as_of``, and the hooks of
higher capabilities: ``register_timeline``, ``register_stepper``, ``register_ladder_words``.
"""

from app.enterprises.queries.attribution import town_as_of as town_as_of
from app.enterprises.queries.hooks import (
    LadderWords as LadderWords,
)
from app.enterprises.queries.hooks import (
    Step as Step,
)
from app.enterprises.queries.hooks import (
    TimelineItem as TimelineItem,
)
from app.enterprises.queries.hooks import (
    ladder_words as ladder_words,
)
from app.enterprises.queries.hooks import (
    register_ladder_words as register_ladder_words,
)
from app.enterprises.queries.hooks import (
    register_stepper as register_stepper,
)
from app.enterprises.queries.hooks import (
    register_timeline as register_timeline,
)
from app.enterprises.queries.hooks import (
    register_total as register_total,
)
from app.enterprises.queries.listing import (
    Filters as Filters,
)
from app.enterprises.queries.listing import (
    Sort as Sort,
)
from app.enterprises.queries.listing import (
    count_enterprises as count_enterprises,
)
from app.enterprises.queries.listing import (
    list_enterprises as list_enterprises,
)
from app.enterprises.queries.records import find_by_code as find_by_code
from app.enterprises.queries.records import get_enterprise as get_enterprise
from app.enterprises.queries.scope import city_in_scope as city_in_scope
from app.enterprises.queries.scope import in_scope as in_scope
from app.enterprises.queries.scope import merged_ids as merged_ids
from app.enterprises.queries.scope import serving_on as serving_on
from app.enterprises.queries.scope import standing as standing
from app.enterprises.queries.scope import within as within
from app.enterprises.queries.search import quick_search as quick_search
