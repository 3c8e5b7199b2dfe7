"""Services that routing and monitoring objects send traffic to: Ingress, Gateway API, Istio, Traefik, and others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.endpoints import hosts_of, is_self
from refarch_lint.graph.traffic_values import Strength, as_port, read_value
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence


class Route(NamedTuple):
    """A Service named as a destination: by host as DNS sees it from `namespace`; `port` is a number or a name."""

    host: str
    namespace: str
    port: int | str | None
    path: Path
    reason: str


def routes_of(resource: Resource) -> Iterator[Route]:
    """Yield the destinations that a routing object names, with the path to each name."""
    match resource.kind, resource.group:
        case "Ingress", "networking.k8s.io" | "extensions":
            yield from _ingress(resource)
        case (("HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute"), "gateway.networking.k8s.io"):
            yield from _gateway_route(resource)
        case "VirtualService", "networking.istio.io":
            yield from _virtual_service(resource)
        case "DestinationRule", "networking.istio.io":
            host = resource.spec.get("host")
            if isinstance(host, str) and host and "*" not in host:
                yield Route(host.lower(), resource.namespace, None, ("spec", "host"), "DestinationRule host")
        case (("IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP"), ("traefik.io" | "traefik.containo.us")):
            yield from _traefik(resource)
        case "Route", "route.openshift.io":
            yield from _openshift(resource)
        case "HTTPProxy", "projectcontour.io":
            yield from _contour(resource)
        case "Prometheus", "monitoring.coreos.com":
            yield from _prometheus(resource)
        case (("GrafanaDatasource" | "GrafanaDataSource"), _):
            url = dig(resource.spec, "datasource", "url")
            yield from _urls(resource, url, ("spec", "datasource", "url"), "Grafana data source")
        case (("KafkaConnect" | "KafkaBridge" | "KafkaMirrorMaker2"), "kafka.strimzi.io"):
            yield from _strimzi(resource)
        case "ClickHouseInstallation", "clickhouse.altinity.com":
            for index, node in enumerate(sequence(dig(resource.spec, "configuration", "zookeeper", "nodes"))):
                path: Path = ("spec", "configuration", "zookeeper", "nodes", index, "host")
                named = {"name": mapping(node).get("host")}
                yield from _named(resource, named, path, mapping(node).get("port", 2181), "ZooKeeper of ClickHouse")
        case _, group if group.endswith(".k8s.elastic.co"):
            yield from _elastic(resource)
        case _, "flink.apache.org" | "sparkoperator.k8s.io":
            yield from _variables(resource)


def _variables(resource: Resource) -> Iterator[Route]:
    """Yield the hosts that variables of an operator's pods name for certain, wherever a pod template of it stands."""
    waiting: list[tuple[Path, object]] = [(("spec",), resource.spec)]
    while waiting:
        path, value = waiting.pop()
        if path[-1] == "env":
            yield from _environment(resource, sequence(value), path)
        elif isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in reversed(value.items()) if isinstance(key, str))
        elif isinstance(value, list):
            waiting.extend(((*path, index), item) for index, item in reversed(list(enumerate(value))))


def _environment(resource: Resource, entries: list[Any], path: Path) -> Iterator[Route]:
    values = {
        name: (index, value)
        for index, item in enumerate(map(mapping, entries))
        if isinstance(name := item.get("name"), str) and isinstance(value := item.get("value"), str)
    }

    def port_of(name: str) -> int | None:
        return as_port(values[name][1]) if name in values else None

    for name, (index, value) in values.items():
        for mention in read_value(name, value, port_of):
            if mention.strength is Strength.STRONG and not is_self(mention.host):
                yield Route(mention.host, resource.namespace, mention.port, (*path, index, "value"), f"variable {name}")


def _strimzi(resource: Resource) -> Iterator[Route]:
    """Yield the Kafka clusters to which Connect, a bridge or MirrorMaker connects (Strimzi API reference)."""
    paths: list[Path] = [("spec", "bootstrapServers"), ("spec", "target", "bootstrapServers")]
    paths += [("spec", "clusters", index, "bootstrapServers") for index, _ in _items(resource, "clusters")]
    paths += [("spec", "mirrors", index, "source", "bootstrapServers") for index, _ in _items(resource, "mirrors")]
    for path in paths:
        servers = dig(resource.data, *path)  # type: ignore[arg-type]
        yield from _urls(resource, servers, path, "bootstrapServers")


def _elastic(resource: Resource) -> Iterator[Route]:
    """Yield the clusters that an object of Elastic's operator refers to (ECK API reference, ObjectSelector)."""
    references: list[tuple[Path, object]] = [
        (("spec", "elasticsearchRefs", index), item) for index, item in _items(resource, "elasticsearchRefs")
    ]
    references += [(("spec", field), resource.spec.get(field)) for field in ("elasticsearchRef", "kibanaRef")]
    for path, item in references:
        reference = mapping(item)
        name, is_kibana = reference.get("name"), path[1] == "kibanaRef"
        if isinstance(name, str) and name:
            served = {**reference, "name": f"{name}-{'kb' if is_kibana else 'es'}-http"}
            yield from _named(resource, served, (*path, "name"), 5601 if is_kibana else 9200, str(path[1]))


def _items(resource: Resource, field: str) -> Iterator[tuple[int, object]]:
    yield from enumerate(sequence(resource.spec.get(field)))


def _ingress(resource: Resource) -> Iterator[Route]:
    paths: list[Path] = [("spec", "defaultBackend"), ("spec", "backend")]
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        for position, _ in enumerate(sequence(dig(rule, "http", "paths"))):
            paths.append(("spec", "rules", index, "http", "paths", position, "backend"))
    for path in paths:
        backend = mapping(dig(resource.data, *path))  # type: ignore[arg-type]
        service = mapping(backend.get("service"))
        if service:
            port = mapping(service.get("port"))
            number = port.get("number", port.get("name"))
            yield from _named(resource, service, (*path, "service", "name"), number, "Ingress backend")
        elif "serviceName" in backend:
            named = {"name": backend["serviceName"]}
            yield from _named(resource, named, (*path, "serviceName"), backend.get("servicePort"), "Ingress backend")


def _gateway_route(resource: Resource) -> Iterator[Route]:
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        for position, item in enumerate(sequence(mapping(rule).get("backendRefs"))):
            backend = mapping(item)
            if backend.get("kind", "Service") == "Service" and backend.get("group", "") == "":
                path: Path = ("spec", "rules", index, "backendRefs", position, "name")
                yield from _named(resource, backend, path, backend.get("port"), f"{resource.kind} backend")
        for position, item in enumerate(sequence(mapping(rule).get("filters"))):
            mirror = mapping(dig(item, "requestMirror", "backendRef"))
            path = ("spec", "rules", index, "filters", position, "requestMirror", "backendRef", "name")
            yield from _named(resource, mirror, path, mirror.get("port"), f"{resource.kind} mirror")


def _virtual_service(resource: Resource) -> Iterator[Route]:
    for protocol in ("http", "tls", "tcp"):
        for index, rule in enumerate(sequence(resource.spec.get(protocol))):
            root: Path = ("spec", protocol, index)
            destinations: list[tuple[dict[str, Any], Path]] = [
                (mapping(mapping(item).get("destination")), (*root, "route", position, "destination"))
                for position, item in enumerate(sequence(mapping(rule).get("route")))
            ]
            destinations.append((mapping(mapping(rule).get("mirror")), (*root, "mirror")))
            for destination, path in destinations:
                host = destination.get("host")
                if isinstance(host, str) and host and "*" not in host:
                    port = dig(destination, "port", "number")
                    yield Route(host.lower(), resource.namespace, _port(port), (*path, "host"), "VirtualService route")


def _traefik(resource: Resource) -> Iterator[Route]:
    for index, route in enumerate(sequence(resource.spec.get("routes"))):
        for position, item in enumerate(sequence(mapping(route).get("services"))):
            service = mapping(item)
            if service.get("kind", "Service") == "Service":
                path: Path = ("spec", "routes", index, "services", position, "name")
                yield from _named(resource, service, path, service.get("port"), f"{resource.kind} service")


def _openshift(resource: Resource) -> Iterator[Route]:
    """Yield the Services of a Route; a name of its port is the Service's, a number the pods' (Route API reference)."""
    port = dig(resource.spec, "port", "targetPort")
    named = port if isinstance(port, str) and not port.isdigit() else None
    ends: list[tuple[object, Path]] = [(resource.spec.get("to"), ("spec", "to"))]
    ends += [(item, ("spec", "alternateBackends", at)) for at, item in _items(resource, "alternateBackends")]
    for end, path in ends:
        if mapping(end).get("kind", "Service") == "Service":
            own = {"name": mapping(end).get("name")}
            yield from _named(resource, own, (*path, "name"), named, "Route backend")


def _contour(resource: Resource) -> Iterator[Route]:
    """Yield the Services to which an HTTPProxy sends requests and connections."""
    roots: list[Path] = [("spec", "routes", index) for index, _ in _items(resource, "routes")]
    for root in (*roots, ("spec", "tcpproxy")):
        for position, item in enumerate(sequence(dig(resource.data, *root, "services"))):  # type: ignore[arg-type]
            own = {"name": mapping(item).get("name")}
            path = (*root, "services", position, "name")
            yield from _named(resource, own, path, mapping(item).get("port"), "HTTPProxy service")


def _prometheus(resource: Resource) -> Iterator[Route]:
    for index, item in enumerate(sequence(dig(resource.spec, "alerting", "alertmanagers"))):
        path: Path = ("spec", "alerting", "alertmanagers", index, "name")
        yield from _named(resource, mapping(item), path, mapping(item).get("port"), "Alertmanager of Prometheus")
    for field in ("remoteWrite", "remoteRead"):
        for index, item in enumerate(sequence(resource.spec.get(field))):
            yield from _urls(resource, mapping(item).get("url"), ("spec", field, index, "url"), field)


def _named(resource: Resource, item: dict[str, Any], path: Path, port: object, reason: str) -> Iterator[Route]:
    name, namespace = item.get("name"), item.get("namespace")
    where = namespace if isinstance(namespace, str) and namespace else resource.namespace
    if isinstance(name, str) and name and "@" not in name:
        yield Route(name.lower(), where, _port(port), path, reason)


def _urls(resource: Resource, url: object, path: Path, reason: str) -> Iterator[Route]:
    for endpoint in (hosts_of(url) or ()) if isinstance(url, str) else ():
        yield Route(endpoint.host, resource.namespace, endpoint.port, path, reason)


def _port(value: object) -> int | str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, (int, str)) else None
