"""Ingresses and NetworkPolicies (kubernetes/pkg/apis/networking/validation)."""

from __future__ import annotations

from typing import Any

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    required,
    shown,
    since,
)
from refarch_lint.model.field_values.common import BLOCK, PORT_NUMBER, PROTOCOL, SELECTOR, port_number_or_name
from refarch_lint.model.field_values.formats import (
    block_in,
    certified_host,
    dns_label,
    dns_label_1035,
    dns_subdomain,
    domain_path,
    host_name,
    port_name,
)
from refarch_lint.model.field_values.lists import at_most

_TYPES_MAX = 2

#: From 1.36 on the name of a Service may begin with a digit.
SERVICE_NAME: Check = since("1.36", formatted(dns_label), before=formatted(dns_label_1035))

_PORT_CHOICE: Check = fields({"name": formatted(port_name), "number": PORT_NUMBER})


def _one_port(node: Node, faults: Faults) -> None:
    port = node["port"]
    named, numbered = port["name"].value not in (None, ""), port["number"].value not in (None, 0)
    if not named and not numbered:
        faults.append(node.missing("port", "needs a name or a number"))
    elif named and numbered:
        faults.append(port["number"].fault("is not allowed together with name"))


def _one_backend(node: Node, faults: Faults) -> None:
    """Demand one of the fields, unless the form of extensions/v1beta1 is written, whose fields the schema refuses."""
    if not (node.has("serviceName") or node.has("servicePort")):
        exactly_one("service", "resource")(node, faults)


_BACKEND: Check = fields(
    {
        "resource": fields({"kind": not_empty, "name": not_empty}),
        "service": fields({"name": all_of(SERVICE_NAME, not_empty), "port": _PORT_CHOICE}, _one_port),
    },
    _one_backend,
)


def _ingress_path(node: Node, faults: Faults) -> None:
    kind, path = node["pathType"].text, node["path"]
    text = path.text
    if kind in ("Exact", "Prefix"):
        if path.value in (None, ""):
            faults.append(path.fault(f"is missing; the pathType {kind} requires an absolute path"))
        elif text and not text.startswith("/"):
            faults.append(path.fault(f"is {shown(text)}, an absolute path is required"))
        elif text and (bad := _bad_sequence(text)):
            faults.append(path.fault(f"is {shown(text)}, which holds {bad}"))
    elif text and not text.startswith("/"):
        faults.append(path.fault(f"is {shown(text)}, an absolute path is required"))


def _bad_sequence(path: str) -> str | None:
    for sequence in ("//", "/./", "/../", "%2f", "%2F"):
        if sequence in path:
            return sequence
    return next((ending for ending in ("/..", "/.") if path.endswith(ending)), None)


def _some_rule(node: Node, faults: Faults) -> None:
    if not node.has("defaultBackend") and not node["rules"].value:
        faults.append(node.fault("sets neither rules nor defaultBackend"))


INGRESS: Check = fields(
    {
        "defaultBackend": _BACKEND,
        "ingressClassName": formatted(dns_subdomain),
        "rules": each(
            fields(
                {
                    "host": formatted(host_name),
                    "http": fields(
                        {
                            "paths": all_of(
                                each(
                                    fields(
                                        {
                                            "pathType": one_of("Exact", "Prefix", "ImplementationSpecific"),
                                            "backend": _BACKEND,
                                        },
                                        _ingress_path,
                                    )
                                ),
                                not_empty,
                            )
                        }
                    ),
                }
            )
        ),
        "tls": each(fields({"hosts": each(formatted(certified_host)), "secretName": formatted(dns_subdomain)})),
    },
    _some_rule,
)


def _scope_fits(node: Node, faults: Faults) -> None:
    scope = node["scope"].text
    if scope == "Namespace" and node["namespace"].value in (None, ""):
        faults.append(node.missing("namespace", "is required where scope is Namespace"))
    elif scope in (None, "Cluster") and node.has("namespace"):
        faults.append(node["namespace"].fault("is allowed only where scope is Namespace"))


_CONTROLLER_MAX = 250

#: The spec of an IngressClass.
INGRESS_CLASS: Check = fields(
    {
        "controller": formatted(domain_path(_CONTROLLER_MAX)),
        "parameters": fields(
            {"kind": not_empty, "name": not_empty, "scope": one_of("Cluster", "Namespace")}, _scope_fits
        ),
    },
    required("controller"),
)


def one_class(node: Node, faults: Faults) -> None:
    """The annotation of old and the field cannot name different classes of an Ingress."""
    annotation, field = (
        node.down("metadata", "annotations", "kubernetes.io/ingress.class"),
        node.down("spec", "ingressClassName"),
    )
    if annotation.text and field.text and annotation.text != field.text:
        faults.append(
            annotation.fault(f"is {shown(annotation.text)}, but spec.ingressClassName is {shown(field.text)}")
        )


def _within(node: Node, faults: Faults) -> None:
    """Exceptions lie strictly inside their block."""
    block = node["cidr"].text
    outer: Any = block_in(block or "")
    if outer is None:
        return
    for exception in node["except"].items():
        text = exception.text
        inner: Any = block_in(text or "")
        if inner is None:
            continue
        if inner.version != outer.version or inner == outer or not inner.subnet_of(outer):
            faults.append(exception.fault(f"is {shown(text or '')}, a smaller block within {block} is required"))


def _peer(node: Node, faults: Faults) -> None:
    selectors = [key for key in ("podSelector", "namespaceSelector") if node.has(key)]
    if node.has("ipBlock"):
        faults.extend(node[key].fault("is not allowed together with ipBlock") for key in selectors)
    elif not selectors and (node.value is None or isinstance(node.value, dict)):
        faults.append(node.fault("names no peer: podSelector, namespaceSelector or ipBlock is required"))


_PEERS: Check = each(
    all_of(
        fields(
            {
                "ipBlock": fields({"cidr": all_of(BLOCK, not_empty), "except": each(BLOCK)}, _within),
                "namespaceSelector": SELECTOR,
                "podSelector": SELECTOR,
            }
        ),
        _peer,
    )
)


def _port_range(node: Node, faults: Faults) -> None:
    end, start = node["endPort"], node["port"]
    if end.value is None:
        return
    if start.number is None:
        faults.append(end.fault("is allowed only with a port that is a number"))
    elif end.number is not None and end.number < start.number:
        faults.append(end.fault(f"is {end.number}, at least the port ({start.number}) is required"))


_POLICY_PORTS: Check = each(
    fields({"endPort": PORT_NUMBER, "port": port_number_or_name, "protocol": PROTOCOL}, _port_range)
)


NETWORK_POLICY: Check = fields(
    {
        "egress": each(fields({"ports": _POLICY_PORTS, "to": _PEERS})),
        "ingress": each(fields({"from": _PEERS, "ports": _POLICY_PORTS})),
        "podSelector": SELECTOR,
        "policyTypes": all_of(each(one_of("Ingress", "Egress")), at_most(_TYPES_MAX)),
    }
)
