"""Commands: one module per group, each with a click group named ``group``. They do the worker's work in the foreground.

Standard output carries only results (JSON with --json); logs go to standard error. Commands act as the system itself.
A module is imported when its command is asked for: a web server starts without any of them.
"""

import pkgutil
from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup


class _Commands(AppGroup):
    """``flask first-start`` is ``group`` of ``first_start.py``."""

    def _modules(self) -> dict[str, str]:
        return {module.name.replace("_", "-"): module.name for module in pkgutil.iter_modules(__path__)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._modules()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None and (module := self._modules().get(cmd_name)):
            found = import_module(f"{__name__}.{module}").group
            self.add_command(found, cmd_name)
        return found


def init_app(app: Flask) -> None:
    """Make every group of this package a command."""
    commands = _Commands(app.cli.name)
    for command in app.cli.commands.values():
        commands.add_command(command)
    app.cli = commands
