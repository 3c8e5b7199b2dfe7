"""Where schemas are looked for: `default`, a folder, a file, or a template of a path or of an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from refarch_lint.errors import UsageError
from refarch_lint.model.definition_files import DEFINITION_KIND, definitions_at
from refarch_lint.model.version import KubernetesVersion
from refarch_lint.regex import regex

#: The word for the kinds of the Kubernetes version and the definitions in the tree.
DEFAULT_WORD: Final = "default"

_ADDRESS = regex(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_HOST = regex(r"https?://[^/?#{}\s]+/", re.IGNORECASE)
_BRACES = regex(r"\{\{(?:\s*\.(?P<name>[A-Za-z]+)\s*\}\})?")
#: What may stand in a path: a group, version or kind that is anything else has no schema.
_SAFE = regex(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_NAMES_A_KIND = regex(r"[a-z0-9][a-z0-9.-]*[_-]v[0-9][a-z0-9]*\.json")


class Wanted(NamedTuple):
    """The kind whose schema is looked for; `group` is empty for the core API."""

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, api_version: str, kind: str) -> Wanted | None:
        """Return the kind, or None where its names cannot be part of a path."""
        group, _, version = api_version.rpartition("/")
        return cls(group, version, kind) if all(map(_SAFE.fullmatch, (group or "core", version, kind))) else None

    @property
    def file_name(self) -> str:
        """`kind_version.json`, as catalogues of custom resources name their files."""
        return f"{self.kind.lower()}_{self.version}.json"

    @property
    def flat_name(self) -> str:
        """`kind-group-version.json`, as published Kubernetes schemas are named; `group` is its first label only."""
        return f"{self.kind.lower()}{_kind_suffix(self)}.json"


def _kind_suffix(wanted: Wanted) -> str:
    return "".join(f"-{part.lower()}" for part in (wanted.group.partition(".")[0], wanted.version) if part)


_OF_KIND: Final[Mapping[str, Callable[[Wanted], str]]] = {
    "Group": lambda wanted: wanted.group or wanted.version,
    "KindSuffix": _kind_suffix,
    "ResourceAPIVersion": lambda wanted: wanted.version,
    "ResourceKind": lambda wanted: wanted.kind.lower(),
}
#: The placeholders of kubeconform, with its meaning of each (https://github.com/yannh/kubeconform).
PLACEHOLDERS: Final = (*sorted(_OF_KIND), "NormalizedKubernetesVersion", "StrictSuffix")


class SchemaLocation(NamedTuple):
    """One place to look for schemas, its path or address as `text`; a path starts at `folder`, else where we are."""

    text: str
    folder: FilePath = FilePath()

    @property
    def is_default(self) -> bool:
        return self.text == DEFAULT_WORD

    @property
    def shown(self) -> str:
        """The location as messages show it."""
        return self.text if self.is_default or self.is_remote else str(self.folder / self.text)

    @property
    def is_remote(self) -> bool:
        return _ADDRESS.match(self.text) is not None

    @property
    def is_template(self) -> bool:
        return "{{" in self.text

    @property
    def holds_definitions(self) -> bool:
        """Whether a manifest is named, whose CustomResourceDefinitions count; a folder may have schemas as well."""
        return not (self.is_remote or self.is_template) and self.text.lower().endswith((".yaml", ".yml"))

    def filled(self, wanted: Wanted, version: KubernetesVersion, *, strict: bool) -> str:
        """Return the path or address of the schema for a kind; versions of Kubernetes are the first of their minor."""
        values = {name: value(wanted) for name, value in _OF_KIND.items()}
        values["NormalizedKubernetesVersion"] = f"{version.label}.0"
        values["StrictSuffix"] = "-strict" if strict else ""
        return _BRACES.sub(lambda match: values[match["name"]], self.text)


def shown_location(text: str) -> str:
    """Return a location as messages show it: an address without a password, and without a query, which may be one."""
    return re.sub(r"//[^/]*@", "//…@", text.partition("?")[0]) if _ADDRESS.match(text) else text


DEFAULT_LOCATION: Final = SchemaLocation(DEFAULT_WORD)


def parse_location(text: str, folder: FilePath | None = None) -> SchemaLocation:
    """Return the location that a text names; a path in a configuration starts at its `folder`.

    A configuration names paths only: what lies in a tree does not decide which hosts a run contacts. Raises ValueError
    that says what is wrong and where in the text.
    """
    if not text.strip():
        raise ValueError("it is empty")
    for match in _BRACES.finditer(text):
        if match["name"] not in PLACEHOLDERS:
            shown = text[match.start() : match.end()]
            what = f"unknown placeholder {shown}" if match["name"] else f"{shown} begins no placeholder"
            names = ", ".join(f"{{{{.{name}}}}}" for name in PLACEHOLDERS)
            raise ValueError(f"{what} at character {match.start() + 1}; known are {names}")
    address = _ADDRESS.match(text)
    if address is None:
        return SchemaLocation(text) if text == DEFAULT_WORD or folder is None else SchemaLocation(text, folder)
    if folder is not None:
        raise ValueError(
            "nothing is fetched from the network for a configuration file, for what lies in a tree must not decide "
            "which hosts a run contacts; give the address on the command line with --schema-location"
        )
    if address["scheme"].lower() not in ("http", "https"):
        raise ValueError("only http and https are fetched; a path has no scheme before it")
    try:
        urlsplit(text).port  # noqa: B018 (raises for what is none)
    except ValueError as cause:
        raise ValueError("the address has a host or port that is none") from cause
    host = _HOST.match(text if "/" in text[address.end() :] else f"{text}/")
    if host is None:
        raise ValueError("the address needs a host, without placeholders in it, and a path")
    if "@" in host[0]:
        raise ValueError("the address may not have a user name or password in it")
    return SchemaLocation(text)


def checked_locations(locations: Sequence[SchemaLocation]) -> tuple[SchemaLocation, ...]:
    """Return schema locations.

    Raises UsageError for a path that does not exist, for a file named after no kind and a manifest without definitions.
    """
    for location in locations:
        if location.is_default or location.is_remote:
            continue
        constant = location.text.partition("{{")[0]
        path = location.folder / location.text
        if location.is_template:
            path = location.folder / (constant if constant.endswith("/") else FilePath(constant).parent)
        if not (path.is_dir() if location.is_template else path.exists()):
            what = "folder" if location.is_template else "folder or file"
            raise UsageError(f"could not open schema location {location.shown}: no such {what}")
        if location.holds_definitions:
            if next(definitions_at(path), None) is None:
                raise UsageError(f"could not use schema location {location.shown}: it holds no {DEFINITION_KIND}")
        elif path.is_file():
            check_names_a_kind(location.shown)
    return tuple(locations)


def check_names_a_kind(text: str) -> None:
    """Raise UsageError where the name of a single schema file does not say for which kind it is."""
    if not _NAMES_A_KIND.fullmatch(text.partition("?")[0].rpartition("/")[2].lower()):
        raise UsageError(
            f"could not use schema location {text}: the name of a single file says the kind and version it is for, as "
            "certificate_v1.json does; several take a folder or a template"
        )
