"""Whether an object is what its API defines: its fields, their types and what is required."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from refarch_lint.errors import UsageError
from refarch_lint.model.custom_schema import definition_schemas, without_patterns
from refarch_lint.model.definition_files import definitions_at
from refarch_lint.model.known import is_native_group
from refarch_lint.model.list_types import has_list_types, repetitions
from refarch_lint.model.resource import mapping
from refarch_lint.model.schema_engine import UNKNOWN_FIELD, SchemaUnusableError, Validator, Violation, compile_schema
from refarch_lint.model.schema_fault import SchemaFault, explain
from refarch_lint.model.schema_fetch import SchemaFetcher
from refarch_lint.model.schema_location import DEFAULT_LOCATION, SchemaLocation, Wanted, checked_locations
from refarch_lint.model.schema_sources import (
    NativeSchemas,
    SchemaFile,
    SchemaFinder,
    native_schemas,
    nearest_version,
    own_folder,
)
from refarch_lint.model.version import KubernetesVersion, parse_version

__all__ = ["SchemaFault", "SchemaStore", "open_schemas"]

_REFERENCE = "#/$defs/"
_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_DEFINITION_KINDS = ("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1")


def open_schemas(
    kubernetes_version: str,
    locations: Sequence[SchemaLocation] = (),
    definitions: Sequence[dict[str, Any]] = (),
    *,
    strict: bool = True,
    expected: Iterable[tuple[str, str]] = (),
    cache: FilePath | None = None,
) -> SchemaStore:
    """Return the schemas of one Kubernetes version, of the custom resources of `definitions`, and of `locations`.

    `kubernetes_version` is `1.29`, `v1.29.3` or `latest`; `definitions` are CustomResourceDefinition objects. With
    `strict` off, fields that a schema does not know are no faults. Nothing is read, fetched or compiled before the
    first question; the native ones among the kinds `expected`, each an API version and a kind, are compiled together
    then. What is fetched stays in the folder `cache`, if there is one. Raises UsageError for a text that is no version
    and for a folder that does not exist.
    """
    try:
        version = parse_version(kubernetes_version)
    except ValueError as error:
        raise UsageError(f"could not select a Kubernetes version: {error}") from error
    finder = SchemaFinder(version, strict, SchemaFetcher(cache))
    return SchemaStore(finder, checked_locations(locations), tuple(definitions), frozenset(expected))


class SchemaStore:
    """Answers whether a kind is known and what is wrong with an object; schemas are compiled once, when first needed.

    Precedence: the schema locations in their order, where `default` stands for the definitions in the tree and then the
    kinds of the Kubernetes version, and comes last if it is not named; after all of them this package's own small
    schemas for operators' kinds. In a folder, a schema file goes before a definition.
    """

    def __init__(
        self,
        finder: SchemaFinder,
        locations: tuple[SchemaLocation, ...],
        definitions: tuple[dict[str, Any], ...],
        expected: frozenset[tuple[str, str]],
    ) -> None:
        self.requested_version = finder.version
        self._finder = finder
        self._locations = locations if DEFAULT_LOCATION in locations else (*locations, DEFAULT_LOCATION)
        self._definitions = definitions
        self._strict = finder.strict
        self._expected = expected
        self._native: NativeSchemas | None = None
        self._defined: dict[SchemaLocation, dict[tuple[str, str], dict[str, Any]]] = {}
        self._schemas: dict[tuple[str, str], SchemaFile | dict[str, Any] | None] = {}
        self._leads_to: dict[str, tuple[str, ...]] = {}
        self._has_list_types: dict[int, bool] = {}
        self._validators: dict[tuple[str, str], tuple[Validator, Callable[[], dict[str, Any]]]] = {}

    @property
    def version(self) -> KubernetesVersion:
        """The version whose schemas answer: the requested one, or the nearest whose schemas are at hand."""
        return nearest_version(self.requested_version)

    def knows(self, api_version: str, kind: str) -> bool:
        """Tell whether there is a schema for this kind; native kinds count in the versions that serve them."""
        return self._schema(api_version, kind) is not None

    def api_versions(self, kind: str) -> tuple[str, ...]:
        """Return the API versions in which Kubernetes serves a kind, to tell what was meant by a wrong one."""
        served = (name.rpartition("/") for name in self._natives().kinds)
        return tuple(sorted(api_version for api_version, _, found in served if found == kind))

    def kinds(self, api_version: str) -> tuple[str, ...]:
        """Return the kinds that Kubernetes serves in an API version, to tell what was meant by a misspelt one."""
        return tuple(
            sorted(name.rpartition("/")[2] for name in self._natives().kinds if name.rpartition("/")[0] == api_version)
        )

    def faults(self, data: dict[str, Any]) -> tuple[SchemaFault, ...]:
        """Return everything in which `data` differs from its schema, each at its exact path; nothing for unknown kinds.

        Null is an absent field, as the API server reads it. `status` is not looked into: the server ignores it.
        Raises UsageError for a schema file that cannot be read or compiled.
        """
        head = tuple(_head_faults(data))
        if head:
            return head
        api_version, kind = data["apiVersion"], data["kind"]
        validator = self._validator(api_version, kind)
        if validator is None:
            return ()
        validate, schema = validator
        violations = validate(data)
        if not self._strict:
            violations = tuple(item for item in violations if item.keyword != UNKNOWN_FIELD)
        explained = explain(violations, data, schema()) if violations else ()
        return (*explained, *self._repetitions(data))

    def _repetitions(self, data: dict[str, Any]) -> tuple[SchemaFault, ...]:
        """Return what lists of a custom resource hold twice; Kubernetes' own kinds have other rules."""
        found = self._schema(data["apiVersion"], data["kind"])
        schema = found.schema if isinstance(found, SchemaFile) else found
        if schema is None or is_native_group(data["apiVersion"].rpartition("/")[0]):
            return ()
        key = id(schema)
        if key not in self._has_list_types:
            self._has_list_types[key] = has_list_types(schema)
        if not self._has_list_types[key]:
            return ()
        return tuple(SchemaFault(path, message) for path, message in repetitions(schema, data))

    def _validator(self, api_version: str, kind: str) -> tuple[Validator, Callable[[], dict[str, Any]]] | None:
        key = (api_version, kind)
        found = self._validators.get(key)
        if found is None:
            schema = self._schema(api_version, kind)
            if schema is None:
                return None
            if key in self._expected and self._natives().schema(api_version, kind) is schema:
                found = self._native_validator(f"{api_version}/{kind}", schema)
            else:
                validate, used = self._compile(schema)
                found = validate, lambda: used
            self._validators[key] = found
        return found

    def _native_validator(self, name: str, schema: Any) -> tuple[Validator, Callable[[], dict[str, Any]]]:
        def validate(data: Any) -> tuple[Violation, ...]:
            return tuple(_inside(violation) for violation in self._native_validators({name: data}))

        return validate, lambda: self._with_metadata(schema)

    @cached_property
    def _native_validators(self) -> Validator:
        """What judges an object under the name of its kind: the many definitions that kinds share are compiled once."""
        schemas = {f"{version}/{kind}": self._natives().schema(version, kind) for version, kind in self._expected}
        known = {name: self._described(schema) for name, schema in sorted(schemas.items()) if schema is not None}
        return compile_schema(self._with_definitions({"properties": known}))

    def _compile(self, found: SchemaFile | dict[str, Any]) -> tuple[Validator, dict[str, Any]]:
        origin, name = (found.origin, found.name) if isinstance(found, SchemaFile) else (None, "")
        schema = self._with_metadata(found.schema if isinstance(found, SchemaFile) else found)
        try:
            return compile_schema(schema, origin), schema
        except SchemaUnusableError:
            schema = without_patterns(schema)
        try:
            return compile_schema(schema, origin), schema
        except SchemaUnusableError as fault:
            if origin:
                raise UsageError(f"could not use schema {name}: {fault}") from fault
        return (lambda data: ()), {}

    def _with_metadata(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return `schema` with the definitions it refers to, and the API's metadata where it describes none itself."""
        return self._with_definitions(self._described(schema))

    def _described(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = mapping(mapping(schema.get("properties")).get("metadata"))
        if isinstance(schema.get("properties"), dict) and not {"properties", "$ref"} & described.keys():
            metadata = {"$ref": f"{_REFERENCE}{_OBJECT_META}"}
            schema = schema | {"properties": schema["properties"] | {"metadata": metadata}}
        return schema

    def _with_definitions(self, schema: dict[str, Any]) -> dict[str, Any]:
        definitions = self._natives().definitions
        needed = {name: definitions[name] for name in self._reached(schema)}
        return schema | {"$defs": mapping(schema.get("$defs")) | needed} if needed else schema

    def _reached(self, schema: dict[str, Any]) -> set[str]:
        """Return the names of the definitions that a schema leads to."""
        definitions = self._natives().definitions
        reached: set[str] = set()
        waiting = _references(schema)
        while waiting:
            name = waiting.pop()
            if name in definitions and name not in reached:
                reached.add(name)
                if name not in self._leads_to:
                    self._leads_to[name] = tuple(_references(definitions[name]))
                waiting.extend(self._leads_to[name])
        return reached

    def _schema(self, api_version: str, kind: str) -> SchemaFile | dict[str, Any] | None:
        key = (api_version, kind)
        if key not in self._schemas:
            self._schemas[key] = self._find(api_version, kind)
        return self._schemas[key]

    def _find(self, api_version: str, kind: str) -> SchemaFile | dict[str, Any] | None:
        wanted = Wanted.of(api_version, kind)
        for location in self._locations:
            if location.is_default:
                custom = self._customs(location).get((api_version, kind))
                if custom is not None:
                    return custom
                native = self._natives().schema(api_version, kind)
                if native is not None:
                    return native
            elif wanted and (found := self._finder.find(location, wanted)):
                return found
            elif not (location.is_remote or location.is_template):
                defined = self._customs(location).get((api_version, kind))
                if defined is not None:
                    return defined
        return self._finder.find(SchemaLocation(".", own_folder()), wanted) if wanted else None

    def _natives(self) -> NativeSchemas:
        if self._native is None:
            self._native = native_schemas(self.version)
        return self._native

    def _customs(self, location: SchemaLocation) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the schemas of the definitions at a location, by API version and kind."""
        if location not in self._defined:
            definitions = self._definitions if location.is_default else definitions_at(location.folder / location.text)
            found: dict[tuple[str, str], dict[str, Any]] = {}
            for definition in definitions:
                if definition.get("apiVersion") not in _DEFINITION_KINDS:
                    continue
                with suppress(RecursionError):
                    for api_version, kind, schema in definition_schemas(definition):
                        found.setdefault((api_version, kind), schema)
            self._defined[location] = found
        return self._defined[location]


def _inside(violation: Violation) -> Violation:
    """Return a violation without the first step of its path."""
    branches = tuple(tuple(map(_inside, branch)) for branch in violation.branches)
    return violation._replace(path=violation.path[1:], branches=branches)


def _head_faults(data: dict[str, Any]) -> Iterable[SchemaFault]:
    for field in ("apiVersion", "kind"):
        value = data.get(field)
        if value is None or value == "":
            yield SchemaFault((field,), f"{field} is required but missing")
        elif not isinstance(value, str):
            yield SchemaFault((field,), f"{field} is not a string")


def _references(schema: Any) -> list[str]:
    """Return the names of the definitions that a schema refers to by itself."""
    found: list[str] = []
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                found.append(reference.removeprefix(_REFERENCE))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found
