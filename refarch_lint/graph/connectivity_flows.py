"""All allowed connections of an input as rectangles: each of these sources to each of those destinations, on ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_profile import Block
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.connectivity_universe import Ends, numbers
from refarch_lint.graph.ports import ALL_PORTS, PortSet

_MANY = 64


class Flow(NamedTuple):
    """Every source may connect to every destination on every port; the flows of an input may overlap."""

    sources: Ends
    destinations: Ends
    ports: PortSet


class _Side(NamedTuple):
    """Ends that have one block in common: each of `owners` lets `far`, pods or addresses, through on `ports`."""

    owners: Ends
    far: Ends
    ports: PortSet


def flows(model: NetworkModel) -> Iterator[Flow]:
    """Yield the allowed connections in which a pod of the input takes part.

    Blocks that are equal are joined first, so that the work grows with the number of distinct rules and of the
    pods that they name, not with the number of pairs of pods.
    """
    senders = _sides(model, Direction.EGRESS)
    receivers = _sides(model, Direction.INGRESS)
    wide = [side for side in receivers if side.far.bit_count() > _MANY]
    narrow = [side for side in receivers if side.far.bit_count() <= _MANY]
    narrow_by_far: dict[int, list[_Side]] = {}
    for side in narrow:
        for number in numbers(side.far):
            narrow_by_far.setdefault(number, []).append(side)
    by_owner: dict[int, list[_Side]] = {}
    for side in receivers:
        for number in numbers(side.owners):
            by_owner.setdefault(number, []).append(side)
    for sender in senders:
        if sender.far.bit_count() <= _MANY:
            candidates = [side for number in numbers(sender.far) for side in by_owner.get(number, ())]
        elif sender.owners.bit_count() <= _MANY:
            candidates = wide + [side for number in numbers(sender.owners) for side in narrow_by_far.get(number, ())]
        else:
            candidates = receivers
        for receiver in dict.fromkeys(candidates):
            sources = sender.owners & receiver.far
            destinations = sender.far & receiver.owners
            if sources and destinations:
                ports = sender.ports & receiver.ports
                if not ports.is_empty:
                    yield Flow(sources, destinations, ports)


def _sides(model: NetworkModel, direction: Direction) -> list[_Side]:
    universe = model.universe
    owners: dict[Block, Ends] = {}
    for blocks, pods in model.owners_of_blocks(direction).items():
        for far, ports in blocks:
            for part in (far & universe.all_pods, far & universe.all_pieces):
                if part:
                    owners[part, ports] = owners.get((part, ports), 0) | pods
    found = [_Side(pods, far, ports) for (far, ports), pods in owners.items()]
    outside = universe.all_pieces | (universe.unknown if direction is Direction.EGRESS else 0)
    found.append(_Side(outside, universe.all_pods & ~universe.unknown, ALL_PORTS))
    return found
