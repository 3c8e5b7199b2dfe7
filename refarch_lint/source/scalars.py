"""What an unquoted YAML word means to kubectl: the YAML 1.1 rules of sigs.k8s.io/yaml, after its trip through JSON.

Source: `resolve.go` of go.yaml.in/yaml/v2 and `yaml.go` of sigs.k8s.io/yaml, checked against `kubectl label --local`.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from typing import Final

from refarch_lint.regex import regex

Scalar = str | int | float | bool | None

STANDARD_TAG: Final = "tag:yaml.org,2002:"

_MAX_INT64: Final = 2**63 - 1
_MIN_INT64: Final = -(2**63)
_MAX_UINT64: Final = 2**64 - 1

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER: Final = regex(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z")
_FLOAT: Final = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DOT_FLOAT: Final = regex(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_DATE: Final = regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z")
_MAX_DIGITS: Final = 4000


class ScalarError(ValueError):
    """A word that has no meaning to kubectl where it stands; the message is the reason."""


def resolve(text: str) -> Scalar:
    """Return what an unquoted word means in YAML 1.1 as kubectl reads it, before its trip through JSON.

    Integers may be of any size and floats may be infinite; `plain_value` and `key_text` say what becomes of them.
    """
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return _finite(text.replace("_", ""), text) if _DOT_FLOAT.match(text) else text
    if first not in "+-0123456789" or len(text) > _MAX_DIGITS:
        return text
    plain = text.replace("_", "")
    match = _INTEGER.match(plain)
    if match:
        number = _integer(match)
        if number is not None:
            return number
    return _finite(plain, text) if _FLOAT.match(plain) else text


def plain_value(text: str) -> Scalar:
    """Return the value of an unquoted word: whole floats become integers, as they do on kubectl's way through JSON.

    Raises ScalarError for infinities and not-a-number, which JSON cannot carry.
    """
    return _through_json(resolve(text), text)


def tagged_value(tag: str, text: str) -> Scalar:
    """Return the value of a word under an explicit tag; tags that are not YAML's own are ignored.

    Raises ScalarError where the word does not fit its tag.
    """
    kind = tag.removeprefix(STANDARD_TAG) if tag.startswith(STANDARD_TAG) else ""
    if kind == "binary":
        return _decoded(text)
    if kind == "timestamp" and not _DATE.match(text):
        raise ScalarError("cannot read the value as !!timestamp")
    if kind not in ("int", "float", "bool", "null"):
        return text
    value = resolve(text)
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "null": value is None,
    }
    if not fits[kind]:
        raise ScalarError(f"cannot read the value as !!{kind}")
    return _through_json(value, text)


def key_text(value: Scalar) -> str:
    """Return the text that a mapping key becomes, since JSON has no other keys.

    Raises ScalarError for null and for integers above int64, which kubectl refuses as keys.
    """
    if isinstance(value, str):
        return value
    if value is None:
        raise ScalarError("a mapping key is empty or null")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value > _MAX_INT64:
            raise ScalarError(f"the mapping key {value} is larger than 64 bits hold")
        return str(value)
    single = _single(value)
    if math.isnan(single):
        return ".nan"
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    return _shortest(single)


class PlainValues(dict[str, Scalar]):
    """The values of unquoted words met so far; looking a new one up resolves it."""

    def __missing__(self, text: str) -> Scalar:
        value = self[text] = plain_value(text)
        return value


class PlainKeys(dict[str, str]):
    """The texts of unquoted mapping keys met so far; looking a new one up resolves it."""

    def __missing__(self, text: str) -> str:
        key = self[text] = key_text(resolve(text))
        return key


def _integer(match: re.Match[str]) -> int | None:
    """Return the integer, or None where it fits neither int64 nor uint64, so that other readings are tried."""
    sign, hexadecimal, binary, octal, decimal = match.groups()
    if hexadecimal:
        number = int(hexadecimal, 16)
    elif binary:
        number = int(binary, 2)
    elif octal:
        number = int(octal, 8)
    else:
        number = int(decimal)
    if sign == "-":
        return -number if -number >= _MIN_INT64 else None
    limit = _MAX_INT64 if sign else _MAX_UINT64
    return number if number <= limit else None


def _finite(plain: str, text: str) -> float | str:
    number = float(plain)
    return text if math.isinf(number) else number


def _through_json(value: Scalar, text: str) -> Scalar:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ScalarError(f"{text} cannot be written as JSON, so no Kubernetes client reads it")
        whole = _written_whole(value) if value.is_integer() else None
        return value if whole is None or not _MIN_INT64 <= whole <= _MAX_INT64 else whole
    if isinstance(value, int) and not isinstance(value, bool) and value > _MAX_INT64:
        return float(value)
    return value


def _written_whole(value: float) -> int:
    """Return a whole float as the integer that its shortest decimal form shows, as it passes through JSON."""
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return int(value)
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction + "0" * (int(exponent) - len(fraction)))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split("\n")), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise ScalarError("the value of !!binary is not valid base64") from error


def _shortest(single: float) -> str:
    """Return a single-precision float as Go's `FormatFloat(single, 'g', -1, 32)` writes it, as kubectl names keys."""
    if single == 0:
        return "-0" if math.copysign(1, single) < 0 else "0"
    for precision in range(9):
        short = f"{single:.{precision}e}"
        if _single(float(short)) == single:
            break
    mantissa, _, exponent = short.partition("e")
    power = int(exponent)
    if not -4 <= power < 6:
        return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return f"{single:.{max(precision - power, 0)}f}"


def _single(value: float) -> float:
    """Return a float rounded to single precision."""
    try:
        rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded
