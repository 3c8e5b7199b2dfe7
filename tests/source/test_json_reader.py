"""JSON text into plain data: one value, or objects one after another; anything else has a reason and a place."""

from __future__ import annotations

import pytest

from refarch_lint.source.json_reader import JsonReader
from refarch_lint.source.unreadable import UnreadableError


def read(text: str) -> list[object]:
    return [document.data for document in JsonReader(text).read()]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": [1, 2.5, true, null, "x"]}', [{"a": [1, 2.5, True, None, "x"]}]),
        (' \t\r\n{"a":1}\n', [{"a": 1}]),
        ('{"a":1}{"a":2}\n{"a":3}', [{"a": 1}, {"a": 2}, {"a": 3}]),
        (r'"\/\u00e9\ud83d\ude00"', ["/é😀"]),
        (r'{"\ud800": "x\udc00"}', [{"\ufffd": "x\ufffd"}]),
        ('"\u2028\u007f"', ["\u2028\u007f"]),
        ("9223372036854775807", [9223372036854775807]),
        ("9223372036854775808", [9223372036854775808.0]),
        ('"y"', ["y"]),
    ],
)
def test_values(text: str, values: list[object]) -> None:
    assert read(text) == values


@pytest.mark.parametrize(
    ("text", "reason", "index"),
    [
        ("", "expecting value", 0),
        ('{"a":}', "expecting value", 5),
        ("{'a': 1}", "expecting property name", 1),
        ("[1] [2]", "extra data", 4),
        ('{"a":1} 2', "extra data", 8),
        ('{"a":1}}', "extra data", 7),
        ('["\t"]', "invalid control character", 2),
        ("[NaN]", "NaN is not a number in JSON", 1),
        ("[-Infinity]", "-Infinity is not a number in JSON", 1),
        ("[1e999]", "1e999 is not a number in JSON", 1),
        ("[" + "9" * 5000 + "]", "is not a number in JSON", 1),
        ("[" * 257 + "]" * 257, "levels deep", 0),
        ("[" * 100_000, "levels deep", 0),
    ],
)
def test_reasons_and_places(text: str, reason: str, index: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(text)
    assert reason in caught.value.reason
    assert caught.value.index == index


def test_objects_before_a_broken_one_are_kept() -> None:
    reader = JsonReader('{"a":1}\n{"b":')
    with pytest.raises(UnreadableError):
        reader.read()
    assert [document.data for document in reader.documents] == [{"a": 1}]


def test_duplicate_keys_are_noticed_where_they_are() -> None:
    documents = JsonReader('{"a":1}{"b":{"c":1,"c":2}}{"a":1}').read()
    assert [document.has_duplicates for document in documents] == [False, True, False]
