"""Demands as workbooks."""
