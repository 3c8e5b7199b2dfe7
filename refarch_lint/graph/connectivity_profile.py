"""What one pod may connect to, or be connected from, as a few rectangles of ends and ports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_rules import Action, Direction, Policy, Rule, Tier
from refarch_lint.graph.connectivity_universe import Ends, Universe
from refarch_lint.graph.ports import ALL_PORTS, PortSet

#: Each of the ends, on each of the ports.
Block = tuple[Ends, PortSet]
Blocks = tuple[Block, ...]


def allowed_blocks(universe: Universe, pod: Pod, policies: Sequence[Policy], direction: Direction) -> Blocks:
    """Return what the policies that select a pod let through in a direction; equal ports are gathered.

    `policies` stand in the order in which they are asked. Implements the tiers of network-policy-api: the first
    admin rule that matches decides unless it passes, then NetworkPolicies decide for pods that any of them isolates,
    then the baseline; what nothing decides is allowed.
    """
    whole: list[Block] = [(universe.everyone, ALL_PORTS)]
    if not policies:
        return tuple(whole)
    allowed: list[Block] = []
    admin = [policy for policy in policies if policy.tier is Tier.ADMIN]
    if admin:
        whole = _ordered(universe, pod, admin, direction, whole, allowed)
    isolating = [rules for policy in policies if (rules := _network_rules(policy, direction)) is not None]
    if isolating:
        for rules in isolating:
            for rule in rules:
                matched = rule_blocks(universe, rule, pod, direction)
                allowed.extend(matched if not admin else _intersection(whole, matched))
        return gathered(allowed)
    baseline = [policy for policy in policies if policy.tier is Tier.BASELINE]
    if baseline:
        whole = _ordered(universe, pod, baseline, direction, whole, allowed)
    return gathered([*allowed, *whole])


def _network_rules(policy: Policy, direction: Direction) -> tuple[Rule, ...] | None:
    return policy.rules(direction) if policy.tier is Tier.NETWORK else None


def _ordered(
    universe: Universe,
    pod: Pod,
    policies: Iterable[Policy],
    direction: Direction,
    undecided: list[Block],
    allowed: list[Block],
) -> list[Block]:
    """Ask rules in order, add to `allowed` what they allow, and return what is left to the next tier."""
    passed: list[Block] = []
    for policy in policies:
        for rule in policy.rules(direction) or ():
            matched = rule_blocks(universe, rule, pod, direction)
            if rule.action is Action.ALLOW:
                allowed.extend(_intersection(undecided, matched))
            elif rule.action is Action.PASS:
                passed.extend(_intersection(undecided, matched))
            undecided = _difference(undecided, matched)
    return undecided + passed


def rule_blocks(universe: Universe, rule: Rule, pod: Pod, direction: Direction) -> list[Block]:
    """Return the ends and ports that a rule matches for a subject; named ports are those of the destination."""
    peers = rule_ends(universe, rule, pod.namespace)
    if not peers:
        return []
    if rule.ports is None:
        return [(peers, ALL_PORTS)]
    if direction is Direction.INGRESS:
        return [(peers, rule.allowed_ports(pod.ports))]
    found = [(peers, PortSet.union_of(match.resolve(()) for match in rule.ports))]
    for match in rule.ports:
        if match.name:
            found.extend((peers & declaring, ports) for declaring, ports in universe.by_named_port(match))
    return [block for block in found if block[0] and not block[1].is_empty]


def rule_ends(universe: Universe, rule: Rule, namespace: str) -> Ends:
    """Return the ends that a rule's peers mean, for a subject in `namespace`."""
    if rule.peers is None:
        return universe.everyone
    found = 0
    for entry in rule.peers:
        found |= universe.peers(entry.peer, namespace)
    return found


def _intersection(left: Iterable[Block], right: Sequence[Block]) -> list[Block]:
    found = []
    for ends, ports in left:
        for other_ends, other_ports in right:
            common = ends & other_ends
            if common and not (both := ports & other_ports).is_empty:
                found.append((common, both))
    return found


def _difference(left: list[Block], right: Iterable[Block]) -> list[Block]:
    for other_ends, other_ports in right:
        kept: list[Block] = []
        for ends, ports in left:
            if outside := ends & ~other_ends:
                kept.append((outside, ports))
            if (inside := ends & other_ends) and not (rest := ports - other_ports).is_empty:
                kept.append((inside, rest))
        left = kept
    return left


def gathered(blocks: Iterable[Block]) -> Blocks:
    """Return the same connections with the ends of equal ports together, without empty blocks, in a fixed order."""
    found: dict[PortSet, Ends] = {}
    for ends, ports in blocks:
        if ends and not ports.is_empty:
            found[ports] = found.get(ports, 0) | ends
    open_ends = found.get(ALL_PORTS, 0)
    kept = ((ends if ports == ALL_PORTS else ends & ~open_ends, ports) for ports, ends in found.items())
    return tuple(sorted(((ends, ports) for ends, ports in kept if ends), key=lambda block: _key(block[1])))


def _key(ports: PortSet) -> tuple[object, ...]:
    return (ports.sctp, ports.tcp, ports.udp)


def ports_towards(blocks: Blocks, number: int) -> PortSet:
    """Return the ports that blocks let through to or from one end."""
    return PortSet.union_of(ports for ends, ports in blocks if ends >> number & 1)


def ends_on(blocks: Blocks, port: int, protocol: str) -> Ends:
    """Return the ends that a profile admits on one port."""
    found = 0
    for ends, ports in blocks:
        if ports.contains(port, protocol):
            found |= ends
    return found
