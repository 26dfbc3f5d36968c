"""Demands out of workbooks."""

from app.demands.imports.ledger import LedgerImporter

__all__ = ["LedgerImporter"]
