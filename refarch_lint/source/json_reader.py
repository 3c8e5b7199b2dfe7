"""JSON text into plain data: one value, or several objects one after another as kubectl accepts them."""

from __future__ import annotations

import json
import math
from typing import Any, Final, NamedTuple, NoReturn

from refarch_lint.regex import regex
from refarch_lint.source.expansion import TOO_DEEP, is_too_deep
from refarch_lint.source.unreadable import UnreadableError, shortened

_BLANK: Final = regex(r"[ \t\r\n]*")
_LONG_NUMBER: Final = regex(r"[0-9]{19}")
_LARGE_EXPONENT: Final = regex(r"[0-9][eE]\+?[0-9]{3}|[0-9]{300}")
_SURROGATE_ESCAPE: Final = regex(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE: Final = regex("[\ud800-\udfff]")
_MAX_INT64: Final = 2**63 - 1


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
            parse_float=_float if _LARGE_EXPONENT.search(text) else None,
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
        except _NumberError as error:
            found = self._text.find(error.word, start)
            raise UnreadableError(f"{shortened(error.word)} is not a number in JSON", max(found, start)) from error
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


class _NumberError(ValueError):
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _refuse_constant(word: str) -> NoReturn:
    raise _NumberError(word)


def _integer(digits: str) -> int | float:
    """Return an integer of 64 bits as it is and a larger one as a float, as Kubernetes clients read them."""
    number = _float(digits)
    exact = int(digits) if abs(number) < 2**64 else None
    return exact if exact is not None and -_MAX_INT64 - 1 <= exact <= _MAX_INT64 else number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _NumberError(digits)
    return number


def _mended(value: Any) -> Any:
    """Return a value with every half of a broken surrogate pair replaced by U+FFFD, as Go's decoder does."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value
