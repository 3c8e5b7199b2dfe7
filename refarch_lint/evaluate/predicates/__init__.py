"""Bespoke checks, one module per subject; a rule names one as `module.function`, and nothing lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from refarch_lint.errors import RuleFileError

ENTRY_POINT_GROUP = "refarch_lint.predicates"

Predicate = Callable[[Any, Any], Iterator[Any]]


@cache
def predicate(name: str) -> Predicate:
    """Return the function that a rule names: a built-in one, else an entry point of an installed package.

    Raises RuleFileError if there is none of that name.
    """
    module_name, _, function_name = name.partition(".")
    qualified = f"{__name__}.{module_name}"
    try:
        found = getattr(import_module(qualified), function_name, None)
    except ModuleNotFoundError as cause:
        if cause.name != qualified:
            raise
        found = None
    if found is None:
        from importlib.metadata import entry_points

        installed = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
        if name not in installed:
            raise RuleFileError(((f"no predicate {name}: neither built in nor an installed entry point", None),))
        found = installed[name].load()
    return found  # type: ignore[no-any-return]
