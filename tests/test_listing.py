"""The first names of many, and the number of the others."""

from __future__ import annotations

import pytest

from refarch_lint.listing import listed


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        ([], 3, ""),
        (["a"], 3, "a"),
        (["a", "b", "c"], 3, "a, b, c"),
        (["a", "b", "c", "d", "e"], 3, "a, b, c and 2 more"),
        ((1, 2), 1, "1 and 1 more"),
    ],
)
def test_listed(names: list[object], most: int, text: str) -> None:
    assert listed(names, most) == text
