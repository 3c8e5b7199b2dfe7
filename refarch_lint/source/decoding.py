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
_KUBECTL_READS: Final = ("utf-8", "utf-16-le", "utf-16-be")


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
            return _decode(data[len(mark) :], encoding, "" if encoding in _KUBECTL_READS else "it is UTF-32")
    encoding = _unmarked_encoding(data[:4096])
    unread = "" if encoding == "utf-8" else f"it is {_name(encoding)} without a byte order mark"
    return _decode(data, encoding, unread)


def _decode(data: bytes, encoding: str, unread: str) -> Decoded:
    """Return the decoded text; `unread` says what keeps kubectl from reading it although it is well-formed."""
    try:
        fault = DecodingFault(f"{unread}, which kubectl cannot read", 0) if unread else None
        return Decoded(data.decode(encoding), fault)
    except UnicodeDecodeError as error:
        wrong = " ".join(f"0x{byte:02X}" for byte in data[error.start : error.end][:4])
        reason = f"{wrong} is not valid {_name(encoding)}; such bytes are read as U+FFFD"
        index = len(data[: error.start].decode(encoding, "replace"))
        return Decoded(data.decode(encoding, "replace"), DecodingFault(reason, index))


def _name(encoding: str) -> str:
    return encoding.removesuffix("-le").removesuffix("-be").upper()


def _unmarked_encoding(head: bytes) -> str:
    """Return the encoding that many zero bytes, also among the first four, give away (YAML 1.2 §5.2)."""
    if head.count(0) * 3 < len(head):
        return "utf-8"
    zeros = tuple(byte == 0 for byte in head[:4])
    if zeros == (True, True, True, False):
        return "utf-32-be"
    if zeros == (False, True, True, True):
        return "utf-32-le"
    if zeros == (True, False, True, False):
        return "utf-16-be"
    if zeros == (False, True, False, True):
        return "utf-16-le"
    return "utf-8"
