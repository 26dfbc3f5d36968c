"""Pages of the enterprise base: the list (``listing``), one enterprise (``dossier``), changes of the record (``edit``), its parts (``parts``),
duplicates and merging (``merging``)."""

from flask import Flask

from app.enterprises import actions
from app.enterprises.imports import EnterpriseImporter, FiguresImporter
from app.enterprises.queries.records import find_by_code
from app.enterprises.views import dossier as dossier
from app.enterprises.views import edit as edit
from app.enterprises.views import listing as listing
from app.enterprises.views import merging as merging
from app.enterprises.views import parts as parts
from app.enterprises.views._blueprint import blueprint as blueprint
from app.exchange import registry
from app.identity.queries.accounts import register_enterprise_lookup
from app.infra import changes
from app.infra.web import navigation
from app.kernel.permission import Permission
from app.kernel.scope import Scope


def init_app(app: Flask) -> None:
    """Menu entry, and what this capability listens to."""
    navigation.register(
        navigation.NavItem("日常", 20, "企业库", "enterprises.index", "building-factory-2", Permission.ENTERPRISE_VIEW, phone=True)
    )
    changes.listen("area.unit_changed", actions.on_unit_changed)
    registry.register(EnterpriseImporter())
    registry.register(FiguresImporter())
    register_enterprise_lookup(_for_a_post)


def _for_a_post(reach: Scope, credit_code: str) -> tuple[int, str] | None:
    """The enterprise whose contact somebody becomes: (id, name) inside the administrator's reach."""
    row = find_by_code(reach, credit_code.strip().upper())
    return (row.id, row.name) if row else None
