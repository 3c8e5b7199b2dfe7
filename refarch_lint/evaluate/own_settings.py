"""What a configuration names must exist: rules, parameters, roles, profiles, items; each fault at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.errors import ConfigurationError, RuleFileError, UsageError
from refarch_lint.location import Location, Path
from refarch_lint.model.schema_location import SchemaLocation, checked_locations
from refarch_lint.source.document import Document


def check_settings(settings: Settings, catalogue: Catalogue) -> None:
    """Raise for what settings name that the catalogue does not have: a typing error must not read as a clean run.

    Raises ConfigurationError with every fault of the configuration file at its line and column, and UsageError for a
    profile and a schema location that were given otherwise. Waivers of rules that do not exist are findings, as other
    faults of suppressions.
    """
    if settings.document is not None:
        faults = (
            *_faults(settings.document, catalogue),
            *_lost_locations(settings.document, settings.schema_locations),
        )
        if faults:
            raise ConfigurationError(str(RuleFileError(faults)))
    chosen = [choice.profile for choice in settings.profile_choices]
    chosen += [item.profile for item in settings.applications if item.profile is not None]
    for profile in (settings.profile, *chosen):
        if profile not in catalogue.profiles:
            raise UsageError(f"no profile {profile!r}; known are {', '.join(catalogue.profiles)}")
    checked_locations(settings.schema_locations)


def _lost_locations(document: Document, locations: Sequence[SchemaLocation]) -> Iterator[tuple[str, Location]]:
    """Yield the schema locations of a configuration file, which come before all others, that cannot be opened."""
    for index, _ in enumerate(document.data.get("schema-locations", ())):
        try:
            checked_locations(locations[index : index + 1])
        except UsageError as fault:
            yield fault.message, document.locate(("schema-locations", index))


def _choosers(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield what may name an architecture or a profile: the configuration as a whole, and parts of a tree."""
    yield (), data
    for key in ("profiles", "applications"):
        for index, item in enumerate(data.get(key, ())):
            yield (key, index), item


def _faults(document: Document, catalogue: Catalogue) -> Iterator[tuple[str, Location]]:
    data: dict[str, Any] = document.data

    def unknown(what: str, name: str, known: Collection[str], path: Path, key: bool = False) -> Iterator[Any]:
        if name not in known:
            near = get_close_matches(name, sorted(known), 1)
            hint = f"; {near[0]} is meant?" if near else ""
            yield f"no {what} {name}{hint}", document.key_location(path) if key else document.locate(path)

    choices = (("architecture", [*catalogue.architectures, "none"]), ("profile", catalogue.profiles))
    roles = {role.id for architecture in catalogue.architectures.values() for role in architecture.roles}
    items = [item.id for item in catalogue.items]
    parameters = {name for rule in catalogue.rules.values() for name in rule.parameters}
    parameters |= {f"{rule.id}.{name}" for rule in catalogue.rules.values() for name in rule.parameters}
    for path, chooser in _choosers(data):
        for what, known in choices:
            if what in chooser:
                yield from unknown(what, chooser[what], known, (*path, what))
    names = [item["name"] for item in data.get("applications", ())]
    for index, name in enumerate(names):
        if name in names[:index]:
            place = document.locate(("applications", index, "name"))
            yield f"applications[{index}].name: there is an application {name} already", place
    for name, entry in data.get("rules", {}).items():
        yield from unknown("rule", name, catalogue.rules, ("rules", name), key=True)
        own = entry.get("parameters", {}) if isinstance(entry, dict) else {}
        for parameter in own if name in catalogue.rules else ():
            path = ("rules", name, "parameters", parameter)
            yield from unknown(f"parameter of {name}", parameter, catalogue.rules[name].parameters, path, key=True)
    for name in data.get("parameters", {}):
        yield from unknown("parameter", name, parameters, ("parameters", name), key=True)
    for index, role in enumerate(data.get("roles", ())):
        yield from unknown("role", role["role"], roles, ("roles", index, "role"))
    for index, attestation in enumerate(data.get("attestations", ())):
        yield from unknown("checklist item", attestation["item"], items, ("attestations", index, "item"))
