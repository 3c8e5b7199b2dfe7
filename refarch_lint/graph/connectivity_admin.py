"""Reads cluster-wide network policies (policy.networking.k8s.io): admin, baseline and ClusterNetworkPolicy."""

from __future__ import annotations

from typing import Any, Final

from refarch_lint.graph.addresses import ALL_IPV4, ALL_IPV6, AddressRange
from refarch_lint.graph.connectivity_rules import (
    Action,
    AddressPeer,
    OtherPeer,
    Peer,
    PodPeer,
    Policy,
    PolicyFault,
    PortMatch,
    Rule,
    Subject,
    Tier,
)
from refarch_lint.graph.network_policies import PolicyReader, read_peers
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping
from refarch_lint.model.selector import LabelSelector

ADMIN_GROUP: Final = "policy.networking.k8s.io"
_LAST_PRIORITY: Final = 1000
_EVERYTHING: Final = LabelSelector()
_DOMAIN_NAMES: Final = "domain names"

_ACTIONS: Final[dict[str, dict[str, Action]]] = {
    "AdminNetworkPolicy": {"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
    "BaselineAdminNetworkPolicy": {"Allow": Action.ALLOW, "Deny": Action.DENY},
    "ClusterNetworkPolicy": {"Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
}


#: What a peer may be: in ingress rules, and in the egress rules of each kind.
_SOURCES: Final = ("namespaces", "pods")
_DESTINATIONS: Final = {
    "AdminNetworkPolicy": ("namespaces", "pods", "nodes", "networks", "domainNames"),
    "BaselineAdminNetworkPolicy": ("namespaces", "pods", "nodes", "networks"),
    "ClusterNetworkPolicy": ("namespaces", "pods", "nodes", "networks", "domainNames"),
}


def is_admin_policy(resource: Resource) -> bool:
    """Tell whether the object is a cluster-wide policy that this module reads."""
    return resource.group == ADMIN_GROUP and resource.kind in _ACTIONS


def read_admin_policy(resource: Resource) -> tuple[Policy, list[PolicyFault]]:
    """Return what a cluster-wide policy says, and its faults; a policy with a refused fault is not in force."""
    reader = PolicyReader(resource)
    spec = reader.fields(resource.data.get("spec"), ("spec",))
    tier = _tier(reader, spec)
    priority = 0 if resource.kind == "BaselineAdminNetworkPolicy" else _priority(reader, spec.get("priority"))
    if resource.kind == "BaselineAdminNetworkPolicy" and resource.name != "default":
        reader.fault(("metadata", "name"), "must be default: a cluster has one BaselineAdminNetworkPolicy")
    policy = Policy(
        resource,
        tier,
        _subject(reader, spec.get("subject")),
        _rules(reader, spec.get("ingress"), ("spec", "ingress"), "from") or None,
        _rules(reader, spec.get("egress"), ("spec", "egress"), "to") or None,
        priority,
    )
    return policy, reader.faults


def _tier(reader: PolicyReader, spec: dict[str, Any]) -> Tier:
    if reader.resource.kind != "ClusterNetworkPolicy":
        return Tier.ADMIN if reader.resource.kind == "AdminNetworkPolicy" else Tier.BASELINE
    match spec.get("tier"):
        case "Admin":
            return Tier.ADMIN
        case "Baseline":
            return Tier.BASELINE
        case _:
            reader.fault(("spec", "tier"), "is not one of Admin, Baseline")
            return Tier.ADMIN


def _priority(reader: PolicyReader, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LAST_PRIORITY:
        return value
    reader.fault(("spec", "priority"), f"is not a priority from 0 to {_LAST_PRIORITY}")
    return _LAST_PRIORITY


def _subject(reader: PolicyReader, value: object) -> Subject:
    path: Path = ("spec", "subject")
    data = reader.fields(value, path)
    if len([key for key in ("namespaces", "pods") if data.get(key) is not None]) != 1:
        reader.fault(path, "must have exactly one of namespaces, pods")
    if data.get("pods") is not None:
        pods, namespaces = _namespaced_pods(reader, data["pods"], (*path, "pods"))
        return Subject(pods, namespaces)
    return Subject(_EVERYTHING, reader.selector(data.get("namespaces"), (*path, "namespaces")))


def _namespaced_pods(reader: PolicyReader, value: object, path: Path) -> tuple[LabelSelector, LabelSelector]:
    data = reader.fields(value, path)
    return (
        reader.selector(data.get("podSelector"), (*path, "podSelector")),
        reader.selector(data.get("namespaceSelector"), (*path, "namespaceSelector")),
    )


def _rules(reader: PolicyReader, value: object, path: Path, peers_key: str) -> tuple[Rule, ...]:
    actions = _ACTIONS[reader.resource.kind]
    found: list[Rule] = []
    for index, item in enumerate(reader.items(value, path)):
        here: Path = (*path, index)
        data = reader.fields(item, here)
        written = data.get("action")
        action = actions.get(written) if isinstance(written, str) else None
        if action is None:
            reader.fault((*here, "action"), f"is not one of {', '.join(actions)}")
            action = Action.DENY
        entries = reader.items(data.get(peers_key), (*here, peers_key))
        if not entries:
            reader.fault(here, f"has no {peers_key}")
        peers = read_peers(reader, entries, (*here, peers_key), _destination if peers_key == "to" else _source)
        rule = Rule(here, action, peers, _ports(reader, data, here))
        _fits_peers(reader, rule, peers_key)
        found.append(rule)
    return tuple(found)


def _fits_peers(reader: PolicyReader, rule: Rule, peers_key: str) -> None:
    """Domain names can only be allowed, and nothing but pods has ports with names."""
    others = [entry.peer.description for entry in rule.peers or () if isinstance(entry.peer, OtherPeer)]
    if _DOMAIN_NAMES in others and rule.action is not Action.ALLOW:
        reader.fault((*rule.path, "action"), "is not the one that allows, as domainNames require")
    named = next((match.name for match in rule.ports or () if match.name), None)
    addressed = any(isinstance(entry.peer, AddressPeer) for entry in rule.peers or ())
    if named is not None and (others or addressed):
        message = f"has the port name {named} beside peers that are no pods and have no port names"
        reader.fault((*rule.path, peers_key), message, refused=False)


def _source(reader: PolicyReader, data: dict[str, Any], path: Path) -> Peer | None:
    return _peer(reader, data, path, _SOURCES)


def _destination(reader: PolicyReader, data: dict[str, Any], path: Path) -> Peer | None:
    return _peer(reader, data, path, _DESTINATIONS[reader.resource.kind])


def _peer(reader: PolicyReader, data: dict[str, Any], path: Path, allowed: tuple[str, ...]) -> Peer | None:
    keys = [key for key in allowed if data.get(key) is not None]
    if len(keys) != 1:
        reader.fault(path, f"must have exactly one of {', '.join(allowed)}")
        return None
    key = keys[0]
    here: Path = (*path, key)
    match key:
        case "namespaces":
            return _namespaces(reader, data[key], here, _EVERYTHING)
        case "pods":
            pods = reader.fields(data[key], here)
            selected = reader.selector(pods.get("podSelector"), (*here, "podSelector"))
            if pods.get("namespaces") is not None:
                return _namespaces(reader, pods["namespaces"], (*here, "namespaces"), selected)
            chosen = reader.selector(pods.get("namespaceSelector"), (*here, "namespaceSelector"))
            return PodPeer(selected, chosen, pod_network_only=True)
        case "networks":
            return _networks(reader, data[key], here)
        case _:
            return OtherPeer("nodes" if key == "nodes" else _DOMAIN_NAMES)


def _namespaces(reader: PolicyReader, value: object, path: Path, pods: LabelSelector) -> PodPeer | None:
    data = reader.fields(value, path)
    for key in ("sameLabels", "notSameLabels"):
        if data.get(key) is not None:
            labels = [label for label in reader.items(data[key], (*path, key)) if isinstance(label, str)]
            if not labels:
                return None
            if key == "sameLabels":
                return PodPeer(pods, _EVERYTHING, same_labels=tuple(labels), pod_network_only=True)
            return PodPeer(pods, _EVERYTHING, not_same_labels=tuple(labels), pod_network_only=True)
    if "namespaceSelector" in data:
        return PodPeer(
            pods, reader.selector(data["namespaceSelector"], (*path, "namespaceSelector")), pod_network_only=True
        )
    return PodPeer(pods, reader.selector(value, path), pod_network_only=True)


def _networks(reader: PolicyReader, value: object, path: Path) -> AddressPeer:
    found: list[AddressRange] = []
    for index, item in enumerate(reader.items(value, path)):
        block = reader.cidr(item, (*path, index))
        if block is not None:
            found.append(block)
    return AddressPeer(tuple(found), includes_pods=ALL_IPV4 in found or ALL_IPV6 in found)


def _ports(reader: PolicyReader, data: dict[str, Any], path: Path) -> tuple[PortMatch, ...] | None:
    key = "protocols" if data.get("protocols") is not None else "ports"
    if data.get("match") is not None:
        reader.fault((*path, "match"), "is a draft of protocols that is not read here")
    entries = reader.items(data.get(key), (*path, key))
    if not entries:
        return None
    read = _protocol_entry if key == "protocols" else _port_entry
    found: list[PortMatch] = []
    for index, entry in enumerate(entries):
        here: Path = (*path, key, index)
        port = read(reader, reader.fields(entry, here), here)
        if port is not None:
            found.append(port)
    return tuple(found)


def _port_entry(reader: PolicyReader, data: dict[str, Any], path: Path) -> PortMatch | None:
    number, numbers, name = data.get("portNumber"), data.get("portRange"), data.get("namedPort")
    if len([value for value in (number, numbers, name) if value is not None]) != 1:
        reader.fault(path, "must have exactly one of portNumber, portRange, namedPort")
        return None
    if name is not None:
        if isinstance(name, str):
            return PortMatch(None, name=name)
        reader.fault((*path, "namedPort"), "is not a text")
        return None
    key, value = ("portNumber", number) if number is not None else ("portRange", numbers)
    fields = reader.fields(value, (*path, key))
    protocol = reader.protocol(fields.get("protocol"), (*path, key, "protocol"))
    return _numbers(reader, protocol, fields, (*path, key), "port" if key == "portNumber" else None)


def _protocol_entry(reader: PolicyReader, data: dict[str, Any], path: Path) -> PortMatch | None:
    name = data.get("destinationNamedPort")
    if isinstance(name, str):
        return PortMatch(None, name=name)
    keys = [key for key in ("tcp", "udp", "sctp") if data.get(key) is not None]
    if len(keys) != 1:
        reader.fault(path, "must have exactly one of tcp, udp, sctp, destinationNamedPort")
        return None
    here: Path = (*path, keys[0], "destinationPort")
    port = mapping(data[keys[0]]).get("destinationPort")
    if port is None:
        return PortMatch(keys[0].upper(), 1, 65535)
    fields = reader.fields(port, here)
    if fields.get("range") is not None:
        return _numbers(reader, keys[0].upper(), reader.fields(fields["range"], (*here, "range")), here, None)
    return _numbers(reader, keys[0].upper(), fields, here, "number")


def _numbers(
    reader: PolicyReader, protocol: str, fields: dict[str, Any], path: Path, key: str | None
) -> PortMatch | None:
    first = reader.port_number(fields.get(key or "start"), (*path, key or "start"))
    last = first if key else reader.port_number(fields.get("end"), (*path, "end"))
    if first is None or last is None:
        return None
    if last < first:
        reader.fault(path, f"end {last} is less than start {first}")
    return PortMatch(protocol, first, last)
