"""Which Services are guarded by circuit breakers and timeouts that meshes and gateways add around calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic_routes import routes_of
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence

ISTIO = "networking.istio.io"
ENVOY_GATEWAY = "gateway.envoyproxy.io"
_GATEWAY = "gateway.networking.k8s.io"
_TRAEFIK = ("traefik.io", "traefik.containo.us")
_LINKERD_BREAKER = "balancer.linkerd.io/failure-accrual"
_LINKERD_TIMEOUTS = ("timeout.linkerd.io/request", "timeout.linkerd.io/response")
_ANY = "*"

#: Groups whose objects say that calls between workloads go through a mesh or an Envoy that can be told how.
_MESH_GROUPS = frozenset({ISTIO, "security.istio.io", "linkerd.io", "policy.linkerd.io", "kuma.io", ENVOY_GATEWAY})


class ServiceKey(NamedTuple):
    """A Service by namespace and name; `*` stands for all."""

    namespace: str
    name: str


class Guards:
    """Answers which Services calls are guarded for, and by what."""

    def __init__(self, found: Iterable[tuple[ServiceKey, Place]]) -> None:
        self._places: dict[ServiceKey, Place] = {}
        for key, place in found:
            self._places.setdefault(key, place)

    def __bool__(self) -> bool:
        return bool(self._places)

    def of(self, service: Resource) -> Place | None:
        """Return what guards the calls of a Service, or None."""
        for namespace in (service.namespace, _ANY):
            for name in (service.name, _ANY):
                if (place := self._places.get(ServiceKey(namespace, name))) is not None:
                    return place
        return None

    @property
    def first(self) -> Place | None:
        """The first guard of the tree."""
        return next(iter(self._places.values()), None)


def breakers(index: ResourceIndex) -> Guards:
    """Return what takes failing pods out of service: outlier detection and circuit breakers.

    Istio DestinationRule, Linkerd failure accrual, Envoy Gateway BackendTrafficPolicy, Traefik Middleware, Kuma.
    """
    return Guards(_breakers(index))


def timeouts(index: ResourceIndex) -> Guards:
    """Return what ends calls that take too long: timeouts of routes, Services and traffic policies."""
    return Guards((*_route_timeouts(index), *_policy_timeouts(index)))


def policy_timeouts(index: ResourceIndex) -> Guards:
    """Return the timeouts that hold whatever route a call takes: those of Services and traffic policies."""
    return Guards(_policy_timeouts(index))


def mesh_object(index: ResourceIndex) -> Resource | None:
    """Return the first object of the tree that configures a mesh; None where calls go from pod to pod unseen."""
    return next((item for item in index.resources if item.group in _MESH_GROUPS), None)


def destination_rules(index: ResourceIndex) -> Iterator[tuple[Resource, ServiceKey]]:
    """Yield the DestinationRules of a tree, each with the Services that its host names."""
    for resource in index.of_kind("DestinationRule", ISTIO):
        if (key := service_key(resource.spec.get("host"), resource.namespace)) is not None:
            yield resource, key


def outlier_detections(rule: Resource) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield the outlier detections of a DestinationRule that are set: for all, for a port, for a subset."""
    policies: list[Path] = [("spec", "trafficPolicy")]
    for index, _ in enumerate(sequence(rule.spec.get("subsets"))):
        policies.append(("spec", "subsets", index, "trafficPolicy"))
    for policy in tuple(policies):
        ports = sequence(dig(rule.data, *policy, "portLevelSettings"))  # type: ignore[arg-type]
        policies += [(*policy, "portLevelSettings", index) for index, _ in enumerate(ports)]
    for policy in policies:
        detection = dig(rule.data, *policy, "outlierDetection")  # type: ignore[arg-type]
        if isinstance(detection, dict) and detection:
            yield detection, (*policy, "outlierDetection")


def service_key(host: object, namespace: str) -> ServiceKey | None:
    """Return the Service that a host of a mesh names, `*` for each wildcard; None for a host outside the cluster."""
    if not isinstance(host, str) or not host:
        return None
    labels = host.lower().rstrip(".").split(".")
    if labels[0] == _ANY:
        inside = len(labels) > 2 and labels[2] == "svc"
        return ServiceKey(labels[1] if inside else _ANY, _ANY)
    if len(labels) == 1:
        return ServiceKey(namespace, labels[0])
    if len(labels) == 2 or labels[2] == "svc":
        return ServiceKey(labels[1], labels[0])
    return None


def _breakers(index: ResourceIndex) -> Iterator[tuple[ServiceKey, Place]]:
    for rule, key in destination_rules(index):
        for _, path in outlier_detections(rule):
            yield key, Place(rule, path)
    for service in index.of_kind("Service", ""):
        if _LINKERD_BREAKER in service.annotations:
            yield (
                ServiceKey(service.namespace, service.name),
                Place(service, ("metadata", "annotations", _LINKERD_BREAKER)),
            )
    for policy in index.of_kind("BackendTrafficPolicy", ENVOY_GATEWAY):
        for path in (("spec", "circuitBreaker"), ("spec", "healthCheck", "passive")):
            if dig(policy.data, *path) is not None:
                yield from ((key, Place(policy, path)) for key in _targets(policy, index))
    for group in _TRAEFIK:
        for middleware in index.of_kind("Middleware", group):
            if dig(middleware.spec, "circuitBreaker") is not None:
                place = Place(middleware, ("spec", "circuitBreaker"))
                yield from ((key, place) for key in _behind_middleware(middleware, index))
    for policy in index.of_kind("MeshCircuitBreaker"):
        yield ServiceKey(_ANY, _ANY), Place(policy)


def _route_timeouts(index: ResourceIndex) -> Iterator[tuple[ServiceKey, Place]]:
    for route in (*index.of_kind("VirtualService", ISTIO), *index.of_kind("HTTPRoute")):
        bare = {path[:3] for path in untimed(route)}
        for item in routes_of(route):
            if item.path[:3] not in bare and (key := service_key(item.host, item.namespace)) is not None:
                yield key, Place(route, item.path[:3])


def _policy_timeouts(index: ResourceIndex) -> Iterator[tuple[ServiceKey, Place]]:
    for service in index.of_kind("Service", ""):
        for annotation in _LINKERD_TIMEOUTS:
            if annotation in service.annotations:
                yield (
                    ServiceKey(service.namespace, service.name),
                    Place(service, ("metadata", "annotations", annotation)),
                )
    for profile in index.of_kind("ServiceProfile", "linkerd.io"):
        timed = any("timeout" in mapping(item) for item in sequence(profile.spec.get("routes")))
        if timed and (key := service_key(profile.name, profile.namespace)) is not None:
            yield key, Place(profile, ("spec", "routes"))
    for policy in index.of_kind("BackendTrafficPolicy", ENVOY_GATEWAY):
        if dig(policy.spec, "timeout") is not None:
            yield from ((key, Place(policy, ("spec", "timeout"))) for key in _targets(policy, index))
    for policy in index.of_kind("MeshTimeout"):
        yield ServiceKey(_ANY, _ANY), Place(policy)


def untimed(route: Resource) -> Iterator[Path]:
    """Yield the rules of a VirtualService or HTTPRoute that send requests on without a timeout."""
    if route.kind == "VirtualService":
        for index, item in enumerate(sequence(route.spec.get("http"))):
            if isinstance(item, dict) and item.get("route") and not item.get("timeout"):
                yield ("spec", "http", index)
    elif route.kind == "HTTPRoute":
        for index, item in enumerate(sequence(route.spec.get("rules"))):
            if isinstance(item, dict) and item.get("backendRefs") and not mapping(item.get("timeouts")):
                yield ("spec", "rules", index)


def _targets(policy: Resource, index: ResourceIndex) -> Iterator[ServiceKey]:
    """Yield the Services behind the targets of an Envoy Gateway policy: themselves, or those of a route or Gateway."""
    references = [*sequence(policy.spec.get("targetRefs")), policy.spec.get("targetRef")]
    for reference in map(mapping, references):
        kind, name = reference.get("kind"), reference.get("name")
        if kind == "Service" and isinstance(name, str):
            yield ServiceKey(policy.namespace, name)
            continue
        for route in (*index.of_kind("HTTPRoute", _GATEWAY), *index.of_kind("GRPCRoute", _GATEWAY)):
            parents = [mapping(item).get("name") for item in sequence(route.spec.get("parentRefs"))]
            if (route.kind == kind and route.name == name) or (kind == "Gateway" and name in parents):
                found = (service_key(item.host, item.namespace) for item in routes_of(route))
                yield from (key for key in found if key is not None)


def _behind_middleware(middleware: Resource, index: ResourceIndex) -> Iterator[ServiceKey]:
    for group in _TRAEFIK:
        for route in index.of_kind("IngressRoute", group):
            for number, item in enumerate(sequence(route.spec.get("routes"))):
                names = [mapping(entry).get("name") for entry in sequence(mapping(item).get("middlewares"))]
                if route.namespace == middleware.namespace and middleware.name in names:
                    for found in routes_of(route):
                        key = service_key(found.host, found.namespace)
                        if found.path[2] == number and key is not None:
                            yield key
