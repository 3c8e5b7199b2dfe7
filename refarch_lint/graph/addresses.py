"""IPv4 and IPv6 address ranges: CIDR blocks as the API reads them, differences, and the cuts between them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final, NamedTuple

from refarch_lint.regex import regex

_PREFIX = regex(r"[0-9]{1,3}")
_LAST: Final = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


class AddressRange(NamedTuple):
    """All addresses of one IP version (4 or 6) from `first` to `last`, both included."""

    version: int
    first: int
    last: int

    def contains(self, other: AddressRange) -> bool:
        """Tell whether every address of `other` is in this range."""
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def overlaps(self, other: AddressRange) -> bool:
        """Tell whether the ranges share an address."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        """Return `10.0.0.0-10.255.255.255`; IPv6 addresses in their short form."""
        return f"{_address(self.version, self.first)}-{_address(self.version, self.last)}"


#: Every IPv4 address and every IPv6 address.
ALL_IPV4: Final = AddressRange(4, 0, _LAST[4])
ALL_IPV6: Final = AddressRange(6, 0, _LAST[6])


def _address(version: int, number: int) -> str:
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


def parse_cidr(value: object) -> AddressRange | None:
    """Return the range of a CIDR block (`10.0.0.0/8`, `fd00::/8`), or None where the API would refuse it.

    Host bits may be set, as the API allows. A prefix length is required; netmasks and zones are no CIDR.
    """
    if not isinstance(value, str):
        return None
    address, slash, prefix = value.partition("/")
    if not slash or "%" in address or not _PREFIX.fullmatch(prefix):
        return None
    try:
        network = ipaddress.ip_network(f"{address}/{int(prefix)}", strict=False)
    except ValueError:
        return None
    return AddressRange(network.version, int(network.network_address), int(network.broadcast_address))


def parse_address_range(value: str) -> AddressRange | None:
    """Return the range of a CIDR block, of one address, or of `first-last`; None for anything else."""
    first, dash, last = value.partition("-")
    if "/" in value:
        return parse_cidr(value)
    try:
        start = ipaddress.ip_address(first.strip())
        end = ipaddress.ip_address(last.strip()) if dash else start
    except ValueError:
        return None
    if start.version != end.version or int(start) > int(end):
        return None
    return AddressRange(start.version, int(start), int(end))


def without(block: AddressRange, excepted: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Return the block less the excepted ranges, in order."""
    found: list[AddressRange] = []
    start = block.first
    for hole in sorted(item for item in excepted if item.overlaps(block)):
        if start < hole.first:
            found.append(AddressRange(block.version, start, hole.first - 1))
        start = max(start, hole.last + 1)
    if start <= block.last:
        found.append(AddressRange(block.version, start, block.last))
    return tuple(found)


def partition(ranges: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Cut the whole IPv4 and IPv6 space at the ends of the ranges; each given range is a run of whole pieces."""
    cuts: dict[int, set[int]] = {4: {0}, 6: {0}}
    for item in ranges:
        cuts[item.version].add(item.first)
        if item.last < _LAST[item.version]:
            cuts[item.version].add(item.last + 1)
    found: list[AddressRange] = []
    for version, starts in cuts.items():
        ordered = sorted(starts)
        ends = [start - 1 for start in ordered[1:]] + [_LAST[version]]
        found.extend(AddressRange(version, first, last) for first, last in zip(ordered, ends, strict=True))
    return tuple(found)


def merged(ranges: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Return the same addresses as the fewest ranges, in order."""
    found: list[AddressRange] = []
    for item in sorted(ranges):
        if found and found[-1].version == item.version and item.first <= found[-1].last + 1:
            found[-1] = AddressRange(item.version, found[-1].first, max(found[-1].last, item.last))
        else:
            found.append(item)
    return tuple(found)
