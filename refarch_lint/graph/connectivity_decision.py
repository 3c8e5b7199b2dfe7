"""Whether one connection is allowed, by which rules of which policies, and what makes the verdict partial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_pods import Pod, labels_of_namespace
from refarch_lint.graph.connectivity_policies import Doubt
from refarch_lint.graph.connectivity_rules import (
    Action,
    AddressPeer,
    Direction,
    NamedPort,
    OtherPeer,
    Peer,
    PodPeer,
    Policy,
    Rule,
    Tier,
)
from refarch_lint.graph.ports import NO_PORTS, PortSet
from refarch_lint.location import Location, Path
from refarch_lint.model.resource import Resource

#: One end of a connection: pods, or addresses outside the cluster that no policy cuts.
End = Pod | AddressRange


class RuleReference(NamedTuple):
    """A rule inside a policy, and what it did to the connection."""

    policy: Resource
    path: Path
    action: Action

    def locate(self) -> Location:
        """Return where the rule stands."""
        return self.policy.locate(self.path)


class DirectionDecision(NamedTuple):
    """The verdict of one side: `ports` of those asked for are allowed.

    `isolated` tells whether any NetworkPolicy isolates the pod in this direction, `policies` which ones. `rules` are
    the rules that matched: they allow where the side allows; where it denies they are the admin or baseline rules
    that deny, and none where an isolating policy merely lacks a rule. `address_rules` are rules for address ranges
    that would allow the ports if the other pod's address were in their range.
    """

    direction: Direction
    allowed: bool
    ports: PortSet
    isolated: bool = False
    policies: tuple[Resource, ...] = ()
    rules: tuple[RuleReference, ...] = ()
    address_rules: tuple[RuleReference, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Decision(NamedTuple):
    """The verdict on a connection: allowed if both sides allow; `ports` are those that both let through."""

    allowed: bool
    ports: PortSet
    egress: DirectionDecision
    ingress: DirectionDecision
    doubts: tuple[Doubt, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether something that is not evaluated could change the verdict."""
        return bool(self.doubts)


@dataclass(slots=True)
class _Trace:
    """What is gathered while the tiers are asked in order."""

    undecided: PortSet
    allowed: PortSet = NO_PORTS
    allowing: tuple[RuleReference, ...] = ()
    denying: tuple[RuleReference, ...] = ()
    address_rules: tuple[RuleReference, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Judge(NamedTuple):
    """Asks policies one by one, as the API defines them, for one pair of ends.

    The API leaves open whether NetworkPolicies reach pods on the host's network; `reaches_host_network` is the choice.
    """

    namespaces: Mapping[str, Mapping[str, str]]
    reaches_host_network: bool = True

    def judge(
        self,
        subject: End,
        peer: End,
        asked: PortSet,
        direction: Direction,
        policies: Sequence[Policy],
    ) -> DirectionDecision:
        """Return the verdict of the side of `subject`; `policies` are those that select it, in order."""
        if not isinstance(subject, Pod) or not self._reaches(subject):
            return DirectionDecision(direction, allowed=True, ports=asked)
        trace = _Trace(asked)
        destination = subject if direction is Direction.INGRESS else peer
        named_ports = destination.ports if isinstance(destination, Pod) else ()
        self._ask(Tier.ADMIN, trace, subject, peer, direction, policies, named_ports)
        isolating = [p for p in policies if p.tier is Tier.NETWORK and p.rules(direction) is not None]
        if isolating:
            self._ask(Tier.NETWORK, trace, subject, peer, direction, isolating, named_ports)
        else:
            self._ask(Tier.BASELINE, trace, subject, peer, direction, policies, named_ports)
            trace.allowed |= trace.undecided
        allowed = not trace.allowed.is_empty
        return DirectionDecision(
            direction,
            allowed,
            trace.allowed,
            bool(isolating),
            tuple(policy.resource for policy in isolating),
            trace.allowing if allowed else trace.denying,
            () if allowed else trace.address_rules,
            trace.doubts,
        )

    def _reaches(self, pod: Pod) -> bool:
        return self.reaches_host_network or not pod.host_network

    def _ask(
        self,
        tier: Tier,
        trace: _Trace,
        subject: Pod,
        peer: End,
        direction: Direction,
        policies: Sequence[Policy],
        named_ports: tuple[NamedPort, ...],
    ) -> None:
        passed = NO_PORTS
        for policy in policies:
            if policy.tier is not tier:
                continue
            for rule in policy.rules(direction) or ():
                matched = trace.undecided & rule.allowed_ports(named_ports)
                if matched.is_empty:
                    continue
                reference = RuleReference(policy.resource, rule.path, rule.action)
                if not self._matches(rule, peer, subject):
                    self._note(trace, rule, peer, reference)
                    continue
                if rule.action is Action.ALLOW:
                    trace.allowed |= matched
                    trace.allowing += (reference,)
                elif rule.action is Action.PASS:
                    passed |= matched
                else:
                    trace.denying += (reference,)
                if tier is not Tier.NETWORK:
                    trace.undecided -= matched
        trace.undecided |= passed

    def _note(self, trace: _Trace, rule: Rule, peer: End, reference: RuleReference) -> None:
        for entry in rule.peers or ():
            outside = not isinstance(peer, Pod) or peer.host_network
            if isinstance(entry.peer, OtherPeer) and outside:
                reason = f"{reference.policy.kind} {reference.policy.name} has a rule for {entry.peer.description}"
                trace.doubts += (Doubt(reason, reference.policy),)
            elif isinstance(entry.peer, AddressPeer) and isinstance(peer, Pod) and rule.action is Action.ALLOW:
                trace.address_rules += (reference,)

    def _matches(self, rule: Rule, peer: End, subject: Pod) -> bool:
        return rule.peers is None or any(self._is_peer(entry.peer, peer, subject) for entry in rule.peers)

    def _is_peer(self, wanted: Peer, peer: End, subject: Pod) -> bool:
        if isinstance(wanted, AddressPeer):
            return wanted.includes_pods if isinstance(peer, Pod) else wanted.covers(peer)
        if not isinstance(wanted, PodPeer) or not isinstance(peer, Pod) or not self._reaches(peer):
            return False
        if wanted.pod_network_only and peer.host_network:
            return False
        if wanted.namespaces is None:
            if peer.namespace != subject.namespace:
                return False
        else:
            labels = labels_of_namespace(self.namespaces, peer.namespace)
            if not wanted.namespaces.matches(labels):
                return False
            if not wanted.relates(labels, labels_of_namespace(self.namespaces, subject.namespace)):
                return False
        return wanted.pods.matches(peer.label_mapping)


def together(parts: Sequence[DirectionDecision]) -> DirectionDecision:
    """Return one verdict for an address range that policies cut: what is allowed for every piece."""
    first = parts[0]
    ports = first.ports
    for part in parts[1:]:
        ports &= part.ports
    allowed = all(part.allowed for part in parts) and not ports.is_empty
    relevant = [part for part in parts if allowed or not part.allowed] or list(parts)
    return first._replace(
        allowed=allowed,
        ports=ports,
        rules=tuple(dict.fromkeys(rule for part in relevant for rule in part.rules)),
        address_rules=tuple(dict.fromkeys(rule for part in relevant for rule in part.address_rules)),
        doubts=tuple(dict.fromkeys(doubt for part in parts for doubt in part.doubts)),
    )
