"""Gateway API: listeners with TLS, routes that redirect, and names of Gateways, listeners and grants that exist."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.naming import GATEWAY
from refarch_lint.graph.place import Place
from refarch_lint.graph.routes import Listener, Parent, hostnames, listeners, meant
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.selector import parse_selector
from refarch_lint.severity import Severity

_ENCRYPTED = ("HTTPS", "TLS")


def _is_of_a_mesh(resource: Resource) -> bool:
    name = resource.spec.get("gatewayClassName")
    return isinstance(name, str) and ("waypoint" in name or "mesh" in name)


def _redirects(route: Resource) -> bool:
    """Tell whether every rule of a route sends requests to HTTPS."""
    rules = sequence(route.spec.get("rules"))
    return bool(rules) and all(
        any(
            dig(item, "type") == "RequestRedirect" and dig(item, "requestRedirect", "scheme") == "https"
            for item in sequence(mapping(rule).get("filters"))
        )
        for rule in rules
    )


def tls(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Each host of a plain listener has an encrypted one beside it, and encrypted listeners name a certificate."""
    gateway = subject.resource
    found = [item for item in listeners(gateway) if item.protocol in ("HTTP", *_ENCRYPTED)]
    if not found or _is_of_a_mesh(gateway):
        yield NotApplicable("it has no listener for HTTP or TLS")
        return
    encrypted = [item for item in found if item.protocol in _ENCRYPTED]
    for listener in found:
        settings = mapping(dig(gateway.spec, "listeners", listener.position, "tls"))
        if listener.protocol == "HTTP":
            plain = [host for host in _served(listener, context) if not _is_encrypted(host, encrypted)]
            if plain:
                names = ", ".join(host or "every host" for host in plain)
                yield Fault(f"{gateway} serves {names} without TLS: listener {listener.name}", listener.place("name"))
        elif settings.get("mode", "Terminate") == "Terminate" and not (
            settings.get("certificateRefs") or settings.get("options")
        ):
            yield Fault(
                f"{gateway} has no certificate for listener {listener.name}", listener.place("tls", "certificateRefs")
            )


def _served(listener: Listener, context: RuleContext) -> list[str]:
    """Return the hosts that a plain listener serves: those of its routes, save where they only redirect."""
    routes = [parent.route for parent in context.graph.routes.attached(listener)]
    if not routes:
        return [listener.hostname]
    served = [host for route in routes if not _redirects(route) for host in hostnames(route) or (listener.hostname,)]
    return list(dict.fromkeys(served))


def _is_encrypted(host: str, encrypted: list[Listener]) -> bool:
    """Tell whether an encrypted listener takes a host; for every host, any one will do."""
    return any(not host or not other.hostname or _within(host, other.hostname) for other in encrypted)


def _within(host: str, pattern: str) -> bool:
    """Tell whether all hosts of one listener's name belong to another's."""
    return host == pattern or (pattern.startswith("*.") and host.lstrip("*").endswith(pattern[1:]))


def redirects_https(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Routes that attach to a plain listener send requests to HTTPS where there is HTTPS."""
    gateway = subject.resource
    found = listeners(gateway)
    plain = [item for item in found if item.protocol == "HTTP"]
    if not plain or not any(item.protocol == "HTTPS" for item in found):
        yield NotApplicable("it has not both HTTP and HTTPS")
        return
    for listener in plain:
        attached = context.graph.routes.attached(listener)
        if not attached:
            yield Unverifiable(f"no route of the tree attaches to listener {listener.name} of {gateway}")
        for parent in attached:
            if parent.route.kind == "HTTPRoute" and not _redirects(parent.route):
                message = f"{parent.route} answers plain HTTP requests of listener {listener.name} of {gateway}"
                note = Note(f"listener {listener.name} takes plain HTTP", listener.place("name"))
                yield Fault(f"{message} instead of redirecting them", parent.place, (note,))


def host_explicit(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A route says which hosts it answers for, or its listeners do."""
    route = subject.resource
    for index, host in enumerate(sequence(route.spec.get("hostnames"))):
        if isinstance(host, str) and host.startswith("*."):
            yield below_a_domain(route, host, subject.place("spec", "hostnames", index))
    if hostnames(route):
        return
    parents = context.graph.routes.parents(route)
    if not parents:
        yield NotApplicable("it attaches to no Gateway")
    for parent in parents:
        if parent.gateway is None:
            yield Unverifiable(f"the Gateway of {route} is not in the tree")
        elif any(not listener.hostname for listener in meant(parent)) and not _redirects(route):
            message = f"{route} answers for every host: neither it nor the listener of {parent.gateway} names one"
            yield Fault(message, subject.place("spec", "hostnames"))
            return


def below_a_domain(resource: Resource, host: str, place: Place) -> Fault:
    """Return the information that an entry point answers for every name below a domain."""
    return Fault(f"{resource} answers for every host below {host[2:]}: {host}", place, severity=Severity.INFO)


def references_exist(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A route attaches to listeners that exist and admit it; what lies in another namespace is granted."""
    resource = subject.resource
    if resource.kind == "Gateway":
        refs = list(_certificates(resource))
        if not refs:
            yield NotApplicable("it names no certificate")
        yield from _granted(resource, refs, context.graph)
        return
    parents = context.graph.routes.parents(resource)
    if not parents:
        yield NotApplicable("it attaches to no Gateway")
    for parent in parents:
        yield from _attaches(parent, context)
    yield from _granted(resource, list(_backends(resource)), context.graph)


def _attaches(parent: Parent, context: RuleContext) -> Iterator[Outcome]:
    route, gateway = parent.route, parent.gateway
    ref = mapping(dig(route.spec, "parentRefs", parent.position))
    if gateway is None:
        namespace = ref.get("namespace") or route.namespace
        yield Unverifiable(f"Gateway/{ref.get('name')} of namespace {namespace} is not in the tree")
        return
    known = listeners(gateway)
    there = Note(f"{gateway} stands here", Place(gateway, ("metadata", "name")))
    base: Path = ("spec", "parentRefs", parent.position)
    if parent.section and all(item.name != parent.section for item in known):
        names = ", ".join(item.name for item in known)
        message = f"{route} attaches to listener {parent.section} of {gateway}, which has only {names or 'none'}"
        yield Fault(message, Place(route, (*base, "sectionName")), (there,))
        return
    if parent.port is not None and all(item.port != parent.port for item in known):
        message = f"{route} attaches to port {parent.port} of {gateway}, on which no listener listens"
        yield Fault(message, Place(route, (*base, "port")), (there,))
        return
    found = list(meant(parent))
    if not found:
        message = f"{route} attaches to no listener of {gateway}: none takes {', '.join(hostnames(route))}"
        yield Fault(message, Place(route, ("spec", "hostnames", 0)), (there,))
        return
    admitted = [_admits(listener, route, context.graph) for listener in found]
    if not any(answer is not False for answer in admitted):
        listener = found[0]
        message = f"{route} is not admitted by {gateway}: listener {listener.name} takes routes of "
        whose = "its own namespace" if _sources(listener) == "Same" else "selected namespaces"
        note = Note("routes are admitted here", listener.place("allowedRoutes"))
        yield Fault(f"{message}{whose} only", Place(route, (*base, "name")), (note,))
    elif all(answer is None for answer in admitted):
        yield Unverifiable(f"whether {gateway} admits {route} depends on a namespace that is not in the tree")


def _sources(listener: Listener) -> str:
    namespaces = mapping(dig(listener.gateway.spec, "listeners", listener.position, "allowedRoutes", "namespaces"))
    return str(namespaces.get("from", "Same"))


def _admits(listener: Listener, route: Resource, graph: ResourceGraph) -> bool | None:
    """Tell whether a listener takes routes of a namespace; None where its labels are not known."""
    match _sources(listener):
        case "All":
            return True
        case "Same":
            return route.namespace == listener.gateway.namespace
        case "Selector":
            path = ("listeners", listener.position, "allowedRoutes", "namespaces", "selector")
            selector = parse_selector(dig(listener.gateway.spec, *path))
            namespace = graph.index.find("", "Namespace", "", route.namespace)
            if selector is None or namespace is None:
                return None
            labels = {"kubernetes.io/metadata.name": namespace.name, **namespace.labels}
            return selector.matches(labels)
    return None


def _certificates(gateway: Resource) -> Iterator[tuple[Path, str, str, str]]:
    for index, listener in enumerate(sequence(gateway.spec.get("listeners"))):
        for position, item in enumerate(sequence(dig(listener, "tls", "certificateRefs"))):
            path: Path = ("spec", "listeners", index, "tls", "certificateRefs", position)
            yield from _foreign(gateway, path, mapping(item), "Secret")


def _backends(route: Resource) -> Iterator[tuple[Path, str, str, str]]:
    for index, rule in enumerate(sequence(route.spec.get("rules"))):
        for position, item in enumerate(sequence(mapping(rule).get("backendRefs"))):
            yield from _foreign(route, ("spec", "rules", index, "backendRefs", position), mapping(item), "Service")


def _foreign(
    resource: Resource, path: Path, item: dict[str, object], kind: str
) -> Iterator[tuple[Path, str, str, str]]:
    """Yield a reference that leads into another namespace: its path, and what it names."""
    namespace, name = item.get("namespace"), item.get("name")
    if isinstance(namespace, str) and namespace not in ("", resource.namespace) and isinstance(name, str):
        yield (*path, "namespace"), str(item.get("kind", kind)), namespace, name


def _granted(resource: Resource, refs: list[tuple[Path, str, str, str]], graph: ResourceGraph) -> Iterator[Outcome]:
    for path, kind, namespace, name in refs:
        if namespace not in graph.index.workloads_by_namespace and not any(
            grant.namespace == namespace for grant in graph.index.of_kind("ReferenceGrant", GATEWAY)
        ):
            yield Unverifiable(f"namespace {namespace} is not part of the tree")
        elif not any(
            _grants(grant, resource, kind, name)
            for grant in graph.index.of_kind("ReferenceGrant", GATEWAY)
            if grant.namespace == namespace
        ):
            message = f"{resource} uses {kind}/{name} of namespace {namespace}, which no ReferenceGrant there allows"
            yield Fault(message, Place(resource, path))


def _grants(grant: Resource, resource: Resource, kind: str, name: str) -> bool:
    comes = any(
        (item.get("group"), item.get("kind"), item.get("namespace"))
        == (resource.group, resource.kind, resource.namespace)
        for item in map(mapping, sequence(grant.spec.get("from")))
    )
    goes = any(
        item.get("kind") == kind and item.get("name") in (None, "", name)
        for item in map(mapping, sequence(grant.spec.get("to")))
    )
    return comes and goes
