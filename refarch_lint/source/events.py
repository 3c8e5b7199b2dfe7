"""The YAML parser's events of one document, from libyaml where it is installed and from pure Python where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from refarch_lint.source.unreadable import UnreadableError

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found]
except ImportError:  # no wheel for this interpreter
    CParser = None

__all__ = [
    "BYTE_ORDER_MARK",
    "AliasEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "YAMLError",
    "events",
    "unreadable",
]

#: The parser's events are classes of an untyped library: `Any` stops here.
NextEvent = Callable[[], Any]

BYTE_ORDER_MARK: Final = "\ufeff"
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def events(text: str, *, pure: bool = False) -> NextEvent:
    """Return a function that gives the next event of a document's text; marks count code points from its start.

    A line that begins with three dashes glued to something else (`---#`, `---foo`) is read as a comment, because
    kubectl takes it for a document marker. `pure` asks for the parser in Python, which gives the same events.
    """
    if text.startswith("---") and text[3:4] not in ("", " ", "\t", "\r", "\n"):
        text = "#" + text[1:]
    if CParser is not None and not pure:
        from_c: NextEvent = CParser(text).get_event
        return from_c
    from ruamel.yaml import YAML

    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise UnreadableError(_forbidden_reason(forbidden.group()), forbidden.start())
    from_python: NextEvent = iter(YAML(typ="safe", pure=True).parse(text)).__next__
    return from_python


def unreadable(error: YAMLError, text: str) -> UnreadableError:
    """Return what a parser's error says about a document, in words and with the place where it shows.

    An error that the parser notices only at the end of the text is placed where the unfinished part began.
    """
    if not isinstance(error, MarkedYAMLError):
        forbidden = _FORBIDDEN.search(text)
        if forbidden:
            return UnreadableError(_forbidden_reason(forbidden.group()), forbidden.start())
        return UnreadableError(str(error).splitlines()[0] if str(error) else type(error).__name__, 0)
    reason = error.problem or error.context or "it is not valid YAML"
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark else 0
    context_mark = error.context_mark
    if error.problem and error.context:
        reason = f"{error.problem} ({error.context})"
    end = len(text.rstrip())
    if index >= end:
        index = min(context_mark.index if context_mark else index, max(end - 1, 0))
    return UnreadableError(reason, index)


def _forbidden_reason(character: str) -> str:
    return f"character U+{ord(character):04X} is not allowed in YAML"
