"""A reference set in memory: read once, asked again with one file changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.evaluate.context import RunContext, Shared
from refarch_lint.evaluate.engine import evaluate_rules
from refarch_lint.evaluate.finding import Finding
from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.evaluate.lint import read_resources
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.location import Path as Route
from refarch_lint.model.resource import Resource
from refarch_lint.source.discovery import discover
from refarch_lint.source.loading import FileContent, read_bytes, read_file
from tests.evaluate.running import catalogue
from tests.reference_sets import inside, settings


class Spot(NamedTuple):
    """Where a finding must stand: a value of an object, or with an empty kind any line of a file.

    With `whole` any line of the value will do, such as the line of a script.
    """

    file: str
    kind: str = ""
    namespace: str = ""
    name: str = ""
    path: Route = ()
    whole: bool = False


def within(resource: Resource, *path: str | int) -> Spot:
    """Return every line of a value of an object."""
    return Spot(resource.document.file, resource.kind, resource.namespace, resource.name, path, True)


def spot(resource: Resource, *path: str | int) -> Spot:
    """Return the place of a value of an object."""
    return Spot(resource.document.file, resource.kind, resource.namespace, resource.name, path)


class Mutant(NamedTuple):
    """One change of one file: what was done, the rules any of which must tell it, and where.

    `files` maps every changed file to its new text, None for a file that is gone. `sort` names the changes that are the
    same but for the object they are made to.
    """

    subject: str
    change: str
    files: Mapping[str, str | None]
    rules: tuple[str, ...]
    spots: tuple[Spot, ...]
    sort: str = ""

    @property
    def id(self) -> str:
        return f"{self.subject}: {self.change}"


@dataclass(frozen=True, eq=False)
class World:
    """One reference set, laid out as a repository below `root`."""

    architecture: str
    root: Path
    contents: Mapping[str, FileContent]
    settings: Settings
    catalogue: Catalogue

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every object of the set, in reading order."""
        return read_resources(self.contents.values(), self.settings)

    @cached_property
    def graph(self) -> ResourceGraph:
        """What the unchanged set means."""
        return ResourceGraph(self.resources)

    def text(self, file: str) -> str:
        """Return the text of a file of the set, a manifest or not."""
        return self.contents[file].text if file in self.contents else (self.root / file).read_text(encoding="utf-8")

    def findings(self, mutant: Mutant) -> Iterator[Finding]:
        """Yield what the rules of a mutant find after its change."""
        contents = dict(self.contents)
        for file, text in mutant.files.items():
            if text is None:
                contents.pop(file, None)
            elif file in contents:
                contents[file] = read_bytes(file, text.encode())
        yield from self._ask(tuple(contents.values()), mutant.rules)

    def _ask(self, contents: tuple[FileContent, ...], names: Iterable[str]) -> Iterator[Finding]:
        resources = read_resources(contents, self.settings)
        graph = ResourceGraph(resources)
        fitted = fit_architecture(graph, self.catalogue, self.settings)
        shared = Shared(self.settings, resources)
        run = RunContext(graph, fitted.book, self.catalogue, self.settings, contents, shared)
        rules = [self.catalogue.rules[name] for name in names if name in self.catalogue.rules]
        for result in evaluate_rules(rules, run):
            yield from result.findings

    def lines(self, mutant: Mutant) -> set[tuple[str, int | None]]:
        """Return the places of a mutant as file and line after the change; no line stands for all."""
        changed = {
            (file, item.kind, item.namespace, item.name): item
            for file, text in mutant.files.items()
            if text is not None and any(place.file == file and place.kind for place in mutant.spots)
            for item in read_resources([read_bytes(file, text.encode())], self.settings)
        }
        found: set[tuple[str, int | None]] = set()
        for place in mutant.spots:
            if not place.kind:
                found.add((place.file, None))
            elif place.file in mutant.files:
                resource = changed.get(place[:4])
                found.update((place.file, line) for line in (_lines_of(resource, place) if resource else ()))
            else:
                found.update((place.file, line) for line in self._unchanged_lines(place))
        return found

    def _unchanged_lines(self, place: Spot) -> tuple[int, ...]:
        """Return the lines of a place in the unchanged set."""
        if place not in self._known_lines:
            resource = self._by_identity.get(place[:4])
            self._known_lines[place] = _lines_of(resource, place) if resource else ()
        return self._known_lines[place]

    @cached_property
    def _by_identity(self) -> Mapping[tuple[str, str, str, str], Resource]:
        return {(item.document.file, item.kind, item.namespace, item.name): item for item in self.resources}

    @cached_property
    def _known_lines(self) -> dict[Spot, tuple[int, ...]]:
        return {}

    def caught_by(self, mutant: Mutant) -> tuple[str, ...]:
        """Return the rules that tell a mutant at one of its places."""
        places = self.lines(mutant)
        with inside(self.root), _written(self.root, mutant.files):
            return tuple(
                dict.fromkeys(
                    finding.rule
                    for finding in self.findings(mutant)
                    if (finding.location.file, finding.location.span.start.line) in places
                    or (finding.location.file, None) in places
                )
            )


def _lines_of(resource: Resource, place: Spot) -> tuple[int, ...]:
    if not place.whole:
        return (resource.locate(place.path).span.start.line,)
    span = resource.document.value_location(resource.root + place.path).span
    return tuple(range(span.start.line, span.end.line + 1))


@contextmanager
def _written(root: Path, files: Mapping[str, str | None]) -> Iterator[None]:
    """Change files of the repository for a while; the originals wait outside of it."""
    aside = root.parent / "aside"
    aside.mkdir(exist_ok=True)
    for number, (file, text) in enumerate(files.items()):
        (root / file).rename(aside / str(number))
        if text is not None:
            (root / file).write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        for number, file in enumerate(files):
            (aside / str(number)).replace(root / file)


def open_world(architecture: str, root: Path) -> World:
    """Return the reference set that is laid out below a folder."""
    with inside(root):
        files = [read_file(item) for item in discover(["."], stdin=None).files]
    chosen = replace(settings(root), architecture=architecture)
    return World(architecture, root, {content.name: content for content in files}, chosen, catalogue())
