"""Services and their endpoints (kubernetes/pkg/apis/core, discovery)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    entries,
    fields,
    formatted,
    not_empty,
    one_of,
    since,
    whole_number,
)
from refarch_lint.model.field_values.common import ADDRESS, PORT_NUMBER, PROTOCOL, port_number_or_name
from refarch_lint.model.field_values.formats import (
    address_in,
    cidr,
    dns_label,
    dns_subdomain,
    ip_address,
    label_key,
    label_value,
    unambiguous_cidr,
)
from refarch_lint.model.field_values.lists import at_most, unique, unique_field

_EXTERNAL = ("NodePort", "LoadBalancer")
_AFFINITY_SECONDS_MAX = 86400
_FAMILIES_MAX = 2
_ADDRESSES_MAX = 1000


def _special(text: str) -> str | None:
    """Addresses that nobody can be reached at from elsewhere (ValidateNonSpecialIP)."""
    address = address_in(text)
    if address is None or "%" in text:
        return None
    kinds = (
        (address.is_unspecified, "of nothing in particular"),
        (address.is_loopback, "of the node itself"),
        (address.is_link_local, "of a single link"),
        (address.is_multicast and text.startswith(("224.0.0.", "ff02:", "FF02:")), "of a single link"),
    )
    return next((f"an address {what}, which is not allowed here" for is_it, what in kinds if is_it), None)


def _identity(number: str) -> Callable[[dict[str, Any]], tuple[Any, Any] | None]:
    def identity(port: dict[str, Any]) -> tuple[Any, Any] | None:
        value = port.get(number)
        return (value, port.get("protocol") or "TCP") if isinstance(value, int) and value else None

    return identity


def _target_port(node: Node, faults: Faults) -> None:
    """Check a port that pods listen on; 0 is left out and means the Service's own (API defaults of Service)."""
    if node.value != 0 or isinstance(node.value, bool):
        port_number_or_name(node, faults)


_SERVICE_PORTS: Check = each(
    fields(
        {
            "appProtocol": formatted(label_key),
            "name": formatted(dns_label),
            "nodePort": whole_number(0, 65535),
            "port": PORT_NUMBER,
            "protocol": PROTOCOL,
            "targetPort": _target_port,
        }
    ),
    unique_field("name", "names two ports of this Service"),
    unique(_identity("port"), "port", "is declared twice with the same protocol"),
    unique(_identity("nodePort"), "nodePort", "is declared twice with the same protocol"),
)


def _ports_present(node: Node, faults: Faults) -> None:
    kind, ports = node["type"].text, node["ports"]
    if not ports.value and kind != "ExternalName" and node["clusterIP"].value != "None":
        faults.append(node.missing("ports"))
    _told_apart("a Service has several ports")(ports, faults)


def _told_apart(where: str) -> Check:
    """Demand names of several ports; `where` goes on the message."""

    def check(node: Node, faults: Faults) -> None:
        if isinstance(node.value, list) and len(node.value) > 1:
            faults.extend(
                port.missing("name", f"is required where {where}")
                for port in node.items()
                if isinstance(port.value, dict) and port["name"].value in (None, "")
            )

    return check


def _type_fits(node: Node, faults: Faults) -> None:
    kind, address = node["type"].text or "ClusterIP", node["clusterIP"]
    if kind == "ExternalName":
        if node["externalName"].value in (None, ""):
            faults.append(node.missing("externalName", "is required where type is ExternalName"))
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if node[key].value not in (None, "", []):
                faults.append(node[key].fault("is not allowed where type is ExternalName"))
    elif kind in _EXTERNAL and address.value == "None":
        faults.append(address.fault(f"is None, which is not allowed where type is {kind}"))
    if kind == "ClusterIP":
        for port in node["ports"].items():
            if port["nodePort"].number:
                faults.append(port["nodePort"].fault("is not allowed where type is ClusterIP"))


_OF_BALANCERS = ("allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges")


def _balanced(node: Node, faults: Faults) -> None:
    """What only a load balancer reads, and what only traffic from outside has a policy for."""
    kind, policy = node["type"].text or "ClusterIP", node["externalTrafficPolicy"]
    if kind not in _EXTERNAL and not node["externalIPs"].value and policy.text:
        faults.append(policy.fault("is allowed only where type is NodePort or LoadBalancer"))
    if kind != "LoadBalancer":
        for key in _OF_BALANCERS:
            if node[key].value not in (None, []):
                faults.append(node[key].fault("is allowed only where type is LoadBalancer"))
    if node["healthCheckNodePort"].number and (kind, policy.text) != ("LoadBalancer", "Local"):
        says = "is allowed only where type is LoadBalancer and externalTrafficPolicy is Local"
        faults.append(node["healthCheckNodePort"].fault(says))


def _affinity_fits(node: Node, faults: Faults) -> None:
    config = node["sessionAffinityConfig"]
    if config.value is not None and node["sessionAffinity"].text in (None, "None"):
        faults.append(config.fault("is allowed only where sessionAffinity is ClientIP"))


def _families_fit(node: Node, faults: Faults) -> None:
    """Addresses and families come in the same order, one of each family."""
    if node["type"].text == "ExternalName":
        return
    first, addresses, families = node["clusterIP"], node["clusterIPs"], node["ipFamilies"]
    for listed in (addresses, families):
        at_most(_FAMILIES_MAX)(listed, faults)
    given = [item for item in addresses.items() if item.text is not None]
    if given and first.text != given[0].text:
        says = f"is {given[0].text}, clusterIP ({first.text or 'which is not set'}) is required"
        faults.append(given[0].fault(says))
    named = [item.text for item in families.items() if item.text is not None]
    if len(named) != len(set(named)):
        faults.append(families.fault(f"names {named[0]} twice"))
    elif len(named) > 1 and node["ipFamilyPolicy"].text == "SingleStack":
        faults.append(families.fault("has two entries, one is allowed where ipFamilyPolicy is SingleStack"))
    versions = [_family(item.text) for item in given] or [_family(first.text)]
    if len(versions) > 1 and versions[0] is not None and versions[0] == versions[1]:
        faults.append(given[1].fault(f"is a second {versions[0]} address, one of each family is allowed"))
    elif named and versions[0] is not None and versions[0] != named[0]:
        faults.append(next(families.items()).fault(f"is {named[0]}, but the clusterIP is an {versions[0]} address"))


def _family(text: str | None) -> str | None:
    if text is None or ip_address(text):
        return None
    return "IPv6" if ":" in text else "IPv4"


def _external_name(text: str) -> str | None:
    return dns_subdomain(text.removesuffix("."))


def _cluster_address(node: Node, faults: Faults) -> None:
    if node.text not in (None, "None"):
        ADDRESS(node, faults)


_REACHABLE: Check = all_of(ADDRESS, formatted(_special))
_UNAMBIGUOUS: Check = since("1.36", formatted(unambiguous_cidr))


def _source_range(node: Node, faults: Faults) -> None:
    """Check a block of clients; spaces around it are fine where the API server does not ask for one reading of all."""
    formatted(lambda text: cidr(text.strip()))(node, faults)
    _UNAMBIGUOUS(node, faults)


#: The spec of a Service.
SERVICE: Check = fields(
    {
        "clusterIP": _cluster_address,
        "clusterIPs": each(_cluster_address),
        "externalIPs": each(_REACHABLE),
        "externalName": formatted(_external_name),
        "externalTrafficPolicy": one_of("Cluster", "Local"),
        "healthCheckNodePort": whole_number(0, 65535),
        "internalTrafficPolicy": one_of("Cluster", "Local"),
        "ipFamilies": each(one_of("IPv4", "IPv6")),
        "ipFamilyPolicy": one_of("SingleStack", "PreferDualStack", "RequireDualStack"),
        "loadBalancerClass": formatted(label_key),
        "loadBalancerSourceRanges": each(_source_range),
        "ports": _SERVICE_PORTS,
        "selector": entries(formatted(label_value), label_key),
        "sessionAffinity": one_of("ClientIP", "None"),
        "sessionAffinityConfig": fields(
            {"clientIP": fields({"timeoutSeconds": whole_number(1, _AFFINITY_SECONDS_MAX)})}
        ),
        "trafficDistribution": since(
            "1.34",
            one_of("PreferClose", "PreferSameNode", "PreferSameZone"),
            before=since("1.30", one_of("PreferClose")),
        ),
        "type": one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    },
    _ports_present,
    _type_fits,
    _balanced,
    _affinity_fits,
    _families_fit,
)

_ENDPOINT_PORTS: Check = each(
    fields(
        {"appProtocol": formatted(label_key), "name": formatted(dns_label), "port": PORT_NUMBER, "protocol": PROTOCOL}
    ),
)


def _some_address(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not (node["addresses"].value or node["notReadyAddresses"].value):
        faults.append(node.fault("sets none of addresses, notReadyAddresses; one is required"))


_ADDRESSES: Check = each(fields({"ip": all_of(_REACHABLE, not_empty)}))

#: An Endpoints object.
ENDPOINTS: dict[str, Check] = {
    "subsets": each(
        fields(
            {
                "addresses": _ADDRESSES,
                "notReadyAddresses": _ADDRESSES,
                "ports": all_of(_ENDPOINT_PORTS, _told_apart("there are several ports")),
            },
            _some_address,
        )
    )
}


def endpoint_addresses(node: Node, faults: Faults) -> None:
    """Check that the addresses of an EndpointSlice are of its type."""
    kind = node["addressType"].text
    endpoints = node["endpoints"]
    at_most(_ADDRESSES_MAX)(endpoints, faults)
    for endpoint in endpoints.items():
        not_empty(endpoint["addresses"], faults)
        for address in endpoint["addresses"].items():
            text = address.text
            if text is None:
                continue
            if kind == "FQDN":
                formatted(_external_name)(address, faults)
            elif kind in ("IPv4", "IPv6"):
                _REACHABLE(address, faults)
                if _family(text) not in (None, kind):
                    faults.append(address.fault(f"is {text}, an {kind} address is required"))


#: An EndpointSlice.
ENDPOINT_SLICE: dict[str, Check] = {
    "addressType": one_of("IPv4", "IPv6", "FQDN"),
    "ports": all_of(_ENDPOINT_PORTS, unique_field("name", "names two ports of this list")),
}
