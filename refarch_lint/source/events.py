"""The YAML parser's events of one document, from libyaml where it is installed and from pure Python where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from refarch_lint.regex import regex
from refarch_lint.source.unreadable import Construct, UnreadableError

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found]
except ImportError:  # no wheel for this interpreter
    CParser = None

__all__ = [
    "BYTE_ORDER_MARK",
    "AliasEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "NextEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "parse",
]

#: Gives the next event; events are classes of an untyped library, so `Any` begins and ends here.
NextEvent = Callable[[], Any]

Result = TypeVar("Result")

BYTE_ORDER_MARK: Final = "\ufeff"

_FORBIDDEN: Final = regex("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE: Final = regex("[\ud800-\udfff]")
_COMMENT_IN_EFFECT: Final = regex(r"---[^ \t\r\n]|\.\.\.[ \t]*(?:[ \t]#.*)?(?:[\r\n]|\Z)")
_MARK_BELOW_MARKER: Final = regex(r"\A-(--[ \t]*(?:#[^\r\n]*)?)(\r\n|\r|\n)\ufeff")
_UNEXPECTED_COLON: Final = "found unexpected ':'"
_TAG_OR_INNER_COLON: Final = regex(r"((?<![^\s,\[{])![^\s,\[\]{}]*)|(?<=[^\s\"'\[\]{},]):(?=\S)")
_PRIVATE_USE: Final = range(0xE000, 0xF900)


def parse(text: str, consume: Callable[[NextEvent], Result], *, pure: bool = False) -> Result:
    """Return what `consume` makes of the events of a document's text; marks count code points from its start.

    A first line of three dashes glued to something else (`---#`, `---foo`) is read as a comment, because kubectl takes
    it for a document marker; so is a `...`, which ended the document before. A byte order mark below the marker is
    passed over. `consume` may be called a second time from the start. `pure` asks for the parser in Python. Raises
    UnreadableError where the text is not YAML.
    """
    if _COMMENT_IN_EFFECT.match(text):
        text = "#" + text[1:]
    text = _MARK_BELOW_MARKER.sub(r"#\1x\2", text, count=1)
    try:
        return consume(_events(text, pure=pure))
    except YAMLError as error:
        cause = error
    if isinstance(cause, MarkedYAMLError) and cause.problem == _UNEXPECTED_COLON:
        try:
            return consume(_events_with_inner_colons(text))
        except YAMLError as error:
            cause = error
    raise _unreadable(cause, text) from cause


def _events(text: str, *, pure: bool) -> NextEvent:
    if CParser is not None and not pure:
        from_c: NextEvent = CParser(text).get_event
        return from_c
    return _events_from_python(text)


def _events_from_python(text: str) -> NextEvent:
    from ruamel.yaml import YAML

    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise UnreadableError(_forbidden_reason(forbidden.group()), forbidden.start())
    stream = iter(YAML(typ="safe", pure=True).parse(text))

    def following() -> Any:
        try:
            event = next(stream)
        except (AssertionError, IndexError, OverflowError, ValueError) as error:
            raise UnreadableError(f"it is not valid YAML: {error}", 0) from error
        if event.__class__ is ScalarEvent and _SURROGATE.search(event.value):
            raise UnreadableError("found invalid Unicode character escape code", event.start_mark.index)
        return event

    return following


def _events_with_inner_colons(text: str) -> NextEvent:
    """Return the events of a text with colons inside unquoted words of flow collections: `[curl, http://web]`.

    libyaml before 0.2 refuses them and kubectl does not. Each is hidden behind an unused character while it is parsed.
    """
    stand_in = next((chr(code) for code in _PRIVATE_USE if chr(code) not in text), BYTE_ORDER_MARK)
    hidden = _TAG_OR_INNER_COLON.sub(lambda match: match.group(1) or stand_in, text)
    source = _events(hidden, pure=False)

    def following() -> Any:
        event = source()
        if event.__class__ is ScalarEvent and stand_in in event.value:
            event.value = event.value.replace(stand_in, ":")
        return event

    return following


def _unreadable(error: YAMLError, text: str) -> UnreadableError:
    """Return what a parser's error says about a document, in words and with the place where it shows.

    An error that the parser notices only at the end of the text is placed where the unfinished part began.
    """
    if not isinstance(error, MarkedYAMLError):
        forbidden = _FORBIDDEN.search(text)
        if forbidden:
            return UnreadableError(_forbidden_reason(forbidden.group()), forbidden.start())
        return UnreadableError(str(error).partition("\n")[0] or type(error).__name__, 0)
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark else 0
    within = None
    if error.context and error.problem:
        within = Construct(error.context, error.context_mark.index if error.context_mark else index)
    end = len(text.rstrip())
    if index >= end:
        index = max(end - 1, 0)
        if within is not None and within.start < index:
            index = within.start
        else:
            within = None
    reason = error.problem or error.context or "it is not valid YAML"
    if reason.endswith("cannot start any token"):
        return UnreadableError(_misplaced_reason(text[index : index + 1]), index)
    return UnreadableError(reason, index, within)


def _misplaced_reason(character: str) -> str:
    if character == "\t":
        return "found a tab where indentation or a value begins: use spaces"
    return f"found {character!r}, which cannot begin a value: put the value in quotes"


def _forbidden_reason(character: str) -> str:
    return f"character U+{ord(character):04X} is not allowed in YAML"
