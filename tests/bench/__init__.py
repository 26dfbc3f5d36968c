"""Limit programs of scripts/bench.py: the bare minimum that does the same work. They import nothing from the product."""
