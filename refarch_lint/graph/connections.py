"""Every allowed connection as one line, sorted, so that two revisions can be compared with diff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refarch_lint.graph.addresses import ALL_IPV6, AddressRange
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_flows import flows
from refarch_lint.graph.connectivity_universe import UNKNOWN_POD, numbers
from refarch_lint.graph.ports import NO_PORTS, PortSet

#: How the source of connections that come in through Ingresses is written.
INGRESS_CONTROLLER = "{ingress-controller}"


def connections(model: NetworkModel) -> list[str]:
    """Return the lines `source => destination : ports`, sorted.

    Workloads are written by their top owner, `namespace/name[Kind]`, addresses outside the cluster as
    `first-last[External]` in the largest ranges that have the same ports. Connections of an owner to itself are left
    out. IPv6 addresses appear where a policy names some; the ingress controller where an Ingress leads to a workload.
    """
    pairs: dict[tuple[int, int], PortSet] = {}
    for flow in flows(model):
        destinations = list(numbers(flow.destinations))
        for source in numbers(flow.sources):
            for destination in destinations:
                key = (source, destination)
                pairs[key] = pairs.get(key, NO_PORTS) | flow.ports
    lines = [f"{source} => {destination} : {ports}" for source, destination, ports in _named(model, pairs)]
    lines.extend(_ingress_lines(model))
    return sorted(lines)


def _named(model: NetworkModel, pairs: dict[tuple[int, int], PortSet]) -> Iterator[tuple[str, str, PortSet]]:
    universe = model.universe
    names = _group_names(model)
    with_ipv6 = ALL_IPV6 not in universe.pieces
    between: dict[tuple[str, str], PortSet] = {}
    outside: dict[tuple[str, bool], dict[AddressRange, PortSet]] = {}
    for (source, destination), ports in pairs.items():
        piece = universe.piece(source) or universe.piece(destination)
        if piece is None:
            for first in names.get(source, ()):
                for second in names.get(destination, ()):
                    if first != second:
                        between[first, second] = between.get((first, second), NO_PORTS) | ports
        elif with_ipv6 or piece.version == 4:
            incoming = universe.piece(source) is not None
            for name in names.get(destination if incoming else source, ()):
                found = outside.setdefault((name, incoming), {})
                found[piece] = found.get(piece, NO_PORTS) | ports
    for (first, second), ports in between.items():
        yield first, second, ports
    for (name, incoming), found in outside.items():
        for item, ports in _joined(found):
            external = f"{item}[External]"
            yield (external, name, ports) if incoming else (name, external, ports)


def _joined(found: dict[AddressRange, PortSet]) -> Iterable[tuple[AddressRange, PortSet]]:
    joined: list[tuple[AddressRange, PortSet]] = []
    for item, ports in sorted(found.items(), key=lambda entry: entry[0]):
        if joined:
            last, last_ports = joined[-1]
            if last_ports == ports and last.version == item.version and last.last + 1 == item.first:
                joined[-1] = (AddressRange(item.version, last.first, item.last), ports)
                continue
        joined.append((item, ports))
    return joined


def _group_names(model: NetworkModel) -> dict[int, list[str]]:
    names: dict[int, dict[str, None]] = {}
    for group in model.groups:
        for workload in group.workloads:
            names.setdefault(model.universe.number_of[model.pod(workload)], {})[str(group)] = None
    return {number: list(found) for number, found in names.items()}


def _ingress_lines(model: NetworkModel) -> Iterator[str]:
    names = {workload.resource: str(group) for group in model.groups for workload in group.workloads}
    found: dict[str, PortSet] = {}
    for target in model.services.entrance_targets():
        decision = model.decide(UNKNOWN_POD, target.workload, target.port, target.protocol)
        name = names[target.workload.resource]
        found[name] = found.get(name, NO_PORTS) | decision.ports
    for name, ports in found.items():
        if not ports.is_empty:
            yield f"{INGRESS_CONTROLLER} => {name} : {ports}"
