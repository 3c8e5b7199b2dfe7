"""Globs over names: what `fnmatch` says, whatever the shape of the glob."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.wildcards import fits_glob


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [
        ("redis", "redis", True),
        ("redis-0", "redis", False),
        ("redis-0", "redis*", True),
        ("my-redis", "*redis", True),
        ("my-redis-0", "*redis*", True),
        ("my-valkey-0", "*redis*", False),
        ("bitnami/redis", "bitnami*/redis", True),
        ("redis", "re[dt]is", True),
        ("redis", "r?dis", True),
        ("", "*", True),
        ("", "", True),
        ("a", "", False),
    ],
)
def test_a_glob_fits(text: str, pattern: str, fits: bool) -> None:
    assert fits_glob(text, pattern) is fits


@given(st.text(alphabet="ab*?[]!-\n", max_size=8), st.text(alphabet="ab*?[]!-\n", max_size=6))
def test_every_glob_fits_what_fnmatch_says(text: str, pattern: str) -> None:
    assert fits_glob(text, pattern) is fnmatchcase(text, pattern)
