"""The hash by which GitHub code scanning recognises a line that has moved (`primaryLocationLineHash`).

The algorithm is the one CodeQL publishes for `partialFingerprints`: for every line a polynomial hash (base 37, modulo
2^64) over the 100 UTF-16 code units that begin there, skipping spaces and tabs and counting every line break as one
line feed. The text is followed by the unit 65535 and then by zeros. Equal hashes are told apart by a running number.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable

_BASE = 37
_WINDOW = 100
_MASK = (1 << 64) - 1
_OUTGOING = pow(_BASE, _WINDOW, 1 << 64)
_END = 65535
_LINE_FEED = 10


def line_hashes(lines: Iterable[str]) -> list[str]:
    """Return the hash of each line of a file, given its lines without their line breaks.

    A file that ends with a line break has an empty last line. Where secret values are masked, the lines whose window
    touches one have another hash than GitHub would compute from the file itself.
    """
    units: list[int] = []
    starts: list[int] = []
    for line in lines:
        if starts:
            units.append(_LINE_FEED)
        starts.append(len(units))
        encoded = line.replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
        units.extend(struct.unpack(f"<{len(encoded) // 2}H", encoded))
    units.append(_END)
    hashes = _window_hashes(units, starts)
    seen: Counter[int] = Counter()
    result = []
    for value in hashes:
        seen[value] += 1
        result.append(f"{value:x}:{seen[value]}")
    return result


def _window_hashes(units: list[int], starts: list[int]) -> list[int]:
    """Return the hash of the window that begins at each of `starts`, rolling once over all units."""
    padded = units + [0] * _WINDOW
    hashes = []
    value = 0
    pending = iter(starts)
    wanted = next(pending, None)
    for index, unit in enumerate(padded):
        outgoing = padded[index - _WINDOW] if index >= _WINDOW else 0
        value = (_BASE * value + unit - _OUTGOING * outgoing) & _MASK
        if wanted is not None and index == wanted + _WINDOW - 1:
            hashes.append(value)
            wanted = next(pending, None)
    return hashes
