from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.model.quantity import format_bytes, format_cores, parse_quantity


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (0, 0),
        (-3, -3),
        (0.5, Fraction(1, 2)),
        (0.1, Fraction(1, 10)),
        (1e3, 1000),
        (1e-7, Fraction(1, 10**7)),
        ("0", 0),
        ("1", 1),
        ("+1", 1),
        ("-1", -1),
        ("007", 7),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("1.G", 10**9),
        ("1000m", 1),
        ("250m", Fraction(1, 4)),
        ("400m", Fraction(2, 5)),
        ("100u", Fraction(1, 10**4)),
        ("5n", Fraction(5, 10**9)),
        ("1k", 10**3),
        ("129M", 129 * 10**6),
        ("2G", 2 * 10**9),
        ("3T", 3 * 10**12),
        ("4P", 4 * 10**15),
        ("5E", 5 * 10**18),
        ("1Ki", 2**10),
        ("123Mi", 123 * 2**20),
        ("1.5Gi", 3 * 2**29),
        ("1Ti", 2**40),
        ("1Pi", 2**50),
        ("1Ei", 2**60),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e+3", 1000),
        ("12E-1", Fraction(6, 5)),
        ("128974848", 128974848),
        ("128974848000m", 128974848),
        (" 128Mi ", 128 * 2**20),
    ],
)
def test_reads_what_the_api_server_reads(value: object, expected: Fraction | int) -> None:
    assert parse_quantity(value) == expected


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("1K", "write k for 1000 or Ki for 1024"),
        ("1KB", "'1KB' is not a quantity"),
        ("512MB", "write M"),
        ("512MiB", "write Mi"),
        ("512mi", "write Mi"),
        ("1gi", "write Gi"),
        ("1g", "write G"),
        ("5B", "bytes have none"),
        ("12 potatoes", "no suffix"),
        ("1e", "no suffix"),
        ("1e+", "no suffix"),
        ("1e3k", "no suffix"),
        ("1Zi", "no suffix"),
        ("1i", "no suffix"),
        ("1.1.M", "no suffix"),
        ("1 Gi", "no suffix"),
        ("1,5", "no suffix"),
        ("½", "does not begin with a number"),
        ("٣", "does not begin with a number"),
        ("m", "does not begin with a number"),
        ("-", "does not begin with a number"),
        (".", "does not begin with a number"),
        ("--1", "does not begin with a number"),
        ("aoeu", "does not begin with a number"),
        ("{{ .Values.cpu }}", "does not begin with a number"),
        ("", "empty"),
        ("  ", "empty"),
        ("1" * 300, "longer"),
        (True, "true is not a quantity"),
        (None, "not a quantity"),
        ([], "not a quantity"),
        ({"cpu": 1}, "not a quantity"),
        (float("nan"), "does not begin with a number"),
        (float("inf"), "does not begin with a number"),
    ],
)
def test_refuses_what_the_api_server_refuses(value: object, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_quantity(value)


def test_rounds_away_from_zero_to_a_billionth() -> None:
    assert parse_quantity("0.1n") == Fraction(1, 10**9)
    assert parse_quantity("-0.1n") == Fraction(-1, 10**9)
    assert parse_quantity("1e-999999999") == Fraction(1, 10**9)
    assert parse_quantity("0e-999999999") == 0


def test_caps_what_is_too_large() -> None:
    assert parse_quantity("100E") == 2**63 - 1
    assert parse_quantity("-100E") == -(2**63 - 1)
    assert parse_quantity("1e999999999999") == 2**63 - 1
    assert parse_quantity(10**40) == 2**63 - 1


@pytest.mark.parametrize(
    ("text", "written"), [("2", "2"), ("0.25", "250m"), ("1500m", "1500m"), ("100u", "100u"), ("5n", "5n"), ("0", "0")]
)
def test_writes_cores(text: str, written: str) -> None:
    assert format_cores(parse_quantity(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("134217728", "128Mi"),
        ("1.5Gi", "1536Mi"),
        ("1500M", "1500M"),
        ("1G", "1G"),
        ("42", "42"),
        ("0", "0"),
        ("400m", "400m"),
    ],
)
def test_writes_bytes(text: str, written: str) -> None:
    assert format_bytes(parse_quantity(text)) == written


@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_what_is_written_reads_back(amount: int) -> None:
    assert parse_quantity(format_bytes(Fraction(amount))) == amount
    assert parse_quantity(format_cores(Fraction(amount, 1000))) == Fraction(amount, 1000)


@given(st.text(alphabet="0123456789.+-eEinumkMGTP ", max_size=12))
def test_any_text_gives_a_bounded_number_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert abs(parse_quantity(text)) <= 2**63 - 1
