"""The CustomResourceDefinitions in the manifests of a schema location."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from refarch_lint.errors import UsageError
from refarch_lint.model.resource import resources_of
from refarch_lint.source.loading import read_bytes

DEFINITION_KIND = "CustomResourceDefinition"
SUFFIXES = (".yaml", ".yml")


def definitions_at(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the definitions in a manifest, or in those of a folder and the folders in it, in the order of their names.

    Raises UsageError for a manifest that speaks of definitions and cannot be read; templates are passed over.
    """
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            yield from _definitions_in(file)


def _definitions_in(file: Path) -> Iterator[dict[str, Any]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"could not read definitions {file}: {error}") from error
    if DEFINITION_KIND.encode() not in data:
        return
    content = read_bytes(file.as_posix(), data)
    for problem in content.problems:
        if problem.rule == "manifest-readable" and problem.hides != "nothing":
            line = problem.location.span.start.line
            raise UsageError(f"could not read definitions {file}: line {line}: {problem.message}")
    for document in content.documents:
        yield from (resource.data for resource in resources_of(document) if resource.kind == DEFINITION_KIND)
