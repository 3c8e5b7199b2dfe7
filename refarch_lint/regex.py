"""Regular expressions that are compiled when they are first asked: a run needs few of those that the rules know."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class _Deferred:
    """Stands for a compiled expression; each of its methods is kept once it has been asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._source = (text, flags)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(*self._source)

    def __getattr__(self, name: str) -> Any:
        attribute = self.__dict__[name] = getattr(self._compiled, name)
        return attribute


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression for its methods; `re`'s own functions do not take it.

    Raises re.error when it is first used, not when it is made.
    """
    return cast("re.Pattern[str]", _Deferred(text, flags))
