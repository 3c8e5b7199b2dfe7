"""JSON text into plain data: one value, or several objects one after another as kubectl accepts them."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple, NoReturn

from refarch_lint.source.expansion import TOO_DEEP, is_too_deep
from refarch_lint.source.unreadable import UnreadableError

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_LONG_NUMBER: Final = re.compile(r"[0-9]{19}")
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAX_INT64: Final = 2**63 - 1
_MAX_DIGITS: Final = 4000


class JsonDocument(NamedTuple):
    """One JSON value and where in the text it stands."""

    start: int
    end: int
    data: Any
    has_duplicates: bool


class JsonReader:
    """Reads the JSON values of a text one by one; after an error, `documents` holds those read before it."""

    def __init__(self, text: str) -> None:
        self.documents: list[JsonDocument] = []
        self._text = text
        self._has_duplicates = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=_refuse_constant,
            parse_int=_integer if _LONG_NUMBER.search(text) else None,
        )
        self._mend = bool(_SURROGATE_ESCAPE.search(text))

    def read(self) -> list[JsonDocument]:
        """Return every value of the text. Raises UnreadableError at the first place that is not JSON."""
        position = _BLANK.match(self._text).end()  # type: ignore[union-attr]
        while position < len(self._text) or not self.documents:
            if self.documents and not (self._text[position] == "{" and isinstance(self.documents[-1].data, dict)):
                raise UnreadableError("extra data after the JSON value", position)
            end = self._value(position)
            position = _BLANK.match(self._text, end).end()  # type: ignore[union-attr]
        return self.documents

    def _value(self, start: int) -> int:
        self._has_duplicates = False
        try:
            data, end = self._decoder.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            raise UnreadableError(error.msg[:1].lower() + error.msg[1:], error.pos) from error
        except RecursionError as error:
            raise UnreadableError(TOO_DEEP, start) from error
        except _ConstantError as error:
            found = re.compile(rf"(?<![\w\"])-?{error.word.lstrip('-')}").search(self._text, start)
            raise UnreadableError(f"{error.word} is not JSON", found.start() if found else start) from error
        if is_too_deep(data):
            raise UnreadableError(TOO_DEEP, start)
        if self._mend:
            data = _mended(data)
        self.documents.append(JsonDocument(start, end, data, self._has_duplicates))
        return end

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            self._has_duplicates = True
        return result


class _ConstantError(ValueError):
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _refuse_constant(word: str) -> NoReturn:
    raise _ConstantError(word)


def _integer(digits: str) -> int | float:
    if len(digits) > _MAX_DIGITS:
        return float(digits)
    number = int(digits)
    return number if -_MAX_INT64 - 1 <= number <= _MAX_INT64 else float(number) if len(digits) < 300 else float(digits)


def _mended(value: Any) -> Any:
    """Return a value with every half of a broken surrogate pair replaced by U+FFFD, as Go's decoder does."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value
