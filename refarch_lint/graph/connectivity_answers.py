"""What the NetworkPolicy engine answers, besides single decisions: isolation, reach, members of a peer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_rules import Direction, Peer, Policy, Tier
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload


class Isolation(NamedTuple):
    """The NetworkPolicies that isolate a pod, per direction; a direction without any is open by default."""

    ingress: tuple[Resource, ...]
    egress: tuple[Resource, ...]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> Isolation:
        """Return how policies isolate the pods that they select; only NetworkPolicies do."""
        network = [policy for policy in policies if policy.tier is Tier.NETWORK]
        return cls(
            tuple(policy.resource for policy in network if policy.ingress is not None),
            tuple(policy.resource for policy in network if policy.egress is not None),
        )


class Reach(NamedTuple):
    """The far ends of allowed connections; `unknown_pod`: also a pod without labels in a namespace nobody knows."""

    workloads: tuple[Workload, ...]
    addresses: tuple[AddressRange, ...]
    unknown_pod: bool


class PeerMembers(NamedTuple):
    """Whom one peer of a policy means in this input; `path` leads to the peer inside the policy."""

    path: Path
    direction: Direction
    peer: Peer
    workloads: tuple[Workload, ...]
