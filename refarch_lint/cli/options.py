"""Options that several commands share, and the way from them to Settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path as FilePath
from typing import Any, TypeVar

import click

from refarch_lint.config import Settings, find_configuration, read_configuration
from refarch_lint.errors import UsageError
from refarch_lint.model.version import parse_version
from refarch_lint.source.discovery import name_from_here

F = TypeVar("F", bound=Callable[..., Any])

_SHARED = (
    click.option("--architecture", metavar="ID", help="Reference architecture; `none` for none. Found if not given."),
    click.option("--profile", metavar="ID", help="Profile, such as production-small (the default) or staging."),
    click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="Configuration file. Default: the nearest .refarch-lint.yaml, upwards from the first path.",
    ),
    click.option("--kubernetes-version", metavar="1.N", help="Version that the manifests are for."),
    click.option("--debug", is_flag=True, help="Show a traceback where refarch-lint itself breaks down."),
)


def shared_options(command: F) -> F:
    """Add the options that say what manifests are held against."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def settings_from(
    paths: tuple[str, ...],
    config_file: str | None,
    architecture: str | None,
    profile: str | None,
    kubernetes_version: str | None,
) -> Settings:
    """Return the settings of a run: the configuration file's, overridden by options.

    Raises ConfigurationError or UsageError.
    """
    start = _start(paths)
    file = FilePath(config_file) if config_file else find_configuration(start)
    settings = read_configuration(file, name_from_here(file)) if file else Settings()
    version = kubernetes_version or settings.kubernetes_version
    try:
        parsed = parse_version(version)
    except ValueError as cause:
        raise UsageError(f"could not read the Kubernetes version {version!r}: {cause}") from cause
    applications = settings.applications
    if architecture is not None:
        applications = tuple(item._replace(architecture=architecture) for item in applications)
    return replace(
        settings,
        architecture=architecture or settings.architecture,
        applications=applications,
        profile=profile or settings.profile,
        kubernetes_version=str(parsed).removeprefix("v"),
        repository_start=start,
        today=date.today(),
    )


def _start(paths: tuple[str, ...]) -> FilePath:
    first = next((path for path in paths if path != "-"), ".")
    start = FilePath(os.path.realpath(first))  # where links lead in a circle, Path.resolve() breaks down
    while not start.is_dir():
        start = start.parent
    return start
