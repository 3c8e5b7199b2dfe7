"""Resource quantities, read as the API server reads them and kept exact."""

from __future__ import annotations

import re
from fractions import Fraction

from refarch_lint.remembering import remembered

_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<suffix>.*)", re.DOTALL)
_EXPONENT = re.compile(r"[eE][+-]?[0-9]+")

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}

#: The largest magnitude a quantity holds; larger ones are capped by the API server.
_LARGEST = Fraction(2**63 - 1)
#: Anything finer than a billionth is rounded up, away from zero.
_FINEST = 10**9
_MAX_LENGTH = 256
_MAX_EXPONENT = 300


def parse_quantity(value: object) -> Fraction:
    """Return the number that a quantity stands for: cores for CPU, bytes for memory and storage.

    `value` is what YAML gives: a number, or a string in the grammar of `resource.Quantity` (Kubernetes API,
    k8s.io/apimachinery/pkg/api/resource). Like the API server, this rounds up to a billionth and caps at 2^63-1.
    Raises ValueError where the API server would refuse the value.
    """
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a quantity")
    if isinstance(value, int):
        return _bounded(Fraction(value))
    if isinstance(value, float):
        return _parse_text(repr(value))
    if isinstance(value, str):
        return _parse_text(value.strip())
    raise ValueError("not a quantity: expected a number or a string such as 500m or 128Mi")


@remembered
def _parse_text(text: str) -> Fraction:
    if not text:
        raise ValueError("the quantity is empty")
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"the quantity is longer than {_MAX_LENGTH} characters")
    match = _NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError(f"{text!r} is not a quantity: it does not begin with a number")
    part = match["part"] or ""
    number = Fraction(int(match["whole"] + part or "0"), 10 ** len(part))
    number = _scaled(number, match["suffix"], text)
    return _bounded(-number if match["sign"] == "-" else number)


def _scaled(number: Fraction, suffix: str, text: str) -> Fraction:
    if suffix in _BINARY:
        return number * (1 << _BINARY[suffix])
    if suffix in _DECIMAL:
        return number * _power_of_ten(_DECIMAL[suffix])
    if _EXPONENT.fullmatch(suffix):
        return number * _power_of_ten(max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(suffix[1:]))))
    raise ValueError(f"{text!r} is not a quantity: {_suffix_fault(suffix)}")


def _power_of_ten(exponent: int) -> Fraction:
    power: int = 10 ** abs(exponent)
    return Fraction(power) if exponent >= 0 else Fraction(1, power)


def _suffix_fault(suffix: str) -> str:
    known = {name.lower(): name for name in (*_BINARY, *_DECIMAL) if name}
    if suffix == "K":
        return "there is no suffix K; write k for 1000 or Ki for 1024"
    if suffix in ("b", "B"):
        return f"there is no suffix {suffix}; bytes have none"
    bare = suffix.removesuffix("B").removesuffix("b")
    if bare in known.values() and bare != suffix:
        return f"there is no suffix {suffix}; write {bare}"
    if bare.lower() in known:
        return f"there is no suffix {suffix}; write {known[bare.lower()]}"
    return f"there is no suffix {suffix!r}"


def _bounded(number: Fraction) -> Fraction:
    scaled = number * _FINEST
    if scaled.denominator != 1:
        magnitude = -(-abs(scaled.numerator) // scaled.denominator)
        number = Fraction(magnitude if number > 0 else -magnitude, _FINEST)
    return max(-_LARGEST, min(_LARGEST, number))


def format_cores(cores: Fraction) -> str:
    """Return an amount of CPU as people write it: `2`, `250m`, and finer amounts in `u` or `n`."""
    for suffix, exponent in (("", 0), ("m", 3), ("u", 6)):
        scaled = cores * 10**exponent
        if scaled.denominator == 1:
            return f"{scaled.numerator}{suffix}"
    return f"{-(-cores * _FINEST).__floor__()}n"


def format_bytes(amount: Fraction) -> str:
    """Return an amount of memory or storage as people write it: `128Mi`, `1500M`, `42`."""
    if amount.denominator != 1:
        return format_cores(amount)
    number = amount.numerator
    binary = _largest_unit(number, [(name, 2**power) for name, power in _BINARY.items()])
    decimal = _largest_unit(number, [(name, 10**power) for name, power in _DECIMAL.items() if power > 0])
    candidates = [text for text in (binary, decimal) if text]
    return min(candidates, key=len, default=str(number))


def format_amount(resource: str, amount: Fraction) -> str:
    """Return an amount of a resource by its name: CPU in cores, all else as an amount of memory."""
    return format_cores(amount) if resource == "cpu" else format_bytes(amount)


def _largest_unit(number: int, units: list[tuple[str, int]]) -> str:
    for name, size in reversed(units):
        if number and number % size == 0:
            return f"{number // size}{name}"
    return ""
