"""Where schemas come from: the kinds built into Kubernetes, definitions in the tree, and folders of schema files."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from refarch_lint.data_folder import data_folder
from refarch_lint.errors import RefarchLintError, UsageError
from refarch_lint.model.custom_schema import convert
from refarch_lint.model.schema_derivation import derive_version, source_folder, source_versions
from refarch_lint.model.version import KubernetesVersion

#: What may stand in a file name: a kind or version that is anything else has no file.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_SAFE_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.json")
_SHIPPED = re.compile(r"v1\.([0-9]+)\.json\.gz")


class SchemaFile(NamedTuple):
    """A schema and the file it was read from, against which its relative references resolve."""

    schema: dict[str, Any]
    file: Path


class NativeSchemas(NamedTuple):
    """The kinds of one Kubernetes version: `kinds` leads from `apps/v1/Deployment` to a name in `definitions`."""

    version: KubernetesVersion
    kinds: dict[str, str]
    definitions: dict[str, Any]

    def schema(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """Return the schema of a kind, None for one that this version does not serve."""
        name = self.kinds.get(f"{api_version}/{kind}")
        return None if name is None else self.definitions[name]


@cache
def native_versions() -> tuple[KubernetesVersion, ...]:
    """Return the Kubernetes versions whose schemas are at hand, oldest first."""
    folder = data_folder() / "schemas" / "kubernetes"
    minors = [int(match[1]) for path in folder.glob("*.gz") if (match := _SHIPPED.fullmatch(path.name))]
    if not minors and (source := source_folder()):
        minors = [int(version.partition(".")[2]) for version in source_versions(source)]
    return tuple(KubernetesVersion(1, minor) for minor in sorted(minors))


def nearest_version(version: KubernetesVersion) -> KubernetesVersion:
    """Return the version whose schemas stand in for `version`: itself, else the newest older one, else the oldest.

    Raises RefarchLintError where no schemas are at hand.
    """
    versions = native_versions()
    if not versions:
        raise RefarchLintError("could not find the Kubernetes schemas: they are written when the package is installed")
    return max((known for known in versions if known <= version), default=versions[0])


@cache
def native_schemas(version: KubernetesVersion) -> NativeSchemas:
    """Return the schemas of one of `native_versions`; a checkout that was never built derives them from the source."""
    file = data_folder() / "schemas" / "kubernetes" / f"v{version}.json.gz"
    source = None if file.is_file() else source_folder()
    derived = derive_version(source, str(version)) if source else json.loads(gzip.decompress(file.read_bytes()))
    return NativeSchemas(version, derived["kinds"], derived["definitions"])


def own_folder() -> Path:
    """Return the folder of this package's own small schemas for operators' kinds."""
    return data_folder() / "schemas" / "resources"


def checked_locations(locations: Sequence[Path]) -> tuple[Path, ...]:
    """Return schema locations, each a folder or a single file; UsageError for one that does not exist."""
    for location in locations:
        if not location.exists():
            raise UsageError(f"could not open schema location {location}: no such folder or file")
    return tuple(locations)


def find_schema(location: Path, api_version: str, kind: str) -> SchemaFile | None:
    """Return the schema for a kind in a location, None if it holds none; UsageError for an unreadable one.

    Three layouts are understood: `group/kind_version.json` (a catalogue of custom resources), `kind_version.json`, and
    the flat `kind-group-version.json` of published Kubernetes schemas, where `group` is the first label only, so that
    such a file counts only if it names this group, version and kind itself or the group belongs to Kubernetes.
    """
    group, _, version = api_version.rpartition("/")
    if not all(_SAFE.fullmatch(part) for part in (group or "core", version, kind)):
        return None
    named = f"{kind.lower()}_{version}.json"
    if location.is_file():
        return _read(location) if location.name.lower() == named else None
    candidates = [location / group / named] if group else []
    for file in (*candidates, location / named):
        if file.is_file():
            return _read(file)
    short = group.partition(".")[0]
    flat = location / f"{'-'.join(filter(None, (kind.lower(), short, version.lower())))}.json"
    if flat.is_file():
        found = _read(flat)
        if _speaks_of(found.schema, group, version, kind):
            return found
    return None


def _speaks_of(schema: dict[str, Any], group: str, version: str, kind: str) -> bool:
    identities = schema.get("x-kubernetes-group-version-kind")
    if isinstance(identities, list):
        return {"group": group, "version": version, "kind": kind} in identities
    return "." not in group or group.endswith(".k8s.io")


def _read(file: Path) -> SchemaFile:
    """Read a schema file; one that is nothing but a reference to another file beside it is that file."""
    schema = _load(file)
    if schema.keys() == {"$ref"} and isinstance(schema["$ref"], str) and _SAFE_FILE.fullmatch(schema["$ref"]):
        file = file.with_name(schema["$ref"])
        schema = _load(file)
    try:
        return SchemaFile(convert(schema, closed=False), file.resolve())
    except RecursionError as error:
        raise UsageError(f"could not read schema {file}: it is nested too deeply") from error


def _load(file: Path) -> dict[str, Any]:
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"could not read schema {file}: {error}") from error
    if not isinstance(schema, dict):
        raise UsageError(f"could not read schema {file}: it is not a JSON object")
    return schema
