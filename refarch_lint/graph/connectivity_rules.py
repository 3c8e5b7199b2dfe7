"""Network policies as plain values: whom they select, in which order they rule, and what each rule lets pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.ports import ALL_PORTS, PROTOCOLS, PortSet
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource
from refarch_lint.model.selector import LabelSelector
from refarch_lint.remembering import remembered


class Direction(StrEnum):
    """The side of a connection: ingress is judged at its destination, egress at its source."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Tier(IntEnum):
    """The order in which policies are asked (network-policy-api, tiers): the first that decides is final."""

    ADMIN = 0
    NETWORK = 1
    BASELINE = 2


class Action(StrEnum):
    """What a rule does with the traffic it matches; a pass leaves the decision to the next tier."""

    ALLOW = "Allow"
    DENY = "Deny"
    PASS = "Pass"

    @property
    def verb(self) -> str:
        """What a rule does, in words: `allows`, `denies`, `passes`."""
        return {"Allow": "allows", "Deny": "denies", "Pass": "passes"}[self.value]


class NamedPort(NamedTuple):
    """A container port that has a name, as the destination pod declares it."""

    name: str
    protocol: str
    number: int


class PortMatch(NamedTuple):
    """One entry of a rule's ports: numbers `first` to `last`, or a `name`; protocol None is any protocol."""

    protocol: str | None
    first: int = 0
    last: int = 0
    name: str = ""

    def resolve(self, named_ports: tuple[NamedPort, ...]) -> PortSet:
        """Return the ports meant on a destination that declares `named_ports`; none where a name is not declared."""
        if not self.name:
            protocols = PROTOCOLS if self.protocol is None else (self.protocol,)
            return PortSet.union_of([PortSet.of(protocol, self.first, self.last) for protocol in protocols])
        return PortSet.union_of(
            PortSet.of(port.protocol, port.number, port.number)
            for port in named_ports
            if port.name == self.name and self.protocol in (None, port.protocol)
        )


class PodPeer(NamedTuple):
    """Pods by label in namespaces by label; `namespaces` None is the namespace of the policy's subject.

    `same_labels` and `not_same_labels` compare the peer's namespace with that of the subject. Cluster-wide policies
    never mean pods on the host's network (`pod_network_only`).
    """

    pods: LabelSelector
    namespaces: LabelSelector | None = None
    same_labels: tuple[str, ...] = ()
    not_same_labels: tuple[str, ...] = ()
    pod_network_only: bool = False

    @property
    def depends_on_subject(self) -> bool:
        """Whether the pods meant differ from one subject namespace to another."""
        return self.namespaces is None or bool(self.same_labels or self.not_same_labels)

    def relates(self, labels: Mapping[str, str], subject_labels: Mapping[str, str]) -> bool:
        """Tell whether a peer's namespace stands in the asked relation to the subject's."""
        if self.same_labels:
            return all(key in labels and labels[key] == subject_labels.get(key) for key in self.same_labels)
        if self.not_same_labels:
            return all(key in labels for key in self.not_same_labels) and any(
                labels[key] != subject_labels.get(key) for key in self.not_same_labels
            )
        return True


class AddressPeer(NamedTuple):
    """Addresses outside the cluster; `includes_pods` where the API says that pods' addresses are meant too."""

    ranges: tuple[AddressRange, ...]
    includes_pods: bool = False

    def covers(self, other: AddressRange) -> bool:
        """Tell whether every address of `other` is meant, given that it is not cut by the ends of the ranges."""
        return any(item.contains(other) for item in self.ranges)


class OtherPeer(NamedTuple):
    """A peer whose members the manifests do not show: nodes, domain names."""

    description: str


Peer = PodPeer | AddressPeer | OtherPeer


class PeerEntry(NamedTuple):
    """A peer and the path inside its policy at which it stands."""

    path: Path
    peer: Peer


class Rule(NamedTuple):
    """One rule of a policy; `peers` None is everyone, `ports` None is every port of every protocol."""

    path: Path
    action: Action = Action.ALLOW
    peers: tuple[PeerEntry, ...] | None = None
    ports: tuple[PortMatch, ...] | None = None

    def allowed_ports(self, named_ports: tuple[NamedPort, ...]) -> PortSet:
        """Return the ports that the rule is about on a destination that declares `named_ports`."""
        return ALL_PORTS if self.ports is None else _ports_meant(self.ports, named_ports)


@remembered
def _ports_meant(matches: tuple[PortMatch, ...], named_ports: tuple[NamedPort, ...]) -> PortSet:
    return PortSet.union_of(match.resolve(named_ports) for match in matches)


class Subject(NamedTuple):
    """The pods that a policy is about; `namespaces` None is the policy's own namespace.

    Cluster-wide policies, which have a namespace selector, are never about pods on the host's network.
    """

    pods: LabelSelector
    namespaces: LabelSelector | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy in force; rules None in a direction means that the policy says nothing about it."""

    resource: Resource
    tier: Tier
    subject: Subject
    ingress: tuple[Rule, ...] | None
    egress: tuple[Rule, ...] | None
    priority: int = 0

    @property
    def namespace(self) -> str:
        return self.resource.namespace

    def rules(self, direction: Direction) -> tuple[Rule, ...] | None:
        """Return the rules of a direction, or None if the policy says nothing about it."""
        return self.ingress if direction is Direction.INGRESS else self.egress

    @property
    def order(self) -> tuple[int, int, str, str]:
        """The sort key by which policies are asked; equal priorities are told apart by kind and name."""
        return (self.tier, self.priority, self.resource.kind, self.resource.name)


class PolicyFault(NamedTuple):
    """What is wrong with a policy, at a path inside it.

    `refused` tells that the API would not accept the policy, so that it is not in force.
    """

    policy: Resource
    path: Path
    message: str
    refused: bool = True
