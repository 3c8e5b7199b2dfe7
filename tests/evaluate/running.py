"""Runs over manifests given as text: files, settings in the form of the configuration file, and a whole report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.config import Settings, settings_of
from refarch_lint.evaluate.finding import Report
from refarch_lint.evaluate.lint import evaluate
from refarch_lint.source.discovery import Discovered
from refarch_lint.source.loading import read_bytes


@cache
def catalogue() -> Catalogue:
    """Return the bundled catalogue, read once."""
    return load_catalogue()


def settings(configuration: str = "", *, today: str = "2026-06-01") -> Settings:
    """Return the settings that a configuration in YAML states."""
    document = read_bytes(".refarch-lint.yaml", (configuration or "{}").encode()).documents[0]
    found = settings_of(document.data, Path(), document, ".refarch-lint.yaml")
    return replace(found, today=date.fromisoformat(today))


def check(
    manifests: str | dict[str, str],
    configuration: str = "",
    *,
    select: tuple[str, ...] = (),
    today: str = "2026-06-01",
    known: Catalogue | None = None,
) -> Report:
    """Return the report on manifests, given as one text (`app.yaml`) or by file name."""
    files = {"app.yaml": manifests} if isinstance(manifests, str) else manifests
    contents = tuple(read_bytes(name, text.encode()) for name, text in sorted(files.items()))
    found = settings(configuration, today=today)
    return evaluate(contents, Discovered((), ()), replace(found, select=(*found.select, *select)), known or catalogue())
