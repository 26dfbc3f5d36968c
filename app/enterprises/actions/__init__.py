"""Changes of the enterprise base. Every action checks the scope, writes an audit row, keeps search index and summary in step, and flushes;
the caller commits.

Public surface for other capabilities: ``set_titles``, ``refresh_summaries``, ``refresh_all_summaries``, ``after_bulk``, ``reindex``,
``reindex_all``, ``forget``, ``create_enterprise``, ``update_enterprise``, ``set_town``, ``add_figures``.
"""

from app.enterprises.actions.bulk import after_bulk as after_bulk, forget as forget, on_unit_changed as on_unit_changed
from app.enterprises.actions.figures import add_figures as add_figures
from app.enterprises.actions.index import measure_pieces as measure_pieces, reindex as reindex, reindex_all as reindex_all
from app.enterprises.actions.merging import merge as merge, preview_merge as preview_merge, undo_merge as undo_merge
from app.enterprises.actions.parts import (
    add_event as add_event,
    remove_contact as remove_contact,
    reveal_phone as reveal_phone,
    save_contact as save_contact,
    set_tags as set_tags,
)
from app.enterprises.actions.records import (
    EDITABLE as EDITABLE,
    Stale as Stale,
    create_enterprise as create_enterprise,
    rename as rename,
    set_town as set_town,
    update_enterprise as update_enterprise,
)
from app.enterprises.actions.summaries import (
    Titles as Titles,
    refresh_all_summaries as refresh_all_summaries,
    refresh_summaries as refresh_summaries,
    set_titles as set_titles,
)
from app.enterprises.actions.views import delete_view as delete_view, save_view as save_view
