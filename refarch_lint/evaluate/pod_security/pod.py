"""A pod as the Pod Security Standards look at it: the pod itself and every container, each with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.location import Path
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.workload import ContainerType

_CONTAINER_LISTS = (
    ("containers", ContainerType.REGULAR),
    ("initContainers", ContainerType.INIT),
    ("ephemeralContainers", ContainerType.EPHEMERAL),
)


class Subject(NamedTuple):
    """The pod or one of its containers: what a message calls it, its data, and its path from the pod's root."""

    label: str
    data: Mapping[str, Any]
    path: Path

    def value(self, *keys: str) -> Any:
        """Return the value at `keys`, None where it is absent or null."""
        return dig(self.data, *keys)

    def at(self, *keys: str | int) -> Path:
        """Return the path of the field at `keys`, whether it exists or not."""
        return (*self.path, *keys)


class Pod(NamedTuple):
    """The metadata and spec of a pod or pod template, and its containers: regular, init (and sidecars), ephemeral."""

    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    containers: tuple[Subject, ...]

    @classmethod
    def of(cls, metadata: object, spec: object) -> Pod:
        """Return a pod by its parts; what has the wrong type counts as absent."""
        return cls(mapping(metadata), mapping(spec), tuple(_containers(mapping(spec))))

    @property
    def whole(self) -> Subject:
        """The pod as the bearer of its own security context."""
        return Subject("pod", self.spec, ("spec",))

    def bearers(self) -> Iterator[Subject]:
        """Yield the pod and then every container: all that carry a security context."""
        yield self.whole
        yield from self.containers

    def annotations(self) -> Iterator[tuple[str, str]]:
        """Yield the pod's annotations in their order."""
        for key, value in mapping(self.metadata.get("annotations")).items():
            if isinstance(value, str):
                yield key, value

    @property
    def is_windows(self) -> bool:
        return mapping(self.spec.get("os")).get("name") == "windows"

    @property
    def has_own_users(self) -> bool:
        """Whether the pod runs in a user namespace, where root inside is nobody outside."""
        return self.spec.get("hostUsers") is False


def _containers(spec: Mapping[str, Any]) -> Iterator[Subject]:
    for key, kind in _CONTAINER_LISTS:
        for index, data in enumerate(sequence(spec.get(key))):
            if isinstance(data, dict):
                yield Subject(_label(kind, data, index), data, ("spec", key, index))


def _label(kind: ContainerType, data: dict[str, Any], index: int) -> str:
    if kind is ContainerType.INIT and data.get("restartPolicy") == "Always":
        kind = ContainerType.SIDECAR
    name = data.get("name")
    return f"{kind.value} {name}" if isinstance(name, str) and name else f"{kind.value} [{index}]"
