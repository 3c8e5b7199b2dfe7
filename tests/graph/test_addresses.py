"""Address ranges: what counts as a CIDR block, differences, and cuts."""

from __future__ import annotations

import pytest

from refarch_lint.graph.addresses import (
    ALL_IPV4,
    ALL_IPV6,
    AddressRange,
    merged,
    parse_address_range,
    parse_cidr,
    partition,
    without,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("10.0.0.0/8", "10.0.0.0-10.255.255.255"),
        ("10.1.2.3/8", "10.0.0.0-10.255.255.255"),
        ("1.2.3.4/32", "1.2.3.4-1.2.3.4"),
        ("fd00::/8", "fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("0.0.0.0/0", "0.0.0.0-255.255.255.255"),
    ],
)
def test_cidr_blocks(text: str, written: str) -> None:
    assert str(parse_cidr(text)) == written


@pytest.mark.parametrize(
    "value",
    [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/-1",
        "fe80::1%eth0/64",
        "010.0.0.0/8",
        "A",
        "",
        10,
        None,
        [],
    ],
)
def test_what_is_no_cidr_block(value: object) -> None:
    assert parse_cidr(value) is None


def test_ranges_that_people_write() -> None:
    assert parse_address_range("10.0.0.1") == AddressRange(4, 0x0A000001, 0x0A000001)
    assert parse_address_range("10.0.0.1 - 10.0.0.9") == AddressRange(4, 0x0A000001, 0x0A000009)
    assert parse_address_range("10.0.0.0/31") == AddressRange(4, 0x0A000000, 0x0A000001)
    assert [parse_address_range(text) for text in ("web", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-")] == [
        None
    ] * 4


def test_difference() -> None:
    block = AddressRange(4, 10, 99)
    holes = [AddressRange(4, 50, 59), AddressRange(4, 55, 70), AddressRange(4, 90, 99), AddressRange(6, 0, 99)]
    assert without(block, holes) == (AddressRange(4, 10, 49), AddressRange(4, 71, 89))
    assert without(block, [block]) == ()
    assert without(block, []) == (block,)


def test_partition_covers_everything_and_cuts_at_every_end() -> None:
    pieces = partition([AddressRange(4, 10, 20), AddressRange(4, 15, ALL_IPV4.last)])
    assert pieces == (
        AddressRange(4, 0, 9),
        AddressRange(4, 10, 14),
        AddressRange(4, 15, 20),
        AddressRange(4, 21, ALL_IPV4.last),
        ALL_IPV6,
    )
    assert merged(reversed(pieces)) == (ALL_IPV4, ALL_IPV6)
