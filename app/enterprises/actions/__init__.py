"""Changes of the enterprise base. Every action checks the scope, writes an audit row, keeps search index and summary in step, and flushes;
the caller commits.

Public surface for other capabilities: ``set_titles``, ``refresh_summaries``, ``refresh_all_summaries``, ``after_bulk``, ``reindex``,
``reindex_all``, ``forget``, ``create_enterprise``, ``update_enterprise``, ``set_town``, ``add_figures``, ``note_visit``, ``set_last_visit``.
"""

from app.enterprises.actions.assignments import (
    Assigned as Assigned,
)
from app.enterprises.actions.assignments import (
    Server as Server,
)
from app.enterprises.actions.assignments import (
    assign as assign,
)
from app.enterprises.actions.assignments import (
    end_assignments as end_assignments,
)
from app.enterprises.actions.assignments import (
    follow_account as follow_account,
)
from app.enterprises.actions.assignments import (
    refresh_teams_of_day as refresh_teams_of_day,
)
from app.enterprises.actions.bulk import after_bulk as after_bulk
from app.enterprises.actions.bulk import forget as forget
from app.enterprises.actions.bulk import on_unit_changed as on_unit_changed
from app.enterprises.actions.figures import add_figures as add_figures
from app.enterprises.actions.index import measure_pieces as measure_pieces
from app.enterprises.actions.index import reindex as reindex
from app.enterprises.actions.index import reindex_all as reindex_all
from app.enterprises.actions.merging import merge as merge
from app.enterprises.actions.merging import preview_merge as preview_merge
from app.enterprises.actions.merging import undo_merge as undo_merge
from app.enterprises.actions.parts import (
    add_event as add_event,
)
from app.enterprises.actions.parts import (
    remove_contact as remove_contact,
)
from app.enterprises.actions.parts import (
    reveal_phone as reveal_phone,
)
from app.enterprises.actions.parts import (
    save_contact as save_contact,
)
from app.enterprises.actions.parts import (
    set_tags as set_tags,
)
from app.enterprises.actions.records import (
    EDITABLE as EDITABLE,
)
from app.enterprises.actions.records import (
    Stale as Stale,
)
from app.enterprises.actions.records import (
    create_enterprise as create_enterprise,
)
from app.enterprises.actions.records import (
    rename as rename,
)
from app.enterprises.actions.records import (
    set_town as set_town,
)
from app.enterprises.actions.records import (
    update_enterprise as update_enterprise,
)
from app.enterprises.actions.summaries import (
    Titles as Titles,
)
from app.enterprises.actions.summaries import (
    refresh_all_summaries as refresh_all_summaries,
)
from app.enterprises.actions.summaries import (
    refresh_summaries as refresh_summaries,
)
from app.enterprises.actions.summaries import (
    set_titles as set_titles,
)
from app.enterprises.actions.views import delete_view as delete_view
from app.enterprises.actions.views import save_view as save_view
from app.enterprises.actions.visited import note_visit as note_visit
from app.enterprises.actions.visited import set_last_visit as set_last_visit
