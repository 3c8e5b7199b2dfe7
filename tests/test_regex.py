"""Expressions that are compiled when first used: they are all sound, and they do what compiled ones do."""

from __future__ import annotations

import gc
import pkgutil
import re
from importlib import import_module

import pytest

import refarch_lint
from refarch_lint.regex import _Deferred, regex


def test_an_expression_is_compiled_once_and_when_it_is_first_used() -> None:
    broken = regex("(")
    with pytest.raises(re.error):
        broken.search("text")
    letters = regex("[a-c]+", re.IGNORECASE)
    found = letters.fullmatch("aBc")
    assert found is not None
    assert found.re is letters.search("a").re  # type: ignore[union-attr]
    assert letters.sub("-", "abc d") == "- d"
    assert letters.flags & re.IGNORECASE


def test_every_expression_of_the_package_is_sound() -> None:
    for module in pkgutil.walk_packages(refarch_lint.__path__, "refarch_lint."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    gc.unfreeze()  # a run in this process may have frozen what it imported, which get_objects leaves out
    known = [item for item in gc.get_objects() if isinstance(item, _Deferred) and item._source[0] != "("]
    assert len(known) > 100
    for item in known:
        assert item.pattern == item._source[0]
