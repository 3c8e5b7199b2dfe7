"""Whether anything uses a ConfigMap, a Secret, a claim or a role: by a reference, or by naming it in any text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from refarch_lint.graph.edge import ReferenceStatus
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.regex import regex

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

_WORD: Final = regex(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONGEST_TEXT: Final = 20_000


@dataclass(frozen=True, eq=False)
class Usage:
    """Answers which objects of a tree are used."""

    graph: ResourceGraph

    @cached_property
    def _referenced(self) -> frozenset[Resource]:
        return frozenset(
            reference.target
            for reference in self.graph.references
            if reference.target is not None
            and reference.status in (ReferenceStatus.FOUND, ReferenceStatus.KEY_MISSING, ReferenceStatus.UNVERIFIABLE)
        )

    @cached_property
    def _optional(self) -> frozenset[tuple[str, str, str]]:
        return frozenset((item.kind, item.namespace, item.name) for item in self.graph.references)

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        """Every word that stands in a text of any object, names and labels of the objects themselves apart."""
        words: set[str] = set()
        for resource in self.graph.resources:
            for key, value in resource.data.items():
                if key == "metadata":
                    value = {
                        field: item
                        for field, item in mapping(value).items()
                        if field in ("annotations", "ownerReferences")
                    }
                words.update(_words(value))
        return frozenset(words)

    def is_used(self, resource: Resource) -> bool:
        """Tell whether a reference leads to an object, or any text of the tree names it."""
        if resource in self._referenced or (resource.kind, resource.namespace, resource.name) in self._optional:
            return True
        return resource.name in self._mentioned


def _words(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if len(item) <= _LONGEST_TEXT:
                yield from _WORD.findall(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(sequence(item))
