"""Registers, teams and assignments as workbooks."""
