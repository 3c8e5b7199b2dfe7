"""Mutants of NetworkPolicies: whole policies, rules, peers, ports, directions and the pods they are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.graph.edge import Relation
from refarch_lint.location import TextLine
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload
from tests.mutation.making import Maker, Spots, mapping, sequence, spot
from tests.mutation.world import Mutant, World

#: A policy that cuts needed connections, opens a datastore, or no longer fits anything is told by one of these.
CUT = ("flow-allowed", "dns-allowed", "backup-reaches-datastore")
OPEN = ("namespace-default-deny", "pod-isolated", "datastore-closed")
LOST = ("policy-selects-pods", "policy-peer-exists", "policy-namespace-label")


def _is_default_deny(policy: Resource) -> bool:
    return policy.spec.get("podSelector") == {} and not policy.spec.get("ingress") and not policy.spec.get("egress")


def _policies(world: World) -> tuple[Resource, ...]:
    return world.graph.index.of_kind("NetworkPolicy", "networking.k8s.io")


def _anywhere(world: World) -> Spots:
    """Return the places at which a lost connection may be told: policies, evidence, workloads, namespaces."""
    others = tuple(spot(other, *path) for other in _policies(world) for path in _parts(other))
    near = tuple(spot(need.place.resource, *need.place.path) for need in world.graph.needs)
    names = tuple(spot(workload.resource, "metadata", "name") for workload in world.graph.workloads)
    spaces = tuple(spot(item, "metadata", "name") for item in world.graph.index.of_kind("Namespace", ""))
    return (*others, *near, *names, *spaces)


def _parts(policy: Resource) -> Iterator[tuple[str | int, ...]]:
    yield ("metadata", "name")
    yield ("spec", "podSelector")
    yield ("spec", "policyTypes")
    yield ("spec",)
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        yield ("spec", direction)
        for index, rule in enumerate(sequence(policy.spec.get(direction))):
            yield ("spec", direction, index)
            yield ("spec", direction, index, peers)
            yield ("spec", direction, index, "ports")
            for number, _ in enumerate(sequence(rule.get(peers))):
                yield ("spec", direction, index, peers, number)
            for number, _ in enumerate(sequence(rule.get("ports"))):
                yield ("spec", direction, index, "ports", number)


def _isolates_all(other: Resource, policy: Resource, direction: str) -> bool:
    """Tell whether another policy isolates every pod of the namespace in a direction as well."""
    return (
        other is not policy
        and other.namespace == policy.namespace
        and other.spec.get("podSelector") == {}
        and direction in sequence(other.spec.get("policyTypes"))
    )


def _members(policy: Resource, world: World) -> dict[tuple[str | int, ...], set[Resource]]:
    """Return the workloads that each peer of a policy means."""
    read = world.graph.network.policy_of(policy)
    if read is None:
        return {}
    return {
        tuple(part for part in item.path if not isinstance(part, TextLine)): {peer.resource for peer in item.workloads}
        for item in world.graph.network.peer_members(read)
    }


def _is_dns(peer: dict[str, Any]) -> bool:
    labels = mapping(mapping(peer.get("namespaceSelector")).get("matchLabels"))
    return labels.get("kubernetes.io/metadata.name") == "kube-system"


def policies(world: World) -> Iterator[Mutant]:
    """Policies taken away, turned round, or about other pods."""
    make, near = Maker(world, "network policies"), _anywhere(world)
    for policy in _policies(world):
        if not world.graph.selected(policy, Relation.ISOLATES):
            continue
        if _is_default_deny(policy):
            yield make.drop(policy, *OPEN, at=near)
            for index, direction in enumerate(sequence(policy.spec["policyTypes"])):
                if any(_isolates_all(other, policy, direction) for other in _policies(world)):
                    continue
                yield make.remove(policy, ("spec", "policyTypes", index), *OPEN, at=near)
            continue
        yield make.drop(policy, *CUT, *OPEN, at=near)
        for key in mapping(policy.spec["podSelector"].get("matchLabels")):
            path = ("spec", "podSelector", "matchLabels", key)
            yield make.replace(policy, path, "other", *CUT, *OPEN, *LOST, at=(*near, spot(policy, *path)))


def rules(world: World) -> Iterator[Mutant]:
    """Rules, peers and ports taken away or changed, so that a needed connection is cut."""
    make, near = Maker(world, "network policies"), _anywhere(world)
    for policy in _policies(world):
        members = _members(policy, world)
        own_pods = {item.resource for item in world.graph.selected(policy, Relation.ISOLATES)}
        if not own_pods:
            continue
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for index, rule in enumerate(sequence(policy.spec.get(direction))):
                path = ("spec", direction, index)
                yield make.remove(policy, path, *CUT, at=near)
                shown = [
                    _is_dns(peer) or bool(members.get((*path, peers, number), set()) - own_pods)
                    for number, peer in enumerate(sequence(rule.get(peers)))
                ]
                for number, peer in enumerate(sequence(rule.get(peers))):
                    own = (*path, peers, number)
                    if not shown[number]:
                        continue
                    if len(rule[peers]) > 1:
                        yield make.remove(policy, own, *CUT, at=near)
                    for field in ("podSelector", "namespaceSelector"):
                        for key in mapping(mapping(peer.get(field)).get("matchLabels")):
                            label = (*own, field, "matchLabels", key)
                            here = (*near, spot(policy, *label), spot(policy, *own, field))
                            yield make.replace(policy, label, "other", *CUT, *LOST, at=here)
                judged = bool(shown) and all(shown)
                for number, port in enumerate(sequence(rule.get("ports"))) if judged else ():
                    own = (*path, "ports", number)
                    if len(rule["ports"]) > 1:
                        yield make.remove(policy, own, *CUT, at=near)
                    if "port" in port:
                        yield make.replace(policy, (*own, "port"), "4242", *CUT, value=4242, at=near)
                    if port.get("protocol") == "TCP":
                        yield make.replace(policy, (*own, "protocol"), "SCTP", *CUT, at=near)


def openings(world: World) -> Iterator[Mutant]:
    """Datastores opened to everybody: a peer that means all pods, all namespaces, or no peer at all."""
    make = Maker(world, "network policies")
    book = fit_architecture(world.graph, world.catalogue, world.settings).book
    for resource in book.with_trait("datastore"):
        store = world.graph.workload(resource)
        if isinstance(store, Workload):
            for edge in world.graph.incoming(resource, Relation.ISOLATES):
                policy = edge.source.resource
                own = {str(item) for item in world.graph.selected(policy, Relation.ISOLATES)}
                component = book.component(resource)
                if len(own) == 1 and component is not None:
                    yield from _opened(make, policy, store, component.ports)


def _opened(make: Maker, policy: Resource, store: Workload, data_ports: tuple[int, ...]) -> Iterator[Mutant]:
    everywhere = tuple(spot(policy, *part) for part in _parts(policy))
    near = (*everywhere, spot(store.resource, "metadata", "name"))
    for index, rule in enumerate(sequence(policy.spec.get("ingress"))):
        ports = [item.get("port") for item in sequence(rule.get("ports"))]
        if "from" in rule and any(port in data_ports for port in ports):
            yield make.remove(policy, ("spec", "ingress", index, "from"), "datastore-closed", at=near)


GENERATORS = (policies, rules, openings)
