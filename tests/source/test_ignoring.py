"""Ignore patterns: what they leave out is what the library says, whether or not it had to be asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from refarch_lint.source.ignoring import IgnoreRules

_PATTERNS = st.text("ab*?/!.# [", min_size=1, max_size=7)
_PATHS = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(patterns=st.lists(_PATTERNS, min_size=1, max_size=3), path=_PATHS, is_folder=st.booleans())
def test_paths_are_left_out_as_the_library_says(patterns: list[str], path: str, is_folder: bool) -> None:
    try:
        wanted = GitIgnoreSpec.from_lines(patterns).check_file(path + "/" if is_folder else path).include
    except ValueError:
        return
    rules = IgnoreRules.of(Path("/"), patterns)
    assert rules.ignores(f"/{path}", is_folder=is_folder) is bool(wanted)


@pytest.mark.parametrize(
    ("path", "ignored"),
    [("/top/dist/app.yaml", True), ("/top/inner/dist/app.yaml", False), ("/top/inner/app.yaml", False)],
)
def test_the_deepest_list_that_speaks_of_a_path_decides(path: str, ignored: bool) -> None:
    rules = IgnoreRules(
        IgnoreRules.of(Path("/top"), ["dist/"]).levels + IgnoreRules.of(Path("/top/inner"), ["!dist/"]).levels
    )
    assert rules.ignores(path, is_folder=False) is ignored
