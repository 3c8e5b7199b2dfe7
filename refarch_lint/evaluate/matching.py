"""What an object itself says of the role it plays: its kind, labels and name, and its containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from refarch_lint.catalogue.architecture import Matcher
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.wildcards import fits_glob


def readings(matcher: Matcher, resource: Resource, workload: Workload | None) -> Iterator[str | None]:
    """Yield for each part of a matcher that looks at the object itself why it fits, None if it does not."""
    if matcher.labels:
        yield _labels(resource, workload, matcher.labels)
    if matcher.names:
        yield _names(resource, matcher.names)
    if matcher.ports:
        yield _ports(workload, matcher.ports)
    if matcher.environment:
        yield _environment(workload, matcher.environment)
    if matcher.images:
        yield _images(workload, matcher.images)


def is_kind(resource: Resource, kinds: Iterable[str]) -> bool:
    """Tell whether an object is of a kind such as `Ingress` or `Kafka.kafka.strimzi.io`."""
    return resource.kind in kinds or f"{resource.kind}.{resource.group}" in kinds


def label_of(resource: Resource, workload: Workload | None, key: str) -> str | None:
    """Return a label of an object, else that of its pods, or None."""
    own = resource.labels.get(key)
    return own if own is not None or workload is None else workload.pod_labels.get(key)


def _labels(resource: Resource, workload: Workload | None, wanted: Mapping[str, tuple[str, ...]]) -> str | None:
    for key, values in wanted.items():
        actual = label_of(resource, workload, key)
        if actual is not None and any(fits_glob(actual, pattern) for pattern in values):
            return f"label {key}: {actual}"
    return None


def _names(resource: Resource, patterns: tuple[str, ...]) -> str | None:
    found = any(fits_glob(resource.name, pattern) for pattern in patterns)
    return f"name {resource.name}" if found else None


def _images(workload: Workload | None, patterns: tuple[str, ...]) -> str | None:
    for container in workload.containers if workload else ():
        image = container.data.get("image")
        if isinstance(image, str):
            name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
            if container.runs_throughout and any(fits_glob(name, pattern) for pattern in patterns):
                return f"image {name} in container {container.name}"
    return None


def _ports(workload: Workload | None, ports: tuple[int, ...]) -> str | None:
    for container in workload.containers if workload else ():
        for port in sequence(container.data.get("ports")):
            number = mapping(port).get("containerPort")
            if number in ports:
                return f"port {number} of container {container.name}"
    return None


def _environment(workload: Workload | None, names: tuple[str, ...]) -> str | None:
    for container in workload.containers if workload else ():
        for variable in sequence(container.data.get("env")):
            name = mapping(variable).get("name")
            if isinstance(name, str) and any(fits_glob(name, pattern) for pattern in names):
                return f"variable {name} of container {container.name}"
    return None
