"""The group of commands; `check` is what runs where no command is named."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from refarch_lint import __version__

#: Every command with the module that holds it as `command`.
_COMMANDS: Final = ("check", "config", "explain", "graph", "init", "rules")


class CommandGroup(click.Group):
    """Imports a command when it is named, and reads a path in its place as `check`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"refarch_lint.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `check` in front of arguments that name no command."""
        own = {"--help", "-h", "--version"}
        if args and args[0] not in _COMMANDS and args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="refarch-lint %(version)s")
def application() -> None:
    """Hold Kubernetes manifests against a reference architecture and a production checklist.

    `refarch-lint PATH…` is short for `refarch-lint check PATH…`.
    """
