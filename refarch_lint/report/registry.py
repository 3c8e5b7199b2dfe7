"""The formats there are: every module of `report/formats`, found by looking and imported only when used."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import Protocol, cast

from refarch_lint.evaluate.finding import Report
from refarch_lint.report import formats
from refarch_lint.report.options import RenderOptions


class Reporter(Protocol):
    """Turns a report into one text that ends with a newline."""

    def __call__(self, report: Report, options: RenderOptions) -> str:
        """Return `report` in this format."""
        ...


class _Reporters(Mapping[str, Reporter]):
    """Maps the name of a format to its reporter; a trailing underscore of the module name is not part of the name."""

    @cached_property
    def _modules(self) -> dict[str, str]:
        names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
        return {name.rstrip("_").replace("_", "-"): f"{formats.__name__}.{name}" for name in names}

    def __getitem__(self, name: str) -> Reporter:
        return cast(Reporter, import_module(self._modules[name]).render)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


#: Every format by name, sorted; a new file in `report/formats` with a function `render` is a new format.
REPORTERS: Mapping[str, Reporter] = _Reporters()
