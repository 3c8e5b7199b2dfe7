"""Services, Ingresses and NetworkPolicies (kubernetes/pkg/apis/core, networking)."""

from __future__ import annotations

import ipaddress
from typing import Any

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    entries,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    shown,
    unique,
    unique_field,
    whole_number,
)
from refarch_lint.model.field_values.common import PORT_NUMBER, PROTOCOL, SELECTOR, port_number_or_name
from refarch_lint.model.field_values.formats import (
    cidr,
    dns_label,
    dns_label_1035,
    dns_subdomain,
    host_name,
    ip_address,
    label_key,
    label_value,
    port_name,
)

_EXTERNAL = ("NodePort", "LoadBalancer")
_AFFINITY_SECONDS_MAX = 86400


def _service_port_identity(port: dict[str, Any]) -> tuple[Any, Any] | None:
    number = port.get("port")
    return (number, port.get("protocol") or "TCP") if isinstance(number, int) else None


def _target_port(node: Node, faults: Faults) -> None:
    """Check a port that pods listen on; 0 is left out and means the Service's own (API defaults of Service)."""
    if node.value != 0 or isinstance(node.value, bool):
        port_number_or_name(node, faults)


_SERVICE_PORTS: Check = each(
    fields(
        {
            "name": formatted(dns_label),
            "nodePort": whole_number(0, 65535),
            "port": PORT_NUMBER,
            "protocol": PROTOCOL,
            "targetPort": _target_port,
        }
    ),
    unique_field("name", "names two ports of this Service"),
    unique(_service_port_identity, "port", "is declared twice with the same protocol"),
)


def _ports_present(node: Node, faults: Faults) -> None:
    kind, ports = node["type"].text, node["ports"]
    if not ports.value and kind != "ExternalName" and node["clusterIP"].value != "None":
        faults.append(node.missing("ports"))
    if isinstance(ports.value, list) and len(ports.value) > 1:
        faults.extend(
            port.missing("name", "is required where a Service has several ports")
            for port in ports.items()
            if isinstance(port.value, dict) and port["name"].value in (None, "")
        )


def _type_fits(node: Node, faults: Faults) -> None:
    kind, address = node["type"].text or "ClusterIP", node["clusterIP"]
    if kind == "ExternalName":
        if node["externalName"].value in (None, ""):
            faults.append(node.missing("externalName", "is required where type is ExternalName"))
        if address.value not in (None, ""):
            faults.append(address.fault("is not allowed where type is ExternalName"))
    elif kind in _EXTERNAL and address.value == "None":
        faults.append(address.fault(f"is None, which is not allowed where type is {kind}"))
    if kind == "ClusterIP":
        for port in node["ports"].items():
            if port["nodePort"].number:
                faults.append(port["nodePort"].fault("is not allowed where type is ClusterIP"))
    if kind not in _EXTERNAL and not node["externalIPs"].value and node["externalTrafficPolicy"].text:
        faults.append(node["externalTrafficPolicy"].fault("is allowed only where type is NodePort or LoadBalancer"))


def _external_name(text: str) -> str | None:
    return dns_subdomain(text.removesuffix("."))


def _cluster_address(node: Node, faults: Faults) -> None:
    if node.text not in (None, "None"):
        formatted(ip_address)(node, faults)


SERVICE: Check = fields(
    {
        "clusterIP": _cluster_address,
        "clusterIPs": each(_cluster_address),
        "externalIPs": each(formatted(ip_address)),
        "externalName": formatted(_external_name),
        "externalTrafficPolicy": one_of("Cluster", "Local"),
        "internalTrafficPolicy": one_of("Cluster", "Local"),
        "ipFamilies": each(one_of("IPv4", "IPv6")),
        "ipFamilyPolicy": one_of("SingleStack", "PreferDualStack", "RequireDualStack"),
        "loadBalancerSourceRanges": each(formatted(lambda text: cidr(text.strip()))),
        "ports": _SERVICE_PORTS,
        "selector": entries(formatted(label_value), label_key),
        "sessionAffinity": one_of("ClientIP", "None"),
        "sessionAffinityConfig": fields(
            {"clientIP": fields({"timeoutSeconds": whole_number(1, _AFFINITY_SECONDS_MAX)})}
        ),
        "type": one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    },
    _ports_present,
    _type_fits,
)

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
    {"service": fields({"name": all_of(formatted(dns_label_1035), not_empty), "port": _PORT_CHOICE}, _one_port)},
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
        "tls": each(fields({"hosts": each(formatted(host_name)), "secretName": formatted(dns_subdomain)})),
    },
    _some_rule,
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
    if block is None or cidr(block):
        return
    outer: Any = ipaddress.ip_network(block, strict=False)
    for exception in node["except"].items():
        text = exception.text
        if text is None or cidr(text):
            continue
        inner: Any = ipaddress.ip_network(text, strict=False)
        if inner.version != outer.version or inner == outer or not inner.subnet_of(outer):
            faults.append(exception.fault(f"is {shown(text)}, a smaller block within {block} is required"))


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
                "ipBlock": fields({"cidr": formatted(cidr), "except": each(formatted(cidr))}, _within),
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
        "policyTypes": each(one_of("Ingress", "Egress")),
    }
)

ENDPOINT_SLICE: dict[str, Check] = {
    "addressType": one_of("IPv4", "IPv6", "FQDN"),
    "ports": each(fields({"port": PORT_NUMBER, "protocol": PROTOCOL})),
}
