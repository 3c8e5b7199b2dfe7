"""Sets of ports by protocol, with the operations that network policies need and their one written form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from refarch_lint.remembering import remembered

#: The protocols that NetworkPolicy knows, in the order in which they are written.
PROTOCOLS: Final = ("SCTP", "TCP", "UDP")

FIRST_PORT: Final = 1
LAST_PORT: Final = 65535

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

_WHOLE: Final[Intervals] = ((FIRST_PORT, LAST_PORT),)


@dataclass(frozen=True, slots=True)
class PortSet:
    """Ports per protocol as sorted, disjoint, not adjoining closed intervals within 1 to 65535."""

    sctp: Intervals = ()
    tcp: Intervals = ()
    udp: Intervals = ()

    @classmethod
    def of(cls, protocol: str, first: int = FIRST_PORT, last: int = LAST_PORT) -> PortSet:
        """Return the ports `first` to `last` of one protocol; empty for another protocol or an empty interval."""
        first, last = max(first, FIRST_PORT), min(last, LAST_PORT)
        return _ports(protocol, first, last) if protocol in PROTOCOLS and first <= last else NO_PORTS

    @classmethod
    def union_of(cls, sets: Iterable[PortSet]) -> PortSet:
        """Return the ports that are in any of the sets."""
        gathered: list[PortSet] = list(sets)
        if len(gathered) == 1:
            return gathered[0]
        if ALL_PORTS in gathered:
            return ALL_PORTS
        return cls(*(_normalised(x for ports in gathered for x in ports.intervals(name)) for name in PROTOCOLS))

    def intervals(self, protocol: str) -> Intervals:
        """Return the intervals of one protocol; none for a protocol that network policies do not know."""
        match protocol:
            case "TCP":
                return self.tcp
            case "UDP":
                return self.udp
            case "SCTP":
                return self.sctp
            case _:
                return ()

    @property
    def is_empty(self) -> bool:
        return not (self.tcp or self.udp or self.sctp)

    @property
    def is_all(self) -> bool:
        """Whether every port of every protocol is in the set."""
        return self == ALL_PORTS

    def contains(self, port: int, protocol: str = "TCP") -> bool:
        """Tell whether one port of one protocol is in the set."""
        return any(first <= port <= last for first, last in self.intervals(protocol))

    def __or__(self, other: PortSet) -> PortSet:
        if self is other or other.is_empty:
            return self
        return other if self.is_empty else PortSet.union_of((self, other))

    def __and__(self, other: PortSet) -> PortSet:
        if self is other or other is ALL_PORTS:
            return self
        if self is ALL_PORTS:
            return other
        return PortSet(*(_intersected(self.intervals(name), other.intervals(name)) for name in PROTOCOLS))

    def __sub__(self, other: PortSet) -> PortSet:
        if other.is_empty:
            return self
        if self is other or other is ALL_PORTS:
            return NO_PORTS
        return self & PortSet(*(_complement(other.intervals(name)) for name in PROTOCOLS))

    def __le__(self, other: PortSet) -> bool:
        return (self - other).is_empty

    def as_mapping(self) -> Mapping[str, Intervals]:
        """Return the intervals by protocol, without the protocols that have none."""
        return {name: self.intervals(name) for name in PROTOCOLS if self.intervals(name)}

    def __str__(self) -> str:
        """Return `All Connections`, `No Connections`, or protocols with their ports: `TCP 80,90-99,UDP 53`."""
        if self.is_all:
            return "All Connections"
        if self.is_empty:
            return "No Connections"
        parts = []
        for name, intervals in self.as_mapping().items():
            written = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in intervals)
            parts.append(f"{name} {written}")
        return ",".join(parts)


NO_PORTS: Final = PortSet()
ALL_PORTS: Final = PortSet(_WHOLE, _WHOLE, _WHOLE)


@remembered
def _ports(protocol: str, first: int, last: int) -> PortSet:
    return PortSet(**{protocol.lower(): ((first, last),)})


def _normalised(intervals: Iterable[Interval]) -> Intervals:
    found: list[Interval] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def _intersected(left: Intervals, right: Intervals) -> Intervals:
    if left == right:
        return left
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            found.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def _complement(intervals: Intervals) -> Intervals:
    found: list[Interval] = []
    start = FIRST_PORT
    for first, last in intervals:
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    if start <= LAST_PORT:
        found.append((start, LAST_PORT))
    return tuple(found)
