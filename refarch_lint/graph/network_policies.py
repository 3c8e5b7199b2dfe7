"""Reads NetworkPolicy objects (networking.k8s.io/v1) as the API does, and says what the API would refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from refarch_lint.graph.addresses import AddressRange, parse_cidr, without
from refarch_lint.graph.connectivity_rules import (
    Action,
    AddressPeer,
    Peer,
    PeerEntry,
    PodPeer,
    Policy,
    PolicyFault,
    PortMatch,
    Rule,
    Subject,
    Tier,
)
from refarch_lint.graph.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.selector import LabelSelector, parse_selector
from refarch_lint.model.written import selector_as_written
from refarch_lint.regex import regex

_PORT_NAME: Final = regex(r"(?=[a-z0-9-]{1,15}\Z)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_EVERYTHING: Final = LabelSelector()
_TYPES_MAX: Final = 2


class PolicyReader:
    """Gathers the faults of one policy while its parts are read."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.faults: list[PolicyFault] = []

    def fault(self, path: Path, message: str, *, refused: bool = True) -> None:
        """Record what is wrong at a path of the policy."""
        self.faults.append(PolicyFault(self.resource, path, message, refused))

    @property
    def refused(self) -> bool:
        return any(fault.refused for fault in self.faults)

    def selector(self, value: object, path: Path) -> LabelSelector:
        """Return a label selector; an absent one selects everything."""
        found = parse_selector(selector_as_written(self.resource, path, value))
        if found is None:
            return _EVERYTHING
        for fault in found.faults:
            self.fault((*path, *fault.path), fault.message)
        return found

    def items(self, value: object, path: Path) -> list[Any]:
        """Return a list, or nothing where it is absent; anything else is a fault."""
        if value is not None and not isinstance(value, list):
            self.fault(path, "is not a list")
        return sequence(value)

    def fields(self, value: object, path: Path) -> dict[str, Any]:
        """Return a mapping; null stands for an empty one, anything else is a fault."""
        if value is not None and not isinstance(value, dict):
            self.fault(path, "is not a mapping")
        return mapping(value)

    def ports(self, value: object, path: Path) -> tuple[PortMatch, ...] | None:
        """Return the ports of a NetworkPolicy rule, or None for every port."""
        found = [
            self._port(self.fields(item, (*path, index)), (*path, index)) for index, item in self._listed(value, path)
        ]
        return tuple(match for match in found if match) if found else None

    def _listed(self, value: object, path: Path) -> list[tuple[int, Any]]:
        return list(enumerate(self.items(value, path)))

    def protocol(self, value: object, path: Path) -> str:
        """Return a protocol; TCP where it is absent."""
        if value is None:
            return "TCP"
        if isinstance(value, str) and value in PROTOCOLS:
            return value
        self.fault(path, "is not one of TCP, UDP, SCTP")
        return "TCP"

    def port_number(self, value: object, path: Path) -> int | None:
        """Return a port number from 1 to 65535."""
        if isinstance(value, int) and not isinstance(value, bool) and FIRST_PORT <= value <= LAST_PORT:
            return value
        self.fault(path, "is not a port number from 1 to 65535")
        return None

    def port_name(self, value: str, path: Path) -> str | None:
        """Return a port name (IANA service name: up to 15 characters, at least one letter)."""
        if _PORT_NAME.fullmatch(value):
            return value
        self.fault(path, "is not a valid port name")
        return None

    def _port(self, data: dict[str, Any], path: Path) -> PortMatch | None:
        protocol = self.protocol(data.get("protocol"), (*path, "protocol"))
        port, end = data.get("port"), data.get("endPort")
        if port is None:
            if end is not None:
                self.fault((*path, "endPort"), "needs a port beside it")
            return PortMatch(protocol, FIRST_PORT, LAST_PORT)
        if isinstance(port, str):
            if end is not None:
                self.fault((*path, "endPort"), "must not stand beside a named port")
            name = self.port_name(port, (*path, "port"))
            return PortMatch(protocol, name=name) if name else None
        first = self.port_number(port, (*path, "port"))
        if end is None or first is None:
            return PortMatch(protocol, first, first) if first else None
        last = self.port_number(end, (*path, "endPort"))
        if last is not None and last < first:
            self.fault((*path, "endPort"), f"{last} is less than port {first}")
        return PortMatch(protocol, first, last) if last is not None else None

    def cidr(self, value: object, path: Path) -> AddressRange | None:
        """Return the range of a CIDR block."""
        found = parse_cidr(value)
        if found is None:
            self.fault(path, "is not a CIDR block" if isinstance(value, str) else "is not a CIDR block in text form")
        return found


def read_network_policy(resource: Resource) -> tuple[Policy, list[PolicyFault]]:
    """Return what a NetworkPolicy says, and its faults; a policy with a refused fault is not in force."""
    reader = PolicyReader(resource)
    spec = reader.fields(resource.data.get("spec"), ("spec",))
    subject = Subject(reader.selector(spec.get("podSelector"), ("spec", "podSelector")))
    ingress = _rules(reader, spec.get("ingress"), ("spec", "ingress"), "from")
    egress = _rules(reader, spec.get("egress"), ("spec", "egress"), "to")
    types = _policy_types(reader, spec.get("policyTypes"), has_egress=bool(egress))
    for rule in egress if "Egress" in types else ():
        _warn_of_names_on_addresses(reader, rule)
    policy = Policy(
        resource,
        Tier.NETWORK,
        subject,
        ingress if "Ingress" in types else None,
        egress if "Egress" in types else None,
    )
    return policy, reader.faults


def _policy_types(reader: PolicyReader, value: object, *, has_egress: bool) -> frozenset[str]:
    declared = reader.items(value, ("spec", "policyTypes"))
    if not declared:
        return frozenset({"Ingress", "Egress"} if has_egress else {"Ingress"})
    if len(declared) > _TYPES_MAX:
        reader.fault(("spec", "policyTypes"), f"has {len(declared)} entries, at most {_TYPES_MAX} are allowed")
    for index, item in enumerate(declared):
        if item not in ("Ingress", "Egress"):
            reader.fault(("spec", "policyTypes", index), "is not one of Ingress, Egress")
    return frozenset(item for item in declared if isinstance(item, str))


def _rules(reader: PolicyReader, value: object, path: Path, peers_key: str) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for index, item in enumerate(reader.items(value, path)):
        here: Path = (*path, index)
        data = reader.fields(item, here)
        entries = reader.items(data.get(peers_key), (*here, peers_key))
        peers = read_peers(reader, entries, (*here, peers_key), _peer) if entries else None
        found.append(Rule(here, Action.ALLOW, peers, reader.ports(data.get("ports"), (*here, "ports"))))
    return tuple(found)


PeerReader = Callable[[PolicyReader, dict[str, Any], Path], Peer | None]


def read_peers(reader: PolicyReader, entries: list[Any], path: Path, read: PeerReader) -> tuple[PeerEntry, ...]:
    """Return the peers that can be read, each with its path."""
    found = []
    for index, entry in enumerate(entries):
        peer = read(reader, reader.fields(entry, (*path, index)), (*path, index))
        if peer is not None:
            found.append(PeerEntry((*path, index), peer))
    return tuple(found)


def _peer(reader: PolicyReader, data: dict[str, Any], path: Path) -> PodPeer | AddressPeer | None:
    pods, namespaces, block = data.get("podSelector"), data.get("namespaceSelector"), data.get("ipBlock")
    if block is not None:
        if pods is not None or namespaces is not None:
            reader.fault(path, "must not have ipBlock beside podSelector or namespaceSelector")
        return _ip_block(reader, reader.fields(block, (*path, "ipBlock")), (*path, "ipBlock"))
    if pods is None and namespaces is None:
        reader.fault(path, "has none of podSelector, namespaceSelector, ipBlock")
        return None
    return PodPeer(
        reader.selector(pods, (*path, "podSelector")),
        None if namespaces is None else reader.selector(namespaces, (*path, "namespaceSelector")),
    )


def _ip_block(reader: PolicyReader, data: dict[str, Any], path: Path) -> AddressPeer | None:
    block = reader.cidr(data.get("cidr"), (*path, "cidr"))
    excepted: list[AddressRange] = []
    for index, item in enumerate(reader.items(data.get("except"), (*path, "except"))):
        here: Path = (*path, "except", index)
        hole = reader.cidr(item, here)
        if hole is None or block is None:
            continue
        if not block.contains(hole) or hole == block:
            reader.fault(here, f"is not strictly inside {data.get('cidr')}")
        excepted.append(hole)
    return None if block is None else AddressPeer(without(block, excepted))


def _warn_of_names_on_addresses(reader: PolicyReader, rule: Rule) -> None:
    if not any(isinstance(entry.peer, AddressPeer) for entry in rule.peers or ()):
        return
    data: Any = reader.resource.data
    for part in rule.path:
        data = data[part]
    for index, port in enumerate(sequence(data.get("ports"))):
        name = mapping(port).get("port")
        if isinstance(name, str):
            message = f"is the name {name}, which means nothing on an ipBlock"
            reason = "addresses outside the cluster have no port names"
            reader.fault((*rule.path, "ports", index, "port"), f"{message}: {reason}", refused=False)
