"""Gateways and the routes that attach to their listeners, and which host and path each entry point claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.naming import GATEWAY
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence, text_of

ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


class Listener(NamedTuple):
    """One listener of a Gateway; `hostname` is empty where it takes every host."""

    gateway: Resource
    position: int
    name: str
    port: Any
    protocol: str
    hostname: str

    def place(self, *path: str | int) -> Place:
        """Return the place of a value of the listener."""
        return Place(self.gateway, ("spec", "listeners", self.position, *path))


class Parent(NamedTuple):
    """A Gateway that a route names: by which entry of `parentRefs`, and which of its listeners it may mean."""

    route: Resource
    position: int
    gateway: Resource | None
    section: str
    port: Any

    @property
    def place(self) -> Place:
        return Place(self.route, ("spec", "parentRefs", self.position, "name"))


class Claim(NamedTuple):
    """A host and path that an entry point serves, with the place that says so; `key` tells equal claims."""

    key: tuple[str, ...]
    shown: str
    place: Place


def listeners(gateway: Resource) -> tuple[Listener, ...]:
    """Return the listeners of a Gateway."""
    found = []
    for index, item in enumerate(sequence(gateway.spec.get("listeners"))):
        data = mapping(item)
        found.append(
            Listener(
                gateway,
                index,
                text_of(data.get("name")),
                data.get("port"),
                text_of(data.get("protocol")),
                text_of(data.get("hostname")).lower(),
            )
        )
    return tuple(found)


def hostnames(route: Resource) -> tuple[str, ...]:
    """Return the host names of a route in lower case; none where it takes those of its listeners."""
    return tuple(name.lower() for name in sequence(route.spec.get("hostnames")) if isinstance(name, str))


def intersect(one: str, other: str) -> bool:
    """Tell whether two host names have a host in common; an empty one has all (Gateway API, Hostname)."""
    if not one or not other or one == other:
        return True
    if one.startswith("*.") and other.startswith("*."):
        return one.endswith(other[1:]) or other.endswith(one[1:])
    if one.startswith("*."):
        return other.endswith(one[1:])
    return other.startswith("*.") and one.endswith(other[1:])


class RouteIndex:
    """The Gateways, routes and claims of one tree."""

    __slots__ = ("_attached", "_claims", "_parents")

    def __init__(self, index: ResourceIndex) -> None:
        self._parents: dict[Resource, tuple[Parent, ...]] = {}
        attached: dict[tuple[Resource, int], list[Parent]] = defaultdict(list)
        for kind in ROUTE_KINDS:
            for route in index.of_kind(kind, GATEWAY):
                self._parents[route] = tuple(_parents(route, index))
                for parent in self._parents[route]:
                    for listener in meant(parent):
                        attached[listener.gateway, listener.position].append(parent)
        self._attached = {key: tuple(found) for key, found in attached.items()}
        claims: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
        for resource in (*index.of_kind("Ingress"), *index.of_kind("HTTPRoute", GATEWAY)):
            for claim in claims_of(resource):
                claims[claim.key].append(claim)
        self._claims = {key: tuple(found) for key, found in claims.items()}

    def parents(self, route: Resource) -> tuple[Parent, ...]:
        """Return the Gateways that a route names."""
        return self._parents.get(route, ())

    def attached(self, listener: Listener) -> tuple[Parent, ...]:
        """Return the routes of the tree that attach to a listener."""
        return self._attached.get((listener.gateway, listener.position), ())

    def first_claim(self, claim: Claim) -> Claim:
        """Return the first claim in reading order of the same host and path."""
        return self._claims[claim.key][0]


def meant(parent: Parent) -> Iterator[Listener]:
    """Yield the listeners that a route means by a parent: by section and port, those that share a host with it."""
    if parent.gateway is None:
        return
    names = hostnames(parent.route)
    for listener in listeners(parent.gateway):
        by_section = not parent.section or parent.section == listener.name
        by_port = parent.port is None or parent.port == listener.port
        by_host = not names or any(intersect(name, listener.hostname) for name in names)
        if by_section and by_port and by_host:
            yield listener


def _parents(route: Resource, index: ResourceIndex) -> Iterator[Parent]:
    for position, item in enumerate(sequence(route.spec.get("parentRefs"))):
        data = mapping(item)
        if data.get("kind", "Gateway") != "Gateway" or data.get("group", GATEWAY) != GATEWAY:
            continue
        namespace = text_of(data.get("namespace")) or route.namespace
        gateway = index.find(GATEWAY, "Gateway", namespace, text_of(data.get("name")))
        yield Parent(route, position, gateway, text_of(data.get("sectionName")), data.get("port"))


def claims_of(resource: Resource) -> Iterator[Claim]:
    """Yield what an Ingress or HTTPRoute claims; canaries share the claim of the one they stand in for."""
    if resource.kind == "Ingress":
        if resource.annotations.get("nginx.ingress.kubernetes.io/canary") != "true":
            yield from _of_ingress(resource)
    else:
        yield from _of_route(resource)


def _of_ingress(resource: Resource) -> Iterator[Claim]:
    name = resource.spec.get("ingressClassName")
    shown_class = text_of(name) or resource.annotations.get("kubernetes.io/ingress.class", "")
    balancer = f"{resource.namespace}/{resource.name}" if shown_class in ("alb", "gce", "gce-internal") else ""
    group = resource.annotations.get("alb.ingress.kubernetes.io/group.name", balancer)
    is_pattern = resource.annotations.get("nginx.ingress.kubernetes.io/use-regex") == "true"
    for rule_index, rule in enumerate(sequence(resource.spec.get("rules"))):
        host = text_of(mapping(rule).get("host")).lower()
        for path_index, item in enumerate(sequence(dig(rule, "http", "paths"))):
            data = mapping(item)
            path = text_of(data.get("path")) or "/"
            is_exact = data.get("pathType") == "Exact"
            kind = "exact" if is_exact else "pattern" if is_pattern else "prefix"
            normal = path if is_exact or is_pattern else path.rstrip("/") or "/"
            at: Path = ("spec", "rules", rule_index, "http", "paths", path_index, "path")
            key = ("Ingress", shown_class, group, host, kind, normal)
            yield Claim(key, f"{host or 'every host'}{path}", Place(resource, at))


def _of_route(resource: Resource) -> Iterator[Claim]:
    parents = sorted(
        f"{text_of(item.get('namespace')) or resource.namespace}/{item.get('name')}/{item.get('sectionName')}"
        for item in map(mapping, sequence(resource.spec.get("parentRefs")))
    )
    for rule_index, rule in enumerate(sequence(resource.spec.get("rules"))):
        matches = sequence(mapping(rule).get("matches"))
        for match_index, match in enumerate(matches or [{}]):
            data = mapping(match)
            path = mapping(data.get("path"))
            value = text_of(path.get("value")) or "/"
            rest = repr(sorted((key, repr(item)) for key, item in data.items() if key != "path"))
            kind = text_of(path.get("type")) or "PathPrefix"
            at: Path = ("spec", "rules", rule_index)
            at = (*at, "matches", match_index) if matches else at
            for host in hostnames(resource) or ("",):
                key = ("HTTPRoute", ",".join(parents), host, kind, value, rest)
                yield Claim(key, f"{host or 'every host'}{value}", Place(resource, at))
