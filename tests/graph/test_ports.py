"""Port sets against plain sets of numbers, and their written form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.graph.ports import ALL_PORTS, NO_PORTS, PortSet

PROTOCOLS = st.sampled_from(["TCP", "UDP", "SCTP"])
EDGES = st.sampled_from([1, 2, 3, 5, 8, 65534, 65535])
PARTS = st.lists(st.tuples(PROTOCOLS, EDGES, EDGES), max_size=4)


def build(parts: list[tuple[str, int, int]]) -> PortSet:
    return PortSet.union_of(PortSet.of(*part) for part in parts)


def plain(parts: list[tuple[str, int, int]]) -> set[tuple[str, int]]:
    return {(name, n) for name, first, last in parts for n in [*range(1, 11), 65534, 65535] if first <= n <= last}


def members(ports: PortSet) -> set[tuple[str, int]]:
    return {
        (name, n) for name in ("TCP", "UDP", "SCTP") for n in [*range(1, 11), 65534, 65535] if ports.contains(n, name)
    }


@given(PARTS, PARTS)
def test_operations_agree_with_sets_of_numbers(
    left: list[tuple[str, int, int]], right: list[tuple[str, int, int]]
) -> None:
    a, b = build(left), build(right)
    assert members(a) == plain(left)
    assert members(a | b) == plain(left) | plain(right)
    assert members(a & b) == plain(left) & plain(right)
    assert members(a - b) == plain(left) - plain(right)
    assert (a - b) | (a & b) == a
    assert (a <= b) == (a | b == b)
    assert a - ALL_PORTS == NO_PORTS
    assert a & ALL_PORTS == a


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        (ALL_PORTS, "All Connections"),
        (NO_PORTS, "No Connections"),
        (build([("TCP", 80, 80), ("TCP", 90, 95), ("TCP", 96, 99)]), "TCP 80,90-99"),
        (build([("UDP", 53, 53), ("TCP", 53, 53), ("SCTP", 7, 7)]), "SCTP 7,TCP 53,UDP 53"),
        (PortSet.of("TCP"), "TCP 1-65535"),
        (build([("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)]), "All Connections"),
    ],
)
def test_written_form(ports: PortSet, text: str) -> None:
    assert str(ports) == text


def test_what_is_no_port_is_in_no_set() -> None:
    assert PortSet.of("ICMP").is_empty
    assert PortSet.of("TCP", 9, 8).is_empty
    assert PortSet.of("TCP", 0, 70000) == PortSet.of("TCP")
    assert not ALL_PORTS.contains(80, "ICMP")
    assert not ALL_PORTS.contains(0)
