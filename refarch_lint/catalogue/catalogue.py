"""The catalogue: every rule, architecture, profile and checklist item that a run knows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from refarch_lint.catalogue.architecture import Architecture
from refarch_lint.catalogue.checklist import ChecklistItem, Section
from refarch_lint.catalogue.component import Component
from refarch_lint.catalogue.parse_architecture import (
    architecture_faults,
    parse_architecture,
    parse_component,
    parse_profile,
)
from refarch_lint.catalogue.parse_rule import parse_rule, rule_faults
from refarch_lint.catalogue.profile import Profile
from refarch_lint.catalogue.reading import Fault, raise_faults, read_document, schema_faults, with_others
from refarch_lint.catalogue.rule import Rule
from refarch_lint.data_folder import data_folder
from refarch_lint.source.discovery import name_from_here

#: The folder of a project's own rules that holds their fixtures and no rules.
FIXTURES = "fixtures"


class Catalogue(NamedTuple):
    """Everything demanded; rules by id in catalogue order (sections first, then ids)."""

    rules: Mapping[str, Rule]
    architectures: Mapping[str, Architecture]
    profiles: Mapping[str, Profile]
    components: Mapping[str, Component]
    sections: tuple[Section, ...]
    items: tuple[ChecklistItem, ...]

    def section_title(self, section: str) -> str:
        """Return the title of a section, or its id where a project's own folder has none."""
        return next((known.title for known in self.sections if known.id == section), section)


def load_catalogue(extra_folders: tuple[FilePath, ...] = (), check: bool = False) -> Catalogue:
    """Return the bundled catalogue together with the rules of a project's own folders.

    Bundled files are trusted unless `check` is set (the tests set it); own folders are always checked.
    Raises RuleFileError with every fault of every file.
    """
    bundled, compiled = data_folder() / "rules", data_folder() / "rules.json"
    if compiled.exists() and not check:
        read = json.loads(compiled.read_text(encoding="utf-8"))
        entries = [_entry(FilePath(item["file"]), item["data"]) for item in read]
    else:
        entries = _entries(bundled, bundled.name, check)
    for folder in extra_folders:
        entries += _entries(folder, name_from_here(folder), True)
    return build_catalogue(entries)


def _entries(folder: FilePath, shown: str, check: bool) -> list[dict[str, Any]]:
    """Return the data of every file of a rule folder, each with what its place in the folder says."""
    entries: list[dict[str, Any]] = []
    faults: list[Fault] = []
    first: dict[tuple[str, str], str] = {}
    for file in catalogue_files(folder):
        relative = file.relative_to(folder)
        kind = _kind_of(relative)
        document, found = read_document(file, f"{shown}/{relative.as_posix()}")
        if document is not None and check:
            found = schema_faults(document, kind)
            if kind == "rule":
                expected = file.stem if len(relative.parts) < 3 else "/".join((*relative.parts[1:-1], file.stem))
                found = with_others(found, rule_faults(document, expected))
            elif not found and kind == "architecture":
                found = architecture_faults(document)
        if document is not None and not found and check and kind in ("rule", "architecture"):
            name = document.data["id"]
            if first.setdefault((kind, name), document.file) != document.file:
                elsewhere = f"{kind} {name} is already described in {first[kind, name]}"
                found = (Fault(elsewhere, document.locate(("id",))),)
        faults.extend(found)
        if document is not None and not found:
            entries.append(_entry(relative, document.data))
    raise_faults(tuple(faults))
    return entries


def catalogue_files(folder: FilePath) -> Iterator[FilePath]:
    """Yield the files of a rule folder in order, those of fixtures left out."""
    for file in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
        if file.relative_to(folder).parts[0] != FIXTURES:
            yield file


def rule_files(folder: FilePath) -> Iterator[tuple[FilePath, str]]:
    """Yield the rule files of a project's own folder, each with the name by which faults in it are shown."""
    for file in catalogue_files(folder):
        if _kind_of(file.relative_to(folder)) == "rule":
            yield file, name_from_here(file)


def _entry(relative: FilePath, data: Any) -> dict[str, Any]:
    section = relative.parts[0] if len(relative.parts) > 1 else "custom"
    return {"kind": _kind_of(relative), "section": section, "data": data}


def _kind_of(relative: FilePath) -> str:
    if relative.stem in ("checklist", "profiles", "components"):
        return relative.stem.removesuffix("s")
    return "architecture" if relative.parts[0] == "architectures" else "rule"


def build_catalogue(entries: list[dict[str, Any]]) -> Catalogue:
    """Return the catalogue that the entries of all rule folders describe; later ones replace earlier ones."""
    rules: dict[str, Rule] = {}
    architectures: dict[str, Architecture] = {}
    profiles: dict[str, Profile] = {}
    components: dict[str, Component] = {}
    sections: tuple[Section, ...] = ()
    items: tuple[ChecklistItem, ...] = ()
    for entry in entries:
        data = entry["data"]
        match entry["kind"]:
            case "rule":
                rules[data["id"]] = parse_rule(data, entry["section"])
            case "architecture":
                architectures[data["id"]] = parse_architecture(data)
            case "profile":
                profiles.update((item["id"], parse_profile(item)) for item in data["profiles"])
            case "component":
                components.update((item["id"], parse_component(item)) for item in data["components"])
            case _:
                sections = tuple(Section(item["id"], item["title"]) for item in data["sections"])
                items = tuple(
                    ChecklistItem(
                        id=f"{section['id']}.{item['id']}",
                        section=section["id"],
                        title=item["title"],
                        attested=item.get("attested", False),
                        architectures=tuple(item.get("architectures", ())),
                        assessment=item["assessment"],
                        decided_by=tuple(item.get("decided_by", ())),
                        also=tuple(item.get("also", ())),
                        missing=item.get("missing", ""),
                        objects=tuple(item.get("objects", ())),
                        trait=item.get("trait", ""),
                    )
                    for section in data["sections"]
                    for item in section.get("items", ())
                )
    order = {section.id: index for index, section in enumerate(sections)}
    ordered = sorted(rules.values(), key=lambda rule: (order.get(rule.section, len(order)), rule.section, rule.id))
    return Catalogue({rule.id: rule for rule in ordered}, architectures, profiles, components, sections, items)
