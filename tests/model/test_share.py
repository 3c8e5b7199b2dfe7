"""Int-or-percent amounts, rounded as the API rounds them."""

from __future__ import annotations

import pytest

from refarch_lint.model.share import share_of


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [
        (2, 5, 2, 2),
        ("50%", 3, 2, 1),
        ("1%", 3, 1, 0),
        ("67%", 3, 3, 2),
        ("0%", 7, 0, 0),
        ("100%", 7, 7, 7),
        ("29%", 100, 29, 29),
    ],
)
def test_percentages_round_up_or_down(value: object, total: int, up: int, down: int) -> None:
    assert share_of(value, total, up=True) == up
    assert share_of(value, total, up=False) == down


@pytest.mark.parametrize("value", [None, True, "2", "x%", "%", "-5%", "5.5%", 1.5, [], {}])
def test_what_is_neither_number_nor_percentage_is_nothing(value: object) -> None:
    assert share_of(value, 3, up=True) is None
