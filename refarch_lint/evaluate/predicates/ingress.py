"""Ingress objects: TLS for every host, certificates that exist, no way around HTTPS, no host or route claimed twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.model.resource import Resource, dig, mapping, sequence

#: Annotations by which a load balancer or tunnel in front of the cluster ends TLS, or the backend itself does.
_TLS_ELSEWHERE = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "kubernetes.io/ingress.gcp.pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "networking.gke.io/certmap",
)
_TLS_SWITCHES = (
    "haproxy-ingress.github.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
)
_TLS_CLASSES = frozenset({"cloudflare-tunnel", "ngrok", "tailscale"})


def covers(pattern: str, host: str) -> bool:
    """Tell whether a certificate host covers a host: by name, or `*` for its first label (RFC 6125, section 6.4.3)."""
    pattern, host = pattern.lower(), host.lower()
    if pattern == host:
        return True
    first, dot, rest = host.partition(".")
    return pattern.startswith("*.") and bool(first and dot) and first != "*" and pattern[2:] == rest


def ingress_class(resource: Resource) -> str:
    """Return the class of an Ingress, by its field or its old annotation; empty where it has none."""
    name = resource.spec.get("ingressClassName")
    return name if isinstance(name, str) and name else resource.annotations.get("kubernetes.io/ingress.class", "")


def hosts(resource: Resource) -> Iterator[tuple[int, str]]:
    """Yield the rules of an Ingress by index with their host, empty where a rule answers for every host."""
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        host = mapping(rule).get("host")
        yield index, host if isinstance(host, str) else ""


def _ends_elsewhere(resource: Resource) -> bool:
    annotations = resource.annotations
    listens = annotations.get("alb.ingress.kubernetes.io/listen-ports", "")
    return (
        any(name in annotations for name in _TLS_ELSEWHERE)
        or any(annotations.get(name) == "true" for name in _TLS_SWITCHES)
        or ingress_class(resource) in _TLS_CLASSES
        or "HTTPS" in listens
    )


def has_tls(resource: Resource) -> bool:
    """Tell whether an Ingress ends TLS for anybody, or lets somebody else do so."""
    return bool(sequence(resource.spec.get("tls"))) or _ends_elsewhere(resource)


def _tls_hosts(resource: Resource) -> tuple[bool, list[str]]:
    """Return whether a TLS entry covers every host, and the hosts that the others name."""
    named: list[str] = []
    for entry in sequence(resource.spec.get("tls")):
        listed: Any = dig(entry, "hosts")
        if not sequence(listed):
            return True, named
        named += [host for host in listed if isinstance(host, str)]
    return False, named


def tls(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Every host that an Ingress serves has a certificate."""
    resource = subject.resource
    if _ends_elsewhere(resource):
        return
    served = list(hosts(resource))
    if not served and not resource.spec.get("defaultBackend") and not resource.spec.get("backend"):
        yield NotApplicable("it routes nothing")
        return
    if not sequence(resource.spec.get("tls")):
        names = ", ".join(dict.fromkeys(host or "every host" for _, host in served)) or "every host"
        yield Fault(f"{resource} serves {names} without TLS", subject.place("spec", "tls"))
        return
    everything, named = _tls_hosts(resource)
    for index, host in served:
        if host and not everything and not any(covers(pattern, host) for pattern in named):
            listed = ", ".join(named)
            message = f"{resource} serves {host} without TLS: its certificates are for {listed}"
            yield Fault(message, subject.place("spec", "rules", index, "host"))
