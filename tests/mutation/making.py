"""Mutants of one reference set: an edit, the rules that must tell it, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from refarch_lint.location import Path, format_path
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Container, Workload
from tests.mutation import edits
from tests.mutation.world import Mutant, Spot, World, spot

__all__ = ["Maker", "Spots", "mapping", "sequence", "spot"]

Spots = tuple[Spot, ...]


class Maker:
    """Makes mutants about one subject; each method is one kind of edit.

    Paths count from an object's root. Without spots the edited value itself is the place.
    """

    def __init__(self, world: World, subject: str) -> None:
        self.world = world
        self.subject = subject

    def remove(self, resource: Resource, path: Path, *rules: str, at: Spots = ()) -> Mutant:
        """Remove the entry or item at a path."""

        def change(parent: Any, key: Any) -> None:
            del parent[key]

        text = edits.remove(self._text(resource), resource.document, resource.root + path)
        return self._made(resource, path, text, change, "remove", rules, at)

    def replace(
        self, resource: Resource, path: Path, new: str, *rules: str, at: Spots = (), value: Any = None
    ) -> Mutant:
        """Replace the scalar at a path by YAML, which reads as `value` where that is not the text itself."""

        def change(parent: Any, key: Any) -> None:
            parent[key] = new if value is None else value

        text = edits.replace_scalar(self._text(resource), resource.document, resource.root + path, new)
        return self._made(resource, path, text, change, f"{_short(new)} for", rules, at)

    def add(
        self, resource: Resource, beside: Path, key: str, new: str, value: Any, *rules: str, at: Spots = ()
    ) -> Mutant:
        """Add an entry beside the one at a path."""

        def change(parent: Any, _: Any) -> None:
            parent[key] = value

        text = edits.add_entry(self._text(resource), resource.document, resource.root + beside, f"{key}: {new}")
        path = (*beside[:-1], key)
        return self._made(
            resource, beside, text, change, f"add {key}: {_short(new)} beside", rules, at or (spot(resource, *path),)
        )

    def insert(
        self, resource: Resource, before: Path, lines: tuple[str, ...], item: Any, *rules: str, at: Spots
    ) -> Mutant:
        """Add an item before the one at a path."""

        def change(parent: Any, key: Any) -> None:
            parent.insert(key, item)

        text = edits.add_item(self._text(resource), resource.document, resource.root + before, lines)
        return self._made(resource, before, text, change, f"add {_short(lines[0])} before", rules, at)

    def rename(self, resource: Resource, path: Path, new: str, *rules: str, at: Spots = ()) -> Mutant:
        """Give the entry at a path another key."""

        def change(parent: Any, key: Any) -> None:
            parent[new] = parent.pop(key)

        text = edits.rename_key(self._text(resource), resource.document, resource.root + path, new)
        return self._made(resource, path, text, change, f"key {new} for", rules, at)

    def drop(self, resource: Resource, *rules: str, at: Spots) -> Mutant:
        """Remove a whole object."""
        file = resource.document.file
        text = edits.remove_document(self.world.text(file), resource.document)
        change, sort = f"remove {resource} of {_where(resource)}", f"remove {resource.kind}"
        return Mutant(self.subject, change, {file: text}, rules, at, sort)

    def retext(self, file: str, old: str, new: str, *rules: str, at: Spots = ()) -> Mutant:
        """Replace words of a file that is no manifest, or of a text inside one."""
        text = self.world.text(file)
        assert old in text, f"{file} has no {old!r}"
        change = f"{_short(new) or 'nothing'} for {_short(old)} in {file}"
        return Mutant(self.subject, change, {file: text.replace(old, new, 1)}, rules, at or (Spot(file),))

    def gone(self, file: str, *rules: str, at: Spots) -> Mutant:
        """Remove a file of the repository."""
        return Mutant(self.subject, f"remove {file}", {file: None}, rules, at)

    def _text(self, resource: Resource) -> str:
        return self.world.text(resource.document.file)

    def _made(
        self,
        resource: Resource,
        path: Path,
        text: str,
        change: Callable[[Any, Any], None],
        verb: str,
        rules: tuple[str, ...],
        at: Spots,
    ) -> Mutant:
        whole = resource.root + path
        expected = edits.edited_data(resource.document.data, whole, change)
        edits.check_edit(resource.document.file, resource.document, text, expected, whole)
        named = f"{verb} {format_path(path)} of {resource} in {_where(resource)}"
        steps = [str(part) for part in path if isinstance(part, str)]
        sort = f"{verb} {'.'.join(steps[-2:])}"
        files = {resource.document.file: text}
        return Mutant(self.subject, named, files, rules, at or (spot(resource, *path),), sort)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


def _where(resource: Resource) -> str:
    return resource.document.file


def running(world: World) -> Iterator[tuple[Workload, Container]]:
    """Yield every container that runs throughout in a long-running workload."""
    for workload in world.graph.workloads:
        if not workload.runs_to_completion:
            for container in workload.containers:
                if container.runs_throughout:
                    yield workload, container


def every(world: World) -> Iterator[tuple[Workload, Container]]:
    """Yield every container of every workload."""
    for workload in world.graph.workloads:
        for container in workload.containers:
            yield workload, container


def has(data: Any, *path: str | int) -> bool:
    """Tell whether a value is there."""
    for part in path:
        found = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        if not found:
            return False
        data = data[part]
    return True
