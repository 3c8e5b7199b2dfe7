"""`refarch-lint config show`: the settings that a run would have, and where they come from."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from refarch_lint.cli.options import settings_from, shared_options
from refarch_lint.cli.plain import plain
from refarch_lint.config import Settings


@click.group("config", short_help="Show the settings of a run.")
def command() -> None:
    """Look at the configuration."""


@command.command("show")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared_options
def show(
    paths: tuple[str, ...],
    architecture: str | None,
    profile: str | None,
    config_file: str | None,
    kubernetes_version: str | None,
    debug: bool,
) -> int:
    """Print the settings that `refarch-lint PATH…` would run with, as JSON."""
    settings = settings_from(paths, config_file, architecture, profile, kubernetes_version)
    sys.stdout.write(json.dumps(shown(settings), indent=2, ensure_ascii=False) + "\n")
    return 0


def shown(settings: Settings) -> dict[str, Any]:
    """Return settings as plain data, without what is no choice of the user's."""
    data = {key.replace("_", "-"): value for key, value in plain(settings).items()}
    for key in ("today", "repository-start", "document", "schema-cache", "exclude-named"):
        data.pop(key)
    data["schema-locations"] = [location.shown for location in settings.schema_locations]
    data["source"] = settings.source or "no configuration file: the defaults"
    return data
