"""From which Kubernetes version on a kind has a field, by the schemas of all versions that are at hand."""

from __future__ import annotations

from functools import cache

from refarch_lint.location import Path
from refarch_lint.model.schema_fault import fields_at
from refarch_lint.model.schema_sources import native_schemas, native_versions
from refarch_lint.model.version import KubernetesVersion


def known_from(api_version: str, kind: str, path: Path, target: KubernetesVersion) -> KubernetesVersion | None:
    """Return the first version after `target` whose schema of a kind has the field at `path`; None if none has."""
    return _known_from(api_version, kind, tuple(0 if isinstance(part, int) else str(part) for part in path), target)


@cache
def _known_from(
    api_version: str, kind: str, path: tuple[str | int, ...], target: KubernetesVersion
) -> KubernetesVersion | None:
    for version in native_versions():
        if version > target:
            known = native_schemas(version)
            schema = known.schema(api_version, kind)
            if schema is not None and path[-1] in fields_at({**schema, "$defs": known.definitions}, path[:-1]):
                return version
    return None
