"""Settings of a run: the project's `.refarch-lint.yaml`, found by walking up, overridden by the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from refarch_lint.catalogue.reading import Fault, is_blank, read_document, schema_faults
from refarch_lint.errors import ConfigurationError, RuleFileError, UsageError
from refarch_lint.graph.references import ExternalName
from refarch_lint.location import Location, Path, format_path
from refarch_lint.model.schema_location import SchemaLocation, parse_location
from refarch_lint.severity import Severity
from refarch_lint.source.document import Document
from refarch_lint.wildcards import fits_glob

CONFIGURATION_NAMES = (".refarch-lint.yaml", ".refarch-lint.yml")
DEFAULT_PROFILE = "production-small"
DEFAULT_KUBERNETES_VERSION = "1.37"


class ProfileChoice(NamedTuple):
    """A profile for some files or namespaces; both are globs, an empty tuple accepts all."""

    profile: str
    paths: tuple[str, ...]
    namespaces: tuple[str, ...]


class Application(NamedTuple):
    """One application of several in a tree: its objects by globs on file and namespace, and what they are held against.

    An empty tuple accepts all, as in a `ProfileChoice`. `architecture` is `none` for none and None for the best fit,
    `profile` None for the run's own.
    """

    name: str
    architecture: str | None
    profile: str | None
    paths: tuple[str, ...]
    namespaces: tuple[str, ...]


class RoleChoice(NamedTuple):
    """A role given by hand: `kind`, `namespace` and `name` are globs."""

    role: str
    kind: str
    namespace: str
    name: str


class Waiver(NamedTuple):
    """Findings accepted by configuration: by rule and by globs on object and file, with a reason and an expiry date."""

    rule: str
    resource: str
    namespace: str
    path: str
    reason: str
    expires: str
    location: Location | None


class Attestation(NamedTuple):
    """What somebody vouches for because no manifest shows it; dates are ISO 8601."""

    item: str
    by: str
    date: str
    until: str
    evidence: str


def speaks_for(attestation: Attestation, day: date) -> bool:
    """Tell whether a day is one of those that somebody vouches for, the first and the last among them."""
    return attestation.date <= day.isoformat() <= attestation.until


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run may be told; the defaults are those of a run without a configuration file."""

    architecture: str | None = None
    profile: str = DEFAULT_PROFILE
    profile_choices: tuple[ProfileChoice, ...] = ()
    applications: tuple[Application, ...] = ()
    kubernetes_version: str = DEFAULT_KUBERNETES_VERSION
    pod_security: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[RoleChoice, ...] = ()
    external: tuple[ExternalName, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    rule_folders: tuple[FilePath, ...] = ()
    schema_locations: tuple[SchemaLocation, ...] = ()
    #: The folder in which fetched schemas are kept; none keeps them for the run only.
    schema_cache: FilePath | None = None
    exclude: tuple[str, ...] = ()
    #: The patterns of `exclude` that hold for what the command line names, too.
    exclude_named: tuple[str, ...] = ()
    default_namespace: str = "default"
    fail_on: Severity = Severity.ERROR
    repository_start: FilePath | None = None
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    today: date = date(1970, 1, 1)
    source: str = ""
    #: The configuration file, where a fault in what it names can be shown.
    document: Document | None = field(default=None, compare=False, repr=False)

    def profile_for(self, file: str, namespace: str) -> str:
        """Return the profile for an object: of the first choice that fits, else its application's, else the run's."""
        for choice in self.profile_choices:
            if _fits(choice, file, namespace):
                return choice.profile
        application = self.application_of(file, namespace)
        return application.profile or self.profile if application else self.profile

    def application_of(self, file: str, namespace: str) -> Application | None:
        """Return the application that an object belongs to: the first that its file and namespace fit, or None."""
        return next((item for item in self.applications if _fits(item, file, namespace)), None)


def _fits(choice: ProfileChoice | Application, file: str, namespace: str) -> bool:
    path_fits = not choice.paths or any(fits_glob(file, pattern) for pattern in choice.paths)
    return path_fits and (not choice.namespaces or any(fits_glob(namespace, name) for name in choice.namespaces))


def find_configuration(start: FilePath) -> FilePath | None:
    """Return the nearest configuration file, from a folder upwards to the repository's or file system's root."""
    for folder in (start, *start.parents):
        for name in CONFIGURATION_NAMES:
            if (folder / name).is_file():
                return folder / name
        if (folder / ".git").exists():
            return None
    return None


def read_configuration(file: FilePath, shown: str) -> Settings:
    """Return the settings that a configuration file states.

    Raises ConfigurationError naming every fault with its line and column.
    """
    if is_blank(file):
        return Settings(source=shown)
    document, faults = read_document(file, shown)
    if document is not None:
        faults = schema_faults(document, "config") or (*_impossible_dates(document), *_wrong_locations(document))
    if faults:
        text = RuleFileError(tuple((fault.message, fault.location) for fault in faults))
        raise ConfigurationError(str(text))
    assert document is not None
    return settings_of(document.data, file.parent, document, shown)


def _impossible_dates(document: Document) -> Iterator[Fault]:
    dated = (("waivers", ("expires",)), ("attestations", ("date", "until")))
    for field_name, keys in dated:
        for index, entry in enumerate(document.data.get(field_name, ())):
            for key in keys:
                try:
                    date.fromisoformat(entry.get(key, "2000-01-01"))
                except ValueError as cause:
                    path: Path = (field_name, index, key)
                    yield Fault(f"{format_path(path)}: no such day: {cause}", document.locate(path))


def _wrong_locations(document: Document) -> Iterator[Fault]:
    for index, text in enumerate(document.data.get("schema-locations", ())):
        try:
            parse_location(text, FilePath())
        except ValueError as cause:
            path: Path = ("schema-locations", index)
            yield Fault(f"{format_path(path)}: {cause}", document.locate(path))


def settings_of(data: dict[str, Any], folder: FilePath, document: Document | None = None, shown: str = "") -> Settings:
    """Return the settings that checked configuration data states; paths in it start at `folder`."""
    defaults = Settings()
    severities, parameters = _of_rules(data.get("rules", {}))
    return Settings(
        architecture=data.get("architecture"),
        profile=data.get("profile", defaults.profile),
        profile_choices=tuple(
            ProfileChoice(item["profile"], tuple(item.get("paths", ())), tuple(item.get("namespaces", ())))
            for item in data.get("profiles", ())
        ),
        applications=tuple(
            Application(
                item["name"],
                item.get("architecture"),
                item.get("profile"),
                tuple(item.get("paths", ())),
                tuple(item.get("namespaces", ())),
            )
            for item in data.get("applications", ())
        ),
        kubernetes_version=data.get("kubernetes-version", defaults.kubernetes_version),
        pod_security=data.get("pod-security"),
        select=tuple(data.get("select", ())),
        ignore=tuple(data.get("ignore", ())),
        severities=severities,
        parameters={**data.get("parameters", {}), **parameters},
        roles=tuple(
            RoleChoice(item["role"], item.get("kind", "*"), item.get("namespace", "*"), item["name"])
            for item in data.get("roles", ())
        ),
        external=tuple(
            ExternalName(item["kind"], item.get("namespace", "*"), item["name"]) for item in data.get("external", ())
        ),
        waivers=tuple(
            Waiver(
                item["rule"],
                item.get("resource", "*"),
                item.get("namespace", "*"),
                item.get("path", "*"),
                item["reason"],
                item.get("expires", ""),
                document.locate(("waivers", index)) if document else None,
            )
            for index, item in enumerate(data.get("waivers", ()))
        ),
        attestations=tuple(
            Attestation(item["item"], item["by"], item["date"], item["until"], item.get("evidence", ""))
            for item in data.get("attestations", ())
        ),
        rule_folders=_paths(folder, data.get("rule-folders", ())),
        schema_locations=tuple(parse_location(text, folder) for text in data.get("schema-locations", ())),
        exclude=tuple(data.get("exclude", ())),
        default_namespace=data.get("default-namespace", defaults.default_namespace),
        fail_on=Severity(data.get("fail-on", defaults.fail_on)),
        evidence={key: tuple(value) for key, value in data.get("evidence", {}).items()},
        source=shown,
        document=document,
    )


def _of_rules(rules: Mapping[str, Any]) -> tuple[dict[str, Severity | None], dict[str, Any]]:
    """Return the severities and the parameters that a configuration gives to rules, these by `rule.parameter`."""
    severities: dict[str, Severity | None] = {}
    parameters: dict[str, Any] = {}
    for rule, value in rules.items():
        entry: dict[str, Any] = value if isinstance(value, dict) else {"severity": value}
        if "severity" in entry:
            # YAML reads an unquoted `off` as false.
            severities[rule] = None if entry["severity"] in ("off", False) else Severity(entry["severity"])
        for name, setting in entry.get("parameters", {}).items():
            parameters[f"{rule}.{name}"] = setting
    return severities, parameters


def _paths(folder: FilePath, names: Iterable[str]) -> tuple[FilePath, ...]:
    return tuple(folder / _local_folder(name) for name in names)


def _local_folder(name: str) -> FilePath:
    if "://" in name:
        raise UsageError(f"could not read from {name}: give a folder; nothing is fetched from the network")
    return FilePath(name)
