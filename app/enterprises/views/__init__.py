"""Pages of the enterprise base: the list (``listing``), one enterprise (``dossier``), changes of the record (``edit``), its parts (``parts``),
duplicates and merging (``merging``)."""

from flask import Flask

from app.enterprises import actions
from app.enterprises.imports import EnterpriseImporter, FiguresImporter
from app.enterprises.views import dossier as dossier, edit as edit, listing as listing, merging as merging, parts as parts
from app.enterprises.views._blueprint import blueprint as blueprint
from app.exchange import registry
from app.infra import changes
from app.infra.web import navigation
from app.kernel.permission import Permission


def init_app(app: Flask) -> None:
    """Menu entry, and what this capability listens to."""
    navigation.register(
        navigation.NavItem("日常", 20, "企业库", "enterprises.index", "building-factory-2", Permission.ENTERPRISE_VIEW, phone=True)
    )
    changes.listen("area.unit_changed", actions.on_unit_changed)
    registry.register(EnterpriseImporter())
    registry.register(FiguresImporter())
