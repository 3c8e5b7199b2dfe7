"""An object with the patches of its kustomizations applied; each of its values still knows where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from refarch_lint.graph.json_patch import RefusedError, operated
from refarch_lint.graph.kustomize_patches import Inline, Patch
from refarch_lint.graph.placed_values import Origin, PlacedValue, plain
from refarch_lint.graph.strategic_merge import merged
from refarch_lint.location import Location, Path
from refarch_lint.model.known import is_native_group
from refarch_lint.model.resource import Resource, sequence
from refarch_lint.source.document import Document


@dataclass(frozen=True, eq=False)
class Patched(Resource):
    """An object as patches leave it; `origins` are the values that stand elsewhere than in `base`, by path."""

    base: Resource | None = None
    origins: Mapping[Path, Origin] = field(default_factory=dict)

    def locate(self, path: Path = ()) -> Location:
        source, own = self._origin(path)
        return source.locate(own)

    def key_location(self, path: Path) -> Location:
        source, own = self._origin(path)
        return source.key_location(own)

    def value_location(self, path: Path) -> Location:
        source, own = self._origin(path)
        return source.value_location(own)

    def written(self, path: Path) -> str:
        source, own = self._origin(path)
        return source.written(own)

    @property
    def files(self) -> frozenset[str]:
        """The files in which values stand that patches bring."""
        return frozenset(source.file for source, _ in self.origins.values() if isinstance(source, Document | Inline))

    def _origin(self, path: Path) -> Origin:
        for length in range(len(path), 0, -1):
            if (found := self.origins.get(path[:length])) is not None:
                source, start = found
                return source, start + path[length:]
        assert self.base is not None
        return self.base, path


def patched(resource: Resource, patches: Iterable[Patch]) -> Resource:
    """Return an object as patches leave it, in their order; one that cannot be applied changes nothing."""
    value: PlacedValue | None = None
    for patch in patches:
        if not patch.target.matches(resource):
            continue
        value = PlacedValue.of(resource.data, resource, ()) if value is None else value
        try:
            if isinstance(patch.content, dict):
                change = PlacedValue.of(_without_identity(patch.content), patch.source, patch.path)
                value = merged(value, change, by_key=is_native_group(resource.group))
            else:
                value = operated(value, sequence(patch.content), patch.source, patch.path)
        except RefusedError:
            continue
    if value is None:
        return resource
    data, origins = plain(value, (resource, ()))
    if not origins and data == resource.data:
        return resource
    return Patched(
        resource.document,
        resource.root,
        data,
        resource.id,
        resource.api_version,
        resource.namespace_declared,
        base=resource,
        origins=origins,
    )


def _without_identity(change: dict[str, Any]) -> dict[str, Any]:
    """Return a patch without what says which object it is about, which it cannot change."""
    rest = {key: value for key, value in change.items() if key not in ("apiVersion", "kind")}
    if isinstance(metadata := rest.get("metadata"), dict):
        rest["metadata"] = {key: value for key, value in metadata.items() if key not in ("name", "namespace")}
    return rest
