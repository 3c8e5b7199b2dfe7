"""Bytes into text: UTF-8, or UTF-16 and UTF-32 by their byte order mark; what does not decode is replaced and named."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

_MARKS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class DecodingFault(NamedTuple):
    """Why a file's bytes are not the text they should be, and where (in code points) it shows first."""

    reason: str
    offset: int


class Decoded(NamedTuple):
    """The text of a file, without its byte order mark, and what was wrong with its bytes."""

    text: str
    fault: DecodingFault | None


def decode(data: bytes) -> Decoded:
    """Return the text of a file. Bytes that do not decode become U+FFFD, as kubectl reads them, and are a fault."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding)
    encoding = _unmarked_encoding(data[:4])
    decoded = _decode(data, encoding)
    if encoding != "utf-8" and decoded.fault is None:
        reason = f"the file is {encoding[:-3].upper()} without a byte order mark, which kubectl cannot read"
        return Decoded(decoded.text, DecodingFault(reason, 0))
    return decoded


def _decode(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), None)
    except UnicodeDecodeError as error:
        wrong = " ".join(f"0x{byte:02X}" for byte in data[error.start : error.end][:4])
        name = encoding[:6].upper() if encoding != "utf-8" else "UTF-8"
        reason = f"{wrong} is not valid {name}; such bytes are read as U+FFFD"
        index = len(data[: error.start].decode(encoding, "replace"))
        return Decoded(data.decode(encoding, "replace"), DecodingFault(reason, index))


def _unmarked_encoding(head: bytes) -> str:
    """Return the encoding that the zero bytes at the start of a text give away (YAML 1.2 §5.2)."""
    zeros = tuple(byte == 0 for byte in head)
    if zeros == (True, True, True, False):
        return "utf-32-be"
    if zeros == (False, True, True, True):
        return "utf-32-le"
    if zeros[:2] == (True, False):
        return "utf-16-be"
    if zeros[:2] == (False, True):
        return "utf-16-le"
    return "utf-8"
