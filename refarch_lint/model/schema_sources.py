"""Where schemas come from: the kinds built into Kubernetes, folders, files, and addresses."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from refarch_lint.data_folder import data_folder
from refarch_lint.errors import RefarchLintError, UsageError
from refarch_lint.model.custom_schema import convert
from refarch_lint.model.schema_derivation import derive_version, source_folder, source_versions
from refarch_lint.model.schema_engine import Origin
from refarch_lint.model.schema_fetch import SchemaFetcher, shown_address
from refarch_lint.model.schema_location import SchemaLocation, Wanted, check_names_a_kind
from refarch_lint.model.version import KubernetesVersion
from refarch_lint.regex import regex

_SAFE_FILE = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.json")
_SHIPPED = regex(r"v1\.([0-9]+)\.json\.gz")
#: Drafts that are known without asking. Published schemas name others, which say nothing about what is valid.
_DRAFT = regex(r"https?://json-schema\.org/(draft-0[467]|draft/20(19-09|20-12))/schema#?")


class SchemaFile(NamedTuple):
    """A schema, what a message calls it, and where it was read, against which its relative references resolve."""

    schema: dict[str, Any]
    name: str
    origin: Origin


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


class SchemaFinder(NamedTuple):
    """Looks for schemas at the locations of one run."""

    version: KubernetesVersion
    strict: bool
    fetcher: SchemaFetcher

    def find(self, location: SchemaLocation, wanted: Wanted) -> SchemaFile | None:
        """Return the schema for a kind at a location, None if there is none; UsageError for one that is unreadable.

        A template has one path or address for a kind, a single file is for the kind that its name says. Of a folder,
        three layouts are understood: `group/kind_version.json` (a catalogue of custom resources), `kind_version.json`,
        and the flat `kind-group-version.json` of published Kubernetes schemas, where `group` is the first label only,
        so that such a file counts only if it names this group, version and kind itself or the group is Kubernetes' own.
        """
        text = location.filled(wanted, self.version, strict=self.strict)
        if location.is_remote:
            return self._fetched(text, wanted, may_lack=location.is_template)
        path = location.folder / text
        if location.is_template:
            return _read(path) if path.is_file() else None
        if location.holds_definitions:
            return None
        if path.is_file():
            return _named(path.name, _read(path), wanted)
        for file in (*((path / wanted.group / wanted.file_name,) if wanted.group else ()), path / wanted.file_name):
            if file.is_file():
                return _read(file)
        flat = path / wanted.flat_name
        return _named(flat.name, _read(flat), wanted) if flat.is_file() else None

    def _fetched(self, address: str, wanted: Wanted, *, may_lack: bool) -> SchemaFile | None:
        data = self.fetcher.fetch(address)
        name = shown_address(address)
        if data is None:
            if may_lack:
                return None
            raise UsageError(f"could not fetch schema {name}: the server answers 404; only a template may lack kinds")
        found = _converted(data, name, Origin(address, lambda uri: without_draft(self.fetcher.beside(address)(uri))))
        if may_lack:
            return found
        check_names_a_kind(name)
        return _named(name.rpartition("/")[2], found, wanted)


def _named(name: str, found: SchemaFile, wanted: Wanted) -> SchemaFile | None:
    """Return what was found if the name of its file says that it is for a kind."""
    if name.lower() == wanted.file_name.lower():
        return found
    return found if name.lower() == wanted.flat_name and _speaks_of(found.schema, *wanted) else None


def _speaks_of(schema: dict[str, Any], group: str, version: str, kind: str) -> bool:
    identities = schema.get("x-kubernetes-group-version-kind")
    if isinstance(identities, list):
        return {"group": group, "version": version, "kind": kind} in identities
    return "." not in group or group.endswith(".k8s.io")


def _read(file: Path) -> SchemaFile:
    """Read a schema file; one that is nothing but a reference to another file beside it is that file."""
    schema = _load(file)
    if (
        isinstance(schema, dict)
        and schema.keys() == {"$ref"}
        and isinstance(schema["$ref"], str)
        and _SAFE_FILE.fullmatch(schema["$ref"])
    ):
        file = file.with_name(schema["$ref"])
        schema = _load(file)
    resolved = file.resolve()
    return _converted(schema, str(file), Origin(resolved.as_uri(), lambda uri: _beside(resolved, uri)))


def _load(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"could not read schema {file}: {error}") from error


def _beside(origin: Path, uri: str) -> Any:
    """Read a referenced schema from the folder of `origin` or below it, and from nowhere else."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        raise ValueError(f"the schema refers to {uri}, which is not beside it")
    file = Path(os.path.realpath(unquote(parts.path)))
    if not file.is_relative_to(origin.parent):
        raise ValueError(f"the schema refers to {uri}, which is outside its folder")
    return without_draft(json.loads(file.read_text(encoding="utf-8")))


def _converted(data: Any, name: str, origin: Origin) -> SchemaFile:
    if not isinstance(data, dict):
        raise UsageError(f"could not read schema {name}: it is not a JSON object")
    try:
        return SchemaFile(convert(without_draft(data), closed=False), name, origin)
    except RecursionError as error:
        raise UsageError(f"could not read schema {name}: it is nested too deeply") from error


def without_draft(schema: Any) -> Any:
    """Return a schema that does not name a draft which an engine would have to fetch."""
    draft = schema.get("$schema") if isinstance(schema, dict) else None
    if draft is None or (isinstance(draft, str) and _DRAFT.fullmatch(draft)):
        return schema
    return {key: value for key, value in schema.items() if key != "$schema"}
