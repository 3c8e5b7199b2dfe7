"""Credentials inside texts: embedded configuration files of any syntax, scripts and command lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from refarch_lint.evaluate.credentials.commands import HINTS, passwords_among, unnamed_passwords
from refarch_lint.evaluate.credentials.literal import form_reason, name_reason
from refarch_lint.evaluate.credentials.pairs import pairs
from refarch_lint.evaluate.credentials.tokens import URL_PASSWORD, tokens
from refarch_lint.evaluate.credentials.values import is_placeholder
from refarch_lint.regex import regex
from refarch_lint.remembering import remembered


class TextCredential(NamedTuple):
    """A credential in a text: its line from 0, the columns of its value in that line, its name if any, and why."""

    line: int
    start: int
    end: int
    name: str
    reason: str


class TextPlaceholder(NamedTuple):
    """A placeholder in a text: its line from 0, the columns of its value in that line, and its name."""

    line: int
    start: int
    end: int
    name: str


class ArgumentCredential(NamedTuple):
    """A credential in a command line: which argument holds it, counted from 0, and where in that argument."""

    argument: int
    credential: TextCredential


#: What stands in place of a value that is not to be shown.
MASK = "********"

#: Two slashes begin a comment, except where .npmrc says what a registry takes: `//npm.example.com/:_authToken=X`.
_COMMENT = regex(r"\s*(?:#|;|//(?!\S+:_)|\*|<!--|--\s)")
#: Without any of these in it a line names no credential; looked for in small letters, they spare most lines the rest.
_OF_NAMES = ("pass", "pw", "secret", "token", "key", "auth", "cred", "cookie", "bearer", "salt", "license")
_HINTS = (*_OF_NAMES, *(word for word in HINTS if not any(part in word for part in _OF_NAMES)))
_PLACEHOLDER_HINTS = (
    "your", "change", "replace", "insert", "todo", "tbc", "tbd", "fixme", "<", "xxx", "***", "_val", "placeholder",
    "example", "dummy", "sample", "here", "redacted",
)  # fmt: skip
_LONGEST_LINE = 65536
_MOST_PER_LINE = 200


@remembered
def text_credentials(text: str) -> tuple[TextCredential, ...]:
    """Return the credentials in a text, in the order of their places; private keys are given by their first line.

    Reads `key: value`, `key = value`, JSON, XML elements, command lines and connection strings; tokens that are known
    by their form are found in comments too, where examples of URLs are not.
    """
    return tuple(credentials_in(text))


def credentials_in(text: str) -> list[TextCredential]:
    """Return what `text_credentials` returns, for texts that are not worth remembering: whole files and messages."""
    found: list[TextCredential] = []
    has_tokens = len(text) > _LONGEST_LINE or any(True for _ in tokens(text))
    for number, line in enumerate(text.split("\n")) if has_tokens else _lines_with(_HINTS, text):
        found.extend(_unique(TextCredential(number, *place) for place in _line_credentials(line[:_LONGEST_LINE])))
    return found


def without_credentials(text: str) -> str:
    """Return a text with every credential in it masked, as messages may show it."""
    lines = text.split("\n")
    for found in reversed(credentials_in(text)):
        line = lines[found.line]
        lines[found.line] = line[: found.start] + MASK + line[found.end :]
    return "\n".join(lines)


@remembered
def text_placeholders(text: str) -> tuple[TextPlaceholder, ...]:
    """Return the settings of a text whose value is still a placeholder."""
    found: list[TextPlaceholder] = []
    for number, line in _lines_with(_PLACEHOLDER_HINTS, text):
        if _COMMENT.match(line):
            continue
        places = {
            (pair.start, pair.end): TextPlaceholder(number, pair.start, pair.end, pair.name)
            for pair in pairs(line[:_LONGEST_LINE])
            if is_placeholder(pair.value, pair.name) and not (pair.is_option and pair.value.startswith("<"))
        }
        found.extend(places[place] for place in sorted(places))
    return tuple(found)


def argument_credentials(arguments: Sequence[object]) -> tuple[ArgumentCredential, ...]:
    """Return the credentials in a command line, given as a container's `command` or `args`.

    A value may stand in its flag's argument (`--password=X`), in the next one, where its command takes it, or inside a
    script.
    """
    found: list[ArgumentCredential] = []
    flag = ""
    for index, argument in enumerate(arguments):
        if not isinstance(argument, str):
            flag = ""
            continue
        reason = name_reason(flag, argument) if flag and not argument.startswith("-") else None
        if reason:
            found.append(ArgumentCredential(index, TextCredential(0, 0, len(argument), flag, reason)))
        else:
            found.extend(ArgumentCredential(index, credential) for credential in text_credentials(argument))
        is_flag = argument.startswith("-") and "=" not in argument and " " not in argument
        flag = argument.lstrip("-") if is_flag else ""
    blamed = {index for index, _ in found}
    for index, start, why in passwords_among(arguments):
        if index not in blamed:
            found.append(ArgumentCredential(index, TextCredential(0, start, len(str(arguments[index])), "", why)))
    return tuple(sorted(found))


def _lines_with(hints: Iterable[str], text: str) -> Sequence[tuple[int, str]]:
    """Return the lines of a text that hold any hint, each with its number from 0."""
    if "\n" not in text:
        return ((0, text),) if _holds_any(text, hints) else ()
    folded = text.casefold()
    present = [hint for hint in hints if hint in folded]
    return [item for item in enumerate(text.split("\n")) if _holds_any(item[1], present)] if present else ()


def _holds_any(line: str, hints: Iterable[str]) -> bool:
    folded = line.casefold()
    for hint in hints:  # noqa: SIM110 a generator would take twice as long, and most lines come by here
        if hint in folded:
            return True
    return False


def _line_credentials(line: str) -> Iterator[tuple[int, int, str, str]]:
    is_comment = _COMMENT.match(line) is not None
    for token in tokens(line):
        if not (is_comment and token.kind == URL_PASSWORD):
            yield token.start, token.end, "", form_reason(token)
    if is_comment or not _holds_any(line, _HINTS):
        return
    for pair in pairs(line):
        reason_by_name = name_reason(pair.name, pair.value)
        if reason_by_name:
            yield pair.start, pair.end, pair.name, reason_by_name
    yield from unnamed_passwords(line)


def _unique(places: Iterator[TextCredential]) -> list[TextCredential]:
    """Return the places in order, without those that lie inside or across one that was found before."""
    kept: list[TextCredential] = []
    for place in islice(places, _MOST_PER_LINE):
        if not any(place.start < other.end and other.start < place.end for other in kept):
            kept.append(place)
    return sorted(kept)


@remembered
def credential_reason(name: str, value: str) -> str | None:
    """Return why the literal `value` of the setting `name` looks like a credential, None if it does not.

    The reason is a clause that never contains the value: `its name promises a password`, `it has the form of a GitHub
    token`. For a value of several lines use `text_credentials`, which says where.
    """
    token = next(tokens(value), None)
    reason = form_reason(token) if token else name_reason(name, value)
    if reason or not _holds_any(value, _HINTS):
        return reason
    within = next(iter(text_credentials(value)), None)
    if within is None:
        return None
    return f"it contains {within.name}: {within.reason}" if within.name else within.reason
