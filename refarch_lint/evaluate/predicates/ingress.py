"""Ingress objects: TLS for every host, certificates that exist, no way around HTTPS, no host or route claimed twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates import entry_points, gateway
from refarch_lint.evaluate.predicates.ingress_controller import (
    Answer,
    Controller,
    class_of,
    controller_of,
    limits_rates,
    redirects,
)
from refarch_lint.evaluate.predicates.ingress_nginx import ANNOTATIONS, PREFIX, SINGLE_VALUES, SNIPPETS, instead_of
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.naming import GATEWAY
from refarch_lint.graph.place import Place
from refarch_lint.graph.routes import claims_of
from refarch_lint.model.resource import Resource, dig, mapping, sequence

#: Annotations by which a load balancer in front of the cluster ends TLS.
_TLS_ELSEWHERE = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "kubernetes.io/ingress.gcp.pre-shared-cert",
    "networking.gke.io/certmap",
    "networking.gke.io/managed-certificates",
)
#: Annotations by which the backend ends TLS itself, or the controller does with a certificate of its own.
_TLS_SWITCHES = (
    "haproxy-ingress.github.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
)
_TLS_CLASSES = frozenset({"cloudflare-tunnel", "ngrok", "tailscale"})

#: Annotations of another controller than ingress-nginx that put text into its configuration.
_OTHER_SNIPPETS = frozenset({"nginx.org/server-snippets", "nginx.org/location-snippets", "nginx.org/stream-snippets"})


def covers(pattern: str, host: str) -> bool:
    """Tell whether a certificate host covers a host: by name, or `*` for its first label (RFC 6125, section 6.4.3)."""
    pattern, host = pattern.lower(), host.lower()
    if pattern == host:
        return True
    first, dot, rest = host.partition(".")
    return pattern.startswith("*.") and bool(first and dot) and first != "*" and pattern[2:] == rest


def _hosts(resource: Resource) -> Iterator[tuple[int, str]]:
    """Yield the rules of an Ingress by index with their host, empty where a rule answers for every host."""
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        host = mapping(rule).get("host")
        yield index, host if isinstance(host, str) else ""


def _ends_elsewhere(resource: Resource) -> bool:
    annotations = resource.annotations
    return (
        any(name in annotations for name in _TLS_ELSEWHERE)
        or any(annotations.get(name) == "true" for name in _TLS_SWITCHES)
        or class_of(resource) in _TLS_CLASSES
        or "HTTPS" in annotations.get("alb.ingress.kubernetes.io/listen-ports", "")
    )


def _has_default_backend(resource: Resource) -> bool:
    return bool(resource.spec.get("defaultBackend") or resource.spec.get("backend"))


def _tls_hosts(resource: Resource) -> tuple[bool, list[str]]:
    """Return whether a TLS entry covers every host, and the hosts that the others name."""
    named: list[str] = []
    for entry in sequence(resource.spec.get("tls")):
        listed: Any = dig(entry, "hosts")
        if not sequence(listed):
            return True, named
        named += [host for host in listed if isinstance(host, str)]
    return False, named


def tls(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every host that an entry point serves has a certificate."""
    resource = subject.resource
    if resource.kind != "Ingress":
        asked = gateway.tls if resource.group == GATEWAY else entry_points.tls
        yield from asked(subject, context)
        return
    if _ends_elsewhere(resource):
        return
    served = list(_hosts(resource))
    if not served and not _has_default_backend(resource):
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


def certificate_provided(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every Secret that an Ingress or Gateway takes a certificate from is there, or something makes it."""
    references = [
        reference
        for reference in context.graph.references_by_source.get(subject.resource, ())
        if _is_certificate(reference)
    ]
    if not references:
        yield NotApplicable("it names no certificate")
    for reference in references:
        if reference.status is ReferenceStatus.UNVERIFIABLE:
            yield Unverifiable(f"{subject.resource}: Secret/{reference.name}: {reference.note}")
        elif reference.status is ReferenceStatus.MISSING:
            yield _missing_certificate(reference, context)
        elif reference.status is ReferenceStatus.KEY_MISSING:
            message = f"{subject.resource} takes its certificate from Secret/{reference.name}"
            yield Fault(f"{message}, which has no key {reference.key}", reference.place)


def _is_certificate(reference: Reference) -> bool:
    is_entry = reference.place.resource.kind in ("Ingress", "Gateway")
    return is_entry and reference.relation is Relation.USES and (reference.group, reference.kind) == ("", "Secret")


def _missing_certificate(reference: Reference, context: RuleContext) -> Outcome:
    key = (reference.group, reference.kind, reference.namespace, reference.name)
    uses = [use for use in context.graph.missing_objects.get(key, ()) if _is_certificate(use)] or [reference]
    if uses[0].place != reference.place:
        return NotApplicable(f"told at {uses[0].place.resource}")
    resource = reference.place.resource
    entry = mapping(dig(resource.data, *reference.place.path[:-1]))  # type: ignore[arg-type]
    issuer = any(name in resource.annotations for name in ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer"))
    if issuer and resource.kind == "Ingress" and not sequence(entry.get("hosts")):
        why = "cert-manager makes none for a TLS entry without hosts"
    elif issuer and resource.kind == "Gateway":
        why = "cert-manager makes none for a listener without a hostname"
    else:
        why = f"nothing in the tree provides it in namespace {reference.namespace}"
    notes = tuple(Note(f"{use.place.resource} needs it too", use.place) for use in uses[1:])
    return Fault(f"{resource} takes its certificate from Secret/{reference.name}, but {why}", reference.place, notes)


def redirects_https(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Plain HTTP requests are sent to HTTPS."""
    resource = subject.resource
    if resource.kind == "Route":
        yield from entry_points.redirects_https(subject)
        return
    if resource.kind != "Ingress":
        yield from gateway.redirects_https(subject, context)
        return
    if not sequence(resource.spec.get("tls")) and not _ends_elsewhere(resource):
        yield NotApplicable("it has no TLS to redirect to")
        return
    does = "answers plain HTTP requests instead of redirecting them"
    yield from _answered(redirects(resource, context.graph), subject, does)


def _answered(answer: Answer, subject: Subject, does: str) -> Iterator[Outcome]:
    """Yield what a controller's answer amounts to; `does` says what an Ingress does for which it does not hold."""
    if answer.holds is None:
        yield Unverifiable(answer.reason)
    elif not answer.holds:
        place = subject.place("metadata", "annotations", answer.annotation)
        yield Fault(f"{subject.resource} {does}: {answer.reason}", place)


def rate_limited(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """One client cannot ask for everything."""
    resource = subject.resource
    misnamed = any("rate" in name and name not in ANNOTATIONS for name in _nginx_annotations(resource))
    if misnamed and context.run.runs("ingress-annotation-known"):
        yield NotApplicable("ingress-annotation-known tells of the annotation that was meant to limit it")
        return
    yield from _answered(limits_rates(resource, context.graph), subject, "limits no rate of requests")


def _nginx_annotations(resource: Resource) -> list[str]:
    return [name.removeprefix(PREFIX) for name in resource.annotations if name.startswith(PREFIX)]


def annotations_known(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Annotations exist under the controller that reads them; others are accepted and do nothing."""
    resource = subject.resource
    names = _nginx_annotations(resource)
    if not names:
        yield NotApplicable("it has no annotation of ingress-nginx")
        return
    controller = controller_of(resource, context.graph)
    if controller is not Controller.NGINX and class_of(resource) and controller is not None:
        place = subject.place("metadata", "annotations", PREFIX + names[0])
        message = f"annotation {PREFIX}{names[0]} does nothing on {resource}: its class {class_of(resource)} is served"
        yield Fault(f"{message} by {controller}", place)
        return
    for name in names:
        if name not in ANNOTATIONS:
            hint = instead_of(name)
            message = f"annotation {PREFIX}{name} on {resource} does nothing: ingress-nginx has none of that name"
            yield Fault(
                message + (f"; {hint}" if hint else ""), subject.place("metadata", "annotations", PREFIX + name)
            )


def host_explicit(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An entry point says which hosts it answers for."""
    resource = subject.resource
    if resource.kind != "Ingress":
        yield from gateway.host_explicit(subject, context)
        return
    served = list(_hosts(resource))
    for index, host in served:
        if not host:
            yield Fault(
                f"{resource} answers for every host: rule {index} names none", subject.place("spec", "rules", index)
            )
        elif host.startswith("*."):
            yield gateway.below_a_domain(resource, host, subject.place("spec", "rules", index, "host"))
    if not served and _has_default_backend(resource):
        field = "defaultBackend" if resource.spec.get("defaultBackend") else "backend"
        yield Fault(f"{resource} answers for every host: it has a default backend alone", subject.place("spec", field))


def routes_unique(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No host and path is claimed twice; which of two claims wins depends on the age of the objects."""
    resource = subject.resource
    looked = False
    for claim in claims_of(resource):
        looked = True
        first = context.graph.routes.first_claim(claim)
        other = first.place.resource
        if first.place != claim.place and (other is resource or other.id != resource.id):
            where = "twice" if other is resource else f"as {other} of namespace {other.namespace} does"
            yield Fault(
                f"{resource} claims {claim.shown} {where}", claim.place, (Note("claimed first here", first.place),)
            )
    if not looked:
        yield NotApplicable("it claims no path")


def no_snippets(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No annotation writes into the configuration of the controller, which serves every namespace."""
    resource = subject.resource
    if resource.kind == "ConfigMap":
        yield from _admits_snippets(resource)
        return
    for name, value in resource.annotations.items():
        short = name.removeprefix(PREFIX)
        place = Place(resource, ("metadata", "annotations", name))
        if short in SNIPPETS or name in _OTHER_SNIPPETS:
            yield Fault(f"{resource} writes into the controller's configuration: {name}", place)
        elif name.startswith(PREFIX) and short in SINGLE_VALUES and any(sign in value for sign in "\n;"):
            message = f"{resource} writes into the controller's configuration: {name} goes on after the value it is for"
            yield Fault(message, place)


def _admits_snippets(settings: Resource) -> Iterator[Outcome]:
    """Blame the settings of a controller that let every Ingress of the cluster write into its configuration."""
    admitted = mapping(settings.data.get("data")).get("allow-snippet-annotations")
    if admitted is None:
        yield NotApplicable("it does not set what Ingresses may write")
    elif admitted == "true":
        yield Fault(
            f"{settings} lets every Ingress of the cluster write into the controller's configuration: "
            "allow-snippet-annotations is true",
            Place(settings, ("data", "allow-snippet-annotations")),
        )
