"""Importers of the enterprise base: the firms themselves and their yearly figures; the look-up of firms that other importers share."""

from app.enterprises.imports.figures import FiguresImporter
from app.enterprises.imports.lookup import Firm, Firms, recheck_scope
from app.enterprises.imports.register import EnterpriseImporter

__all__ = ["EnterpriseImporter", "FiguresImporter", "Firm", "Firms", "recheck_scope"]
