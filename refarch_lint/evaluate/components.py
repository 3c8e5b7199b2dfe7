"""Recognising well-known software: by the operator kind that deploys it, else by the image of a main container."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from refarch_lint.catalogue.component import Component
from refarch_lint.graph.traffic_clients import CLIENTS, SHELLS
from refarch_lint.model.image import parse_image
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Container, ContainerType, Workload
from refarch_lint.regex import regex
from refarch_lint.wildcards import fits_glob

#: Words that start a server rather than ask one.
_SERVES = regex(
    r"entrypoint|server|mysqld|mariadbd|mongod$|mongos$|postgres$|etcd$|^exec$|run\.sh$|setup\.sh$|rabbitmq|-start|sentinel"
)


#: Traits of software that stands beside a program to observe it.
_COMPANIONS = frozenset({"exporter", "collector", "log-collector"})

#: Traits of software that keeps or passes on what other programs give it.
_KEEPING = frozenset({"datastore", "cache", "broker"})
_NAME_PARTS = regex(r"[-_.]")
#: Words in names of what stands before such software, or only asks it.
_STANDS_BEFORE = frozenset(
    {"proxy", "pgbouncer", "pgpool", "haproxy", "router", "gateway", "exporter", "operator", "client", "ui", "admin"}
    | {"console", "commander", "express", "dashboard", "consumer", "producer", "worker", "connect", "bridge", "lb"}
)


class Recognition(NamedTuple):
    """A component and why it was recognised, in words for people."""

    component: Component
    reason: str


class ComponentIndex:
    """The components of the catalogue, by image name, by operator kind and by data folder."""

    __slots__ = ("_by_folder", "_by_image", "_by_kind", "_patterns")

    def __init__(self, components: Iterable[Component]) -> None:
        self._by_image: dict[str, Component] = {}
        self._by_kind: dict[tuple[str, str], Component] = {}
        self._patterns: list[tuple[str, Component]] = []
        self._by_folder: dict[str, list[Component]] = {}
        for component in components:
            for folder in component.data_folders:
                if folder.path.count("/") > 1:
                    self._by_folder.setdefault(folder.path, []).append(component)
            for image in component.images:
                if any(sign in image for sign in "*?["):
                    self._patterns.append((image, component))
                else:
                    self._by_image[image] = component
            for name in component.kinds:
                kind, _, group = name.partition(".")
                self._by_kind[kind, group] = component

    def recognise(self, resource: Resource, workload: Workload | None) -> Recognition | None:
        """Return the component that a resource deploys, or None.

        Jobs only use software, they do not deploy it; of several main containers the first that is known decides, but
        an exporter or collector beside a program of one's own is only its companion. An
        image of one's own is known by a port and a data folder together, such as 5432 and /var/lib/postgresql/data,
        and what keeps data also by a port and a name, such as 27017 and carts-mongodb; such a port and name also say
        which of several programs an image runs.
        """
        component = self._by_kind.get((resource.kind, resource.group))
        if component is not None:
            return Recognition(component, f"kind {resource.kind} of {resource.group}")
        if workload is None or workload.runs_to_completion:
            return None
        main = [item for item in workload.containers if item.type is ContainerType.REGULAR and not is_client(item)]
        known = [(container, self.of_image(container.data.get("image"))) for container in main]
        alone = all(found for _, found in known)
        for index, (container, found) in enumerate(known):
            if found is not None and (index == 0 or alone or not found.traits & _COMPANIONS):
                if _serves_elsewhere(container, found) and (other := self._of_name(container, resource.name)):
                    return other
                return Recognition(found, f"image {found.id} in container {container.name}")
        for container in workload.containers:
            if container.type is ContainerType.REGULAR and (recognition := self._of_folder(container)):
                return recognition
        if main and (recognition := self._of_name(main[0], resource.name)):
            return recognition
        return None

    def _of_name(self, container: Container, workload: str) -> Recognition | None:
        text = container.data.get("image")
        image = parse_image(text) if isinstance(text, str) else None
        ports = [mapping(port).get("containerPort") for port in sequence(container.data.get("ports"))]
        for name in (image.short_name if image else "", container.name, workload):
            words = _NAME_PARTS.split(name)
            if not _STANDS_BEFORE.isdisjoint(words):
                return None
            for word in words:
                component = self._by_image.get(word)
                kept = component.ports if component is not None and component.traits & _KEEPING else ()
                if component is not None and (port := next((port for port in kept if port in ports), None)):
                    return Recognition(component, f"port {port} of container {container.name} and name {name}")
        return None

    def _of_folder(self, container: Container) -> Recognition | None:
        ports = [mapping(port).get("containerPort") for port in sequence(container.data.get("ports"))]
        for mount in sequence(container.data.get("volumeMounts")):
            path = mapping(mount).get("mountPath")
            for component in self._by_folder.get(path.rstrip("/"), ()) if isinstance(path, str) else ():
                if port := next((port for port in component.ports if port in ports), None):
                    return Recognition(component, f"port {port} and folder {path} of container {container.name}")
        return None

    def of_image(self, text: object) -> Component | None:
        """Return the component that an image contains, or None."""
        image = parse_image(text) if isinstance(text, str) else None
        if image is None:
            return None
        parts = image.repository.split("/")
        for name in (image.repository, "/".join(parts[-2:]), parts[-1]):
            if name in self._by_image:
                return self._by_image[name]
        for pattern, component in self._patterns:
            if fits_glob(image.repository, pattern) or fits_glob(parts[-1], pattern):
                return component
        return None


def _serves_elsewhere(container: Container, component: Component) -> bool:
    """Tell whether a container declares ports, none of which is one of a component's."""
    declared = (mapping(port).get("containerPort") for port in sequence(container.data.get("ports")))
    ports = {port for port in declared if isinstance(port, int)}
    return bool(ports) and bool(component.ports) and ports.isdisjoint(component.ports)


def is_client(container: Container) -> bool:
    """Tell whether a container only borrows an image's client programs: a shell script that starts no server."""
    words = [word for key in ("command", "args") for word in sequence(container.data.get(key)) if isinstance(word, str)]
    if not sequence(container.data.get("command")) or not words:
        return False
    program = words[0].rpartition("/")[2]
    if program in CLIENTS or program in ("sleep", "tail"):
        return True
    if program not in SHELLS or len(words) == 1:
        return False
    script = [word for text in words[1:] for word in text.split() if not word.startswith("-")]
    if any(_SERVES.search(word) for word in script):
        return False
    return any(word.rpartition("/")[2] in CLIENTS or word in ("sleep", "tail") for word in script)
