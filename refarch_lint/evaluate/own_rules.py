"""The catalogue with a project's own folders: what their rules call upon must exist, each fault at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path as FilePath

from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue, rule_files
from refarch_lint.catalogue.parse_rule import statements
from refarch_lint.catalogue.reading import Fault, raise_faults, read_document, with_others
from refarch_lint.errors import ConfigurationError, RuleFileError
from refarch_lint.location import Path
from refarch_lint.source.discovery import name_from_here
from refarch_lint.source.document import Document


def catalogue_with(folders: Sequence[FilePath]) -> Catalogue:
    """Return the bundled catalogue together with the rules, architectures and profiles of a project's own folders.

    Raises ConfigurationError for a folder that is not there, and RuleFileError with every fault of every file: also
    facts, relations, roles, checklist items and predicates that do not exist.
    """
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"could not read the rule folder {name_from_here(folder)}: no such folder")
    try:
        catalogue = load_catalogue(tuple(folders))
    except RuleFileError as cause:
        told = tuple(Fault(*fault) for fault in cause.faults)
        raise_faults(with_others(told, _faults(folders, None)))
        raise
    raise_faults(tuple(_faults(folders, catalogue)))
    return catalogue


def _faults(folders: Sequence[FilePath], catalogue: Catalogue | None) -> Iterator[Fault]:
    for folder in folders:
        for file, shown in rule_files(folder):
            document, _ = read_document(file, shown)
            if document is not None:
                yield from vocabulary_faults(document, catalogue)


def vocabulary_faults(document: Document, catalogue: Catalogue | None) -> Iterator[Fault]:
    """Yield what a rule file calls upon that does not exist.

    Roles and checklist items are judged only with a catalogue: architectures of the project's own may bring them. What
    the schema of rules does not allow is passed over.
    """
    from refarch_lint.evaluate.facts import FACTS
    from refarch_lint.graph.edge import Relation

    def unknown(path: Path, what: str, known: Collection[str]) -> Iterator[Fault]:
        value = document.data
        for part in path:
            if isinstance(part, str) and not isinstance(value, dict):
                return
            value = value.get(part) if isinstance(value, dict) else value[part]
        if isinstance(value, str) and value not in known:
            yield Fault(f"no {what} {value}; known are {', '.join(sorted(known))}", document.locate(path))

    if catalogue is not None:
        roles = {role.id for architecture in catalogue.architectures.values() for role in architecture.roles}
        yield from unknown(("checklist",), "checklist item", [item.id for item in catalogue.items])
        yield from unknown(("target", "role"), "role", roles)
        for path, _ in statements(document.data):
            yield from unknown((*path, "peer", "role"), "role", roles)
    for path, statement in statements(document.data):
        yield from unknown((*path, "fact"), "fact", FACTS)
        yield from unknown((*path, "relation"), "relation", [relation.value for relation in Relation])
        if isinstance(statement.get("predicate"), str):
            yield from _missing_predicate(statement["predicate"], document, (*path, "predicate"))


def _missing_predicate(name: str, document: Document, path: Path) -> Iterator[Fault]:
    from refarch_lint.evaluate.predicates import predicate

    try:
        predicate(name)
    except RuleFileError as cause:
        yield Fault(cause.message, document.locate(path))
