"""Commands: one module per group, each with a click group named ``group``. They do the worker's work in the foreground.

Standard output carries only results (JSON with --json); logs go to standard error. Commands act as the system itself.
"""

import pkgutil
from importlib import import_module

from flask import Flask


def init_app(app: Flask) -> None:
    """Register every group found in this package."""
    for module in pkgutil.iter_modules(__path__):
        app.cli.add_command(import_module(f"{__name__}.{module.name}").group)
