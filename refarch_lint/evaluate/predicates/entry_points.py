"""Entry points other than Ingress and the Gateway API: TLS of Traefik, OpenShift, Contour and Istio objects."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.model.resource import Resource, dig, mapping, sequence


def tls(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every host that the object serves has a certificate."""
    match subject.resource.kind:
        case "Route":
            yield from _route(subject)
        case "HTTPProxy":
            yield from _proxy(subject)
        case "IngressRoute":
            yield from _traefik(subject, context)
        case "Gateway":
            yield from _istio(subject)


def _route(subject: Subject) -> Iterator[Outcome]:
    if not mapping(subject.resource.spec.get("tls")):
        host = subject.resource.spec.get("host") or "its host"
        yield Fault(f"{subject.resource} serves {host} without TLS", subject.place("spec", "tls"))


def redirects_https(subject: Subject) -> Iterator[Outcome]:
    """An OpenShift Route does not answer plain HTTP beside TLS; by default it does not listen for it."""
    ending = mapping(subject.resource.spec.get("tls"))
    if not ending:
        yield NotApplicable("it has no TLS to redirect to")
    elif ending.get("insecureEdgeTerminationPolicy") == "Allow":
        yield Fault(
            f"{subject.resource} answers plain HTTP requests instead of redirecting them: "
            "insecureEdgeTerminationPolicy is Allow",
            subject.place("spec", "tls", "insecureEdgeTerminationPolicy"),
        )


def _proxy(subject: Subject) -> Iterator[Outcome]:
    virtual_host = mapping(subject.resource.spec.get("virtualhost"))
    if not virtual_host:
        yield NotApplicable("it is included by another HTTPProxy")
    elif not mapping(virtual_host.get("tls")):
        message = f"{subject.resource} serves {virtual_host.get('fqdn')} without TLS"
        yield Fault(message, subject.place("spec", "virtualhost", "tls"))


def _traefik(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    resource = subject.resource
    if isinstance(resource.spec.get("tls"), dict) or _redirects(resource, context):
        return
    entries = [entry for entry in sequence(resource.spec.get("entryPoints")) if isinstance(entry, str)]
    if not entries or any("secure" in entry for entry in entries):
        yield Unverifiable(f"the entry points of {resource} may have TLS of their own")
        return
    message = f"{resource} serves entry point {', '.join(entries)} without TLS"
    yield Fault(message, subject.place("spec", "tls"))


def _redirects(resource: Resource, context: RuleContext) -> bool:
    for route in sequence(resource.spec.get("routes")):
        for item in map(mapping, sequence(mapping(route).get("middlewares"))):
            namespace = item.get("namespace") or resource.namespace
            found = context.graph.index.find(resource.group, "Middleware", str(namespace), str(item.get("name")))
            if found is not None and dig(found.spec, "redirectScheme", "scheme") == "https":
                return True
    return False


def _istio(subject: Subject) -> Iterator[Outcome]:
    servers = list(map(mapping, sequence(subject.resource.spec.get("servers"))))
    encrypted = {
        str(host)
        for server in servers
        if dig(server, "port", "protocol") in ("HTTPS", "TLS")
        for host in sequence(server.get("hosts"))
    }
    plain = [
        (index, server) for index, server in enumerate(servers) if dig(server, "port", "protocol") in ("HTTP", "HTTP2")
    ]
    if not plain and not encrypted:
        yield NotApplicable("it serves neither HTTP nor TLS")
    for index, server in plain:
        hosts = [str(host) for host in sequence(server.get("hosts")) if str(host) not in encrypted]
        if hosts and dig(server, "tls", "httpsRedirect") is not True:
            message = f"{subject.resource} serves {', '.join(hosts)} without TLS"
            yield Fault(message, subject.place("spec", "servers", index, "tls"))
