"""Everything that can be an end of a connection, numbered, so that sets of ends are the bits of an integer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from refarch_lint.graph.addresses import AddressRange, partition
from refarch_lint.graph.connectivity_pods import Pod, pod_in
from refarch_lint.graph.connectivity_rules import AddressPeer, Peer, PodPeer, PortMatch, Subject
from refarch_lint.graph.ports import PortSet
from refarch_lint.model.selector import LabelIndex, LabelSelector

#: A set of ends: bit n is set if the end with number n is in it.
Ends = int

#: A pod of which nothing is known, such as that of an ingress controller.
UNKNOWN_POD: Final = pod_in("")


def numbers(ends: Ends) -> Iterator[int]:
    """Yield the numbers of the ends in a set, in order."""
    while ends:
        lowest = ends & -ends
        yield lowest.bit_length() - 1
        ends ^= lowest


class Universe:
    """The distinct pods, one unknown pod, and the pieces into which all policies cut the address space.

    Sets of ends are found through indexes and remembered by selector, so that equal peers cost once.
    """

    def __init__(
        self,
        pods: Iterable[Pod],
        ranges: Iterable[AddressRange],
        namespaces: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.pods: Sequence[Pod] = (*dict.fromkeys(pods), UNKNOWN_POD)
        self.pieces = partition(ranges)
        self.namespaces = namespaces
        self.number_of: Mapping[Pod, int] = {pod: number for number, pod in enumerate(self.pods)}
        self.unknown: Ends = 1 << (len(self.pods) - 1)
        self.all_pods: Ends = (1 << len(self.pods)) - 1
        self.all_pieces: Ends = ((1 << len(self.pieces)) - 1) << len(self.pods)
        self.everyone: Ends = self.all_pods | self.all_pieces
        members: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
        for number, pod in enumerate(self.pods):
            members.setdefault(pod.namespace, []).append((number, pod.label_mapping))
        self._pod_network = _ends(number for number, pod in enumerate(self.pods) if not pod.host_network)
        self._members = {name: _ends(number for number, _ in items) for name, items in members.items()}
        self._everywhere = LabelIndex(item for items in members.values() for item in items)
        self._by_namespace = {name: LabelIndex(items) for name, items in members.items()}
        self._namespace_index = LabelIndex((name, labels) for name, labels in namespaces.items() if name in members)
        self._cache: dict[tuple[object, ...], Ends] = {}
        self._name_cache: dict[PortMatch, tuple[tuple[Ends, PortSet], ...]] = {}
        self._starts = {
            version: [piece.first for piece in self.pieces if piece.version == version] for version in (4, 6)
        }

    def piece_number(self, index: int) -> int:
        """Return the number of the end that is the piece of the address space at `index`."""
        return len(self.pods) + index

    def piece(self, number: int) -> AddressRange | None:
        """Return the piece of the address space that an end is, or None for a pod."""
        index = number - len(self.pods)
        return self.pieces[index] if index >= 0 else None

    def pieces_of(self, wanted: AddressRange) -> range:
        """Return the indexes of the pieces that share an address with the range."""
        starts = self._starts[wanted.version]
        offset = 0 if wanted.version == 4 else len(self._starts[4])
        return range(bisect_right(starts, wanted.first) - 1 + offset, bisect_right(starts, wanted.last) + offset)

    def addresses(self, ranges: Iterable[AddressRange]) -> Ends:
        """Return the pieces of the ranges, whose ends are cuts."""
        found = 0
        for item in ranges:
            indexes = self.pieces_of(item)
            found |= ((1 << len(indexes)) - 1) << self.piece_number(indexes.start)
        return found

    def in_namespaces(self, selector: LabelSelector) -> Ends:
        """Return the pods of the namespaces that the selector matches."""
        if selector.is_empty:
            return self.all_pods
        key = ("namespaces", selector)
        if key not in self._cache:
            found = 0
            for name in self._namespace_index.matching(selector):
                found |= self._members[name]
            self._cache[key] = found
        return self._cache[key]

    def in_namespace(self, namespace: str) -> Ends:
        """Return the pods of one namespace."""
        return self._members.get(namespace, 0)

    def with_labels(self, selector: LabelSelector, namespace: str | None = None) -> Ends:
        """Return the pods that the selector matches, everywhere or in one namespace."""
        if selector.is_empty:
            return self.all_pods if namespace is None else self.in_namespace(namespace)
        key = ("pods", selector, namespace)
        if key not in self._cache:
            index = self._everywhere if namespace is None else self._by_namespace.get(namespace)
            self._cache[key] = _ends(index.matching(selector)) if index else 0
        return self._cache[key]

    def subjects(self, subject: Subject, namespace: str) -> Ends:
        """Return the pods that a policy of `namespace` is about; the unknown pod is never among them."""
        if subject.namespaces is None:
            return self.with_labels(subject.pods, namespace) & ~self.unknown
        found = self.with_labels(subject.pods) & self.in_namespaces(subject.namespaces)
        return found & self._pod_network & ~self.unknown

    def peers(self, peer: Peer, namespace: str) -> Ends:
        """Return the ends that a peer means, for a subject in `namespace`."""
        if isinstance(peer, AddressPeer):
            return self.addresses(peer.ranges) | (self.all_pods if peer.includes_pods else 0)
        if not isinstance(peer, PodPeer):
            return 0
        if peer.namespaces is None:
            return self.with_labels(peer.pods, namespace)
        found = self.in_namespaces(peer.namespaces)
        if peer.pod_network_only:
            found &= self._pod_network
        if peer.depends_on_subject:
            found &= self._related(peer, namespace)
        return found if peer.pods.is_empty else found & self.with_labels(peer.pods)

    def _related(self, peer: PodPeer, namespace: str) -> Ends:
        mine = self.namespaces.get(namespace, {})
        wanted = tuple(mine.get(label) for label in (*peer.same_labels, *peer.not_same_labels))
        key = ("related", peer.same_labels, peer.not_same_labels, wanted)
        if key not in self._cache:
            found = 0
            for name, members in self._members.items():
                if peer.relates(self.namespaces.get(name, {}), mine):
                    found |= members
            self._cache[key] = found
        return self._cache[key]

    def by_named_port(self, match: PortMatch) -> tuple[tuple[Ends, PortSet], ...]:
        """Return the pods that declare the named port, together with the ports that it means on them."""
        if match not in self._name_cache:
            found: dict[PortSet, Ends] = {}
            for number, pod in enumerate(self.pods):
                ports = match.resolve(pod.ports)
                if not ports.is_empty:
                    found[ports] = found.get(ports, 0) | 1 << number
            self._name_cache[match] = tuple((ends, ports) for ports, ends in found.items())
        return self._name_cache[match]


def _ends(found: Iterable[int]) -> Ends:
    ends = 0
    for number in found:
        ends |= 1 << number
    return ends
